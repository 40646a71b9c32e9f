"""The control ``seen-outside``: what follows when hook and observer differ."""

import pytest

from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.outside import Outside
from clearinghouse.validation.rules import (
    ControlName,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    Owner,
    Reason,
    Said,
    VariantName,
)
from tests.validation.controls.test_plan import SETTING
from tests.validation.makers import V, a_proof, a_run, a_witness, answering


def judged(said: Outside, *, number: int = 0, blamed: Owner = Owner.TARGET) -> Judgement:
    """Judge a proof of whose run ``number`` on the vulnerable release the observer says so."""
    facts = {"outside": {"said": said.value, "why": "os.system was reported"}}
    return drive(
        plan(a_proof(), SETTING),
        answering(
            lambda start: (
                a_run(start, Outcome.FIRED, facts=facts, witness=a_witness(blamed=blamed))
                if (start.variant, start.number, start.benign) == (VariantName.VULNERABLE, number, False)
                else None
            )
        ),
    )


def answer(judgement: Judgement) -> Said:
    return next(one.said for one in judgement.controls if one.name is ControlName.SEEN_OUTSIDE)


@pytest.mark.parametrize("said", [Outside.SEEN, Outside.BELOW])
def test_an_act_that_was_seen_outside_is_validated(said: Outside) -> None:
    judgement = judged(said)
    assert (judgement.outcome, judgement.grade, answer(judgement)) == (
        FindingOutcome.VALIDATED,
        Grade.A,
        Said.PASSED,
    )


def test_an_observer_that_cannot_look_lowers_no_grade_and_has_not_passed() -> None:
    judgement = judged(Outside.NOT_POSSIBLE)
    assert (judgement.grade, answer(judgement)) == (Grade.A, Said.NOT_POSSIBLE)


def test_an_act_that_nobody_saw_outside_is_held_before_anything_else_is_run() -> None:
    judgement = judged(Outside.UNSEEN)
    assert (judgement.outcome, judgement.reason, answer(judgement)) == (
        FindingOutcome.HELD,
        Reason.UNSEEN_ACT,
        Said.FAILED,
    )
    assert "os.system was reported" in judgement.sentence
    assert len(judgement.runs) == 1


def test_an_act_below_the_hook_that_nobody_can_be_blamed_for_is_held() -> None:
    judgement = judged(Outside.BELOW, blamed=Owner.UNKNOWN)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.BELOW_HOOK)


def test_a_later_run_whose_act_nobody_saw_outside_does_not_count_as_shown() -> None:
    judgement = judged(Outside.UNSEEN, number=3)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FLAKY)


def test_where_nobody_observes_the_control_is_not_asked() -> None:
    judgement = drive(plan(a_proof(), SETTING), answering(lambda _: None))
    assert ControlName.SEEN_OUTSIDE not in {one.name for one in judgement.controls}
    assert {one.variant for one in judgement.runs} >= {V.VULNERABLE, V.FIXED}
