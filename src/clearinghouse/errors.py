"""The kinds of refusal. Whatever else is raised is a fault and is left to crash."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any


class ClearinghouseError(Exception):
    """A refusal: what was found, then what would be right."""


class Malformed(ClearinghouseError):
    """What was handed in does not have the shape it must have."""


class NotPermitted(ClearinghouseError):
    """The actor may not do this; ``verb``: what the permission table calls it, where the table refused."""

    def __init__(self, why: str = "", *, verb: str = "") -> None:
        super().__init__(why)
        self.verb = verb


class SignInNeeded(ClearinghouseError):
    """Nobody knows who asks: no session, or a token that does not hold."""


class NotFound(ClearinghouseError):
    """There is no such thing, or none that this actor may know of."""


class StepRefused(ClearinghouseError):
    """The thing is in a state from which this step does not lead."""


class Conflict(ClearinghouseError):
    """Somebody else changed the thing in the meantime."""


class Meets(Conflict):
    """It would meet what stands already; the references tell what, as far as whoever asks may see it."""

    def __init__(self, reason: str, references: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(reason)
        self.references = references


class Unaware(Meets):
    """It meets what has to be seen first, and was not."""


class Endangers(Meets):
    """At the same time as what stands there it would endanger a live system."""


class Overlaps(Meets):
    """One's own organization has the same standing already."""


class Outdated(Conflict):
    """What was read before deciding on this has changed since."""


class ConditionMissing(Malformed):
    """A change must say what it was decided on (If-Match), and does not."""


class Unavailable(ClearinghouseError):
    """Something outside is missing or does not answer now, such as a package index; the same call may succeed later."""


class TooMany(ClearinghouseError):
    """More was asked for than anybody gets in this time."""

    def __init__(self, reason: str, *, retry_after_seconds: int = 60) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(Malformed):
    """More was sent than is taken at this address; nothing of it was read."""


class NotPossible(ClearinghouseError):
    """It cannot be done here, and asking again will not change that: no wheel, no interpreter that fits."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was handed in; the shape of every entry in a list of violations.

    ``code`` is stable and for programs, ``field`` says where (``proofs[0].detector``; empty for the whole),
    ``reason`` what was found, ``fix`` what would be right.
    """

    code: str
    field: str
    reason: str
    fix: str


class Refused(Malformed):
    """A report or document that cannot be taken in, with every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        if not problems:
            raise ValueError("a refusal names at least one problem")
        self.problems = problems
        super().__init__("; ".join(f"{one.field}: {one.reason}" if one.field else one.reason for one in problems))


class Violations:
    """What is wrong with the parts of one thing, gathered so that all of it is told at once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    @contextmanager
    def of(self, field: str) -> Iterator[None]:
        """Gather what makes the block refuse, as something about ``field``."""
        try:
            yield
        except Refused as refusal:
            self._found += [replace(one, field=".".join(filter(None, (field, one.field)))) for one in refusal.problems]
        except Malformed as refusal:
            self._found.append(Problem("malformed", field, str(refusal), ""))

    def demand_none(self) -> None:
        """Return quietly if nothing was gathered.

        Raises:
            Refused: with everything that was.
        """
        if self._found:
            raise Refused(tuple(self._found))


class HeldBack(NotPermitted):
    """The owners of what it is about do not let it; every reason is named."""

    def __init__(self, reason: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(reason)
        self.problems = problems
