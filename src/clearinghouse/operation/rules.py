"""How long things are kept: a policy as data, every kind of thing named in it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from clearinghouse.errors import Malformed
from clearinghouse.strict import Limits, load_json

LONGEST_DAYS: Final = 36_500
_LIMITS: Final = Limits(size_bytes=64 * 1024, depth=6, items=1_000)


class What(StrEnum):
    """What is kept for a time."""

    SUBMISSIONS = "submissions"
    REFUSED_REPORTS = "refused-reports"
    READINGS = "readings"
    REQUESTS = "requests"
    INVITATIONS = "invitations"
    TOKENS = "tokens"
    SESSIONS = "sessions"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Keep:
    """How long one kind of thing is kept after it has ended, and why so long."""

    days: int | None
    """None: for ever."""
    why: str

    def ended_before(self, at: datetime) -> datetime | None:
        """Return the moment before which whatever ended is over now; None: nothing ever is."""
        return None if self.days is None else at - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Retention:
    """A policy: its name, and how long each kind of thing is kept."""

    name: str
    keep: Mapping[What, Keep]


def parse_retention(data: bytes) -> Retention:
    """Return the policy that ``data`` (JSON) holds.

    Raises:
        Malformed: it is no such policy: a kind is missing, named twice or unknown, or days are none.
        Refused: it is no JSON that two readers would read alike.
    """
    value = load_json(data, limits=_LIMITS)
    if not isinstance(value, dict) or set(value) != {"name", "keep"} or not isinstance(value["keep"], list):
        raise Malformed("a retention policy is an object with a name and a list, keep")
    keep: dict[What, Keep] = {}
    for one in value["keep"]:
        what, kept = _keep(one)
        if what in keep:
            raise Malformed(f"the policy says twice how long {what} are kept; once is right")
        keep[what] = kept
    missing = [one.value for one in What if one not in keep]
    if missing:
        raise Malformed(f"the policy does not say how long {', '.join(missing)} are kept; null keeps them for ever")
    return Retention(str(value["name"]), keep)


def _keep(one: Any) -> tuple[What, Keep]:  # noqa: ANN401 - JSON
    if not isinstance(one, dict) or set(one) != {"what", "days", "why"}:
        raise Malformed("each line of keep has what, days and why")
    try:
        what = What(one["what"])
    except ValueError:
        raise Malformed(f"{one['what']!r} is nothing that is kept for a time; it is one of {', '.join(What)}") from None
    days = one["days"]
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_DAYS):
        raise Malformed(f"{what} are kept for {days!r} days; write a whole number from 0 to {LONGEST_DAYS}, or null")
    return what, Keep(days, str(one["why"]))
