"""What every row has in common, and the one way a state changes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import batched
from typing import ClassVar, Final, Self
from uuid import uuid4

from django.apps import apps
from django.db import models, transaction

from clearinghouse.errors import Conflict
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.models import Event
from clearinghouse.lifecycle import Lifecycle
from clearinghouse.permissions.guards import After, AllOf, AnyOf, Clause, Is, Not, OneOf, Some, meets
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import clause_for, demand


def condition(clause: Clause, model: type[models.Model]) -> models.Q:  # noqa: C901, PLR0911 - one for each kind of clause
    """Return a permission clause on rows of ``model`` as a condition for a query set."""
    match clause:
        case Is(field, value):
            return models.Q(**{field: value})
        case OneOf("state", values) if states := getattr(model, "states", None):
            return condition(AnyOf(tuple(clause for state, clause in states.items() if state in values)), model)
        case OneOf(field, values):
            return models.Q(**{f"{field}__in": values})
        case After(field, moment):
            return models.Q(**{f"{field}__gt": moment}) | models.Q(**{field: None})
        case Some(relation, inner):
            other = _at_the_other_end(model, relation)
            return models.Q(**{f"{relation}__in": other._base_manager.filter(condition(inner, other))})  # noqa: SLF001
        case Not(inner):
            return ~condition(inner, model)
        case AllOf(clauses):
            every = models.Q(pk__isnull=False)  # not an empty Q: its negation would be empty too
            for one in clauses:
                every &= condition(one, model)
            return every
        case AnyOf(clauses):
            some = models.Q(pk__in=())
            for one in clauses:
                some |= condition(one, model)
            return some


def _at_the_other_end(model: type[models.Model], relation: str) -> type[models.Model]:
    """Return the model at the other end of a relation."""
    found = model._meta.get_field(relation).related_model  # noqa: SLF001 - Django's public name
    if not isinstance(found, type):
        raise TypeError(f"{relation!r} is no relation of {model.__name__}")
    return found


class Records[R: "Record"](models.QuerySet[R]):
    """A query set that knows who is asking."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the rows that ``actor`` may read, by the same rows of the permission table that ``decide()`` reads."""
        kind, room = kind_of(self.model), self.model._meta.app_label  # noqa: SLF001 - Django's public name
        return self.open_to(actor, f"{room}:{kind}:read")

    def open_to(self, actor: Actor, verb: str) -> Self:
        """Return the rows to which ``actor`` may do ``verb``."""
        allowed = condition(clause_for(actor, verb), self.model)
        return self.filter(pk__in=self.model._base_manager.filter(allowed))  # noqa: SLF001 - Django's public name


def kind_of(model: type["Record"]) -> str:
    """Return the name that verbs use for rows of ``model``: its class name in kebab-case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", model.__name__).lower()


@cache
def model_of(kind: str) -> type["Record"]:
    """Return the model whose rows verbs and the ledger call by this kind, in whichever room: no two are called alike.

    Raises:
        LookupError: there are no such rows.
    """
    for one in apps.get_models():
        if issubclass(one, Record) and kind_of(one) == kind:
            return one
    raise LookupError(f"there are no rows called {kind}")


class Record(models.Model):
    """A row: a random id that is never shown alone, and when it was made."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created_at = models.DateTimeField(help_text="UTC.")

    objects = Records.as_manager()

    class Meta:
        abstract = True

    @property
    def kind(self) -> str:
        """The subject part of this row's verbs."""
        return kind_of(type(self))


STANDING_OR_ENDED: Final[Mapping[str, Clause]] = {
    "standing": Is("ended_at", None),
    "ended": Not(Is("ended_at", None)),
}


class FollowingState:
    """For a row whose state follows from its other fields: each state, and the clause on rows that are in it."""

    states: ClassVar[Mapping[str, Clause]] = STANDING_OR_ENDED

    @property
    def state(self) -> str:
        """The state that it is in."""
        return next(state for state, clause in self.states.items() if meets(self, clause))


class StatefulRecord(Record):
    """A row with a lifecycle; its state changes only through ``advance()``."""

    state = models.CharField(max_length=40)

    class Meta:
        abstract = True


@transaction.atomic
def advance[S: StrEnum, T: StrEnum](
    row: StatefulRecord,
    lifecycle: Lifecycle[S, T],
    step: T,
    *,
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    """Take ``step``: change the row's state and write it in the ledger, both or neither.

    Raises:
        StepRefused: the lifecycle has no such step from the present state.
        Conflict: the row was moved by someone else since it was read.
    """
    old = type(lifecycle.initial)(row.state)
    new = lifecycle.after(old, step)
    unchanged = type(row)._base_manager.filter(pk=row.pk, state=old)  # noqa: SLF001 - Django's public name
    if not unchanged.update(state=new):
        raise Conflict(f"{lifecycle.name} {row.pk} is no longer {old}; read it again")
    row.state = new
    record(f"{lifecycle.name}:{step}", subject=row, actor=actor, at=at, details={"from": old, "to": new, "why": why})


READING_COUNTS_FOR: Final = timedelta(days=1)
AT_A_TIME: Final = 400
"""Ids in one question, fewer than any database takes."""


@transaction.atomic
def note_reading(row: Record, *, actor: Actor, at: datetime, file: str = "") -> None:
    """Write down that somebody is about to see confidential matter; call it before the answer goes out.

    Looking again within a day is one reading; taking a file (its digest or name) is written down each time. What
    belongs to the organization that somebody acts for is theirs to read.

    Raises:
        NotFound: the actor may not know of it.
    """
    verb = _reading(row)
    demand(actor, verb, row)
    if not _is_ours(row, actor) and (file or str(row.pk) not in _seen_lately(verb, [row], actor, at)):
        record(verb, subject=row, actor=actor, at=at, details={"file": file} if file else {})


@transaction.atomic
def note_readings(rows: Iterable[Record], *, actor: Actor, at: datetime) -> None:
    """Write down that somebody is about to see all of these on one page, as for each alone.

    Raises:
        NotFound: the actor may not know of one of them.
    """
    theirs: dict[str, list[Record]] = {}
    for row in rows:
        verb = _reading(row)
        demand(actor, verb, row)
        if not _is_ours(row, actor):
            theirs.setdefault(verb, []).append(row)
    for verb, those in theirs.items():
        for some in batched(those, AT_A_TIME):
            seen = _seen_lately(verb, some, actor, at)
            for row in some:
                if str(row.pk) not in seen:
                    record(verb, subject=row, actor=actor, at=at)


def _reading(row: Record) -> str:
    return f"{row._meta.app_label}:{row.kind}:read"  # noqa: SLF001 - Django's public name


def _is_ours(row: Record, actor: Actor) -> bool:
    home = getattr(row, "organization_id", None)
    return home is not None and bool(home == actor.organization)


def _seen_lately(verb: str, rows: Sequence[Record], actor: Actor, at: datetime) -> set[str]:
    """Return the ids of those rows of one kind that the actor has looked at within the time that is one reading."""
    lately = Event.objects.filter(verb=verb, kind=rows[0].kind, actor=actor.id, at__gt=at - READING_COUNTS_FOR)
    return set(lately.filter(subject__in=[str(one.pk) for one in rows]).values_list("subject", flat=True))
