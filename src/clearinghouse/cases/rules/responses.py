"""What those at the table of a case may say of it, and what follows for what may be published."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from clearinghouse.errors import Malformed, Problem, Refused

LONGEST_EMBARGO: Final = timedelta(days=90)
"""From the first report. Source: docs/decisions/0131; Akrites leaves the date to the maintainer, 90 days is common."""


class ResponseSaid(StrEnum):
    """What a maintainer or a coordinator says of a case."""

    CONFIRMED = "confirmed"
    """It is a flaw of theirs."""
    DISPUTED = "disputed"
    """It is none, for this reason."""
    ALREADY_KNOWN = "already-known"
    """It was known before, under this name."""


def check_response(said: ResponseSaid, *, why: str, reference: str) -> None:
    """Refuse a response that says too little to be acted upon.

    Raises:
        Refused: a dispute without a reason, or something known without saying where; all at once.
    """
    problems = []
    if said is ResponseSaid.DISPUTED and not why.strip():
        problems.append(
            Problem("reason-missing", "why", "a dispute without a reason cannot be weighed", "say why it is no flaw")
        )
    if said is ResponseSaid.ALREADY_KNOWN and not reference.strip():
        problems.append(
            Problem(
                "reference-missing",
                "reference",
                "it does not say under which name it is known",
                "name a CVE, an advisory or an address",
            )
        )
    if problems:
        raise Refused(tuple(problems))


def may_rest_on(said: Iterable[ResponseSaid], *, proven: bool) -> bool:
    """Say whether a case may be published: proven or confirmed, and disputed by nobody.

    Args:
        said: what stands of the responses.
        proven: whether a report of grade A, or a person's yes, is in the case.
    """
    standing = set(said)
    return ResponseSaid.DISPUTED not in standing and (proven or ResponseSaid.CONFIRMED in standing)


def check_end(ends_at: datetime, *, reported_at: datetime, at: datetime) -> datetime:
    """Return until when silence is proposed.

    Raises:
        Malformed: that is past, or later than the longest time from the first report.
    """
    latest = reported_at + LONGEST_EMBARGO
    if not at < ends_at <= latest:
        days = f"choose a day after today and not after {latest:%-d %B %Y}"
        raise Malformed(f"silence until {ends_at:%-d %B %Y} is not possible; {days}")
    return ends_at
