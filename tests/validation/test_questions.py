from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.validation.launch import Start
from clearinghouse.validation.questions import (
    INVARIANT,
    accepted_by,
    invariant_of,
    is_open,
    may_be_published,
    question_of,
    with_answers,
)
from clearinghouse.validation.rules import (
    Answered,
    Detector,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    Reason,
)
from tests.validation.makers import V, a_run, a_witness

FIRED = a_run(Start(V.VULNERABLE), Outcome.FIRED)
HELD = Judgement(
    FindingOutcome.HELD,
    None,
    Reason.FLAKY,
    "The proof shows in 3 of 9 runs.",
    target="pkg:pypi/thing@1.0",
    fixed="pkg:pypi/thing@2.0",
    runs=(FIRED,),
)
B = replace(HELD, outcome=FindingOutcome.VALIDATED, grade=Grade.B, reason=Reason.NEEDS_PERSON)
A = replace(B, grade=Grade.A, reason=None)
judgements = st.builds(
    replace,
    st.just(HELD),
    outcome=st.sampled_from(FindingOutcome),
    grade=st.sampled_from([None, *Grade]),
    reason=st.sampled_from([None, *Reason]),
    detector=st.sampled_from(Detector),
)


def yes(question: str, *, by: str = "Ada") -> Answered:
    return Answered(question, yes=True, by=by, why="I read it")


def no(question: str) -> Answered:
    return Answered(question, yes=False, by="Ada", why="it is meant so")


@pytest.mark.parametrize("reason", list(Reason))
def test_whatever_holds_a_proof_that_fired_is_one_question_to_be_answered_yes_or_no(reason: Reason) -> None:
    question = question_of(replace(HELD, reason=reason))
    assert question is not None and question.holds and question.code == reason
    assert question.sentence.endswith("?") and "(yes)" in question.sentence and "(no)" in question.sentence
    assert "thing@1.0" in question.sentence or "thing@2.0" in question.sentence


def test_a_question_names_the_releases_it_is_about() -> None:
    question = question_of(replace(HELD, reason=Reason.DOCUMENTED_USE))
    assert question is not None and "thing@1.0, thing@2.0 and the newest release" in question.sentence


def test_what_never_fired_is_not_put_to_a_person() -> None:
    assert question_of(replace(HELD, runs=(a_run(Start(V.VULNERABLE), Outcome.SILENT),))) is None


@pytest.mark.parametrize("outcome", [FindingOutcome.REFUSED, FindingOutcome.CLAIM, FindingOutcome.NOT_JUDGED])
def test_what_a_machine_can_say_is_not_asked(outcome: FindingOutcome) -> None:
    assert question_of(replace(HELD, outcome=outcome)) is None
    assert question_of(A) is None


@given(judgements, st.lists(st.builds(yes, st.sampled_from([*Reason, INVARIANT])), max_size=3))
def test_only_grade_a_or_a_yes_lets_anything_be_published(judgement: Judgement, answers: list[Answered]) -> None:
    if may_be_published(with_answers(judgement, answers)):
        assert judgement.outcome is FindingOutcome.VALIDATED
        assert judgement.grade is Grade.A or answers


@given(judgements)
def test_without_an_answer_nothing_changes(judgement: Judgement) -> None:
    assert with_answers(judgement, ()) == judgement


@given(judgements)
def test_no_refuses_whatever_was_asked_and_says_who(judgement: Judgement) -> None:
    question = question_of(judgement)
    if question is not None:
        refused = with_answers(judgement, [no(question.code)])
        assert (refused.outcome, refused.grade) == (FindingOutcome.REFUSED, None)
        assert "Ada" in refused.sentence and "it is meant so" in refused.sentence and not may_be_published(refused)


def test_a_yes_stands_beside_the_verdict_with_the_name() -> None:
    answered = with_answers(B, [yes("needs-person")])
    assert is_open(B) and not is_open(answered) and may_be_published(answered)
    assert (answered.outcome, answered.grade) == (FindingOutcome.VALIDATED, Grade.B)
    assert "Ada says yes" in answered.sentence


def test_a_yes_alone_does_not_make_a_held_finding_valid() -> None:
    assert with_answers(HELD, [yes("flaky")]) == HELD


def test_an_answer_to_another_question_is_no_answer() -> None:
    assert with_answers(B, [no("flaky")]) == B and is_open(with_answers(B, [no("flaky")]))


def test_a_no_can_be_taken_back() -> None:
    question = question_of(with_answers(B, [no("needs-person")]))
    assert question is not None and question.code == "needs-person"


def test_only_a_yes_lets_a_control_pass() -> None:
    assert accepted_by([yes("flaky"), no("branches"), yes("invariant")]) == {Reason.FLAKY}


@pytest.mark.parametrize(
    ("step", "broken", "says"),
    [
        ({"must_raise": "InvalidIssuerError"}, "must_raise", "must raise InvalidIssuerError; here it returned None."),
        ({"must_raise": True}, "must_raise", "must raise an exception; here it returned None."),
        ({"must_not_contain": "<b>"}, "must_not_contain", 'must not return anything that contains "<b>".'),
        ({"must_equal": {"$bytes": "6869"}}, "must_equal", 'must return {"$bytes": "6869"}.'),
        ({"must_not_inherit": "admin"}, "must_not_inherit", 'must not return an object that inherits "admin".'),
    ],
)
def test_an_invariant_is_a_sentence_to_sign(step: dict[str, object], broken: str, says: str) -> None:
    witness = replace(a_witness(detector=Detector.INVARIANT), event=broken, argument="returned None")
    document = {"steps": [{"call": "jwt.decode", "args": ["ey"], "kw": {"issuer": ["a"]}, **step}]}
    run = replace(FIRED, witness=witness, facts={"step": 0})
    judgement = replace(A, detector=Detector.INVARIANT, runs=(run,), document=document)
    assert invariant_of(judgement) == f'jwt.decode("ey", issuer=["a"]) {says}'
    question = question_of(judgement)
    assert question is not None and question.code == INVARIANT and not question.holds and says in question.sentence


def test_a_long_argument_is_cut_in_the_sentence() -> None:
    witness = replace(a_witness(detector=Detector.INVARIANT), event="must_equal", argument="x")
    document = {"steps": [{"call": "f", "args": ["a" * 5000], "must_equal": 1}]}
    judgement = replace(A, runs=(replace(FIRED, witness=witness, facts={"step": 0}),), document=document)
    assert len(invariant_of(judgement)) < 250
