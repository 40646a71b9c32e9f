"""Joining, undoing and confirming, on real rows."""

from pathlib import Path

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions
from clearinghouse.cases.models import Case, Join, Link, Trial
from clearinghouse.cases.queries.cases import case_for, cases_for, findings_in, join_for, joins_of, links_of
from clearinghouse.cases.queries.due import due_joins, due_trials, packages_to_join
from clearinghouse.cases.queries.order import order_of_work
from clearinghouse.cases.rules.joins import case_key
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.errors import NotFound, NotPermitted, StepRefused
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.records import advance
from clearinghouse.validation.queries import judgement_of
from clearinghouse.validation.rules import Detector, FindingOutcome, Grade, Reason
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, ids, not_validated

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(tmp_path: Path, settings: object) -> Artefacts:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return Artefacts(tmp_path / "artefacts")


def joined(store: Artefacts) -> None:
    actions.join_findings(artefacts=store, new_id=NEW_ID, actor=CLEARINGHOUSE, at=NOON)


NEW_ID = ids()


def answer(store: Artefacts, ref: str, *, yes: bool) -> None:
    finding = Finding.objects.get(finder_ref=ref)
    actions.answer_question(
        finding, yes=yes, why="I read it", by="Ada", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON
    )


def undo(store: Artefacts, finding: Finding) -> Case:
    row = Join.objects.get(finding=finding, ended_at=None)
    return actions.undo_join(row, why="other root cause", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)


def test_two_reports_of_one_flaw_make_one_case_and_keep_both_finders(store: Artefacts) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    case = cases_for(LOCAL).get()
    assert {row.finding for row in joins_of(case)} == {one, other}
    assert {row.how for row in joins_of(case)} == {"founding", "patch"}


def test_what_is_not_validated_makes_no_case(store: Artefacts) -> None:
    refused = not_validated(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, "It never shows.")
    a_finding(store, judgement=refused)
    joined(store)
    assert not Case.objects.exists() and not packages_to_join()


def test_joining_again_changes_nothing_and_writes_nothing(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    before = (list(Join.objects.values_list("pk", flat=True)), Event.objects.count())
    actions.join_package("pkg:pypi/pyyaml", artefacts=store, new_id=NEW_ID, actor=CLEARINGHOUSE, at=NOON)
    assert (list(Join.objects.values_list("pk", flat=True)), Event.objects.count()) == before


def test_the_key_follows_from_content_whatever_came_first(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    joined(store)
    first = cases_for(LOCAL).get()
    a_finding(store, "fb-1", finder="finder-b")
    a_finding(store, "fc-1", finder="finder-c")
    joined(store)
    case = cases_for(LOCAL).get()
    keys = sorted(Finding.objects.values_list("key", flat=True))
    assert case.public_id == first.public_id
    assert case.key == case_key("pkg:pypi/pyyaml", keys[0])


def test_a_report_that_bridges_two_cases_makes_one_and_both_names_lead_there(store: Artefacts) -> None:
    places = [{"path": "loader.py", "symbol": name} for name in ("load", "parse")]
    quiet = a_judgement(state=(), sink="", document={"steps": []}, detector=Detector.HANG)
    words = {"aliases": [], "weaknesses": ["CWE-502"]}
    for finder, where in (("finder-a", places[:1]), ("finder-b", places[1:])):
        a_finding(store, finder=finder, patch=None, judgement=quiet, report=words | {"locations": where})
    joined(store)
    names = list(cases_for(LOCAL).values_list("public_id", flat=True))
    a_finding(store, finder="finder-c", patch=None, judgement=quiet, report=words | {"locations": places})
    joined(store)
    assert len(names) == 2
    assert {case_for(LOCAL, name).pk for name in names} == {cases_for(LOCAL).get().pk}


def test_an_undone_join_is_remembered_and_not_made_again(store: Artefacts) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    left = Join.objects.exclude(how="founding").get().finding
    alone = undo(store, left)
    assert findings_in(alone) == [left]
    joined(store)
    assert cases_for(LOCAL).count() == 2
    assert Link.objects.get().how == "undone"
    assert links_of([one]) == links_of([other])


def test_also_not_through_a_third_report(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    left = Join.objects.exclude(how="founding").get().finding
    undo(store, left)
    a_finding(store, "fc-1", finder="finder-c")
    joined(store)
    cases = [{one.finder for one in findings_in(case)} for case in cases_for(LOCAL)]
    assert sorted(map(len, cases)) == [1, 2]
    assert not any({"finder-a", "finder-b"} <= finders for finders in cases)


def test_also_not_by_a_new_version_of_the_report(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    left = Join.objects.exclude(how="founding").get().finding
    undo(store, left)
    advance(left, FINDING, FindingStep.SUPERSEDE, actor=LOCAL, at=NOON)
    newer = a_finding(store, f"{left.finder_ref}-v2", finder=left.finder)
    newer.finder_ref = left.finder_ref
    newer.save()
    joined(store)
    assert cases_for(LOCAL).count() == 2


def test_undoing_the_founding_report_leaves_the_others_together(store: Artefacts) -> None:
    for finder in ("finder-a", "finder-b", "finder-c"):
        a_finding(store, "r-1", finder=finder)
    joined(store)
    founder = Join.objects.get(how="founding", ended_at=None).finding
    undo(store, founder)
    assert sorted(len(findings_in(case)) for case in cases_for(LOCAL)) == [1, 2]


def test_a_lone_report_has_nothing_to_undo(store: Artefacts) -> None:
    finding = a_finding(store)
    joined(store)
    with pytest.raises(StepRefused, match="only report"):
        undo(store, finding)


def test_a_join_is_undone_once(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    row = Join.objects.exclude(how="founding").get()
    undo(store, row.finding)
    row.refresh_from_db()
    with pytest.raises(StepRefused, match="ended already"):
        actions.undo_join(row, why="", artefacts=store, new_id=NEW_ID, actor=LOCAL, at=NOON)


def test_a_report_that_is_being_replaced_leaves_its_case_by_itself(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    finding = Join.objects.exclude(how="founding").get().finding
    Finding.objects.filter(pk=finding.pk).update(state=FindingState.SUPERSEDED)
    with pytest.raises(StepRefused, match="finder-b/fb-1 is superseded"):
        undo(store, finding)


def test_a_finder_may_not_undo_a_join(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    finder = Actor(LOCAL.id, "finder", frozenset({Role.FINDER}))
    row = Join.objects.exclude(how="founding").get()
    with pytest.raises((NotPermitted, NotFound)):
        actions.undo_join(row, why="", artefacts=store, new_id=NEW_ID, actor=finder, at=NOON)
    row.refresh_from_db()
    assert row.ended_at is None


def test_a_case_without_grade_a_waits_for_a_person(store: Artefacts) -> None:
    a_finding(store, judgement=a_judgement(grade=Grade.B, reason=Reason.NEEDS_PERSON))
    joined(store)
    case = cases_for(LOCAL).get()
    assert case.state == CaseState.TO_CONFIRM
    answer(store, "fa-1", yes=True)
    a_finding(store, "fb-1", finder="finder-b", judgement=a_judgement(grade=Grade.C, reason=Reason.NO_CONTROL))
    joined(store)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN


def test_a_no_takes_the_report_out_of_its_case_and_the_case_is_no_more(store: Artefacts) -> None:
    a_finding(store, judgement=a_judgement(grade=Grade.B, reason=Reason.NEEDS_PERSON))
    joined(store)
    answer(store, "fa-1", yes=False)
    assert Case.objects.get().state == CaseState.DISSOLVED
    judgement = judgement_of(Finding.objects.get())
    assert judgement is not None and (judgement.outcome, judgement.reason) == (FindingOutcome.REFUSED, Reason.DENIED)
    assert "Ada" in judgement.sentence and "I read it" in judgement.sentence


def test_an_answer_and_what_follows_from_it_are_in_the_ledger_together(store: Artefacts) -> None:
    a_finding(store, judgement=a_judgement(grade=Grade.B, reason=Reason.NEEDS_PERSON))
    joined(store)
    before = set(Event.objects.values_list("pk", flat=True))
    answer(store, "fa-1", yes=True)
    written = Event.objects.exclude(pk__in=before).values_list("verb", flat=True)
    assert sorted(written) == ["cases:case:confirm", "validation:answer:give"]


def test_a_report_of_grade_a_ends_the_doubt(store: Artefacts) -> None:
    a_finding(store, judgement=a_judgement(grade=Grade.B, reason=Reason.NEEDS_PERSON))
    joined(store)
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    assert cases_for(LOCAL).get().state == CaseState.OPEN


def test_a_superseded_report_leaves_and_an_empty_case_dissolves(store: Artefacts) -> None:
    finding = a_finding(store)
    joined(store)
    case = cases_for(LOCAL).get()
    advance(finding, FINDING, FindingStep.SUPERSEDE, actor=LOCAL, at=NOON)
    joined(store)
    case.refresh_from_db()
    assert case.state == CaseState.DISSOLVED and not packages_to_join()


def test_a_case_whose_finding_comes_back_is_the_same_case(store: Artefacts) -> None:
    finding = a_finding(store)
    joined(store)
    case = cases_for(LOCAL).get()
    advance(finding, FINDING, FindingStep.REOPEN, actor=LOCAL, at=NOON)
    joined(store)
    assert not cases_for(LOCAL).exists()
    Finding.objects.update(state=FindingState.SETTLED)
    joined(store)
    assert cases_for(LOCAL).get() == case


OTHER_PATCH = "--- a/lib/yaml/loader.py\n+++ b/lib/yaml/loader.py\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n"


def test_patches_of_others_are_tried_before_joining(store: Artefacts) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b", patch=OTHER_PATCH)
    assert list(due_joins()) == []
    for finding, patch, _ in [one.args for one in due_trials()]:
        row = Finding.objects.get(key=finding)
        actions.keep_trial(row, str(patch), stops=False, actor=CLEARINGHOUSE, at=NOON)
    assert Trial.objects.count() == 2
    assert [one.args for one in due_joins()] == [("pkg:pypi/pyyaml",)]
    joined(store)
    assert cases_for(LOCAL).count() == 2
    assert {one, other} == {Link.objects.get().one, Link.objects.get().other}


def test_a_trial_is_kept_once(store: Artefacts) -> None:
    finding = a_finding(store)
    for answer in (None, True):
        actions.keep_trial(finding, "sha256:x", stops=answer, actor=CLEARINGHOUSE, at=NOON)
    assert Trial.objects.get().stops is None


def test_joining_waits_while_a_report_of_the_package_is_being_judged(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    waiting = a_finding(store, "fb-1", finder="finder-b")
    Finding.objects.filter(pk=waiting.pk).update(state=FindingState.TAKEN_IN)
    assert list(due_joins()) == [] and list(due_trials()) == []
    joined(store)
    assert cases_for(LOCAL).count() == 1


def test_every_join_is_in_the_ledger(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    joined(store)
    assert Event.objects.filter(verb="cases:join:make").count() == 2
    assert Event.objects.filter(verb="cases:case:open").count() == 1


@pytest.mark.parametrize("name", ["case-", "key", "finder-a/fa-1", "fa-1", "CVE-2020-14343"])
def test_a_case_has_many_names(store: Artefacts, name: str) -> None:
    a_finding(store)
    joined(store)
    case = cases_for(LOCAL).get()
    named = {"case-": case.public_id.lower(), "key": case.key[:8]}.get(name, name)
    assert case_for(LOCAL, named) == case


def test_a_name_that_names_nothing_is_not_found(store: Artefacts) -> None:
    a_finding(store)
    joined(store)
    with pytest.raises(NotFound, match="there is no case"):
        case_for(LOCAL, "CASE-NOTHERE0")
    with pytest.raises(NotFound, match="no reports named"):
        join_for(LOCAL, cases_for(LOCAL).get(), "finder-z/9")


def test_a_name_that_names_two_says_which(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    other = a_judgement(target="pkg:pypi/other@5.3", state=("x.y",), sink="eval")
    a_finding(store, "fb-1", finder="finder-b", judgement=other)
    joined(store)
    with pytest.raises(NotFound, match="more than one"):
        case_for(LOCAL, "CVE-2020-14343")


def test_strangers_do_not_see_that_there_is_a_case(store: Artefacts) -> None:
    a_finding(store)
    joined(store)
    stranger = Actor(LOCAL.id, "someone", frozenset({Role.OPERATOR}))
    with pytest.raises(NotFound):
        case_for(stranger, cases_for(LOCAL).get().public_id)


def test_the_order_of_work_is_read_off_the_rows(store: Artefacts) -> None:
    a_finding(store)
    joined(store)
    standing = order_of_work(LOCAL, at=NOON)[0]
    assert standing.position.placed.band == "URGENT"
    assert standing.embargo.silence == "not-available"
    assert standing.weighed.fix_exists is True and standing.weighed.newest_affected is False
