from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    FindingOutcome,
    Judgement,
    Outcome,
    Reason,
    Run,
    Said,
    Step,
)
from clearinghouse.validation.sides import decisive, sides_of
from tests.validation.makers import V, a_run

JUDGEMENT = Judgement(FindingOutcome.HELD, None, Reason.FLAKY, "x")


def judged(*runs: Run, failed: ControlName | None = None) -> Judgement:
    controls: tuple[Control, ...] = (Control(ControlName.BLAME, Said.PASSED, ""),)
    if failed:
        controls += (Control(failed, Said.FAILED, "says no"),)
    return replace(JUDGEMENT, runs=runs, controls=controls)


def on(variant: V, outcome: Outcome, *, benign: bool = False, number: int = 0) -> Run:
    return a_run(Start(variant, benign=benign, number=number), outcome, steps=(Step(0, ok=False, raised="ValueError"),))


HERE = on(V.VULNERABLE, Outcome.FIRED)


@pytest.mark.parametrize(
    ("failed", "control"),
    [
        (ControlName.FIXED, on(V.FIXED, Outcome.FIRED)),
        (ControlName.FIXED, on(V.PATCHED, Outcome.FIRED)),
        (ControlName.CODE_BY_DESIGN, on(V.FIXED, Outcome.SILENT)),
        (ControlName.NULLS, on(V.NULL_RAISES, Outcome.FIRED)),
        (ControlName.TOKEN, on(V.TOKEN, Outcome.SILENT)),
        (ControlName.SWAP, on(V.SWAP_TO_FIXED, Outcome.SILENT)),
        (ControlName.BENIGN, on(V.FIXED, Outcome.FIRED, benign=True)),
        (ControlName.REPEAT, on(V.VULNERABLE, Outcome.SILENT, number=3)),
    ],
)
def test_beside_the_proof_stands_the_run_of_the_control_that_said_no(failed: ControlName, control: Run) -> None:
    quiet = [on(V.FIXED, Outcome.SILENT, number=8), on(V.VULNERABLE, Outcome.SILENT, benign=True, number=9)]
    quiet = [one for one in quiet if (one.variant, one.benign) != (control.variant, control.benign)]
    vulnerable, other = sides_of(judged(HERE, *quiet, control, failed=failed))
    assert (vulnerable.variant, vulnerable.outcome) == (V.VULNERABLE, Outcome.FIRED)
    assert (other.variant, other.outcome, other.benign) == (control.variant, control.outcome, control.benign)


def test_a_lossy_recording_decides_nothing_by_itself() -> None:
    lossy = Control(ControlName.RECORDED, Said.FAILED, "a callback")
    judgement = judged(HERE, failed=ControlName.SWAP)
    assert decisive(replace(judgement, controls=(lossy, *judgement.controls))) == judgement.controls[-1]
    assert decisive(replace(judgement, controls=(lossy,))) is None


def test_where_no_control_said_no_the_fixed_release_stands_beside() -> None:
    _, other = sides_of(judged(HERE, on(V.FIXED, Outcome.SILENT), on(V.TOKEN, Outcome.FIRED)))
    assert other.variant is V.FIXED and other.steps == ("step 0: raised ValueError",)


def test_without_a_fixed_release_the_harmless_form_stands_beside() -> None:
    _, other = sides_of(judged(HERE, on(V.VULNERABLE, Outcome.SILENT, benign=True)))
    assert other.benign


def test_a_side_tells_what_was_seen_and_whose_code_did_it() -> None:
    side = sides_of(judged(HERE))[0]
    assert side.saw == "The target starts a process" and side.blamed == "target"
    assert side.frames == ("library: os.system (os.py:1)", "target: pkg.read (pkg.py:7)")


runs = st.builds(on, st.sampled_from(V), st.sampled_from(Outcome), benign=st.booleans(), number=st.integers(0, 3))


@given(st.lists(runs, max_size=8), st.sampled_from([None, *ControlName]))
def test_whatever_ran_there_are_at_most_two_sides_and_the_first_is_the_proof(
    made: list[Run], failed: ControlName | None
) -> None:
    judgement = judged(*made, failed=failed)
    sides = sides_of(judgement)
    proofs = [one for one in made if one.variant is V.VULNERABLE and not one.benign]
    assert bool(sides) is bool(proofs) and len(sides) <= 2
    assert all(side.variant is V.VULNERABLE and not side.benign for side in sides[:1])
    found = decisive(judgement)
    assert (found.name if found else None) is (None if failed is ControlName.RECORDED else failed)
