"""Who meets whom: by other names, in confidence, in silence; and looking without announcing."""

from datetime import timedelta

import pytest

from clearinghouse.deconfliction.actions.availability import say_availability
from clearinghouse.deconfliction.actions.intents import (
    announce_intent,
    end_intent,
    halt_intent,
    start_intent,
)
from clearinghouse.deconfliction.actions.mappings import add_mapping, withdraw_mapping
from clearinghouse.deconfliction.models import Meeting
from clearinghouse.deconfliction.queries.intents import intent_for, intents_for, standing_for
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.lifecycle import Answering, IntentState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_of
from clearinghouse.errors import (
    Malformed,
    NotFound,
    NotPermitted,
    Unaware,
)
from clearinghouse.ledger.models import Event
from clearinghouse.permissions.rules import Role
from tests.deconfliction.makers import a_member, a_scan, an_owner, announced, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db


def test_a_confidential_scan_is_outside_the_key_and_both_see_each_other_once_they_have_met() -> None:
    hidden_scanner, other, third = a_member(), a_member(), a_member()
    hidden = announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=hidden_scanner, at=NOON).intent
    assert look(a_scan(), actor=other, at=NOON).met == ()
    made = announce_intent(a_scan(), actor=other, at=NOON)
    assert [one.public_id for one in made.met] == [hidden.public_id]
    assert intent_for(other, hidden.public_id) == hidden
    with pytest.raises(NotFound):
        intent_for(third, hidden.public_id)
    kept = Event.objects.get(verb="deconfliction:intent:accept", subject=str(made.intent.pk))
    assert hidden.public_id.encode() in bytes(kept.body or b"")


def test_a_confidential_scan_lets_itself_be_seen_by_those_it_meets() -> None:
    first = announce_intent(a_scan(), actor=(other := a_member()), at=NOON).intent
    hidden = announced(a_scan(visibility=Visibility.THOSE_MET), a_member()).intent
    assert intent_for(other, hidden.public_id) == hidden
    assert Meeting.objects.filter(intent=hidden, organization=first.organization_id).exists()


def test_after_having_met_a_confidential_scan_is_in_the_key() -> None:
    scanner = a_member()
    hidden = announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON).intent
    end_intent(announce_intent(a_scan(), actor=scanner, at=NOON).intent, actor=scanner, at=NOON)
    with pytest.raises(Unaware) as missed:
        announce_intent(a_scan(), actor=scanner, at=NOON)
    assert missed.value.references[0]["id"] == hidden.public_id


def test_the_owner_of_what_a_confidential_scan_is_about_sees_it() -> None:
    owner, _ = an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    hidden = announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON).intent
    assert intent_for(owner, hidden.public_id) == hidden


def test_an_owner_who_comes_on_record_later_sees_it_too() -> None:
    hidden = announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON).intent
    owner, _ = an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    assert intent_for(owner, hidden.public_id) == hidden


def test_scans_that_a_silent_participant_has_not_begun_block_nobody() -> None:
    silent = a_member()
    announce_intent(a_scan(), actor=silent, at=NOON)
    office = a_member(Role.COORDINATOR)
    say_availability(home_of(silent), Answering.DOWN, why="three calls, no answer", actor=office, at=NOON)
    assert announce_intent(a_scan(), actor=a_member(), at=NOON).met == ()


def test_scans_that_a_silent_participant_has_begun_still_have_to_be_seen() -> None:
    silent = a_member()
    start_intent(announce_intent(a_scan(), actor=silent, at=NOON).intent, actor=silent, at=NOON)
    say_availability(home_of(silent), Answering.DOWN, actor=a_member(Role.COORDINATOR), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan(), actor=a_member(), at=NOON)


def test_whoever_answers_again_has_to_see_what_was_accepted_meanwhile_before_beginning() -> None:
    silent = a_member()
    late = announce_intent(a_scan(), actor=silent, at=NOON).intent
    say_availability(home_of(silent), Answering.DOWN, actor=a_member(Role.COORDINATOR), at=NOON)
    other = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    say_availability(home_of(silent), Answering.NORMAL, actor=silent, at=NOON)
    with pytest.raises(Unaware):
        start_intent(late, actor=silent, at=NOON)
    assert start_intent(late, seen=[other.version_key], actor=silent, at=NOON).intent.state == IntentState.ACTIVE


def test_what_is_said_again_stands_since_it_was_said_first() -> None:
    silent = a_member()
    for minutes, why in ((0, "away"), (5, "away"), (9, "still away")):
        at = NOON + timedelta(minutes=minutes)
        said = say_availability(home_of(silent), Answering.DOWN, why=why, actor=silent, at=at)
        assert (said.since_at, said.why) == (NOON, why)
    assert Event.objects.filter(verb="deconfliction:availability:say").count() == 2
    with pytest.raises(Malformed, match="at most 2000"):
        say_availability(home_of(silent), Answering.DOWN, why="x" * 2_001, actor=silent, at=NOON)


def test_nobody_says_of_others_that_they_do_not_answer_but_the_office() -> None:
    with pytest.raises(NotPermitted):
        say_availability(home_of(a_member()), Answering.DOWN, actor=a_member(), at=NOON)


def test_a_scan_of_a_repository_meets_a_scan_of_the_package_that_is_built_from_it() -> None:
    add_mapping("pkg:pypi/pyyaml", "https://github.com/yaml/pyyaml.git", folder="lib", actor=a_member(), at=NOON)
    announce_intent(a_scan("pkg:pypi/pyyaml"), actor=a_member(), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan("https://github.com/YAML/pyyaml"), actor=a_member(), at=NOON)
    outside = target_of({"kind": "repository", "url": "https://github.com/yaml/pyyaml", "paths": "docs"})
    assert announce_intent(a_scan(outside), actor=a_member(), at=NOON).met == ()


def test_a_mapping_that_is_added_later_counts_for_what_stands() -> None:
    announce_intent(a_scan("https://github.com/yaml/pyyaml"), actor=a_member(), at=NOON)
    mapping = add_mapping("pkg:pypi/pyyaml", "https://github.com/yaml/pyyaml", actor=(adder := a_member()), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan("pkg:pypi/pyyaml"), actor=a_member(), at=NOON)
    withdraw_mapping(mapping, actor=adder, at=NOON)
    assert announce_intent(a_scan("pkg:pypi/pyyaml"), actor=a_member(), at=NOON).met == ()


def test_two_packages_of_one_folder_meet() -> None:
    for package in ("pkg:pypi/one", "pkg:npm/one"):
        add_mapping(package, "https://example.org/one", actor=a_member(), at=NOON)
    announce_intent(a_scan("pkg:pypi/one"), actor=a_member(), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan("pkg:npm/one"), actor=a_member(), at=NOON)


def test_a_purl_that_is_an_address_meets_its_repository() -> None:
    announce_intent(a_scan("pkg:github/yaml/pyyaml"), actor=a_member(), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan("https://github.com/yaml/pyyaml"), actor=a_member(), at=NOON)
    announce_intent(a_scan("https://github.com/other/thing"), actor=a_member(), at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan("pkg:github/other/thing"), actor=a_member(), at=NOON)


def test_looking_writes_nothing_and_refuses_what_could_not_be_announced() -> None:
    first = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    before = Event.objects.count()
    found = look(a_scan(), actor=a_member(), at=NOON)
    assert [one.public_id for one in found.met] == [first.public_id]
    assert Event.objects.count() == before
    with pytest.raises(NotPermitted):
        look(a_scan(), actor=a_member(Role.SOC), at=NOON)


def test_the_office_halts_a_scan_and_says_why() -> None:
    intent = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    halt_intent(intent, why="it broke a mirror", actor=a_member(Role.COORDINATOR), at=NOON)
    assert intent.state == IntentState.ENDED
    assert announce_intent(a_scan(), actor=a_member(), at=NOON).met == ()


def test_lists_show_what_stands_now() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    assert list(standing_for(a_member(), at=NOON)) == [intent]
    assert list(standing_for(a_member(), at=NOON + timedelta(days=1))) == []
    assert list(intents_for(a_member())) == [intent]
