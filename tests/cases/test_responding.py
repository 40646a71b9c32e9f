"""What those at the table of a case do with it, on real rows."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clearinghouse.artefacts import Artefacts, digest_of
from clearinghouse.cases import actions, responding
from clearinghouse.cases.models import Case, Embargo, Fix, Response
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.cases.queries.due import due_fixes, due_joins
from clearinghouse.cases.queries.order import order_of_work
from clearinghouse.cases.queries.table import embargo_for, fixes_for, response_for, responses_for
from clearinghouse.cases.rules.embargo import Silence
from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState, FixState, ResponseState
from clearinghouse.cases.rules.order import URGENCY
from clearinghouse.cases.rules.policy import Band
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.errors import Malformed, NotFound, NotPermitted, Outdated, Refused, StepRefused
from clearinghouse.findings.models import Finding
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.validation.diffs import parse_diff
from clearinghouse.validation.rules import Grade, PatchSaid
from tests.cases.makers import NOON
from tests.cases.rows import PATCH, a_finding, a_judgement, a_patch_result, ids

pytestmark = pytest.mark.django_db

NEW_ID = ids()
OTHER = Actor(UUID(int=7), "Grace", frozenset({Role.COORDINATOR}), UUID(int=8), second_factor=True)
FINDER = Actor(UUID(int=9), "Ada", frozenset({Role.FINDER}), UUID(int=8))
FIX = PATCH.replace("570,7 +570,7", "570,5 +570,5").encode()
IN_A_MONTH = NOON + timedelta(days=30)


@pytest.fixture
def store(tmp_path: Path, settings: object) -> Artefacts:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return Artefacts(tmp_path / "artefacts")


def a_case(store: Artefacts, grade: Grade = Grade.A, **report: object) -> Case:
    a_finding(store, judgement=a_judgement(grade=grade), report={"public": {"value": "no", "evidence": []}, **report})
    actions.join_findings(artefacts=store, new_id=NEW_ID, actor=CLEARINGHOUSE, at=NOON)
    return cases_for(LOCAL).get()


def say(case: Case, said: ResponseSaid, store: Artefacts, *, actor: Actor = LOCAL, **words: str) -> Response:
    return responding.respond(case, said, **words, artefacts=store, new_id=NEW_ID, actor=actor, at=NOON)


def state_of(case: Case) -> str:
    case.refresh_from_db()
    return case.state


def silence_of(case: Case) -> Silence:
    (standing,) = order_of_work(LOCAL, at=NOON)
    assert standing.case == case
    return standing.embargo.silence


def verbs() -> set[str]:
    return set(Event.objects.values_list("verb", flat=True))


def test_a_dispute_puts_a_proven_case_before_a_person_and_its_withdrawal_takes_it_back(store: Artefacts) -> None:
    case = a_case(store)
    said = say(case, ResponseSaid.DISPUTED, store, why="this input is trusted by design")
    assert state_of(case) == CaseState.TO_CONFIRM
    responding.withdraw_response(said, why="we looked again", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)
    assert state_of(case) == CaseState.OPEN
    assert {"cases:response:give", "cases:response:withdraw", "cases:case:doubt", "cases:case:confirm"} <= verbs()


def test_a_dispute_without_a_reason_and_a_known_flaw_without_a_name_are_refused(store: Artefacts) -> None:
    case = a_case(store)
    with pytest.raises(Refused) as refused:
        say(case, ResponseSaid.DISPUTED, store)
    assert [one.code for one in refused.value.problems] == ["reason-missing"]
    with pytest.raises(Refused) as refused:
        say(case, ResponseSaid.ALREADY_KNOWN, store, why="old news")
    assert [one.code for one in refused.value.problems] == ["reference-missing"]
    assert not Response.objects.exists()


def test_a_maintainers_confirmation_carries_a_case_whose_reports_alone_would_not(store: Artefacts) -> None:
    case = a_case(store, Grade.B)
    assert state_of(case) == CaseState.TO_CONFIRM
    say(case, ResponseSaid.CONFIRMED, store)
    assert state_of(case) == CaseState.OPEN


def test_what_was_known_before_is_kept_with_its_name(store: Artefacts) -> None:
    case = a_case(store)
    say(case, ResponseSaid.ALREADY_KNOWN, store, reference=" CVE-2020-14343 ")
    (kept,) = responses_for(LOCAL, case)
    assert (kept.reference, kept.by, state_of(case)) == ("CVE-2020-14343", "local", CaseState.OPEN)


def test_a_later_word_of_the_same_party_ends_the_earlier_one_and_leaves_those_of_others(store: Artefacts) -> None:
    case = a_case(store)
    first = say(case, ResponseSaid.DISPUTED, store, why="no")
    say(case, ResponseSaid.DISPUTED, store, why="nor for us", actor=OTHER)
    say(case, ResponseSaid.CONFIRMED, store)
    first.refresh_from_db()
    assert (first.state, first.ended_why) == (ResponseState.WITHDRAWN, "said otherwise since")
    assert state_of(case) == CaseState.TO_CONFIRM


def test_a_coordinator_overrules_a_dispute_with_a_reason_that_stays_beside_it(store: Artefacts) -> None:
    case = a_case(store)
    said = say(case, ResponseSaid.DISPUTED, store, why="no", actor=OTHER)
    with pytest.raises(Malformed, match="needs a reason"):
        responding.overrule_response(said, why=" ", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)
    responding.overrule_response(said, why="it runs commands", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)
    again = response_for(LOCAL, case, said.pk)
    assert (again.state, again.ended_why, state_of(case)) == ("overruled", "it runs commands", CaseState.OPEN)
    with pytest.raises(NotPermitted):
        responding.withdraw_response(again, why="", artefacts=store, new_id=NEW_ID, actor=OTHER, at=NOON)


def test_nobody_withdraws_what_another_person_said(store: Artefacts) -> None:
    said = say(a_case(store), ResponseSaid.CONFIRMED, store, actor=OTHER)
    with pytest.raises(NotPermitted, match="another person"):
        responding.withdraw_response(said, why="", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)


def test_whoever_has_no_seat_says_nothing_and_reads_nothing(store: Artefacts) -> None:
    case = a_case(store)
    said = say(case, ResponseSaid.CONFIRMED, store)
    with pytest.raises(NotFound):
        say(case, ResponseSaid.DISPUTED, store, why="no", actor=FINDER)
    with pytest.raises(NotFound):
        response_for(FINDER, case, said.pk)
    assert embargo_for(FINDER, case) is None


def test_a_date_is_agreed_by_two_people_and_then_decides_until_when_a_case_is_kept_quiet(store: Artefacts) -> None:
    case = a_case(store)
    embargo = responding.propose_embargo(case, IN_A_MONTH + timedelta(days=20), why="our release", actor=OTHER, at=NOON)
    with pytest.raises(NotPermitted, match="asked for it"):
        responding.accept_embargo(embargo, proposed=embargo.proposed_ends_at, actor=OTHER, at=NOON)
    responding.accept_embargo(embargo, proposed=embargo.proposed_ends_at, actor=LOCAL, at=NOON)
    (standing,) = order_of_work(LOCAL, at=NOON)
    assert (standing.embargo.silence, standing.embargo.ends_at) == (Silence.KEPT, IN_A_MONTH + timedelta(days=20))


def test_a_rejected_revision_leaves_the_date_that_was_agreed(store: Artefacts) -> None:
    case = a_case(store)
    embargo = responding.propose_embargo(case, IN_A_MONTH, actor=OTHER, at=NOON)
    with pytest.raises(NotPermitted):
        responding.propose_embargo(case, IN_A_MONTH, actor=LOCAL, at=NOON)
    responding.accept_embargo(embargo, proposed=embargo.proposed_ends_at, actor=LOCAL, at=NOON)
    later = responding.propose_embargo(case, IN_A_MONTH + timedelta(days=9), actor=LOCAL, at=NOON)
    responding.reject_embargo(later, proposed=later.proposed_ends_at, why="too long", actor=OTHER, at=NOON)
    kept = Embargo.objects.get()
    assert (kept.state, kept.ends_at, kept.proposed_ends_at) == (EmbargoState.ACTIVE, IN_A_MONTH, None)


def test_a_day_is_decided_on_only_as_it_was_read(store: Artefacts) -> None:
    case = a_case(store)
    read = responding.propose_embargo(case, IN_A_MONTH, actor=OTHER, at=NOON)
    day = read.proposed_ends_at
    Embargo.objects.update(proposed_ends_at=IN_A_MONTH + timedelta(days=30))
    for act in (responding.accept_embargo, responding.reject_embargo):
        with pytest.raises(Outdated, match="another day"):
            act(read, proposed=day, why="", actor=LOCAL, at=NOON)
    kept = Embargo.objects.get()
    assert (kept.ends_at, kept.state) == (None, EmbargoState.PROPOSED)


def test_silence_that_is_ended_early_is_ended_with_a_reason(store: Artefacts) -> None:
    case = a_case(store)
    embargo = responding.propose_embargo(case, IN_A_MONTH, actor=OTHER, at=NOON)
    responding.accept_embargo(embargo, proposed=embargo.proposed_ends_at, actor=LOCAL, at=NOON)
    assert silence_of(case) is Silence.KEPT
    with pytest.raises(Malformed, match="needs a reason"):
        responding.terminate_embargo(embargo, why="", actor=LOCAL, at=NOON)
    responding.terminate_embargo(embargo, why="it is in the news", actor=LOCAL, at=NOON)
    assert silence_of(case) is Silence.ENDED
    assert {f"cases:embargo:{step}" for step in ("propose", "accept", "terminate")} <= verbs()


@pytest.mark.parametrize("days", [0, -3, 91])
def test_a_day_that_is_past_or_too_far_away_is_refused(store: Artefacts, days: int) -> None:
    case = a_case(store)
    with pytest.raises(Malformed, match="choose a day"):
        responding.propose_embargo(case, NOON + timedelta(days=days), actor=LOCAL, at=NOON)
    assert not Embargo.objects.exists()


def test_a_fix_is_due_until_every_report_of_the_case_was_run_against_it(
    store: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case(store)
    fix = responding.hand_in_fix(case, FIX, file="own.patch", artefacts=store, actor=LOCAL, at=NOON)
    assert [one.args for one in due_fixes()] == [(str(fix.pk),)]
    said = a_patch_result(fix.digest, PatchSaid.HELD)
    monkeypatch.setattr(responding, "check_offered", lambda *_, **__: said)
    responding.check_fix(fix, None, store, actor=CLEARINGHOUSE, at=NOON)  # type: ignore[arg-type]  # nothing is run
    (kept,) = fixes_for(LOCAL, case)
    assert (kept.state, [one["said"] for one in kept.results.values()]) == (FixState.CHECKED, ["held"])
    assert not list(due_fixes())
    with pytest.raises(NotPermitted):
        responding.check_fix(kept, None, store, actor=CLEARINGHOUSE, at=NOON)  # type: ignore[arg-type]  # nothing is run


def test_work_for_a_case_presses_by_its_band(store: Artefacts) -> None:
    case = a_case(store)
    responding.hand_in_fix(case, FIX, file="own.patch", artefacts=store, actor=LOCAL, at=NOON)
    (placing,) = order_of_work(LOCAL, at=NOON)
    (due,) = due_fixes()
    assert due.urgency == URGENCY[placing.position.placed.band] != 0
    Finding.objects.update(report=Finding.objects.get().report | {"exploited": {"value": "yes", "evidence": ["seen"]}})
    (placing,) = order_of_work(LOCAL, at=NOON)
    assert placing.position.placed.band is Band.INCIDENT and [one.urgency for one in due_fixes()] == [60]


def test_a_report_that_waits_to_be_joined_presses_by_the_band_that_it_would_make(store: Artefacts) -> None:
    said = {"exploited": {"value": "yes", "evidence": ["seen"]}}
    a_finding(store, "fa-1", report=said)
    a_finding(store, "fa-2", judgement=a_judgement(target="pkg:pypi/other@1.0", fixed="pkg:pypi/other@1.1"))
    pressing = {one.args: one.urgency for one in due_joins()}
    assert pressing[("pkg:pypi/pyyaml",)] == URGENCY[Band.INCIDENT] > pressing[("pkg:pypi/other",)]


def test_the_same_fix_is_taken_in_once_and_what_is_no_patch_never(store: Artefacts) -> None:
    case = a_case(store)
    responding.hand_in_fix(case, FIX, file="own.patch", artefacts=store, actor=LOCAL, at=NOON)
    with pytest.raises(StepRefused, match="handed in before"):
        responding.hand_in_fix(case, FIX, file="other.patch", artefacts=store, actor=LOCAL, at=NOON)
    for data in (b"", b"it works now", FIX + b" " * responding.MOST_BYTES):
        with pytest.raises(Malformed):
            responding.hand_in_fix(case, data, file="own.patch", artefacts=store, actor=LOCAL, at=NOON)
    assert Fix.objects.count() == 1


def test_a_fix_is_kept_as_it_came_and_a_worker_finds_out_what_it_is(store: Artefacts) -> None:
    unreadable = FIX.replace(b"570,5 +570,5", b"570,5 +570,9")
    with pytest.raises(Malformed, match="no well-formed"):
        parse_diff(unreadable.decode())
    fix = responding.hand_in_fix(a_case(store), unreadable, file="own.patch", artefacts=store, actor=LOCAL, at=NOON)
    assert store.get(fix.digest) == unreadable and [one.args for one in due_fixes()] == [(str(fix.pk),)]


def test_nothing_is_kept_of_a_fix_by_whoever_may_hand_in_none(store: Artefacts) -> None:
    case, stranger = a_case(store), Actor(UUID(int=10), "Eve", frozenset({Role.OPERATOR}), UUID(int=8))
    for data in (b"it works now", FIX):
        with pytest.raises(NotFound):
            responding.hand_in_fix(case, data, file="own.patch", artefacts=store, actor=stranger, at=NOON)
    assert not store.has(digest_of(FIX))
