"""Accepting a scan by one statement, on PostgreSQL: the cells are held only while the server itself works.

Whom it meets is asked before, without any lock; the statement holds the cells, sees that nothing there has changed
since, and writes row, index and ledger together. If something has changed, it is asked again. Where nothing is to be
gained, or too much changes, the scan goes the ordinary way. Source: docs/decisions/0151.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from clearinghouse.deconfliction.actions.holding import flush, in_order
from clearinghouse.deconfliction.actions.room import demand_places
from clearinghouse.deconfliction.actions.standing import Announced, retold
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.queries.meeting import Survey, survey
from clearinghouse.deconfliction.queries.places import mappings_of, names_of, searched_by, text_of
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.awareness import Met
from clearinghouse.deconfliction.rules.cells import locks_of
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.mappings import Mapped
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Unaware
from clearinghouse.ledger.actions import first_act
from clearinghouse.permissions.rules import Actor
from clearinghouse.sight.asking import beyond_sight, who_asks

_TRIES: Final = 20
_FEW: Final = 16
"""Targets at most: how much an organization holds is counted before the cells are held, so that others who write for
it at the same moment are not counted; whoever adds much goes the ordinary way."""
_VERB: Final = "deconfliction:intent:accept"
_SEEN: Final = "SELECT deconfliction_seen(%s::integer[], %s::uuid, %s::bigint[], %s::timestamptz, %s::timestamptz)"
_GIVE_TURN: Final = "SELECT deconfliction_give_turn(%s::integer[], %s::uuid)"
_USE_TURN: Final = "SELECT deconfliction_use_turn(%s::integer[], %s::uuid)"
_ACCEPT: Final = (
    "SELECT deconfliction_accept(%s, %s::integer[], %s::boolean[], %s::bigint[], %s::text[], %s::text[], %s, %s, "
    "%s::jsonb, %s::bigint[], %s::integer[], %s::text[], %s::uuid, %s, %s::uuid, %s::timestamptz, %s, %s, %s)"
)


def accept_at_once(
    intent: Intent,
    said: Announcement,
    demand: Callable[[Survey], None],
    told: Callable[[Survey], Mapping[str, object]],
    *,
    actor: Actor,
    at: datetime,
) -> Announced | None:
    """Accept a new scan by one statement; None: it has to go the ordinary way.

    Args:
        intent: its row, not yet kept.
        said: what it announces.
        demand: refuses what may not be, given whom it meets.
        told: what the ledger keeps of it, given whom it meets.
        actor: who announces it.
        at: now.
    """
    is_simple = len(said.targets) <= _FEW and said.visibility == Visibility.EVERYONE
    if connection.vendor != "postgresql" or not is_simple or _has_many_names(said.targets):
        return None
    with beyond_sight():
        for _ in range(_TRIES):
            mappings, seen, found = _asked(intent, said, at=at)
            try:
                demand(found)
            except Unaware:
                _turn(_GIVE_TURN, intent, said)
                raise
            demand_places(intent, said.targets, mappings, at=at)
            if any(one.what is Met.INTENT and not one.is_visible for one in found.met):
                return None
            intent.acknowledged = found.keys
            act = first_act(_VERB, subject=intent, actor=actor, at=at, details=told(found))
            names = names_of(said.targets, mappings)
            held = in_order(locks_of(one.cells for one in names))
            row = [*held, *_expected(said, names, mappings, seen), *_row(intent), *_places(said)]
            if _ran([*row, act[0].id, _VERB, actor.id, at, *act[1:]]):
                intent._state.adding = False  # noqa: SLF001 - Django's word for a row that is kept
                intent._state.db = connection.alias  # noqa: SLF001
                if found.met:
                    _turn(_USE_TURN, intent, said)
                return Announced(intent, retold(found))
    return None


def _has_many_names(targets: tuple[Target, ...]) -> bool:
    """Say whether mappings have to be looked for by the beginning of a name."""
    return any(isinstance(one, Software) and one.is_prefix for one in targets)


def _asked(intent: Intent, said: Announcement, *, at: datetime) -> tuple[tuple[Mapped, ...], str, Survey]:
    """Return the mappings, a mark of what stands near, and whom the scan meets; the mark is never the younger one."""
    with transaction.atomic():
        mappings = mappings_of(said.targets)
        cells = sorted(searched_by(names_of(said.targets, mappings)))
        about: list[Any] = [_own(said), intent.organization_id, cells, said.window.starts_at, said.window.ends_at]
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, about)
            seen = cursor.fetchone()[0]
        found = survey(said.scan_of(intent.organization_id), mappings, at=at)
    return mappings, seen, found


def _own(said: Announcement) -> list[int]:
    """Return the numbers of the locks that a scan takes alone, by its own names."""
    return [
        number for number, alone in zip(*in_order(locks_of(one.cells for one in said.targets)), strict=True) if alone
    ]


def _turn(statement: str, intent: Intent, said: Announcement) -> None:
    """Give its organization a short turn at its cells, or say that it was used; not inside of another transaction."""
    if not connection.in_atomic_block:
        with connection.wrap_database_errors:
            connection.connection.execute(statement, [_own(said), intent.organization_id])


def _expected(said: Announcement, names: frozenset[Target], mappings: tuple[Mapped, ...], seen: str) -> list[Any]:
    """Return what must be as it was: the cells that were searched, the mappings that were read, the mark."""
    packages = sorted({one.package for one in said.targets if isinstance(one, Software)})
    urls = sorted({one.url for one in names if isinstance(one, Repository)})
    mapped = sorted(f"{one.package.package} {one.url} {one.folder}" for one in mappings)
    return [sorted(searched_by(names)), packages, urls, "\n".join(mapped), seen]


def _row(intent: Intent) -> list[Any]:
    """Return a row as one value, column by column."""
    from psycopg.types.json import Jsonb

    fields = {one.column: getattr(intent, one.attname) for one in intent._meta.concrete_fields}  # noqa: SLF001
    return [Jsonb({name: _plain(value) for name, value in fields.items()})]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _places(said: Announcement) -> list[Any]:
    """Return the entries of the index, as columns."""
    entries = [
        (cell, number, text_of(target))
        for number, target in enumerate(said.targets)
        for cell in sorted(target.cells.written)
    ]
    return [[one[place] for one in entries] for place in range(3)]


def _ran(values: list[Any]) -> bool:
    """Run the statement; where it is a transaction of its own, it commits before it comes back, and then flush."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPT, [None, *values])
            inside: bool = cursor.fetchone()[0]
        transaction.on_commit(flush)
        return inside
    with connection.wrap_database_errors:
        from psycopg import Cursor

        done: Any = Cursor(connection.connection).execute(_ACCEPT, [who_asks(), *values], prepare=True).fetchone()
    accepted = bool(done[0])
    if accepted:
        flush()
    return accepted
