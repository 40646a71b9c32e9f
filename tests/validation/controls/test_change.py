"""The change itself, where two releases lie far apart."""

from dataclasses import replace

from clearinghouse.validation.controls.change import files_of
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import (
    ControlName,
    FindingOutcome,
    Frame,
    Grade,
    Judgement,
    Outcome,
    Owner,
    Reason,
    Run,
    Said,
)
from tests.validation.controls.test_plan import SETTING, judged, on
from tests.validation.makers import V, a_run, a_witness

FAR = replace(SETTING, far=True)


def change(judgement: Judgement) -> tuple[Said, str]:
    return next((one.said, one.why) for one in judgement.controls if one.name is ControlName.CHANGE)


def test_neighbouring_releases_are_not_asked() -> None:
    assert ControlName.CHANGE not in {one.name for one in judged(lambda _: None).controls}


def test_the_change_around_the_witness_must_stop_it_and_its_absence_must_show_it() -> None:
    judgement = judged(lambda _: None, setting=FAR)
    assert (judgement.grade, change(judgement)[0]) == (Grade.A, Said.PASSED)
    asked = {one.variant for one in judgement.runs}
    assert {V.CHANGE_ONLY, V.CHANGE_UNDONE} <= asked


def test_a_fix_that_lies_elsewhere_is_no_word_against_the_proof() -> None:
    judgement = judged(on(V.CHANGE_ONLY, Outcome.FIRED), setting=FAR)
    said, why = change(judgement)
    assert (judgement.grade, said) == (Grade.A, Said.NOT_POSSIBLE)
    assert "another change" in why


def test_a_promise_that_holds_again_with_the_data_of_the_fix_alone_is_put_to_a_person() -> None:
    setting = replace(SETTING, data_files=("pkg/words.dat", "pkg/rules.json"))
    judgement = judged(lambda _: None, setting=setting)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.DATA_DECIDES)
    assert change(judgement) == (Said.FAILED, "the data alone decides: pkg/words.dat, pkg/rules.json")
    answered = judged(lambda _: None, setting=replace(setting, accepted=frozenset({Reason.DATA_DECIDES})))
    assert answered.outcome is FindingOutcome.VALIDATED


def test_a_promise_that_the_code_of_the_fix_keeps_is_not_held_for_its_data() -> None:
    setting = replace(SETTING, data_files=("pkg/words.dat",))
    judgement = judged(on(V.CHANGE_ONLY, Outcome.FIRED), setting=setting)
    assert judgement.grade is Grade.A


def test_files_that_do_not_run_beside_the_other_release_say_nothing() -> None:
    judgement = judged(on(V.CHANGE_ONLY, Outcome.COULD_NOT_RUN, benign=True, why="import-failed: x"), setting=FAR)
    assert change(judgement) == (Said.NOT_POSSIBLE, "import-failed: x")


def test_the_files_of_the_reports_patch_are_tried_after_those_of_the_witness() -> None:
    def elsewhere(start: Start) -> Run | None:
        if start.variant is V.CHANGE_ONLY and not start.benign and start.files == ("pkg.py",):
            return a_run(start, Outcome.FIRED)
        return None

    judgement = judged(elsewhere, setting=replace(FAR, patch_files=("other.py",)))
    said, why = change(judgement)
    assert said is Said.PASSED
    assert "other.py" in why


def test_only_files_of_the_target_are_exchanged_innermost_first() -> None:
    frames = (
        Frame(Owner.LIBRARY, "os", "system", "os.py", 1),
        Frame(Owner.TARGET, "pkg.deep", "act", "pkg/deep.py", 3),
        Frame(Owner.DEPENDENCY, "dep", "pass_on", "dep.py", 2),
        Frame(Owner.TARGET, "pkg", "read", "pkg/__init__.py", 7),
        Frame(Owner.TARGET, "pkg.deep", "enter", "pkg/deep.py", 9),
        Frame(Owner.TARGET, "<code>", "made", "pkg.templateSources[0]", 1),
    )
    run = a_run(Start(V.VULNERABLE), Outcome.FIRED, witness=replace(a_witness(), frames=frames))
    assert files_of(run) == ("pkg/deep.py", "pkg/__init__.py")
