"""Answers on real rows: kept, in the ledger, remembered through every judging, and what follows from them."""

from pathlib import Path

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Malformed, NotPermitted, StepRefused
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.permissions.rules import Actor
from clearinghouse.validation.actions import forget_judgements, give_answer, keep_judgement
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lifecycle import VALIDATION
from clearinghouse.validation.models import Answer, Validation
from clearinghouse.validation.queries import answers_of, asked_of, judgement_of
from clearinghouse.validation.questions import with_answers
from clearinghouse.validation.rules import FindingOutcome, Grade, Judgement, Reason
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement

pytestmark = pytest.mark.django_db
B = a_judgement(grade=Grade.B, reason=Reason.NEEDS_PERSON)
HELD = a_judgement(outcome=FindingOutcome.HELD, grade=None, reason=Reason.DOCUMENTED_USE)


@pytest.fixture
def store(tmp_path: Path) -> Artefacts:
    return Artefacts(tmp_path / "artefacts")


def answer(finding: Finding, *, yes: bool, actor: Actor = LOCAL, by: str = "Ada", why: str = "I read it") -> Answer:
    return give_answer(finding, yes=yes, why=why, by=by, actor=actor, at=NOON)


def judged_again(finding: Finding, judgement: Judgement) -> Judgement:
    """Judge as the judge does: the plan's verdict, with what people said."""
    row = Validation.objects.create(finding=finding, state=VALIDATION.initial, created_at=NOON)
    finding.refresh_from_db()
    found = with_answers(judgement, answers_of(finding))
    keep_judgement(row, Judged(found), actor=CLEARINGHOUSE, at=NOON)
    return found


def test_a_yes_stands_in_the_verdict_with_the_persons_name(store: Artefacts) -> None:
    finding = a_finding(store, judgement=B)
    answer(finding, yes=True)
    judgement = judgement_of(finding)
    assert judgement is not None and judgement.grade is Grade.B
    assert [(one.question, one.yes, one.by) for one in judgement.answers] == [("needs-person", True, "Ada")]
    assert not asked_of(LOCAL) and asked_of(LOCAL, answered=True)


def test_a_no_to_a_held_finding_refuses_it_at_once(store: Artefacts) -> None:
    finding = a_finding(store, judgement=HELD)
    answer(finding, yes=False)
    judgement = judgement_of(finding)
    assert judgement is not None
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.REFUSED, Reason.DOCUMENTED_USE)
    assert "Ada" in judgement.sentence


def test_a_yes_to_a_held_finding_lets_it_be_judged_again(store: Artefacts) -> None:
    finding = a_finding(store, judgement=HELD)
    answer(finding, yes=True)
    finding.refresh_from_db()
    assert finding.state == FindingState.TAKEN_IN and judgement_of(finding) is None
    found = judged_again(finding, a_judgement(grade=Grade.C, reason=Reason.NO_CONTROL))
    assert found.outcome is FindingOutcome.VALIDATED and [one.by for one in found.answers] == ["Ada"]


def test_an_answer_is_remembered_when_the_same_content_is_judged_again(store: Artefacts) -> None:
    finding = a_finding(store, judgement=B)
    answer(finding, yes=False)
    forget_judgements(only_searched=False, actor=LOCAL, at=NOON)
    finding.refresh_from_db()
    assert judged_again(finding, B).reason is Reason.DENIED


def test_another_content_is_asked_about_anew(store: Artefacts) -> None:
    answer(a_finding(store, "fa-1", judgement=B), yes=True)
    newer = a_finding(store, "fa-1-v2", judgement=B)
    assert answers_of(newer) == () and [one.finding for one in asked_of(LOCAL)] == [newer]


def test_who_changes_their_mind_is_heard_and_the_former_answer_is_kept(store: Artefacts) -> None:
    finding = a_finding(store, judgement=B)
    answer(finding, yes=False)
    answer(finding, yes=True, why="I was wrong")
    assert [(one.yes, one.why) for one in answers_of(finding)] == [(True, "I was wrong")]
    assert Answer.objects.count() == 2
    finding.refresh_from_db()
    assert judged_again(finding, B).outcome is FindingOutcome.VALIDATED


def test_what_nobody_asks_cannot_be_answered(store: Artefacts) -> None:
    with pytest.raises(StepRefused, match="nothing is asked"):
        answer(a_finding(store), yes=True)
    assert not Event.objects.exists() and not Answer.objects.exists()


@pytest.mark.parametrize(("by", "why"), [(" ", "read it"), ("Ada", "")])
def test_an_answer_has_a_name_and_a_reason(store: Artefacts, by: str, why: str) -> None:
    finding = a_finding(store, judgement=B)
    with pytest.raises(Malformed, match="a name and a reason"):
        answer(finding, yes=True, by=by, why=why)


def test_a_machine_may_not_answer_and_leaves_no_trace(store: Artefacts) -> None:
    finding = a_finding(store, judgement=B)
    with pytest.raises(NotPermitted):
        answer(finding, yes=True, actor=CLEARINGHOUSE)
    assert not Event.objects.exists() and not Answer.objects.exists()


def test_the_answer_and_its_consequence_are_in_the_ledger(store: Artefacts) -> None:
    answer(a_finding(store, judgement=HELD), yes=True)
    verbs = Event.objects.order_by("at", "number").values_list("verb", flat=True)
    assert sorted(verbs) == ["findings:finding:reopen", "validation:answer:give"]
