"""Refusals as agents are told them: the API's code and reasons, what would be right, and the keys to go on with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from clearinghouse.edges.status import CODES, code_of, http_status
from clearinghouse.errors import ClearinghouseError, Malformed, Problem, Refused, SignInNeeded, Unavailable
from clearinghouse.mcp.answers import cleaned, theirs
from clearinghouse_client.session import NoAnswer, ServerRefused

_HELPS: Final[Mapping[str, str]] = {
    "unaware": (
        "Look at each of the references: who is on what, until when, and whom to talk to. If the scan should still "
        "run, call again with the same arguments and with `seen` as it stands here. Else ask `suggest_instead`."
    ),
    "endangers": "Both at once would endanger a live system: choose another window; ask `suggest_instead`.",
    "overlaps": "Your organization has this standing: renew it or end it instead of announcing it again.",
    "held-back": "The owner decides. Do not scan this; a person asks the owner for authorisation, or choose a copy.",
    "sign-in-needed": "A person issues a token at the server, and puts it into the agent's configuration.",
    "not-permitted": "The token's roles or scopes do not allow this; a person issues one that does, if it should be.",
    "not-found": "Check the id; what one may not see is not found either.",
    "outdated": "It changed in the meantime: read it again with `show_scan`, then decide anew.",
    "too-many-requests": "Wait a minute, then ask again.",
    "unavailable": "The server cannot be asked now. Nothing is known, so do not take it that nobody is on this.",
}
_ELSE: Final = "Correct what is named, and call again."


def refused(cause: BaseException, *, seen: Iterable[str] = ()) -> CallToolResult | None:
    """Return a refusal as the result of a tool; None when it is none but a fault.

    Args:
        cause: what was raised.
        seen: the version keys that were sent.
    """
    problem = _problem(cause)
    if problem is None:
        return None
    keys = [str(one["version_key"]) for one in problem["references"] if one.get("version_key")]
    if keys and problem["code"] == "unaware":
        problem["seen"] = list(dict.fromkeys([*seen, *keys]))
    clean = cleaned(problem)
    clean = {"refused": True, **clean, "written_by_others": theirs(clean)}
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps(clean, ensure_ascii=False))],
        structured_content=clean,
        is_error=True,
    )


def _problem(cause: BaseException) -> dict[str, Any] | None:
    match cause:
        case ServerRefused():
            code, status, detail = cause.code, cause.status, cause.detail
            violations, references = [dict(one) for one in cause.violations], [dict(one) for one in cause.references]
        case NoAnswer():
            code, status, detail, violations, references = CODES[Unavailable][0], 503, str(cause), [], []
        case ValidationError():
            kind = Refused(tuple(map(_as_problem, cause.errors(include_url=False, include_input=False))))
            return _problem(kind)
        case ClearinghouseError():
            code, status, detail, references = code_of(cause)[0], http_status(cause), str(cause), []
            found = cause.problems if isinstance(cause, Refused) else ()
            violations = [asdict(one) for one in found]
        case _:
            return None
    return {
        "code": code,
        "status": status,
        "detail": detail,
        "what_would_be_right": _HELPS.get(code, _ELSE),
        "violations": violations,
        "references": references,
    }


def _as_problem(one: Any) -> Problem:  # noqa: ANN401 - pydantic's
    where = ".".join(str(part) for part in one["loc"])
    return Problem(str(one["type"]).replace("_", "-"), where, str(one["msg"]), "see the tool's input schema")


def unknown_arguments(names: Iterable[str], known: Iterable[str]) -> Malformed:
    """Return the refusal of arguments that a tool does not have: nobody is to believe that they were taken."""
    fix = f"it takes {', '.join(known)}"
    return Refused(tuple(Problem("unknown-argument", name[:60], "there is no such argument", fix) for name in names))


def no_token() -> SignInNeeded:
    """Return the refusal of whoever sends no token."""
    return SignInNeeded("there is no token: send `Authorization: Bearer ch_…`, which a person issues at the server")
