"""Tests of clearinghouse/parties/queries.py."""

from datetime import timedelta

import pytest

from clearinghouse.errors import NotFound, SignInNeeded
from clearinghouse.parties import queries
from clearinghouse.parties.actions import grant_membership
from clearinghouse.parties.queries import actor_for_person, actor_for_token
from clearinghouse.permissions.rules import Role
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, a_token, an_organization

pytestmark = pytest.mark.django_db


def test_a_person_acts_for_one_organization_at_a_time() -> None:
    person = a_person(Role.FINDER)
    other = an_organization()
    grant_membership(person, other, Role.MAINTAINER, actor=ADMINISTRATOR, at=NOON + timedelta(1))
    assert actor_for_person(person).roles == {Role.FINDER}
    there = actor_for_person(person, organization=other.pk)
    assert there.roles == {Role.MAINTAINER} and there.organization == other.pk


def test_an_organization_to_which_one_does_not_belong_gives_nothing() -> None:
    stranger = actor_for_person(a_person(Role.COORDINATOR), organization=an_organization().pk)
    assert not stranger.roles and stranger.organization is None


@pytest.mark.parametrize("secret", ["", "ch_", "ch_unknown", "\udcff", "Bearer x"])
def test_what_is_no_token_holds_for_nobody(secret: str) -> None:
    with pytest.raises(SignInNeeded):
        actor_for_token(secret, at=NOON)


def test_a_token_holds_until_its_end_and_not_at_it() -> None:
    secret = a_token(a_person(), "parties")
    assert actor_for_token(secret, at=NOON + timedelta(hours=23, minutes=59)).scopes == frozenset({"parties"})
    with pytest.raises(SignInNeeded):
        actor_for_token(secret, at=NOON + timedelta(days=1))


@pytest.mark.parametrize("strong", [True, False])
def test_a_token_carries_the_second_factor_with_which_it_was_issued(strong: bool) -> None:  # noqa: FBT001
    secret = a_token(a_person(Role.FINDER), "parties", second_factor=strong)
    assert actor_for_token(secret, at=NOON).second_factor is strong


def test_whoever_signs_in_sees_themself_and_nobody_else() -> None:
    one, other = a_person(), a_person()
    assert queries.person_for(actor_for_person(one), one.pk) == one
    with pytest.raises(NotFound):
        queries.person_for(actor_for_person(one), other.pk)


def test_a_coordinator_sees_others_with_a_second_factor_only() -> None:
    coordinator, other = a_person(Role.COORDINATOR), a_person()
    weak, strong = (actor_for_person(coordinator, second_factor=shown) for shown in (False, True))
    assert queries.person_for(weak, coordinator.pk) == coordinator
    with pytest.raises(NotFound):
        queries.person_for(weak, other.pk)
    assert queries.person_for(strong, other.pk) == other


def test_tokens_and_organizations_of_others_are_not_there() -> None:
    one, other = a_person(), a_person()
    a_token(one, "parties")
    mine, theirs = actor_for_person(one), actor_for_person(other)
    token = next(iter(queries.tokens_for(mine)))
    assert queries.token_for(mine, token.pk) == token and not list(queries.tokens_for(theirs))
    with pytest.raises(NotFound):
        queries.token_for(theirs, token.pk)
    with pytest.raises(NotFound):
        queries.organization_for(theirs, token.organization_id)
    assert queries.organization_for(mine, token.organization_id).pk == mine.organization
