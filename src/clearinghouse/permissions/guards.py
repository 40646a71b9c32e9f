"""Conditions that roles and states cannot say: each a test on one subject, a clause for a query set, and a sentence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
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


type Clause = Is | OneOf | Not | AllOf | AnyOf
"""A condition on rows as data; ``records.py`` alone turns it into SQL."""

EVERYTHING = AllOf()
NOTHING = AnyOf()


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
        owner: UUID | None = getattr(subject, self.field, None)
        return actor.organization is not None and owner == actor.organization

    def clause(self, actor: "Actor") -> Clause:
        """Return the clause on the organization."""
        return NOTHING if actor.organization is None else Is(self.field, actor.organization)


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
