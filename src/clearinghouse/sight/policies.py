"""What the policies of PostgreSQL say, made of the permission table: the same rows, the same guards.

The table is asked what an actor of each role sees, with one factor and with two, signed in and by token, for a person,
an organization and a moment that stand for those of whoever asks; where the answer names these, the policy asks which
they are. Conditions become SQL as they do for ``visible_to()``. Source: docs/decisions/0104.
"""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid5

from django.apps import apps
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper

from clearinghouse.errors import Malformed
from clearinghouse.permissions.guards import EVERYTHING, NOTHING, Clause
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.permissions.table import clause_for, the_table
from clearinghouse.records import Record, condition, kind_of

OPEN_ROOMS: Final = frozenset({"feeds", "parties"})
"""Rooms without the wall: outside lists are public, and who asks is found out by reading people and their tokens."""
READ_WITH: Final = {
    "deconfliction.Place": "deconfliction:place:read",
    "deconfliction.ScanSource": "deconfliction:place:read",
    "deconfliction.ShownRequest": "deconfliction:place:read",
    "deconfliction.Untold": "deconfliction:place:read",
    "deconfliction.WatchedCell": "deconfliction:place:read",
    "edges.KeptFile": "deconfliction:place:read",
    "validation.StoredRun": "validation:validation:read",
}
"""Tables without a verb of their own, and by whose verb they are read."""
_NAMES: Final = UUID("0a4d3b0e-3f0c-5a53-8d55-5f5c2a1f0b77")
PERSON: Final = uuid5(_NAMES, "whoever asks")
ORGANIZATION: Final = uuid5(_NAMES, "the organization of whoever asks")
MOMENT: Final = datetime(1, 1, 2, tzinfo=UTC)
_STANDS_FOR: Final[dict[object, str]] = {
    PERSON: "(SELECT sight_person())",
    ORGANIZATION: "(SELECT sight_organization())",
    MOMENT: "(SELECT sight_moment())",
}
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Wall:
    """What one table lets be read: the condition of its policies, and the functions which that calls."""

    reads: str
    functions: dict[str, str] = field(default_factory=dict)


def walls() -> dict[str, Wall]:
    """Return the wall of each table, as the permission table has it now."""
    return {model._meta.db_table: wall_of(model, verb) for model, verb in walled()}  # noqa: SLF001 - Django's public name


def walled() -> Iterator[tuple[type[models.Model], str]]:
    """Yield each model with a wall and the verb by which it is read, in the order of the tables' names."""
    for model in sorted(apps.get_models(), key=lambda one: one._meta.db_table):  # noqa: SLF001
        meta = model._meta  # noqa: SLF001
        verb = READ_WITH.get(meta.label)
        if verb is None and issubclass(model, Record) and meta.app_label not in OPEN_ROOMS:
            verb = f"{meta.app_label}:{kind_of(model)}:read"
        if verb is not None:
            yield model, verb


def wall_of(model: type[models.Model], verb: str) -> Wall:
    """Return the wall of one table."""
    name = model._meta.db_table  # noqa: SLF001
    ways: list[str] = []
    functions: dict[str, str] = {}
    for clause, kinds in _answers(verb):
        acts = f"(SELECT sight_acts('{verb}', '{{{','.join(kinds)}}}'))"
        if clause == EVERYTHING:
            ways.append(acts)
            continue
        sql, alone = _compiled(model, clause)
        if not alone:
            function = f"sight_{name}_{len(functions) + 1}"
            functions[function] = sql
            sql = f"{_column(model)} IN (SELECT {function}())"
        ways.append(f"({acts} AND {sql})")
    return Wall(_wrapped(" OR ".join(ways) or "FALSE"), functions)


def _answers(verb: str) -> list[tuple[Clause, tuple[str, ...]]]:
    """Return each clause that somebody reads by, and the kinds of actors that do."""
    found: dict[Clause, dict[Role, set[tuple[bool, bool]]]] = {}
    for role, two, token in product(Role, (False, True), (False, True)):
        scopes = frozenset({verb}) if token else None
        actor = Actor(PERSON, "", frozenset({role}), ORGANIZATION, scopes, two, MOMENT)
        clause = clause_for(actor, verb, table=the_table())
        if clause != NOTHING:
            found.setdefault(clause, {}).setdefault(role, set()).add((two, token))
    return [(clause, tuple(_kinds(by_role))) for clause, by_role in found.items()]


def _kinds(by_role: dict[Role, set[tuple[bool, bool]]]) -> Iterator[str]:
    """Yield names of kinds of actors: a role; with how many factors, or how it signed in, where that matters."""
    factor, way = ("one", "two"), ("session", "token")
    for role, seen in by_role.items():
        if len(seen) == 4:  # noqa: PLR2004 - two by two
            yield role
            continue
        for two in (False, True):
            if {(two, False), (two, True)} <= seen:
                yield f"{role}+{factor[two]}"
            else:
                yield from (f"{role}+{factor[two]}+{way[token]}" for token in (False, True) if (two, token) in seen)


def _compiled(model: type[models.Model], clause: Clause) -> tuple[str, bool]:
    """Return a clause as SQL, and whether it looks at this table's own columns alone: else it is a query for keys."""
    postgresql = not_connected()
    rows = model._base_manager.filter(condition(clause, model)).order_by()  # noqa: SLF001 - Django's public name
    compiler = rows.query.get_compiler(connection=postgresql)
    compiler.pre_sql_setup()
    try:
        sql, params = compiler.compile(rows.query.where)
    except EmptyResultSet:
        return "FALSE", True
    except FullResultSet:
        return "TRUE", True
    tables = sum(1 for uses in rows.query.alias_refcount.values() if uses)
    if tables <= 1 and "SELECT" not in sql:
        return _with_literals(sql, params), True
    sql, params = rows.values("pk").query.get_compiler(connection=postgresql).as_sql()
    return _wrapped(_with_literals(sql, params)), False


def not_connected() -> BaseDatabaseWrapper:
    """Return what knows the SQL of PostgreSQL, wherever we are."""
    from django.db import connections

    return DatabaseWrapper({**connections["default"].settings_dict, "OPTIONS": {}}, "default")


def _with_literals(sql: str, params: Iterable[Any]) -> str:
    return sql % tuple(_literal(one) for one in params)


def _literal(value: object) -> str:
    """Return a value as SQL; where it stands for whoever asks, the question who that is."""
    if value in _STANDS_FOR:
        return _STANDS_FOR[value]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, UUID):
        return f"'{value}'::uuid"
    if isinstance(value, str) and not set(value) & set("'\\ \n\t"):
        return f"'{value}'"
    raise Malformed(f"a guard compares with {value!r}, which no policy can hold; compare with a plain word")


def _column(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"."{model._meta.pk.column}"'  # noqa: SLF001 - Django's public name


def _wrapped(sql: str) -> str:
    """Return SQL in lines; no literal in it holds a blank."""
    return "\n".join(textwrap.wrap(sql, _WIDTH, break_long_words=False, break_on_hyphens=False))
