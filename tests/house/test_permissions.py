"""Guards the permission table: every verb has a row, every row a use, and lists show what decisions allow."""

from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
from uuid import UUID

import pytest
from django.apps import apps

from clearinghouse.permissions.guards import After, AllOf, AnyOf, Clause, Is, Not, OneOf, Some
from clearinghouse.permissions.rules import ANY_STATE, Actor, Role, Row
from clearinghouse.permissions.table import clause_for, the_table
from clearinghouse.records import Record, kind_of
from tests.house.sources import first_texts, lifecycles

OURS, THEIRS, ME, YOU = (UUID(int=number) for number in range(1, 5))
VERBS = the_table().verbs


@dataclass
class Thing:
    """A subject of any kind, as the guards see it."""

    kind: str
    state: str
    fields: dict[str, object] = field(default_factory=dict)

    def __getattr__(self, name: str) -> object:
        return self.fields.get(name)


def _holds(clause: Clause, thing: Thing) -> bool:  # noqa: PLR0911 - one for each kind of clause
    """Evaluate a clause the way a database does."""
    match clause:
        case Is(name, value):
            return bool(getattr(thing, name) == value)
        case OneOf(name, values):
            return getattr(thing, name) in values
        case After(name, moment):
            held = getattr(thing, name)
            return held is None or bool(held > moment)
        case Some(relation):
            return getattr(thing, relation) is not None  # nothing hangs on a thing; real rows have a test of their own
        case Not(inner):
            return not _holds(inner, thing)
        case AllOf(clauses):
            return all(_holds(one, thing) for one in clauses)
        case AnyOf(clauses):
            return any(_holds(one, thing) for one in clauses)


def _states(rows: tuple[Row, ...]) -> set[str]:
    return {"", "some-other-state"}.union(*(row.states for row in rows if row.states != ANY_STATE))


def _actors() -> list[Actor]:
    """Return an actor for every set of up to two roles, and for all, with and without an organization.

    Those with one role come also without a second factor, and with tokens for one room or for nothing.
    """
    sets = chain(*(combinations(Role, count) for count in range(3)), [tuple(Role)])
    strong = [
        Actor(ME, "me", frozenset(roles), home, second_factor=True) for roles, home in product(list(sets), (OURS, None))
    ]
    alone = [actor for actor in strong if len(actor.roles) == 1]
    weak = [replace(actor, second_factor=False) for actor in alone]
    scopes = (frozenset({"parties"}), frozenset[str]())
    return strong + weak + [replace(actor, scopes=narrow) for actor, narrow in product(alone, scopes)]


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_list_shows_is_what_a_decision_allows_on_every_cell(verb: str) -> None:
    rows = the_table().rows(verb)
    guards = {guard for row in rows for guard in row.guards}
    names = sorted({name for guard in guards if (name := getattr(guard, "field", None))})
    contexts = [
        dict(zip(names, values, strict=True)) for values in product((OURS, THEIRS, ME, YOU, None), repeat=len(names))
    ]
    for actor in _actors():
        clause = clause_for(actor, verb)
        for state, context in product(_states(rows), contexts):
            thing = Thing(rows[0].kind, state, context)
            assert _holds(clause, thing) == the_table().decide(actor, verb, thing).allowed, (actor, thing)


def _kinds() -> dict[str, type[Record]]:
    """Return every kind of row that has verbs, by room and kind."""
    ours = [model for model in apps.get_models() if issubclass(model, Record)]
    return {f"{model._meta.app_label}:{kind_of(model)}": model for model in ours}


@pytest.mark.parametrize("subject", _kinds())
def test_every_kind_of_row_says_who_may_read_it(subject: str) -> None:
    assert f"{subject}:read" in VERBS


@pytest.mark.django_db
@pytest.mark.parametrize("subject", _kinds())
def test_every_condition_is_one_that_the_database_can_answer(subject: str) -> None:
    for actor in _actors():
        assert _kinds()[subject].objects.visible_to(actor).count() == 0


@pytest.mark.parametrize("name", list(lifecycles()))
def test_every_step_of_a_lifecycle_has_a_row(name: str) -> None:
    assert not set(lifecycles()[name].verbs()) - set(VERBS)


@pytest.mark.parametrize("name", list(lifecycles()))
def test_every_state_that_a_row_names_is_one_of_the_lifecycle(name: str) -> None:
    lifecycle = lifecycles()[name]
    states = {str(state) for state in type(lifecycle.initial)} | {"*"}
    rows = [row for verb in VERBS if verb.rpartition(":")[0] == name for row in the_table().rows(verb)]
    assert not {state for row in rows for state in row.states} - states


def test_every_verb_that_the_code_asks_about_or_records_has_a_row() -> None:
    used = first_texts("demand", "record", "clause_for", "decide")
    assert not {verb: place for verb, place in used.items() if verb not in VERBS}


def test_every_row_is_used_by_an_action_a_step_or_a_list() -> None:
    steps = {verb for lifecycle in lifecycles().values() for verb in lifecycle.verbs()}
    used = set(first_texts("demand", "record", "clause_for", "decide")) | steps
    assert not [verb for verb in VERBS if verb not in used and not verb.endswith(":read")]
