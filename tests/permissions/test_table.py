"""Tests of clearinghouse/permissions/table.py on the rows of all rooms."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from clearinghouse.errors import NotFound, NotPermitted
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.permissions.table import demand, the_table

HOME, AWAY = UUID(int=1), UUID(int=2)
FINDER = Actor(UUID(int=3), "finder", frozenset({Role.FINDER}), HOME)
COORDINATOR = Actor(UUID(int=4), "coordinator", frozenset({Role.COORDINATOR}), second_factor=True)


@dataclass
class Party:
    id: UUID
    kind: str = "organization"


def test_the_rows_of_the_rooms_are_collected() -> None:
    assert "parties:organization:found" in the_table().verbs


def test_what_is_permitted_passes() -> None:
    demand(COORDINATOR, "parties:organization:found", Party(AWAY))


def test_what_may_be_seen_but_not_done_is_not_permitted() -> None:
    with pytest.raises(NotPermitted, match="as finder you may not add an organization"):
        demand(FINDER, "parties:organization:found", Party(HOME))


@pytest.mark.parametrize("verb", ["parties:organization:found", "parties:organization:read"])
def test_what_may_not_be_seen_is_not_there(verb: str) -> None:
    with pytest.raises(NotFound, match="no such organization"):
        demand(FINDER, verb, Party(AWAY))


def test_making_a_thing_without_permission_is_not_permitted() -> None:
    with pytest.raises(NotPermitted):
        demand(FINDER, "parties:organization:found")


def test_whoever_may_do_a_verb_may_do_what_it_is_made_of() -> None:
    """Else there would be people whose every token for it is refused."""
    table = the_table()
    made = [(row, one) for verb in table.verbs for row in table.rows(verb) for one in row.made_of]
    assert made
    for row, one in made:
        assert set(row.roles) <= {role for other in table.rows(one) for role in other.roles}, (row.verb, one)
