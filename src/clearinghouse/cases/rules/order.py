"""In what order cases are worked on: bands, then ordered tie-breaks; never a score.

Each position answers "why now?". A factor that is not known does not lower a case: it shows which bands it could mean.
Source: Akrites SIRT, report prioritisation; docs/decisions/0052.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from clearinghouse.cases.rules.factors import Factor, Weighed, factors_of, nearest_deadline
from clearinghouse.cases.rules.policy import Band, Policy, Trigger

_LAST: Final = "It stands last: every other case presses at least as much."
_ALONE: Final = "It is the only case here, so nothing stands before or after it."


class Holds(StrEnum):
    """Whether a trigger's conditions hold."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Placed:
    """A case's band and everything that decides its place in it."""

    key: str
    band: Band
    triggers: tuple[str, ...]
    """Why this band, in plain words; empty for NEEDS-INFO."""
    could_be: tuple[Band, ...]
    """More pressing bands that cannot be ruled out."""
    could_be_because: tuple[str, ...]
    factors: Mapping[str, Factor]
    deadline: date | None
    age_days: int
    """How long its oldest report had waited at the moment of the order."""
    ranks: tuple[int, ...]
    """One number per tie-break, the smaller the earlier."""


@dataclass(frozen=True, slots=True)
class Position:
    """A case's place in the whole order, and why."""

    number: int
    placed: Placed
    why: tuple[str, ...]
    """Plain sentences; the last says what decided it against the next case."""


URGENCY: Final = {Band.INCIDENT: 60, Band.URGENT: 30, Band.STANDARD: 0, Band.NEEDS_INFO: -20}
"""How the work for a case presses, by the band of the case. Before there is one, its reports press by what they say."""


def place(case: Weighed, policy: Policy, *, at: datetime) -> Placed:
    """Return the band of a case and what decides its place in it.

    The case inherits the highest band of any of its reports: each factor takes the most pressing that a report gives.

    Args:
        case: what is known of it.
        policy: the bands and the tie-breaks.
        at: the moment from which age and the window before a date are counted: when the latest report came in.
    """
    factors = factors_of(case, policy, on=at.date())
    band = Band.NEEDS_INFO
    triggers: tuple[str, ...] = ()
    could: dict[Band, list[str]] = {}
    for candidate in policy.bands:
        answers = [(one, holds(one, factors)) for one in candidate.triggers]
        sure = tuple(one.says for one, answer in answers if answer is Holds.YES)
        if sure:
            band, triggers = candidate.band, sure
            break
        could[candidate.band] = [one.says for one, answer in answers if answer is Holds.PERHAPS]
    open_bands = {one: says for one, says in could.items() if says and one.rank < band.rank}
    deadline = nearest_deadline(case)
    age = max((at - one.received_at).days for one in case.reports)
    return Placed(
        key=case.key,
        band=band,
        triggers=triggers,
        could_be=tuple(open_bands),
        could_be_because=tuple(f"{one} if {' or '.join(says)}" for one, says in open_bands.items()),
        factors=factors,
        deadline=deadline,
        age_days=age,
        ranks=tuple(_rank(name, factors, policy, deadline, age) for name in policy.tie_breaks),
    )


def holds(trigger: Trigger, factors: Mapping[str, Factor]) -> Holds:
    """Say whether every condition of a trigger holds, for all that is possible, for some, or for none."""
    sure = True
    for name, values in trigger.when.items():
        factor = factors[name]
        if factor.value in values:
            continue
        if not factor.possible & values:
            return Holds.NO
        sure = False
    return Holds.YES if sure else Holds.PERHAPS


def _rank(name: str, factors: Mapping[str, Factor], policy: Policy, deadline: date | None, age: int) -> int:
    if name == "coordination":
        return deadline.toordinal() if deadline else date.max.toordinal()
    if name == "age":
        return -age
    return policy.factors[name].rank(factors[name].value)


def in_order(cases: Iterable[Placed], policy: Policy) -> tuple[Position, ...]:
    """Return all cases, first the one to work on first; equals stand in the order of their keys."""
    line = sorted(cases, key=lambda one: (one.band.rank, one.ranks, one.key))
    return tuple(
        Position(
            number, one, tuple(_why(one, line[number] if number < len(line) else None, policy, others=len(line) > 1))
        )
        for number, one in enumerate(line, 1)
    )


def _why(one: Placed, following: Placed | None, policy: Policy, *, others: bool) -> list[str]:
    if one.triggers:
        said = [f"{one.band}: {'; '.join(one.triggers)}."]
    else:
        said = [f"{one.band}: the proof could not be held against every control, so something is still unclear."]
    said += [f"It could be {reason}." for reason in one.could_be_because]
    if following is None:
        said.append(_LAST if others else _ALONE)
    elif following.band is not one.band:
        said.append(f"The next case is only {following.band}.")
    else:
        said.append(_difference(one, following, policy))
    return said


def _difference(one: Placed, following: Placed, policy: Policy) -> str:
    for name, here, there in zip(policy.tie_breaks, one.ranks, following.ranks, strict=True):
        if here == there:
            continue
        if name == "coordination":
            return f"It stands before the next because its date, {one.deadline}, comes first."
        if name == "age":
            return "It stands before the next because it has waited longer."
        factor = policy.factors[name]
        mine, other = _worded(one, name, policy), _worded(following, name, policy)
        return f"It stands before the next by {factor.title}: {mine}; of the next, {other}."
    return "Nothing sets it apart from the next; equals stand in a fixed order."


def _worded(one: Placed, name: str, policy: Policy) -> str:
    factor = one.factors[name]
    return policy.factors[name].values[factor.value] if factor.value else f"not known ({factor.says})"


@dataclass(frozen=True, slots=True)
class Duty:
    """What is owed for a case next, and by when."""

    action: str
    due_at: datetime


def duties(band: Band, policy: Policy, *, received_at: datetime, to_confirm: bool, patched: bool) -> Sequence[Duty]:
    """Return what is to be done next for a case of this band, soonest first."""
    rules = policy.band(band)
    plan = "Agree the patch and a date with the maintainer" if patched else "Find a fix with the maintainer"
    found = [
        Duty("Tell the finders that it is being worked on", received_at + timedelta(hours=rules.acknowledge_hours))
    ]
    if to_confirm:
        confirm = "Have a person or the maintainer confirm it; nothing is published before"
        found.append(Duty(confirm, received_at + timedelta(hours=rules.validate_hours)))
    found.append(Duty(f"{plan}. {rules.plan}", received_at + timedelta(days=rules.plan_days)))
    return found
