"""Actors, roles and the rows of the table: what may be said about who may."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from clearinghouse.errors import Malformed
from clearinghouse.permissions.guards import Guard
from clearinghouse.permissions.words import listed, to_do


class Role(StrEnum):
    """What an actor is to the clearinghouse.

    Source: CERT Guide to Coordinated Vulnerability Disclosure, roles; docs/decisions/0110 names the others.
    ``clearinghouse`` is this programme at work.
    """

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    CLEARINGHOUSE = "clearinghouse"
    COORDINATOR = "coordinator"
    DETERMINING_OFFICIAL = "determining-official"
    EVALUATOR = "evaluator"
    FINDER = "finder"
    MAINTAINER = "maintainer"
    MODEL_DEVELOPER = "model-developer"
    OPERATOR = "operator"
    PROGRAMME_OFFICER = "programme-officer"
    SOC = "soc"


PEOPLE: Final[tuple[Role, ...]] = tuple(role for role in Role if role is not Role.CLEARINGHOUSE)
"""Every role that a person can have."""

OUTSIDE: Final[tuple[Role, ...]] = (
    Role.EVALUATOR,
    Role.FINDER,
    Role.MAINTAINER,
    Role.MODEL_DEVELOPER,
    Role.OPERATOR,
    Role.PROGRAMME_OFFICER,
    Role.SOC,
)
"""The roles that are not at work on cases here: they see of a case what their own, or a seat in it, lets them see."""

NEED_SECOND_FACTOR: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR, Role.DETERMINING_OFFICIAL})
"""Roles that count only for whoever has shown a second factor, except in rows that say one factor is enough."""


def in_scope(verb: str, scopes: Iterable[str]) -> bool:
    """Say whether a verb is one of these scopes, or begins with one."""
    return any(verb == one or verb.startswith(f"{one}:") for one in scopes)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person, a token, or the clearinghouse."""

    id: UUID
    name: str
    roles: frozenset[Role]
    organization: UUID | None = None
    scopes: frozenset[str] | None = None
    """What a token was issued for: verbs, or the first parts of verbs (``cases``, ``cases:case``); None: no token."""
    second_factor: bool = False
    """Whether whoever acts has shown a second factor, in this session or when the token was issued."""
    asks_at: datetime | None = None
    """The moment of asking, against which the end of a seat is held; None: only seats without an end count."""

    def in_scope(self, verb: str) -> bool:
        """Say whether ``verb`` is what the token was issued for; whoever acts without one is never held back here."""
        return self.scopes is None or in_scope(verb, self.scopes)


class Subject(Protocol):
    """What is acted upon: any row of ours."""

    @property
    def kind(self) -> str:
        """The subject part of its verbs, kebab-case."""


def state_of(subject: Subject | None) -> str:
    """Return the subject's state; empty for a thing without a lifecycle, or one that is yet to be made."""
    state: str = getattr(subject, "state", "")
    return state


ANY_STATE: Final[tuple[str, ...]] = ("*",)
"""In a row: whatever state the subject is in, also when it does not exist yet."""


@dataclass(frozen=True, slots=True)
class Row:
    """One permission: these roles may do this verb to this kind in these states, if every guard holds."""

    kind: str
    verb: str
    roles: tuple[Role, ...]
    states: tuple[str, ...] = ANY_STATE
    guards: tuple[Guard, ...] = ()
    one_factor: bool = False
    """Open also to the roles that need a second factor when only one was shown: for one's own account."""
    made_of: tuple[str, ...] = ()
    """The verbs with which what this one shows is read: a token for this one alone would be shown nothing."""

    def __post_init__(self) -> None:
        """Refuse a row that could never be read as it was meant."""
        parts = self.verb.split(":")
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - room, subject, verb
            raise Malformed(f"verb {self.verb!r} is not <room>:<subject>:<verb>")
        if parts[1] != self.kind:
            raise Malformed(f"verb {self.verb!r} does not speak about kind {self.kind!r}")
        if not self.roles or not self.states:
            raise Malformed(f"the row for {self.verb} names no role or no state, so it permits nothing")

    def roles_of(self, actor: Actor) -> frozenset[Role]:
        """Return the roles of this row that count for ``actor`` as they are signed in now."""
        weak = not (actor.second_factor or self.one_factor)
        return actor.roles.intersection(self.roles) - (NEED_SECOND_FACTOR if weak else frozenset())

    def covers(self, role: Role, state: str) -> bool:
        """Say whether this row speaks about ``role`` and a subject in ``state``."""
        return role in self.roles and (self.states == ANY_STATE or state in self.states)


def overlapping(one: Row, other: Row) -> bool:
    """Say whether two rows speak about the same cell, so that a reader could not tell which holds."""
    return (
        one.verb == other.verb
        and not set(one.roles).isdisjoint(other.roles)
        and (ANY_STATE in (one.states, other.states) or not set(one.states).isdisjoint(other.states))
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer to "may they?", with the sentence a refusal shows."""

    allowed: bool
    why: str


class Table:
    """All rows of all rooms, checked once and then only read."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Take in the rows.

        Raises:
            Malformed: two rows speak about the same cell.
        """
        by_verb: dict[str, tuple[Row, ...]] = {}
        for row in rows:
            for earlier in by_verb.get(row.verb, ()):
                if overlapping(earlier, row):
                    raise Malformed(f"two rows speak about the same cell of {row.verb}: {earlier} and {row}")
            by_verb[row.verb] = (*by_verb.get(row.verb, ()), row)
        self._by_verb = by_verb

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb that has a row, in alphabetical order."""
        return tuple(sorted(self._by_verb))

    def rows(self, verb: str) -> tuple[Row, ...]:
        """Return the rows of ``verb``.

        Raises:
            Malformed: no row knows the verb: a mistake in the program, not in what the actor did.
        """
        if verb not in self._by_verb:
            raise Malformed(f"no row in the permission table knows the verb {verb!r}")
        return self._by_verb[verb]

    def needed_beside(self, scopes: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return which verbs these scopes lack, by the verb among them that shows nothing without those."""
        held = [one for one in self._by_verb if in_scope(one, scopes)]
        lacking = {
            verb: tuple(sorted({one for row in self._by_verb[verb] for one in row.made_of} - set(held)))
            for verb in held
        }
        return {verb: missing for verb, missing in lacking.items() if missing}

    def decide(self, actor: Actor, verb: str, subject: Subject | None = None) -> Verdict:
        """Say whether ``actor`` may do ``verb`` to ``subject``, or to a thing yet to be made when it is None.

        Raises:
            Malformed: no row knows the verb.
        """
        rows, state, todo = self.rows(verb), state_of(subject), to_do(verb)
        whoever = f"as {listed(sorted(actor.roles), last='and')}" if actor.roles else "without a role"
        their = listed(sorted({role for row in rows for role in row.roles}))
        why = f"{whoever} you may not {todo}; that takes the role of {their}"
        for row in rows:
            if actor.roles.isdisjoint(row.roles):
                continue
            if not actor.in_scope(verb):
                why = f"this token may not {todo}: {verb} is in none of its scopes"
                continue
            acting = row.roles_of(actor)
            if not acting:
                why = f"you may not {todo} before you sign in with a second factor"
                continue
            if not any(row.covers(role, state) for role in acting):
                found = f"this {row.kind.replace('-', ' ')} is {state.replace('-', ' ') or 'not made yet'}"
                why = f"you may not {todo} now: {found}, and it has to be {listed(row.states)}"
                continue
            failed = [guard for guard in row.guards if not guard.holds(actor, subject)]
            if not failed:
                return Verdict(allowed=True, why=f"{verb} is open to {' and '.join(row.roles)}")
            why = f"you may not {todo}: {'; '.join(guard.why for guard in failed)}"
        return Verdict(allowed=False, why=why)
