"""An organization that leaves: what stood ends, what stood on its word is halted, and on wish nothing stays."""

import pytest
from django.apps import apps

from clearinghouse.deconfliction.actions.intents import announce_intent, draft_intent
from clearinghouse.deconfliction.actions.interchange import bring_in
from clearinghouse.deconfliction.actions.leaving import end_scans, erase_scans, what_was_announced
from clearinghouse.deconfliction.actions.owners import state_constraint
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription
from clearinghouse.deconfliction.models import Authorisation, Constraint, Intent, Ownership, Place
from clearinghouse.deconfliction.rules.interchange import claim
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, IntentState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.errors import Overlaps
from tests.deconfliction.makers import a_member, a_scan, an_owner, authorised, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db


def test_whatever_stood_ends_and_what_stood_on_its_word_is_halted() -> None:
    owner, _ = an_owner("203.0.113.0/24")
    scanner = a_member()
    authorised(owner, scanner, "203.0.113.0/24")
    by_word = announce_intent(
        a_scan("203.0.113.0/28", technique="active-network-scanning"), actor=scanner, at=NOON
    ).intent
    state_constraint(
        home_of(owner), ConstraintKind.DO_NOT_SCAN, target_from_text("203.0.113.64/28"), actor=owner, at=NOON
    )
    ours = announce_intent(a_scan(), actor=owner, at=NOON).intent
    end_scans(home_of(owner), actor=owner, at=NOON)
    for intent in (by_word, ours):
        intent.refresh_from_db()
        assert intent.state == IntentState.ENDED
    assert not Place.objects.filter(ends_at__gt=NOON).exists()


def test_every_kind_of_row_that_is_an_organizations_goes_back_and_goes() -> None:
    member, other = a_member(), a_member()
    announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=other, at=NOON)
    announce_intent(a_scan(), actor=member, at=NOON)
    with pytest.raises(Overlaps):
        announce_intent(a_scan(), actor=member, at=NOON)
    bring_in(claim("a" * 64, contact="c"), actor=member, at=NOON)
    watch = begin_subscription(target_from_text("pkg:pypi/pyyaml"), actor=member, at=NOON)
    end_scans(home_of(member), actor=member, at=NOON)
    watch.refresh_from_db()
    assert (watch.state, watch.cells.count()) == ("ended", 0)
    kinds = {name.split("/")[1] for name, _ in what_was_announced(home_of(member))}
    assert kinds == {"attempt", "foreign-record", "intent", "meeting", "subscription"}
    assert Place.objects.filter(subject_id__in=Intent.objects.filter(organization=home_of(member))).exists()
    assert {kind for kind, _ in erase_scans(home_of(member))} == kinds
    assert set(Place.objects.values_list("subject_id", flat=True)) == set(Intent.objects.values_list("pk", flat=True))
    of_an_organization = [
        model
        for model in apps.get_app_config("deconfliction").get_models()
        if any(field.name == "organization" for field in model._meta.get_fields())
    ]
    assert len(of_an_organization) == 11
    assert not any(model._base_manager.filter(organization=home_of(member)).exists() for model in of_an_organization)


def test_it_goes_back_and_nothing_of_it_stays() -> None:
    owner, _ = an_owner("203.0.113.0/24")
    authorised(owner, a_member(), "203.0.113.0/24")
    draft_intent(a_scan(), actor=owner, at=NOON)
    others = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    end_scans(home_of(owner), actor=owner, at=NOON)
    given_back = dict(what_was_announced(home_of(owner)))
    assert sorted(name.split("/")[1] for name in given_back) == ["authorisation", "intent", "ownership"]
    assert len(erase_scans(home_of(owner))) == 3
    assert list(Intent.objects.all()) == [others]
    assert not (Authorisation.objects.exists() or Constraint.objects.exists() or Ownership.objects.exists())
