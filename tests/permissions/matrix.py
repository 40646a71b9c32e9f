"""The whole table as a matrix that a reviewer reads as a difference: role x kind x state x verb x relation.

``python -m tests.permissions.matrix`` writes it anew after a change; a test holds it to what the table decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from uuid import UUID

from clearinghouse.permissions.rules import ANY_STATE, Actor, Role, Table
from clearinghouse.permissions.table import the_table
from tests.house.sources import lifecycles

GOLDEN: Final = Path(__file__).with_name("matrix.txt")
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME, OTHER, OURS, THEIRS = (UUID(int=number) for number in (1, 2, 11, 12))


@dataclass(frozen=True)
class Relation:
    """How a subject stands to whoever asks."""

    mine: bool = False
    """It is of the person who asks."""
    ours: bool = False
    """It is of the organization for which they act."""
    asked_by: UUID | None = OTHER
    """Who asked for or proposed it."""
    role: Role = Role.COORDINATOR
    """The role that it would give."""
    seat: int | None = None
    """The tier of a seat in its case; None: there is no seat of theirs."""
    seat_of: str = "person"
    """Whose the seat is: of the person, of an invitation, of the organization."""
    sits: str = "now"
    """Whether the seat counts: now, later it ends, over, taken."""
    tlp: str = "AMBER"
    """How far the case may be told."""
    stands: bool = True
    """Whether the join between report and case stands."""

    for_us: bool = False
    """Whether it names the organization for which they act as the one that may scan."""
    shown: bool = False
    """Whether it is for everyone to see."""
    met: bool = False
    """Whether the organization for which they act has met it."""

    def subject(self, kind: str, state: str) -> "Probe":
        """Return a subject that stands so to whoever asks."""
        person, home = (ME if self.mine else OTHER), (OURS if self.ours else THEIRS)
        case = Probe("case", "open", {"participants": self._seats()})
        joins = [Probe("join", "standing", {"ended_at": None if self.stands else NOON, "case": case})]
        fields: dict[str, object] = {
            "id": ME if self.mine else OURS if self.ours else OTHER,
            "person_id": person,
            "invited_by": person,
            "organization_id": home,
            "requested_by": self.asked_by,
            "asked_by": self.asked_by,
            "proposed_by": self.asked_by,
            "role": self.role,
            "participants": self._seats(),
            "case": case,
            "joins": joins,
            "scanner_id": OURS if self.for_us else THEIRS,
            "visibility": "everyone" if self.shown else "those-met",
            "meetings": [SimpleNamespace(organization_id=OURS if self.met else THEIRS)],
            "finding": Probe("finding", "settled", {"organization_id": home, "joins": joins}),
        }
        return Probe(kind, state, fields)

    def _seats(self) -> list[SimpleNamespace]:
        case = SimpleNamespace(tlp=self.tlp)
        if self.seat is None:
            return [_seat(person_id=OTHER, tier=0, case=case)]
        ends = {"now": None, "later it ends": NOON + timedelta(days=1), "over": NOON, "taken": None}
        state = "removed" if self.sits == "taken" else "seated"
        whose: dict[str, object] = {
            "person": {"person_id": ME},
            "invitation": {"invitation": SimpleNamespace(accepted_by_id=ME)},
            "organization": {"organization_id": OURS},
        }
        return [_seat(tier=self.seat, until_at=ends[self.sits], state=state, case=case, **whose[self.seat_of])]  # type: ignore[arg-type]


def _seat(**changes: object) -> SimpleNamespace:
    none = {"person_id": None, "invitation": None, "organization_id": None, "until_at": None, "state": "seated"}
    return SimpleNamespace(**(none | changes))


@dataclass
class Probe:
    """A subject of any kind, as the guards see it."""

    kind: str
    state: str
    fields: dict[str, object] = field(default_factory=dict)

    def __getattr__(self, name: str) -> object:
        return self.fields.get(name)


RELATIONS: Final[dict[str, Relation]] = {
    "another's": Relation(),
    "mine": Relation(mine=True),
    "our organization's": Relation(ours=True),
    "asked by me": Relation(asked_by=ME),
    "asked by nobody": Relation(asked_by=None),
    "as finder": Relation(role=Role.FINDER),
    "as maintainer": Relation(role=Role.MAINTAINER),
    "as operator": Relation(role=Role.OPERATOR),
    "as auditor": Relation(role=Role.AUDITOR),
    **{f"seat {tier}": Relation(seat=tier) for tier in range(4)},
    "seat 0 by invitation": Relation(seat=0, seat_of="invitation"),
    "seat 0 by organization": Relation(seat=0, seat_of="organization"),
    "seat 0 for now": Relation(seat=0, sits="later it ends"),
    "seat 0 that is over": Relation(seat=0, sits="over"),
    "seat 0 taken away": Relation(seat=0, sits="taken"),
    "seat 0 before the join ended": Relation(seat=0, stands=False),
    "seat 0, RED": Relation(seat=0, tlp="RED"),
    "seat 0 by invitation, RED": Relation(seat=0, seat_of="invitation", tlp="RED"),
    "seat 0 by organization, AMBER+STRICT": Relation(seat=0, seat_of="organization", tlp="AMBER+STRICT"),
    "seat 0 by organization, RED": Relation(seat=0, seat_of="organization", tlp="RED"),
    "seat 1, RED": Relation(seat=1, tlp="RED"),
    **{f"seat {tier}, CLEAR": Relation(seat=tier, tlp="CLEAR") for tier in (2, 3)},
    **{f"seat {tier}, GREEN": Relation(seat=tier, tlp="GREEN") for tier in (2, 3)},
    **{f"seat {tier}, AMBER+STRICT": Relation(seat=tier, tlp="AMBER+STRICT") for tier in (2, 3)},
    **{f"seat {tier}, RED": Relation(seat=tier, tlp="RED") for tier in (2, 3)},
    **{
        f"seat 0 by organization, {label}": Relation(seat=0, seat_of="organization", tlp=label)
        for label in ("GREEN", "CLEAR")
    },
    "seat 0, asked by me": Relation(seat=0, asked_by=ME),
    "seat 0, mine": Relation(seat=0, mine=True),
    **{f"seat {tier}, mine": Relation(seat=tier, mine=True) for tier in range(1, 4)},
    "for our organization": Relation(for_us=True),
    "for everyone": Relation(shown=True),
    "met by us": Relation(met=True),
}
"""Every relation that a guard tells apart."""


def actor(role: Role, *, second_factor: bool = True, scopes: frozenset[str] | None = None) -> Actor:
    """Return whoever asks, in one role."""
    return Actor(ME, "me", frozenset({role}), OURS, scopes, second_factor, NOON)


def states_of(verb: str) -> list[str]:
    """Return every state that a subject of ``verb`` can be in, and none: without a lifecycle, or yet to be made."""
    lifecycle = lifecycles().get(verb.rpartition(":")[0])
    known = [str(state) for state in type(lifecycle.initial)] if lifecycle else []
    named = chain.from_iterable(row.states for row in the_table().rows(verb) if row.states != ANY_STATE)
    return list(dict.fromkeys(["", *known, *sorted(named), "ended"]))


def allowed(table: Table, verb: str, state: str, who: Actor) -> list[str]:
    """Return the names of the relations in which ``who`` may."""
    kind = verb.split(":")[1]
    return [
        name for name, relation in RELATIONS.items() if table.decide(who, verb, relation.subject(kind, state)).allowed
    ]


@dataclass(frozen=True)
class Cell:
    """One question to the table, ready to be asked again and again."""

    who: Actor
    verb: str
    subject: Probe

    def answer(self, table: Table) -> bool:
        """Return whether they may."""
        return table.decide(self.who, self.verb, self.subject).allowed


def cells(verb: str) -> list[Cell]:
    """Return every question that the matrix asks about ``verb``."""
    askers = [
        asker
        for role in Role
        for asker in (actor(role), actor(role, second_factor=False), actor(role, scopes=frozenset({verb})))
    ]
    subjects = [one.subject(verb.split(":")[1], state) for state in states_of(verb) for one in RELATIONS.values()]
    return [Cell(asker, verb, subject) for subject in subjects for asker in askers]


def lines(table: Table, verb: str) -> Iterator[str]:
    """Yield a line for everything that ``verb`` is open to; what reads the same stands together."""
    states = states_of(verb)
    found_in: dict[str, list[str]] = {}
    for state in states:
        here: dict[str, list[str]] = {}
        for role in Role:
            strong = allowed(table, verb, state, actor(role))
            ways = {"": strong}
            ways[", one factor"] = allowed(table, verb, state, actor(role, second_factor=False))
            ways[", by token"] = allowed(table, verb, state, actor(role, scopes=frozenset({verb})))
            for way, found in ways.items():
                if found if way == "" else found != strong:
                    here.setdefault(f"{way}: {_named(found)}", []).append(role)
        for said, roles in here.items():
            found_in.setdefault(f"{', '.join(roles)}{said}", []).append(state or "-")
    for said, where in found_in.items():
        yield f"  [{'*' if len(where) == len(states) else ', '.join(where)}] {said}"


def _named(names: list[str]) -> str:
    if len(names) == len(RELATIONS):
        return "always"
    without = [name for name in RELATIONS if name not in names]
    if not names:
        return "never"
    return f"unless {'; '.join(without)}" if len(without) < len(names) else "; ".join(names)


def matrix(table: Table) -> str:
    """Return the whole matrix."""
    return "".join(f"{line}\n" for verb in table.verbs for line in (verb, *lines(table, verb)))


def main() -> None:
    """Write the golden file."""
    GOLDEN.write_text(matrix(the_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
