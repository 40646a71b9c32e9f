"""Tests of clearinghouse/permissions/rules.py and guards.py."""

from dataclasses import dataclass, replace
from itertools import combinations
from uuid import UUID

import pytest

from clearinghouse.errors import Malformed
from clearinghouse.permissions.guards import EVERYTHING, NOTHING, AllOf, AnyOf, Is, OneOf, OwnOrganization, SecondPerson
from clearinghouse.permissions.rules import ANY_STATE, Actor, Role, Row, Table, overlapping
from clearinghouse.permissions.table import clause_for

OURS, THEIRS, ME, YOU = (UUID(int=number) for number in range(1, 5))


@dataclass
class Paper:
    state: str = "draft"
    organization_id: UUID | None = OURS
    requested_by: UUID | None = YOU
    kind: str = "paper"


def an_actor(*roles: Role, organization: UUID | None = OURS) -> Actor:
    return Actor(ME, "me", frozenset(roles), organization, second_factor=True)


READ = Row("paper", "desk:paper:read", (Role.FINDER,), ANY_STATE, (OwnOrganization(),))
READ_ALL = Row("paper", "desk:paper:read", (Role.COORDINATOR,))
SIGN = Row("paper", "desk:paper:sign", (Role.COORDINATOR, Role.MAINTAINER), ("draft", "revised"), (SecondPerson(),))
TABLE = Table((READ, READ_ALL, SIGN))


def test_a_role_with_a_row_may() -> None:
    assert TABLE.decide(an_actor(Role.COORDINATOR), "desk:paper:read", Paper()).allowed


def test_a_role_without_a_row_may_not() -> None:
    verdict = TABLE.decide(an_actor(Role.OPERATOR), "desk:paper:read", Paper())
    assert (
        not verdict.allowed
        and verdict.why == "as operator you may not desk:paper:read; that takes the role of coordinator or finder"
    )


def test_nobody_may_without_a_role() -> None:
    assert not TABLE.decide(an_actor(), "desk:paper:read", Paper()).allowed


def test_one_of_several_roles_is_enough() -> None:
    theirs = Paper(organization_id=THEIRS)
    assert TABLE.decide(an_actor(Role.FINDER, Role.COORDINATOR), "desk:paper:read", theirs).allowed


def test_a_state_outside_of_the_row_is_refused_with_the_open_ones() -> None:
    verdict = TABLE.decide(an_actor(Role.MAINTAINER), "desk:paper:sign", Paper(state="final"))
    assert not verdict.allowed and "this paper is final, and it has to be draft or revised" in verdict.why


def test_a_guard_that_fails_is_the_reason() -> None:
    verdict = TABLE.decide(an_actor(Role.MAINTAINER), "desk:paper:sign", Paper(requested_by=ME))
    assert not verdict.allowed and "the person who asked for it cannot also grant it" in verdict.why


def test_nobody_is_the_second_person_where_there_is_no_first() -> None:
    assert not TABLE.decide(an_actor(Role.MAINTAINER), "desk:paper:sign", Paper(requested_by=None)).allowed


def test_an_actor_without_an_organization_owns_nothing() -> None:
    nobody = an_actor(Role.FINDER, organization=None)
    assert not TABLE.decide(nobody, "desk:paper:read", Paper(organization_id=None)).allowed


def test_a_thing_yet_to_be_made_fails_every_guard_and_every_state() -> None:
    assert not TABLE.decide(an_actor(Role.FINDER), "desk:paper:read").allowed
    assert "not made yet" in TABLE.decide(an_actor(Role.MAINTAINER), "desk:paper:sign").why


def test_a_verb_without_a_row_is_a_mistake() -> None:
    with pytest.raises(Malformed, match="no row"):
        TABLE.decide(an_actor(Role.COORDINATOR), "desk:paper:burn", Paper())


@pytest.mark.parametrize(
    ("kind", "verb", "roles", "states"),
    [
        ("paper", "desk:paper", (Role.FINDER,), ANY_STATE),
        ("paper", "desk:paper:", (Role.FINDER,), ANY_STATE),
        ("paper", "desk:pen:read", (Role.FINDER,), ANY_STATE),
        ("paper", "desk:paper:read", (), ANY_STATE),
        ("paper", "desk:paper:read", (Role.FINDER,), ()),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    kind: str, verb: str, roles: tuple[Role, ...], states: tuple[str, ...]
) -> None:
    with pytest.raises(Malformed):
        Row(kind, verb, roles, states)


def test_two_rows_about_one_cell_are_refused() -> None:
    with pytest.raises(Malformed, match="same cell"):
        Table((SIGN, Row("paper", "desk:paper:sign", (Role.MAINTAINER,), ("revised",))))
    with pytest.raises(Malformed, match="same cell"):
        Table((SIGN, Row("paper", "desk:paper:sign", (Role.MAINTAINER,))))


def test_rows_about_other_cells_stand_side_by_side() -> None:
    rows = (SIGN, READ, READ_ALL, Row("paper", "desk:paper:sign", (Role.MAINTAINER,), ("final",)))
    assert not any(overlapping(one, other) for one, other in combinations(rows, 2))


def test_what_everybody_may_needs_no_condition() -> None:
    assert clause_for(an_actor(Role.COORDINATOR, Role.FINDER), "desk:paper:read", table=TABLE) == EVERYTHING


def test_what_nobody_may_is_nothing() -> None:
    assert clause_for(an_actor(Role.OPERATOR), "desk:paper:read", table=TABLE) == NOTHING


def test_guards_and_states_become_conditions() -> None:
    clause = clause_for(an_actor(Role.FINDER), "desk:paper:read", table=TABLE)
    assert clause == AnyOf((AllOf((Is("organization_id", OURS),)),))
    signing = clause_for(an_actor(Role.MAINTAINER), "desk:paper:sign", table=TABLE)
    assert isinstance(signing, AnyOf) and OneOf("state", ("draft", "revised")) in signing.clauses[0].clauses  # type: ignore[union-attr]


def test_a_scope_is_a_verb_or_its_first_parts_and_nothing_that_only_begins_alike() -> None:
    actor = replace(an_actor(Role.COORDINATOR), scopes=frozenset({"desk:paper:sign", "shelf"}))
    assert actor.in_scope("desk:paper:sign") and actor.in_scope("shelf:book:read")
    assert not actor.in_scope("desk:paper:read") and not actor.in_scope("shelfish:book:read")
    assert not actor.in_scope("desk:paper:sign-off")


@pytest.mark.parametrize("role", list(Role))
def test_a_scope_narrows_every_role_in_decisions_and_in_lists(role: Role) -> None:
    row = Row("paper", "desk:paper:read", tuple(Role))
    table = Table((row,))
    whole, narrow = an_actor(role), replace(an_actor(role), scopes=frozenset({"desk:paper:sign"}))
    assert table.decide(whole, row.verb, Paper()).allowed
    verdict = table.decide(narrow, row.verb, Paper())
    assert not verdict.allowed and "in none of its scopes" in verdict.why
    assert clause_for(narrow, row.verb, table=table) == NOTHING


def test_a_coordinator_without_a_second_factor_is_told_what_is_missing() -> None:
    weak = replace(an_actor(Role.COORDINATOR), second_factor=False)
    verdict = TABLE.decide(weak, "desk:paper:read", Paper())
    assert not verdict.allowed and "before you sign in with a second factor" in verdict.why
    assert clause_for(weak, "desk:paper:read", table=TABLE) == NOTHING


def test_a_role_that_needs_no_second_factor_counts_beside_one_that_does() -> None:
    weak = replace(an_actor(Role.COORDINATOR, Role.FINDER), second_factor=False)
    assert TABLE.decide(weak, "desk:paper:read", Paper(organization_id=OURS)).allowed
    assert not TABLE.decide(weak, "desk:paper:read", Paper(organization_id=THEIRS)).allowed


def test_one_factor_is_enough_where_the_row_says_so() -> None:
    table = Table((Row("paper", "desk:paper:read", (Role.COORDINATOR,), one_factor=True),))
    weak = replace(an_actor(Role.COORDINATOR), second_factor=False)
    assert table.decide(weak, "desk:paper:read", Paper()).allowed
    assert clause_for(weak, "desk:paper:read", table=table) == EVERYTHING
