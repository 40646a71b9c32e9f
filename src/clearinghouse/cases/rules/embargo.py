"""Until when a case is kept quiet, and what ends silence early.

Source: Akrites SIRT, Embargo Handling Guidance and ai-use-disclosure; docs/decisions/0053.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clearinghouse.errors import Malformed


class Silence(StrEnum):
    """Whether a case is to be kept quiet."""

    KEPT = "kept"
    ENDED = "ended"
    NOT_AVAILABLE = "not-available"


@dataclass(frozen=True, slots=True)
class Embargo:
    """Until when, and why."""

    silence: Silence
    ends_at: datetime | None
    """None: at no time, for there is none."""
    why: str


def embargo(
    reported_at: datetime,
    *,
    days: int,
    maintainer_ends_at: datetime | None = None,
    terminated: bool = False,
    exploited: bool = False,
    public: bool = False,
    public_ai_tool: bool = False,
    at: datetime,
) -> Embargo:
    """Return until when a case is kept quiet.

    Args:
        reported_at: when the first report came in.
        days: the policy's default, counted from ``reported_at``.
        maintainer_ends_at: the day the maintainer's own policy gives; it has the final say.
        terminated: those at the table have ended silence early.
        exploited: it is used against real targets: silence would protect only the attacker.
        public: specific information is available to people who promised nothing.
        public_ai_tool: a public hosted model was used in the work, so others must be assumed to know.
        at: now.

    Raises:
        Malformed: a time has no timezone, or ``days`` is negative.
    """
    if any(one is not None and one.utcoffset() is None for one in (reported_at, maintainer_ends_at, at)):
        raise Malformed("times of an embargo must carry a timezone")
    if days < 0:
        raise Malformed(f"days is {days}; it cannot be negative")
    if public:
        return Embargo(Silence.NOT_AVAILABLE, None, "It is public already; there is nothing left to keep quiet.")
    if exploited:
        return Embargo(Silence.ENDED, None, "It is being exploited; silence would protect only the attacker.")
    if public_ai_tool:
        why = "A finder used a public hosted AI model on it, so it must be assumed to be known."
        return Embargo(Silence.NOT_AVAILABLE, None, why)
    if terminated:
        return Embargo(Silence.ENDED, None, "Those at the table have ended silence.")
    ends_at = maintainer_ends_at or reported_at + timedelta(days=days)
    whose = "by the maintainer's policy" if maintainer_ends_at else f"{days} days from the first report"
    if ends_at <= at:
        return Embargo(Silence.ENDED, ends_at, f"The time agreed has passed ({whose}).")
    return Embargo(Silence.KEPT, ends_at, f"Kept quiet until then, {whose}; exploitation would end it at once.")
