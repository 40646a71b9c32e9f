"""What each kind of refusal is at the edges: an exit code for the command line, a status for HTTP."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from clearinghouse.errors import (
    ClearinghouseError,
    ConditionMissing,
    Conflict,
    Endangers,
    HeldBack,
    Malformed,
    Meets,
    NotFound,
    NotPermitted,
    NotPossible,
    Outdated,
    Overlaps,
    SignInNeeded,
    StepRefused,
    TooLarge,
    TooMany,
    Unavailable,
    Unaware,
)

EXIT_REFUSED = 3
NOT_OBEYED = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) != "\n"}
"""Control characters, which a reason may quote of foreign text and a terminal would obey."""

HTTP_STATUS: dict[type[ClearinghouseError], int] = {
    Malformed: 422,
    SignInNeeded: 401,
    NotPermitted: 403,
    NotFound: 404,
    StepRefused: 409,
    Conflict: 409,
    Meets: 409,
    Unaware: 409,
    Endangers: 409,
    Overlaps: 409,
    HeldBack: 403,
    Outdated: 412,
    ConditionMissing: 428,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
    NotPossible: 422,
}
CODES: dict[type[ClearinghouseError], tuple[str, str]] = {
    Malformed: ("malformed", "This cannot be taken in"),
    SignInNeeded: ("sign-in-needed", "Sign in, or send a token that holds"),
    NotPermitted: ("not-permitted", "You may not do this"),
    NotFound: ("not-found", "There is no such thing, or none that you may see"),
    StepRefused: ("step-refused", "This step is not open now"),
    Conflict: ("conflict", "Somebody else was quicker"),
    Meets: ("meets", "Something stands there already"),
    Endangers: ("endangers", "This would endanger a live system together with what stands there"),
    HeldBack: ("held-back", "The owner does not let this be scanned so"),
    Overlaps: ("overlaps", "Your organization has this standing already"),
    Unaware: ("unaware", "There is something that you have to see first"),
    Outdated: ("outdated", "This has changed since you read it"),
    ConditionMissing: ("condition-missing", "Say in If-Match which version you decided on"),
    TooLarge: ("too-large", "The request is larger than is taken here"),
    TooMany: ("too-many-requests", "Wait a while before you ask again"),
    Unavailable: ("unavailable", "Something outside does not answer now"),
    NotPossible: ("not-possible", "This cannot be done here"),
}
"""Of each kind of refusal: its stable code for programs, and the title of its problem document."""


def http_status(refusal: ClearinghouseError) -> int:
    """Return the HTTP status that answers ``refusal``, by the nearest kind it is of."""
    return next((HTTP_STATUS[kind] for kind in type(refusal).__mro__ if kind in HTTP_STATUS), 422)


def code_of(refusal: ClearinghouseError) -> tuple[str, str]:
    """Return the stable code and the title of ``refusal``, by the nearest kind it is of."""
    return next((CODES[kind] for kind in type(refusal).__mro__ if kind in CODES), ("refused", "This was refused"))


def problem_document(
    code: str,
    title: str,
    *,
    status: int,
    detail: str = "",
    violations: Iterable[Mapping[str, str]] = (),
    references: Iterable[Mapping[str, Any]] = (),
    verb: str = "",
) -> dict[str, Any]:
    """Return a problem document; ``references`` name what stands in the way, where something does, ``verb`` what for.

    Source: RFC 9457, Problem Details for HTTP APIs.
    """
    said: dict[str, Any] = {
        "type": f"urn:clearinghouse:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "violations": list(violations),
    }
    more = {"references": list(references), "verb": verb}
    return said | {name: value for name, value in more.items() if value}


def refusals_exit[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Make a click command answer a refusal, or a path that cannot be used, with its reason and exit code 3."""

    @wraps(command)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ClearinghouseError as refusal:
            import click

            click.echo(f"refused: {refusal}".translate(NOT_OBEYED), err=True)
            raise click.exceptions.Exit(EXIT_REFUSED) from None
        except OSError as failure:
            import click

            if failure.filename is None:  # nothing that the caller named: a fault of ours
                raise
            said = f"refused: {failure.filename}: {failure.strerror}; name a place that can be read and written"
            click.echo(said.translate(NOT_OBEYED), err=True)
            raise click.exceptions.Exit(EXIT_REFUSED) from None

    return answered
