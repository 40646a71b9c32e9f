"""Refusals as problem documents: one shape for every refusal of the API, with all violations at once.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from ninja import Field, Schema
from ninja.errors import HttpError, ValidationError

from clearinghouse.edges.status import code_of, http_status, problem_document
from clearinghouse.errors import ClearinghouseError, HeldBack, Meets, NotFound, NotPermitted, Refused, TooMany

MEDIA_TYPE = "application/problem+json"
_OF_PROGRAMS = ("/api/", "/tap/")


class Violation(Schema):
    """One thing wrong with what was sent."""

    code: str = Field(description="Stable, for programs.", examples=["scope-unknown"])
    field: str = Field(description="Where; empty for the whole.", examples=["scopes"])
    reason: str
    fix: str = Field(description="What would be right; may be empty.")


class Problem(Schema):
    """Why a request was refused."""

    type: str = Field(examples=["urn:clearinghouse:problem:not-found"])
    title: str
    status: int
    code: str = Field(description="Stable, for programs; the end of the type.", examples=["not-found"])
    detail: str
    violations: list[Violation] = Field(description="Everything that is wrong, not only the first thing.")
    references: list[dict[str, Any]] = Field([], description="What stands in the way, where something does; 409.")
    verb: str = Field(
        "", description="What the permission table calls what was refused; 403.", examples=["cases:case:confirm"]
    )


REFUSALS: dict[frozenset[int], type[Problem]] = {frozenset({401, 403, 404, 409, 412, 413, 422, 428, 429, 503}): Problem}
"""What every operation may answer beside its own answers; for ``response=``."""


def problem(
    code: str,
    title: str,
    *,
    status: int,
    detail: str = "",
    violations: list[dict[str, str]] | None = None,
    references: Sequence[Mapping[str, Any]] = (),
    verb: str = "",
) -> HttpResponse:
    """Return a problem document as an answer."""
    body = problem_document(
        code, title, status=status, detail=detail, violations=violations or (), references=references, verb=verb
    )
    answer = HttpResponse(json.dumps(body), content_type=MEDIA_TYPE, status=status)
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        answer["WWW-Authenticate"] = 'Bearer realm="clearinghouse"'
    return answer


def of_refusal(refusal: ClearinghouseError) -> HttpResponse:
    """Return the problem document of a refusal; of what is absent or hidden, always the same bytes."""
    if isinstance(refusal, NotFound):
        return not_found()
    code, title = code_of(refusal)
    found = refusal.problems if isinstance(refusal, Refused | HeldBack) else ()
    references = refusal.references if isinstance(refusal, Meets) else ()
    violations = [asdict(one) for one in found]
    answer = problem(
        code,
        title,
        status=http_status(refusal),
        detail=str(refusal),
        violations=violations,
        references=references,
        verb=refusal.verb if isinstance(refusal, NotPermitted) else "",
    )
    if isinstance(refusal, TooMany):
        answer["Retry-After"] = str(refusal.retry_after_seconds)
    return answer


def is_for_programs(request: HttpRequest) -> bool:
    """Say whether an address is of the API, whose refusals are problem documents; all others answer with pages."""
    return request.path.startswith(_OF_PROGRAMS)


def not_found() -> HttpResponse:
    """Return the problem document of what is not there, or not for whoever asks."""
    code, title = code_of(NotFound())
    return problem(code, title, status=HttpResponseNotFound.status_code)


def method_not_allowed(methods: Iterable[str]) -> HttpResponse:
    """Return the problem document of an address that does not answer to this method; it names those that it does."""
    allowed = ", ".join(sorted(methods))
    told = f"this address answers to {allowed}"
    answer = problem("method-not-allowed", "This cannot be done at this address", status=405, detail=told)
    answer["Allow"] = allowed
    return answer


def of_fault() -> HttpResponse:
    """Return the problem document of a fault of ours; what it was stands in the log alone."""
    return problem("fault", "Something broke here; it was written down", status=500)


def of_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """Return the problem document of whatever an operation refuses, or ninja before it."""
    if isinstance(error, ClearinghouseError):
        return of_refusal(error)
    if isinstance(error, ValidationError):
        return _of_validation(error)
    if isinstance(error, HttpError):
        return _of_http_error(error)
    raise TypeError(f"{error!r} is no refusal") from (error if isinstance(error, Exception) else None)


def _of_validation(error: ValidationError) -> HttpResponse:
    """Return the problem document of a request that does not have the shape of its operation."""
    violations = [
        {
            "code": str(one["type"]).replace("_", "-"),
            "field": _place(one["loc"]),
            "reason": str(one["msg"]),
            "fix": "",
        }
        for one in error.errors
    ]
    return problem("request-invalid", "The request does not have the right shape", status=422, violations=violations)


def _place(place: Sequence[str | int]) -> str:
    """Return where in a request something is wrong: ``query.limit``, ``body.targets.0``.

    ninja puts the name that our own function gives the body after ``body``; nobody who sends one knows that name.
    """
    source, *within = map(str, place)
    return ".".join([source, *(within[1:] if source == "body" else within)])


def _of_http_error(error: HttpError) -> HttpResponse:
    """Return the problem document of a request that ninja itself refused, such as a body that cannot be read."""
    if isinstance(error.__cause__, Refused):
        return of_refusal(error.__cause__)
    return problem("request-unreadable", "The request cannot be read", status=error.status_code, detail=str(error))
