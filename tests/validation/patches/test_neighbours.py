"""What is tried near a proof: no more than there is time for, and nothing further once it cannot be compared."""

from dataclasses import replace

from clearinghouse.validation.brief import Form
from clearinghouse.validation.lab import Forgetful
from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.neighbours import MOST_NEIGHBOURS, MOST_STEPS, START_SECONDS, near_inputs
from clearinghouse.validation.rules import Detector, Run, Said
from tests.validation.patches.targets import SUM, SUMS, SUMS_FIXED
from tests.validation.patches.workshop import Workshop

HONEST = {"pkg/sums.py": SUMS_FIXED}
KNOWS_THE_CALL = {"pkg/sums.py": SUMS.replace("    found = eval", "    assert 'system(' not in text\n    found = eval")}
ANOTHER = {"call": "pkg.average", "args": [[40, 2]]}


def counted(ground: Ground) -> tuple[Ground, list[Run]]:
    """Return the ground with nothing remembered, and a list to which every run there is added."""
    runs: list[Run] = []
    return replace(ground, lab=replace(ground.lab, on_run=runs.append), memory=Forgetful()), runs


def afforded(ground: Ground, times: float) -> Ground:
    """Return the ground with a proof that took so long that there is time for so many of its kind."""
    seconds = START_SECONDS + ground.proof.limit_seconds / 2 / times
    return replace(ground, first=replace(ground.first, cpu_seconds=seconds))


def test_as_many_inputs_are_tried_as_there_is_time_for(workshop: Workshop) -> None:
    whole = workshop.ground(SUM, HONEST)
    tried = {}
    for times in (1000.0, 4.5, 1.5, 0.2):
        ground, runs = counted(afforded(whole, times))
        assert near_inputs(ground).said in {Said.PASSED, Said.NOT_RUN}
        tried[times] = {len(one.steps) for one in runs}
    assert tried[4.5] == {4}
    assert tried[1.5] == tried[0.2] == {1}, "one at least"
    (most,) = tried[1000.0]
    assert 4 < most <= min(MOST_NEIGHBOURS, MOST_STEPS)


def test_a_proof_of_several_calls_is_tried_as_a_whole_or_not_at_all(workshop: Workshop) -> None:
    ground, runs = counted(workshop.ground(replace(SUM, steps=[ANOTHER, *SUM.steps]), HONEST))
    near_inputs(afforded(ground, 2.5))
    assert {len(one.steps) for one in runs} == {4}


def test_what_cannot_be_run_before_the_patch_is_not_run_after_it(workshop: Workshop) -> None:
    dies = {
        name: text.replace(
            "    found = eval",
            "    if 'import' not in text:\n        import os\n\n        os.kill(os.getpid(), 9)\n    found = eval",
        )
        for name, text in SUM.flawed.items()
    }
    ground, runs = counted(workshop.ground(replace(SUM, flawed=dies), HONEST))
    check = near_inputs(ground)
    assert check.said is Said.NOT_RUN and check.detail.startswith("the inputs could not be run: ")
    assert len(runs) == 1


def test_before_twice_with_the_project_s_fix_and_with_the_patch(workshop: Workshop) -> None:
    ground, runs = counted(workshop.ground(SUM, KNOWS_THE_CALL))
    check = near_inputs(ground)
    assert (check.said, len(runs)) == (Said.FAILED, 4)
    assert check.found, "what stays as it was is shown"


def test_without_anything_to_compare_nothing_is_run(workshop: Workshop) -> None:
    ground, runs = counted(workshop.ground(SUM, HONEST))
    others = {
        "published no fix": replace(ground, fixed=None),
        "only calls": replace(ground, proof=replace(ground.proof, form=Form("input"))),
        "does not end": replace(ground, proof=replace(ground.proof, detector=Detector.HANG)),
        "no text": replace(ground, proof=replace(ground.proof, form=Form("calls", document={"steps": [ANOTHER]}))),
    }
    for why, other in others.items():
        check = near_inputs(other)
        assert check.said is Said.NOT_RUN and why in check.detail
    assert runs == []
