"""The exchange of arguments, and the code that is made of both forms, with runs made up."""

from clearinghouse.validation.controls.exchange import odd_code
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import Detector, FindingOutcome, Grade, Outcome, Reason, Run
from tests.validation.controls.test_plan import judged
from tests.validation.makers import V, a_form, a_proof, a_run

STEP = {"call": "pkg.render", "args": ["acts", {"variable": "data "}]}
TWIN = {"call": "pkg.render", "args": ["plain", {"variable": "data"}]}
FORMS = {"form": a_form(steps=[STEP]), "benign": a_form(steps=[TWIN])}
BLANK = (("steps", 0, "args", 1, "variable"),)


def made(*shapes: str, whole: tuple[str, ...] = ()) -> dict[str, object]:
    return {"made": {"shapes": list(shapes), "whole": list(whole)}}


def test_an_act_that_the_fixed_release_shows_without_a_harmless_blank_is_held() -> None:
    def acts_by_itself(start: Start) -> Run | None:
        fires = start.variant in (V.EXCHANGED, V.EXCHANGED_FIXED) and start.exchange == BLANK
        return a_run(start, Outcome.FIRED) if fires else None

    judgement = judged(acts_by_itself, form=FORMS["form"], benign=FORMS["benign"])
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.DOCUMENTED_USE)
    assert "args[1].variable" in judgement.sentence


def test_an_exception_that_the_authors_text_raises_by_itself_is_held() -> None:
    def raises_by_itself(start: Start) -> Run | None:
        fires = start.variant in (V.EXCHANGED, V.EXCHANGED_FIXED) and start.exchange == BLANK
        return a_run(start, Outcome.FIRED, facts={"acting": ["w"]}) if fires else None

    judgement = judged(raises_by_itself, form=FORMS["form"], benign=FORMS["benign"], detector=Detector.EXCEPTION)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.CODE_BY_DESIGN)


def test_a_proof_that_needs_each_of_its_arguments_keeps_its_grade() -> None:
    assert judged(lambda _: None, form=FORMS["form"], benign=FORMS["benign"]).grade is Grade.A


def test_a_timed_miss_or_an_unclear_run_counts_as_needed() -> None:
    def unclear(start: Start) -> Run | None:
        return a_run(start, Outcome.COULD_NOT_RUN, facts={"fault": "bad"}) if start.variant is V.EXCHANGED else None

    assert judged(unclear, form=FORMS["form"], benign=FORMS["benign"]).grade is Grade.A


def seen(first: dict[str, object], mine: dict[str, object], harmless: dict[str, object]) -> str:
    runs = [a_run(Start(V.FIXED), Outcome.SILENT, facts=mine)]
    runs.append(a_run(Start(V.FIXED, benign=True), Outcome.SILENT, facts=harmless))
    return odd_code(a_proof(), a_run(Start(V.VULNERABLE), Outcome.FIRED, facts=first), runs, reduced=False)


def test_code_of_another_form_is_odd_where_the_act_ran_in_made_code() -> None:
    assert "formed otherwise" in seen({"acting": ["w"]}, made("a", "b"), made("a"))
    assert not seen({}, made("a", "b"), made("a"))


def test_code_that_differs_in_its_texts_only_is_not_odd() -> None:
    assert not seen({"acting": ["w"]}, made("a", whole=("x",)), made("a", whole=("y",)))


def test_the_very_code_that_acted_is_odd_unless_the_harmless_form_is_made_into_it_too() -> None:
    assert "very code" in seen({"acting": ["x"]}, made("a", whole=("x",)), made("a", whole=("y",)))
    assert not seen({"acting": ["x"]}, made("a", whole=("x",)), made("a", whole=("x",)))
