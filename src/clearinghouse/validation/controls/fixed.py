"""The fixed release: silent in every run, also with earlier results held, and without a branch in disguise."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from clearinghouse.validation.brief import Proof, depends_on, used_results
from clearinghouse.validation.controls.notes import (
    TIMED,
    Notes,
    Setting,
    Stop,
    ask,
    control_variant,
    cut_off,
    hold,
    quiet,
)
from clearinghouse.validation.controls.repeat import hold_as_flaky, is_busy, look_until_settled
from clearinghouse.validation.detectors import CLEAN
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import ControlName, FindingOutcome, Outcome, Reason, Run, Said, VariantName

FIXED_RUNS = 3


def look_at_fixed(
    proof: Proof, setting: Setting, notes: Notes, first: Run, fixed: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Look at the first run on the fixed release (or on the patched one): it must be silent, and why is asked.

    Raises:
        Stop: it fires there, could not run there, or is silent for the wrong reason.
    """
    control = control_variant(setting)
    if not quiet(proof, fixed, first) and proof.detector in TIMED:
        (fixed,) = yield from ask(notes, [Start(control, number=9)])  # one missed timing control is run again
    if quiet(proof, fixed, first):
        hidden_branch(proof, setting, notes, first, fixed)
        return
    if fixed.outcome is Outcome.COULD_NOT_RUN:
        _no_answer(setting, notes, fixed)
        return
    notes.say(ControlName.FIXED, Said.FAILED, f"fires on {fixed.version} ({fixed.variant.value}) too")
    if setting.patched:
        raise Stop(FindingOutcome.HELD, Reason.NO_CONTROL, sentence="The report's own patch does not stop the proof.")
    if fixed.witness is not None and fixed.witness.blamed not in CLEAN:
        raise Stop(FindingOutcome.REFUSED, Reason.SHOWS_ON_FIXED)
    if proof.detector not in TIMED:
        firing = yield from look_until_settled(proof, notes, control, ControlName.FIXED)
        if firing.is_mixed():
            hold_as_flaky(notes, setting, ControlName.FIXED, firing)
    if setting.newest:
        newest = yield from ask(notes, [Start(VariantName.PROBE, number=n) for n in range(FIXED_RUNS)])
        if all(quiet(proof, one, first) for one in newest):
            raise Stop(FindingOutcome.HELD, Reason.FIX_INCOMPLETE)
    raise Stop(FindingOutcome.HELD, Reason.DOCUMENTED_USE)


def _no_answer(setting: Setting, notes: Notes, fixed: Run) -> None:
    """Stop where the fixed release gives no clear answer: on a busy machine it is on us, else a person looks."""
    if fixed.facts.get("unclear"):
        if is_busy(fixed):
            raise cut_off(notes, ControlName.FIXED, fixed)
        sentence = f"On the fixed release the proof is neither clearly silent nor clearly not: {fixed.why}."
        notes.say(ControlName.FIXED, Said.FAILED, sentence)
        hold(notes, setting, Reason.FLAKY, sentence=sentence)
        return
    notes.say(ControlName.FIXED, Said.NOT_POSSIBLE, fixed.why)
    sentence = f"The proof does not run on the release it is held against ({fixed.why})."
    raise Stop(FindingOutcome.NOT_JUDGED, Reason.NO_CONTROL, sentence=sentence)


def hidden_branch(proof: Proof, setting: Setting, notes: Notes, first: Run, fixed: Run) -> None:
    """Hold when the step that fired needs an object whose making fails on the fixed release: a branch in disguise."""
    steps = proof.form.steps()
    fired_at = first.facts.get("step", len(steps) - 1)
    if not steps or not isinstance(fired_at, int) or not 0 <= fired_at < len(steps):
        return
    failed = {one.index for one in fixed.steps if not one.ok} - {one.index for one in first.steps if not one.ok}
    for index in sorted(failed):
        called = steps[fired_at].get("call")
        if isinstance(called, Mapping) and called.get("$ref") == index:
            continue  # the returned code is the flaw: that it is no longer made is the fix
        if index < fired_at and depends_on(steps, fired_at, index):
            notes.say(
                ControlName.HELD_VALUES, Said.FAILED, f"step {fired_at} needs step {index}, which fails on the fix"
            )
            hold(notes, setting, Reason.BRANCHES)
            return


def held_values(proof: Proof, first: Run) -> Mapping[int, Any] | None:
    """Return the results on the vulnerable release that later steps use and that are data."""
    used = used_results(proof.form.steps())
    held = {one.index: one.value for one in first.steps if one.ok and one.index in used and one.value is not None}
    return held or None


def look_again(
    proof: Proof, setting: Setting, notes: Notes, first: Run, runs: list[Run], *, held: bool
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Look at the other runs on the fixed release, those with held results among them.

    Raises:
        Stop: one of them is not silent.
    """
    if proof.detector in TIMED:
        missed = [index for index, one in enumerate(runs) if not quiet(proof, one, first)]
        if missed:  # a loaded machine: each missed control once more
            again = yield from ask(notes, [Start(runs[i].variant, number=20 + i) for i in missed])
            for index, one in zip(missed, again, strict=True):
                runs[index] = one
    for one in runs:
        if not quiet(proof, one, first):
            if held and one.outcome is Outcome.FIRED:
                notes.say(ControlName.HELD_VALUES, Said.FAILED, "fires on the fix once earlier results are held")
                raise Stop(FindingOutcome.REFUSED, Reason.BRANCHES)
            if one.outcome is Outcome.COULD_NOT_RUN and (is_busy(one) or not one.facts.get("unclear")):
                raise cut_off(notes, ControlName.FIXED, one)
            notes.say(ControlName.FIXED, Said.FAILED, f"not silent in each run on {one.version}: {one.why or 'fired'}")
            hold(notes, setting, Reason.FLAKY, sentence=f"The proof is not silent in each run on {one.version}.")
            return
    where = "the patched release" if setting.patched else f"the fixed release {setting.fixed}"
    notes.say(ControlName.FIXED, Said.PASSED, f"silent in {FIXED_RUNS} of {FIXED_RUNS} runs on {where}")
    if held:
        notes.say(ControlName.HELD_VALUES, Said.PASSED, "silent on the fix also with the earlier results held")
