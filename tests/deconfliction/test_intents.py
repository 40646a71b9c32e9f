"""Announcing scans: who has to be seen, who is told, what is refused and why."""

from datetime import timedelta

import pytest

from clearinghouse.deconfliction.actions.intents import (
    accept_intent,
    announce_emergency,
    announce_intent,
    declare_emergency,
    draft_intent,
    end_intent,
    leave_plan,
    renew_intent,
    start_intent,
)
from clearinghouse.deconfliction.models import Intent, Place
from clearinghouse.deconfliction.queries.intents import intent_for
from clearinghouse.deconfliction.rules.lifecycle import IntentState
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import (
    Conflict,
    HeldBack,
    Malformed,
    NotFound,
    Outdated,
    Overlaps,
    StepRefused,
    Unaware,
)
from clearinghouse.ledger.models import Event
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, announced, authorised
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db


def test_a_scan_that_meets_nobody_is_accepted_and_written_down() -> None:
    made = announce_intent(a_scan(), actor=a_member(), at=NOON)
    assert made.intent.state == IntentState.ACCEPTED
    assert made.met == ()
    assert Event.objects.filter(verb="deconfliction:intent:accept", subject=str(made.intent.pk)).count() == 1


def test_whoever_meets_another_unawares_is_refused_and_told_whom() -> None:
    first = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    with pytest.raises(Unaware, match="1 that you have not seen") as missed:
        announce_intent(a_scan(window=a_window(3)), actor=a_member(), at=NOON)
    (told,) = missed.value.references
    assert (told["id"], told["version_key"]) == (first.public_id, first.version_key)
    assert told["contact"] == "mailto:ada@people.example"
    assert Intent.objects.count() == 1


def test_whoever_has_seen_whom_they_meet_is_accepted() -> None:
    first = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    made = announce_intent(a_scan(), seen=[first.version_key], actor=a_member(), at=NOON)
    assert [one.public_id for one in made.met] == [first.public_id]
    assert made.intent.acknowledged == {first.public_id: first.version_key}


def test_a_key_of_an_earlier_version_is_worth_nothing() -> None:
    owner = a_member()
    first = announce_intent(a_scan(), actor=owner, at=NOON).intent
    old = first.version_key
    renew_intent(first, NOON + 6 * HOUR, version=old, actor=owner, at=NOON)
    with pytest.raises(Unaware):
        announce_intent(a_scan(), seen=[old], actor=a_member(), at=NOON)


@pytest.mark.parametrize("start", [4, -5])
def test_windows_that_only_touch_do_not_meet(start: float) -> None:
    announce_intent(a_scan(window=a_window(0, 4)), actor=a_member(), at=NOON - 5 * HOUR)
    made = announce_intent(a_scan(window=a_window(start, 4 if start > 0 else 5)), actor=a_member(), at=NOON - 5 * HOUR)
    assert made.met == ()


def test_techniques_that_share_need_no_key_and_are_shown() -> None:
    first = announce_intent(a_scan(technique="static-analysis"), actor=a_member(), at=NOON).intent
    made = announce_intent(a_scan(technique="fuzzing"), actor=a_member(), at=NOON)
    assert [one.public_id for one in made.met] == [first.public_id]


def test_a_scan_that_ran_out_stands_in_nobodys_way_without_being_swept() -> None:
    announce_intent(a_scan(window=a_window(0, 4)), actor=a_member(), at=NOON)
    later = NOON + 4 * HOUR
    assert announce_intent(a_scan(window=a_window(4, 4)), actor=a_member(), at=later).met == ()
    assert Intent.objects.count() == 2


def test_a_scan_that_was_ended_stands_in_nobodys_way() -> None:
    scanner = a_member()
    first = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    end_intent(first, actor=scanner, at=NOON)
    assert announce_intent(a_scan(), actor=a_member(), at=NOON).met == ()
    assert not Place.objects.filter(subject_id=first.pk, ends_at__gt=NOON).exists()


def test_an_overlapping_scan_of_ones_own_is_refused() -> None:
    scanner = a_member()
    first = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    with pytest.raises(Overlaps, match=first.public_id):
        announce_intent(a_scan(window=a_window(1)), actor=scanner, at=NOON)


def test_ones_own_scan_by_another_technique_is_no_overlap() -> None:
    scanner = a_member()
    announce_intent(a_scan(technique="static-analysis"), actor=scanner, at=NOON)
    assert announce_intent(a_scan(technique="fuzzing"), actor=scanner, at=NOON).met == ()


def test_drafts_are_seen_by_nobody_else_and_stand_in_nobodys_way() -> None:
    scanner, other = a_member(), a_member()
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    assert announce_intent(a_scan(), actor=other, at=NOON).met == ()
    with pytest.raises(NotFound):
        intent_for(other, draft.public_id)
    assert intent_for(scanner, draft.public_id) == draft


def test_a_draft_that_is_taken_back_is_seen_by_nobody_else_either() -> None:
    scanner, other = a_member(), a_member()
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    end_intent(draft, actor=scanner, at=NOON)
    with pytest.raises(NotFound):
        intent_for(other, draft.public_id)
    assert intent_for(scanner, draft.public_id).state == IntentState.ENDED


def test_a_draft_is_accepted_as_if_it_were_announced_then() -> None:
    scanner = a_member()
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    other = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    with pytest.raises(Unaware):
        accept_intent(draft, actor=scanner, at=NOON)
    made = accept_intent(draft, seen=[other.version_key], actor=scanner, at=NOON)
    assert made.intent.state == IntentState.ACCEPTED
    with pytest.raises(Unaware):
        announce_intent(a_scan(), seen=[other.version_key], actor=a_member(), at=NOON)


def test_a_draft_whose_window_is_over_is_not_accepted() -> None:
    scanner = a_member()
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    with pytest.raises(Malformed, match="starts"):
        accept_intent(draft, actor=scanner, at=NOON + HOUR)


def test_beginning_needs_no_key_for_what_was_seen_when_it_was_accepted() -> None:
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    scanner = a_member()
    made = announced(a_scan(), scanner)
    assert start_intent(made.intent, actor=scanner, at=NOON).intent.began_at == NOON


def test_a_scan_begins_in_its_window_alone() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(window=a_window(2, 2)), actor=scanner, at=NOON).intent
    with pytest.raises(StepRefused, match="begins"):
        start_intent(intent, actor=scanner, at=NOON)
    with pytest.raises(StepRefused, match="over"):
        start_intent(intent, actor=scanner, at=NOON + 4 * HOUR)


def test_leaving_the_plan_needs_no_key_tells_everyone_and_has_to_be_seen_anew() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    other = announced(a_scan(), a_member()).intent
    key = intent.version_key
    made = leave_plan(intent, why="it scans more than was said", actor=scanner, at=NOON)
    assert made.intent.state == IntentState.OFF_PLAN
    assert [one.public_id for one in made.met] == [other.public_id]
    with pytest.raises(Unaware):
        announce_intent(a_scan(), seen=[key, other.version_key], actor=a_member(), at=NOON)


def test_an_emergency_needs_no_key_and_tells_everyone() -> None:
    first = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    made = announce_emergency(a_scan(), why="exploited in the wild", actor=a_member(), at=NOON)
    assert made.intent.state == IntentState.EMERGENCY
    assert [one.public_id for one in made.met] == [first.public_id]


def test_an_emergency_says_why_and_begins_now() -> None:
    with pytest.raises(Malformed, match="why"):
        announce_emergency(a_scan(), why=" ", actor=a_member(), at=NOON)
    with pytest.raises(Malformed, match="now"):
        announce_emergency(a_scan(window=a_window(2)), why="soon", actor=a_member(), at=NOON)


def test_an_emergency_can_be_declared_of_a_draft_and_of_what_runs() -> None:
    scanner = a_member()
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    assert declare_emergency(draft, why="now", actor=scanner, at=NOON).intent.state == IntentState.EMERGENCY
    assert set(Place.objects.filter(subject_id=draft.pk).values_list("ends_at", flat=True)) == {draft.ends_at}


def test_back_on_the_plan_needs_the_key_again() -> None:
    scanner = a_member()
    intent = announce_emergency(a_scan(), why="now", actor=scanner, at=NOON).intent
    other = announced(a_scan(), a_member()).intent
    with pytest.raises(Unaware):
        start_intent(intent, actor=scanner, at=NOON)
    assert start_intent(intent, seen=[other.version_key], actor=scanner, at=NOON).intent.state == IntentState.ACTIVE


def test_renewing_moves_the_window_and_asks_whom_it_meets_then() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(window=a_window(0, 4)), actor=scanner, at=NOON).intent
    other = announce_intent(a_scan(window=a_window(4, 4)), actor=a_member(), at=NOON).intent
    with pytest.raises(Unaware):
        renew_intent(intent, NOON + 6 * HOUR, version=intent.version_key, actor=scanner, at=NOON + HOUR)
    made = renew_intent(
        intent,
        NOON + 6 * HOUR,
        version=intent.version_key,
        seen=[other.version_key],
        actor=scanner,
        at=NOON + HOUR,
    )
    assert (made.intent.starts_at, made.intent.ends_at) == (NOON + HOUR, NOON + 6 * HOUR)
    assert set(Place.objects.filter(subject_id=intent.pk).values_list("ends_at", flat=True)) == {NOON + 6 * HOUR}


def test_renewing_by_an_old_version_is_refused() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    old = intent.version_key
    renew_intent(intent, NOON + 5 * HOUR, version=old, actor=scanner, at=NOON)
    with pytest.raises(Outdated):
        renew_intent(intent, NOON + 6 * HOUR, version=old, actor=scanner, at=NOON)


def test_what_ran_out_is_not_renewed() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(window=a_window(0, 4)), actor=scanner, at=NOON).intent
    with pytest.raises(StepRefused, match="anew"):
        renew_intent(intent, NOON + 8 * HOUR, version=intent.version_key, actor=scanner, at=NOON + 4 * HOUR)


def test_the_same_request_sent_again_is_answered_the_same_and_kept_once() -> None:
    scanner = a_member()
    first = announce_intent(a_scan(), request_key="a", actor=scanner, at=NOON)
    again = announce_intent(a_scan(), request_key="a", actor=scanner, at=NOON)
    assert again.intent == first.intent
    assert Intent.objects.count() == 1


def test_a_request_key_used_for_something_else_is_refused() -> None:
    scanner = a_member()
    announce_intent(a_scan(), request_key="a", actor=scanner, at=NOON)
    with pytest.raises(Conflict, match="something else"):
        announce_intent(a_scan("pkg:pypi/other"), request_key="a", actor=scanner, at=NOON)


def test_a_live_scan_names_where_it_comes_from() -> None:
    owner, scanner = an_owner("203.0.113.0/24")[0], a_member()
    authorised(owner, scanner, "203.0.113.0/24")
    with pytest.raises(Malformed, match="comes from"):
        announce_intent(
            a_scan("203.0.113.0/28", technique="active-network-scanning", sources=()), actor=scanner, at=NOON
        )


def test_a_window_without_end_is_a_window_of_thirty_days_at_most() -> None:
    with pytest.raises(Malformed, match="30"):
        announce_intent(a_scan(window=Window(NOON, NOON + timedelta(days=31))), actor=a_member(), at=NOON)


def test_an_emergency_on_a_live_system_needs_the_owner_all_the_same() -> None:
    with pytest.raises(HeldBack, match="owner"):
        announce_emergency(
            a_scan("203.0.113.0/28", technique="agentic-exploitation-live"), why="now", actor=a_member(), at=NOON
        )
