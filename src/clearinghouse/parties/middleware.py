"""Says who asks: the person of the session, or the holder of a token; found when first wanted, once per request."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from clearinghouse.edges.doors import actor_or_none, door_for, path_view
from clearinghouse.edges.rates import count_request, network_of
from clearinghouse.errors import SignInNeeded, TooMany
from clearinghouse.parties.accounts import has_second_factor, way_to_a_second_factor
from clearinghouse.parties.queries import actor_for_person, actor_for_token
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table
from clearinghouse.sight.asking import ask_as, ask_as_before

ORGANIZATION = "organization"
"""Where a session keeps for which organization its person acts."""


class ActorMiddleware(MiddlewareMixin):
    """Lets the edges ask who asks, without knowing people or tokens."""

    def process_request(self, request: HttpRequest) -> None:
        """Put the question on the request; until it is answered, nobody asks the database."""
        request.asked_before = ask_as(None)  # type: ignore[attr-defined]
        request.find_actor = partial(_found, request, [])  # type: ignore[attr-defined]
        request.find_actor_now = partial(_find_now, request)  # type: ignore[attr-defined]

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Send whoever can do nothing here without a second factor to set one up, or to show it; pages say why."""
        declared = door_for(view, "GET")
        if request.method != "GET" or path_view(view) or declared is None or declared.public:
            return None
        if any(row.one_factor for row in the_table().rows(declared.verb)):
            return None
        actor = None if "Authorization" in request.headers else actor_or_none(request)
        way = way_to_a_second_factor(request, actor) if actor is not None else None
        return None if way is None else redirect(way)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Ask the database for nobody of this request any more."""
        ask_as_before(request.asked_before)  # type: ignore[attr-defined]
        return response


def _found(request: HttpRequest, answer: list[Actor | SignInNeeded | TooMany]) -> Actor:
    """Return who asks; what was found out once, also that nobody knows, stays for this request."""
    if not answer:
        try:
            answer.append(_counted(request))
        except (SignInNeeded, TooMany) as refusal:
            answer.append(refusal)
    if not isinstance(answer[0], Actor):
        raise answer[0]
    ask_as(answer[0])
    return answer[0]


def _counted(request: HttpRequest) -> Actor:
    """Return who asks, and count it; strangers, and tokens that are none, are counted by where they come from."""
    try:
        found = _find(request)
    except SignInNeeded:
        count_request(network_of(get_adapter().get_client_ip(request)))
        raise
    count_request(str(found.id))
    return found


def _find(request: HttpRequest) -> Actor:
    """Return who asks; a request that carries a token is judged by the token alone, whatever its cookies say."""
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise SignInNeeded("only tokens are taken in the Authorization header: Bearer ch_…")
        return actor_for_token(secret.strip(), at=timezone.now())
    if not request.user.is_authenticated:
        raise SignInNeeded("sign in first")
    chosen = request.session.get(ORGANIZATION)
    return actor_for_person(
        request.user,
        organization=UUID(chosen) if chosen else None,
        second_factor=has_second_factor(request),
        at=timezone.now(),
    )


def _find_now(request: HttpRequest) -> Actor:
    """Return who asks as it stands at this moment: nothing of what the request found out before counts.

    Raises:
        SignInNeeded: the token or the session has ended, the password was changed, or the account is closed.
    """
    if "Authorization" not in request.headers:
        request.session = type(request.session)(request.session.session_key)
        request.user = get_user(request)  # nobody, where the session has ended or the password was changed since
    return _find(request)
