"""The one table: the rows of every room, frozen, and the two questions that code asks of it."""

import importlib.util
import pkgutil
from functools import cache

import clearinghouse
from clearinghouse.errors import NotFound, NotPermitted
from clearinghouse.permissions.guards import EVERYTHING, NOTHING, AllOf, AnyOf, Clause, OneOf
from clearinghouse.permissions.rules import ANY_STATE, Actor, Row, Subject, Table


@cache
def the_table() -> Table:
    """Return the table of all rooms; each room's ``permissions.py`` brings its ``ROWS``."""
    rows: list[Row] = []
    for room in sorted(found.name for found in pkgutil.iter_modules(clearinghouse.__path__) if found.ispkg):
        name = f"{clearinghouse.__name__}.{room}.permissions"
        if importlib.util.find_spec(name) is not None:
            rows.extend(importlib.import_module(name).ROWS)
    return Table(rows)


def demand(actor: Actor, verb: str, subject: Subject | None = None, *, is_kept: bool = True) -> None:
    """Return quietly if ``actor`` may do ``verb`` to ``subject`` (None: a thing yet to be made).

    ``is_kept``: whether the subject exists already; of one that is only about to, there is nothing to hide.

    Raises:
        NotFound: the actor may not even know of the subject.
        NotPermitted: the actor may see it, but not do this.
    """
    table = the_table()
    verdict = table.decide(actor, verb, subject)
    if verdict.allowed:
        return
    room, kind, _ = verb.split(":")
    reading = f"{room}:{kind}:read"
    if subject is not None and is_kept and (verb == reading or not _may_read(table, actor, reading, subject)):
        raise NotFound(f"no such {kind}")
    raise NotPermitted(verdict.why, verb=verb)


def _may_read(table: Table, actor: Actor, reading: str, subject: Subject) -> bool:
    return reading in table.verbs and table.decide(actor, reading, subject).allowed


def clause_for(actor: Actor, verb: str, *, table: Table | None = None) -> Clause:
    """Return, as data, which rows ``actor`` may do ``verb`` to; made of the same rows that ``decide()`` reads.

    Raises:
        Malformed: no row knows the verb.
    """
    ways: list[Clause] = []
    for row in (table or the_table()).rows(verb):
        if not actor.in_scope(verb) or not row.roles_of(actor):
            continue
        parts = [] if row.states == ANY_STATE else [OneOf("state", row.states)]
        clause: Clause = AllOf((*parts, *(guard.clause(actor) for guard in row.guards)))
        if clause == EVERYTHING:
            return EVERYTHING
        ways.append(clause)
    return AnyOf(tuple(ways)) if ways else NOTHING
