"""Conditions that roles and states cannot say: each a test on one subject, a clause for a query set, and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

if TYPE_CHECKING:
    from clearinghouse.permissions.rules import Actor, Subject


@dataclass(frozen=True, slots=True)
class Is:
    """The field holds this value."""

    field: str
    value: object


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field holds one of these values."""

    field: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The clause does not hold."""

    clause: "Clause"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every clause holds; with none, everything is let through."""

    clauses: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one clause holds; with none, nothing is let through."""

    clauses: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class After:
    """The field holds a later moment than this one, or none at all: without an end."""

    field: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the rows at the other end of ``relation`` meets the clause."""

    relation: str
    clause: "Clause"


type Clause = Is | OneOf | After | Some | Not | AllOf | AnyOf
"""A condition on rows as data; ``records.py`` alone turns it into SQL."""

EVERYTHING = AllOf()
NOTHING = AnyOf()


def meets(subject: object, clause: Clause) -> bool:  # noqa: PLR0911 - one for each kind of clause
    """Say whether one subject meets a clause: the same that ``records.condition`` asks of the database."""
    match clause:
        case Is(field, value):
            return bool(_held(subject, field) == value)
        case OneOf(field, values):
            return _held(subject, field) in values
        case After(field, moment):
            held: datetime | None = _held(subject, field)
            return held is None or held > moment
        case Some(relation, inner):
            return any(meets(one, inner) for one in _related(subject, relation))
        case Not(inner):
            return not meets(subject, inner)
        case AllOf(clauses):
            return all(meets(subject, one) for one in clauses)
        case AnyOf(clauses):
            return any(meets(subject, one) for one in clauses)


def _held(subject: object, field: str) -> Any:  # noqa: ANN401 - a field holds anything
    """Return what a field holds, over single relations where it is written with ``__``; None where one is missing."""
    for step in field.split("__"):
        subject = getattr(subject, step, None)
    return subject


def _related(subject: object, relation: str) -> Iterable[object]:
    """Return the rows at the other end of a relation: of many as they stand now, of one just that."""
    found = getattr(subject, relation, None)
    if found is None:
        return ()
    every = getattr(found, "all", None)
    if callable(every):
        return cast("Iterable[object]", every())
    return found if isinstance(found, tuple | list) else (found,)


class Guard(Protocol):
    """A condition on actor and subject."""

    @property
    def why(self) -> str:
        """The sentence that a refusal shows."""

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether the condition holds for this one subject (None: it is yet to be made)."""

    def clause(self, actor: "Actor") -> Clause:
        """Return the same condition for a query set."""


@dataclass(frozen=True, slots=True)
class OwnOrganization:
    """The subject belongs to the actor's own organization."""

    field: str = "organization_id"
    why: str = "it belongs to another organization"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether the subject's organization is the actor's; never for an actor without one."""
        owner: UUID | None = _held(subject, self.field)
        return actor.organization is not None and owner == actor.organization

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the organization."""
        return NOTHING if actor.organization is None else Is(self.field, actor.organization)


@dataclass(frozen=True, slots=True)
class Either:
    """One of several conditions holds."""

    guards: tuple[Guard, ...]

    @property
    def why(self) -> str:
        """The sentence that a refusal shows."""
        return ", and ".join(guard.why for guard in self.guards)

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether one of them holds."""
        return any(guard.holds(actor, subject) for guard in self.guards)

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause that one of theirs holds."""
        return AnyOf(tuple(guard.clause(actor) for guard in self.guards))


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Someone else asked for it: two people, never one twice."""

    field: str = "requested_by"
    why: str = "the person who asked for it cannot also grant it"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether somebody asked, and it was not the actor."""
        asked_by: UUID | None = getattr(subject, self.field, None)
        return asked_by is not None and asked_by != actor.id

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the person who asked."""
        return AllOf((Not(Is(self.field, None)), Not(Is(self.field, actor.id))))


@dataclass(frozen=True, slots=True)
class Oneself:
    """The subject is the actor's own; on wish, whoever has shown a second factor may go beyond it."""

    field: str = "person_id"
    or_second_factor: bool = False
    why: str = "it belongs to another person"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether the subject names the actor as its person."""
        owner: UUID | None = getattr(subject, self.field, None)
        return owner == actor.id or (self.or_second_factor and actor.second_factor)

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the person."""
        return EVERYTHING if self.or_second_factor and actor.second_factor else Is(self.field, actor.id)


@dataclass(frozen=True, slots=True)
class WithoutToken:
    """Whoever acts signed in: a token must not give itself more than it was given."""

    why: str = "a token cannot do this; sign in"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:  # noqa: ARG002 - the same shape as every guard
        """Say whether there is no token."""
        return actor.scopes is None

    def clause(self, actor: "Actor") -> Clause:
        """Return everything for whoever signed in, else nothing."""
        return EVERYTHING if actor.scopes is None else NOTHING


@dataclass(frozen=True, slots=True)
class Among:
    """The field holds one of these values: what may be given is limited."""

    field: str
    values: tuple[str, ...]
    why: str = "it is not among what you may give"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:  # noqa: ARG002 - the same shape as every guard
        """Say whether it does."""
        return getattr(subject, self.field, None) in self.values

    def clause(self, actor: "Actor") -> Clause:  # noqa: ARG002 - the same shape as every guard
        """Return the clause on the field."""
        return OneOf(self.field, self.values)


@dataclass(frozen=True, slots=True)
class Seated:
    """The actor has a seat in the case that the subject is, or belongs to, and its time has not passed.

    ``path`` leads from the subject to its case: names of relations, each with a clause on the rows on the way. A seat
    is of a person, of whoever took up an invitation, or of everybody who acts for an organization. It counts as long as
    the marking of the case lets such a recipient in. Source: FIRST TLP 2.0; docs/decisions/0123.
    """

    tiers: tuple[int, ...] = (0, 1, 2, 3)
    path: tuple[tuple[str, Clause], ...] = ()
    why: str = "you have no seat in this case"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether the actor sits there."""
        return subject is not None and meets(subject, self.clause(actor))

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the seats of the case."""
        until = Is("until_at", None) if actor.asks_at is None else After("until_at", actor.asks_at)
        told = AnyOf((OneOf("tier", _TIERS_AT_WORK), OneOf("case__tlp", _TOLD_DOWNSTREAM)))
        sits = AllOf(
            (Is("state", "seated"), until, OneOf("tier", self.tiers), told, _whose_seat(actor, told_only=True))
        )
        clause: Clause = Some("participants", sits)
        for relation, on_the_way in reversed(self.path):
            clause = Some(relation, clause if on_the_way == EVERYTHING else AllOf((on_the_way, clause)))
        return clause


_TIERS_AT_WORK = (0, 1)
"""Those who mend it; at tiers 2 and 3 sit those downstream, who are read in before disclosure."""
_TOLD_DOWNSTREAM = ("CLEAR", "GREEN", "AMBER")
_TOLD_TO_ORGANIZATIONS = (*_TOLD_DOWNSTREAM, "AMBER+STRICT")
"""The markings of a case that let such recipients in; whoever sits in person, as a named recipient, every one does."""


def _whose_seat(actor: "Actor", *, told_only: bool) -> Clause:
    """Return the clause on a seat that it is the actor's: in person, by invitation, or by organization."""
    whose: list[Clause] = [Is("person_id", actor.id), Is("invitation__accepted_by_id", actor.id)]
    if actor.organization is not None:
        ours = Is("organization_id", actor.organization)
        whose.append(AllOf((ours, OneOf("case__tlp", _TOLD_TO_ORGANIZATIONS))) if told_only else ours)
    return AnyOf(tuple(whose))


@dataclass(frozen=True, slots=True)
class Sitting:
    """The subject is the actor's own seat: in person, by invitation, or by organization."""

    why: str = "it is another's seat"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether it is."""
        return subject is not None and meets(subject, self.clause(actor))

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on whose seat it is, also where the marking lets it see nothing any more."""
        return _whose_seat(actor, told_only=False)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Whoever acts has shown a second factor, whatever their role: what cannot be taken back."""

    why: str = "this needs a second factor; sign in with one"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:  # noqa: ARG002 - the same shape as every guard
        """Say whether they have."""
        return actor.second_factor

    def clause(self, actor: "Actor") -> Clause:
        """Return everything for whoever has, else nothing."""
        return EVERYTHING if actor.second_factor else NOTHING


@dataclass(frozen=True, slots=True)
class Holding:
    """The field holds this one value."""

    field: str
    value: str
    why: str

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:  # noqa: ARG002 - the same shape as every guard
        """Say whether it does."""
        return subject is not None and bool(_held(subject, self.field) == self.value)

    def clause(self, actor: "Actor") -> Clause:  # noqa: ARG002 - the same shape as every guard
        """Return the clause on the field."""
        return Is(self.field, self.value)


@dataclass(frozen=True, slots=True)
class Met:
    """The actor's organization has met the subject: it stands in the subject's meetings."""

    why: str = "you have not met it"

    def holds(self, actor: "Actor", subject: "Subject | None") -> bool:
        """Say whether it has."""
        return subject is not None and meets(subject, self.clause(actor))

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the meetings; never for an actor without an organization."""
        return NOTHING if actor.organization is None else Some("meetings", Is("organization_id", actor.organization))
