"""The API's edge: who asks, how bodies are read, how refusals go out, and what every operation may use."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer
from ninja.utils import check_csrf
from pydantic import BaseModel

from clearinghouse.edges import problems
from clearinghouse.edges.doors import Door, actor_of
from clearinghouse.errors import ClearinghouseError, ConditionMissing, NotPermitted, Outdated
from clearinghouse.permissions.rules import Actor
from clearinghouse.strict import Limits, load_json

BODY_LIMITS = Limits(size_bytes=1024 * 1024, depth=40, items=50_000)


class SignedIn(HttpBearer):
    """Lets in whoever has a token, or a session and a form token of ours; tells everybody else what is missing."""

    def __call__(self, request: HttpRequest) -> Actor:
        """Return who asks.

        Raises:
            SignInNeeded: nobody knows.
            NotPermitted: a change by session comes without the form token that only our own pages have.
        """
        actor = actor_of(request)
        if "Authorization" not in request.headers and check_csrf(request) is not None:
            raise NotPermitted("a change by session needs the header X-CSRFToken; programs send a token instead")
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor:  # noqa: ARG002 - ninja's signature
        """Return who asks."""
        return self(request)


signed_in = SignedIn()


class StrictParser(Parser):
    """Reads bodies strictly: no two equal keys, no NaN, no lone surrogates, no depth without end."""

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401 - JSON
        """Return the body.

        Raises:
            Refused: it is not what two readers would read alike.
        """
        return load_json(request.body, limits=BODY_LIMITS)


def make_api(*, title: str, version: str, description: str) -> NinjaAPI:
    """Return an API whose operations all ask who is there, and whose refusals are problem documents."""
    api = NinjaAPI(
        title=title,
        version=version,
        description=description,
        auth=signed_in,
        parser=StrictParser(),
        docs_url=None,
        openapi_url=None,
        urls_namespace=f"rest-{version}",
    )
    for kind in (ClearinghouseError, ValidationError, HttpError):
        api.add_exception_handler(kind, problems.of_error)
    return api


def addresses(api: NinjaAPI) -> tuple[list[URLPattern | URLResolver], str, str]:
    """Return the addresses of the API for ``path()``."""
    found, app, namespace = api.urls
    for one in found:
        if isinstance(one, URLPattern) and one.name == "api-root":
            one.callback.door = Door(public="names the root for the API's own use, and answers 404")  # type: ignore[attr-defined]
    return found, app, namespace


def etag_of(shown: BaseModel) -> str:
    """Return the entity tag of what is shown: as long as it is the same for whoever asks, nothing has changed."""
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:32]}"'


def tag(response: HttpResponse, shown: BaseModel) -> None:
    """Put the entity tag of what is shown on its answer."""
    response["ETag"] = etag_of(shown)


def demand_current(request: HttpRequest, shown: BaseModel) -> None:
    """Return quietly if the request was decided on what is shown now; call it in the transaction of the change.

    Raises:
        ConditionMissing: the request does not say what it was decided on.
        Outdated: it was decided on something else.
    """
    named = request.headers.get("If-Match")
    if named is None:
        raise ConditionMissing("send the ETag of what you read in the header If-Match")
    if named.strip() != "*" and etag_of(shown) not in {one.strip() for one in named.split(",")}:
        raise Outdated("this has changed since you read it; read it again and decide anew")
