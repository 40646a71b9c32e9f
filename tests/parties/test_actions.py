"""Tests of clearinghouse/parties/actions.py."""

from datetime import timedelta

import pytest

from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted, Refused, SignInNeeded
from clearinghouse.ledger.models import Entry, Event, Head
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.parties import actions
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.models import Membership, Organization, Person, Token
from clearinghouse.parties.queries import actor_for_person, actor_for_token, open_invitation
from clearinghouse.permissions.rules import Role
from tests.parties.makers import ADMINISTRATOR, NOON, PASSWORD, a_person, a_token, an_organization

pytestmark = pytest.mark.django_db


def test_the_first_call_founds_the_local_organization_and_writes_it_down() -> None:
    actor = local_actor(at=NOON)
    assert Organization.objects.get().pk == actor.organization
    sequence_all()
    assert Entry.objects.count() == Head.objects.get().size == 1


def test_a_second_call_changes_nothing() -> None:
    assert local_actor(at=NOON) == local_actor(at=NOON)
    assert Event.objects.count() == 1


def test_the_local_actor_sees_its_organization() -> None:
    assert Organization.objects.visible_to(local_actor(at=NOON)).count() == 1


def test_two_organizations_cannot_have_one_name() -> None:
    actions.found_organization("one", actor=ADMINISTRATOR, at=NOON)
    with pytest.raises(Conflict, match="choose another name"):
        actions.found_organization("one", actor=ADMINISTRATOR, at=NOON)


def test_an_organization_gets_another_name_that_nobody_else_has() -> None:
    first, other = (actions.found_organization(name, actor=ADMINISTRATOR, at=NOON) for name in ("local", "Office"))
    for name, refusal in (("Office", Conflict), (" ", Malformed)):
        with pytest.raises(refusal):
            actions.rename_organization(first, name, actor=ADMINISTRATOR, at=NOON)
    with pytest.raises((NotFound, NotPermitted)):
        actions.rename_organization(other, "mine", actor=actor_for_person(a_person(Role.COORDINATOR)), at=NOON)
    actions.rename_organization(first, "Response Team", actor=ADMINISTRATOR, at=NOON)
    assert Organization.objects.get(pk=first.pk).name == "Response Team"
    assert Event.objects.filter(subject=str(first.pk)).count() == 2


def test_whoever_has_the_link_signs_up_with_the_role_it_was_made_for() -> None:
    person = a_person(Role.MAINTAINER)
    assert actor_for_person(person).roles == {Role.MAINTAINER}
    assert person.check_password(PASSWORD) and PASSWORD not in person.password
    said = [event.body for event in Event.objects.filter(verb="parties:invitation:accept")]
    assert len(said) == 1 and person.email.encode() not in bytes(said[0] or b"")


def test_a_link_is_good_once() -> None:
    email = "one@people.example"
    _, secret = actions.make_invitation(an_organization(), Role.FINDER, email=email, actor=ADMINISTRATOR, at=NOON)
    actions.accept_invitation(secret, email=email, name="One", password=PASSWORD, at=NOON)
    with pytest.raises(NotFound):
        actions.accept_invitation(secret, email=email, name="Two", password=PASSWORD, at=NOON)
    assert Person.objects.count() == 1


def test_a_link_ends_by_time_and_when_it_is_withdrawn() -> None:
    home = an_organization()
    invitation, secret = actions.make_invitation(home, Role.FINDER, email="a@b.example", actor=ADMINISTRATOR, at=NOON)
    with pytest.raises(NotFound):
        open_invitation(secret, at=NOON + timedelta(days=7))
    actions.withdraw_invitation(invitation, actor=ADMINISTRATOR, at=NOON)
    with pytest.raises(NotFound):
        open_invitation(secret, at=NOON)
    with pytest.raises(Conflict):
        actions.withdraw_invitation(invitation, actor=ADMINISTRATOR, at=NOON)


def test_everything_wrong_with_a_sign_up_is_said_at_once() -> None:
    taken = a_person().email
    _, secret = actions.make_invitation(
        an_organization(), Role.FINDER, email="other@people.example", actor=ADMINISTRATOR, at=NOON
    )
    with pytest.raises(Refused) as refused:
        actions.accept_invitation(secret, email=taken.upper(), name="", password="short", at=NOON)
    assert {one.field for one in refused.value.problems} == {"email", "name", "password"}
    assert open_invitation(secret, at=NOON).accepted_at is None, "a refused sign-up does not use up the link"


def test_a_link_does_not_tell_which_other_addresses_have_an_account() -> None:
    taken, said = a_person().email, []
    for email in (taken, "free@people.example"):
        _, secret = actions.make_invitation(
            an_organization(), Role.FINDER, email="other@people.example", actor=ADMINISTRATOR, at=NOON
        )
        with pytest.raises(Refused) as refused:
            actions.accept_invitation(secret, email=email, name="Ada", password=PASSWORD, at=NOON)
        said.append(refused.value.problems)
    assert said[0] == said[1]
    with pytest.raises(Malformed, match="name the address"):
        actions.make_invitation(an_organization(), Role.FINDER, actor=ADMINISTRATOR, at=NOON)


def test_nobody_is_invited_as_the_programme_itself() -> None:
    with pytest.raises(Malformed):
        actions.make_invitation(an_organization(), Role.CLEARINGHOUSE, actor=ADMINISTRATOR, at=NOON)


def test_only_administrators_invite_and_grant() -> None:
    finder = actor_for_person(person := a_person())
    with pytest.raises(NotPermitted):
        actions.make_invitation(an_organization(), Role.ADMINISTRATOR, actor=finder, at=NOON)
    with pytest.raises(NotPermitted):
        actions.grant_membership(person, an_organization(), Role.COORDINATOR, actor=finder, at=NOON)


def test_the_first_administrator_is_invited_until_there_is_one() -> None:
    first, second = (actions.invite_first_administrator(at=NOON) for _ in range(2))
    assert first and second
    with pytest.raises(NotFound):
        open_invitation(first, at=NOON)
    actions.accept_invitation(second, email="a@people.example", name="A", password=PASSWORD, at=NOON)
    assert actions.invite_first_administrator(at=NOON) is None


def test_the_office_is_named_until_somebody_administers_the_installation() -> None:
    for named, called in (("", "local"), (" CERT Example ", "CERT Example"), ("", "CERT Example")):
        secret = actions.invite_first_administrator(at=NOON, office=named)
        assert secret and open_invitation(secret, at=NOON).organization.name == called
    an_organization("Upstream")
    with pytest.raises(Conflict, match="choose another name"):
        actions.invite_first_administrator(at=NOON, office="Upstream")
    secret = actions.invite_first_administrator(at=NOON)
    assert secret
    actions.accept_invitation(secret, email="a@people.example", name="A", password=PASSWORD, at=NOON)
    assert actions.invite_first_administrator(at=NOON, office="Later") is None
    assert not Organization.objects.filter(name="Later").exists()


def test_a_membership_is_had_once_and_ends_at_once() -> None:
    home = an_organization()
    person = a_person(Role.FINDER, Role.MAINTAINER, organization=home)
    secret = a_token(person, "parties")
    with pytest.raises(Conflict):
        actions.grant_membership(person, home, Role.FINDER, actor=ADMINISTRATOR, at=NOON)
    actions.end_membership(Membership.objects.get(role=Role.MAINTAINER), actor=ADMINISTRATOR, at=NOON)
    assert actor_for_person(person).roles == {Role.FINDER} == actor_for_token(secret, at=NOON).roles


def test_a_closed_account_and_its_tokens_hold_no_more() -> None:
    person = a_person()
    secret = a_token(person, "parties")
    actions.close_person(person, actor=ADMINISTRATOR, at=NOON)
    with pytest.raises(SignInNeeded):
        actor_for_token(secret, at=NOON)
    with pytest.raises(SignInNeeded):
        actor_for_person(Person.objects.get())
    with pytest.raises(Conflict):
        actions.close_person(person, actor=ADMINISTRATOR, at=NOON)


def test_whoever_lost_every_way_to_sign_in_is_invited_anew_and_gets_nothing_of_the_old_account() -> None:
    home = an_organization()
    person = a_person(Role.COORDINATOR, organization=home, email="mia@upstream.example")
    actions.close_person(person, actor=ADMINISTRATOR, at=NOON)
    _, secret = actions.make_invitation(home, Role.FINDER, email="mia@upstream.example", actor=ADMINISTRATOR, at=NOON)
    again = actions.accept_invitation(secret, email="mia@upstream.example", name="Mia", password=PASSWORD, at=NOON)
    assert again.pk != person.pk and actor_for_person(again).roles == {Role.FINDER}


def test_the_last_administrators_account_is_closed_from_where_the_server_stands_alone() -> None:
    person = a_person(Role.ADMINISTRATOR)
    with pytest.raises(Conflict, match="nobody would administer"):
        actions.close_person(person, actor=ADMINISTRATOR, at=NOON)
    assert Person.objects.get().is_active and actions.invite_first_administrator(at=NOON) is None
    actions.close_person(person, actor=actions.local_actor(at=NOON), at=NOON)
    assert actions.invite_first_administrator(at=NOON) is not None


def test_a_token_is_kept_as_its_hash_and_ends_when_revoked() -> None:
    person = a_person()
    secret = a_token(person, "findings:finding:read")
    token = Token.objects.get()
    assert secret.startswith("ch_") and secret not in str(vars(token))
    actions.revoke_token(token, actor=actor_for_person(person), at=NOON)
    with pytest.raises(SignInNeeded):
        actor_for_token(secret, at=NOON)
    with pytest.raises(Conflict):
        actions.revoke_token(token, actor=actor_for_person(person), at=NOON)


def test_a_token_of_somebody_else_is_not_there() -> None:
    a_token(a_person(), "parties")
    with pytest.raises(NotFound):
        actions.revoke_token(Token.objects.get(), actor=actor_for_person(a_person()), at=NOON)


def test_a_token_issues_no_token() -> None:
    person = a_person()
    narrow = actor_for_token(a_token(person, "parties"), at=NOON)
    with pytest.raises(NotPermitted, match="a token cannot do this"):
        actions.issue_token("wider", scopes=["parties"], expires_at=NOON + timedelta(1), actor=narrow, at=NOON)


def test_the_local_actor_has_no_account_and_so_no_token() -> None:
    with pytest.raises(NotPermitted, match="sign up first"):
        actions.issue_token(
            "x", scopes=["parties"], expires_at=NOON + timedelta(1), actor=local_actor(at=NOON), at=NOON
        )


def test_a_scope_that_stands_for_nothing_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="'case'"):
        a_token(a_person(), "cases", "case")


def test_scopes_that_would_show_nothing_are_refused_with_what_they_lack() -> None:
    with pytest.raises(
        Refused, match=r"\(read cases\) shows nothing without findings:finding:read \(read reports\), valid"
    ):
        a_token(a_person(), "cases")
    with pytest.raises(
        Refused, match=r"nothing without cases:join:read \([^)]+\), validation:validation:read"
    ) as refused:
        a_token(a_person(), "cases:case:read", "findings")
    assert [(one.code, one.fix) for one in refused.value.problems] == [("scope-incomplete", "name these too")]
    assert a_token(a_person(), "cases", "findings", "validation") and a_token(a_person(), "cases:case:confirm")
