"""The harmless form of a proof: the same call, silent and run through on both releases."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.notes import (
    TIMED,
    UNCLEAR_LOOKS,
    Notes,
    Setting,
    Stop,
    ask,
    cut_off,
    hold,
)
from clearinghouse.validation.controls.repeat import (
    is_busy,
)
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import (
    ControlName,
    FindingOutcome,
    Outcome,
    Reason,
    Run,
    Said,
)


def look_at_benign(
    proof: Proof, setting: Setting, notes: Notes, first: Run, benign: Sequence[Run]
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Look at the runs of the harmless form: it makes the call that fired, runs through and is silent on both releases.

    Raises:
        Stop: it is no control, or it fires too.
    """
    if proof.benign is None:
        notes.say(ControlName.BENIGN, Said.NOT_POSSIBLE, "the report has no harmless form of the proof")
        hold(notes, setting, Reason.NO_BENIGN)
        return
    unlike = _not_exercised(proof, first)
    if unlike:
        notes.say(ControlName.BENIGN, Said.FAILED, unlike)
        hold(notes, setting, Reason.BENIGN_UNLIKE, sentence=f"{REASONS[Reason.BENIGN_UNLIKE]} ({unlike})")
        return
    for seen in benign:
        one = yield from _measured_again(proof, notes, seen)
        where = f"on {one.version} ({one.variant.value})"
        if one.outcome is Outcome.FIRED:
            notes.say(ControlName.BENIGN, Said.FAILED, f"the harmless form fires {where}")
            raise Stop(FindingOutcome.REFUSED, Reason.BENIGN_FIRES)
        if not ran_through(one, proof.benign):
            failed = next((f"step {step.index} raises {step.raised}" for step in one.steps if not step.ok), one.why)
            notes.say(ControlName.BENIGN, Said.FAILED, f"the harmless form does not run through {where}: {failed}")
            hold(
                notes,
                setting,
                Reason.BENIGN_FAILS,
                sentence=f"{REASONS[Reason.BENIGN_FAILS]} ({where}: {failed})",
            )
            return
    notes.say(ControlName.BENIGN, Said.PASSED, "runs through and is silent on both releases")


def _measured_again(proof: Proof, notes: Notes, run: Run) -> Generator[Sequence[Start], Sequence[Run], Run]:
    """Return a run of the harmless form; a time that tells against it is measured again before it counts.

    Raises:
        Stop: the machine is too busy to tell.
    """
    if proof.detector in TIMED and run.outcome is Outcome.FIRED:
        again = yield from ask(notes, [Start(run.variant, benign=True, number=n) for n in range(1, 1 + UNCLEAR_LOOKS)])
        run = next((one for one in again if one.outcome is not Outcome.FIRED), run)
    if run.facts.get("unclear") and is_busy(run):
        raise cut_off(notes, ControlName.BENIGN, run)
    return run


def _not_exercised(proof: Proof, first: Run) -> str:
    """Return in words why the harmless form is no twin of the proof; empty when it makes the call that fired, alike."""
    steps = proof.form.steps()
    fired_at = first.facts.get("step", len(steps) - 1)
    if proof.benign is None or not steps or not isinstance(fired_at, int) or not 0 <= fired_at < len(steps):
        return ""
    declared = first.facts.get("declared", {}).get(str(fired_at))
    wanted = _shape(steps, steps[fired_at], declared)
    harmless = proof.benign.steps()
    twins = [one for one in harmless if _shape(harmless, one, declared) == wanted]
    if not twins:
        return f"no step of the harmless form calls {wanted[1]} with arguments of the same names"
    key = steps[fired_at].get("must_not_inherit")
    if key is not None and key not in [one.get("must_not_inherit") for one in twins]:
        return f"no step of the harmless form says that the result of {wanted[1]} must not inherit {str(key)[:40]}"
    return ""


def _shape(
    steps: Sequence[Mapping[str, Any]], step: Mapping[str, Any], declared: Sequence[str] | None
) -> tuple[str, str, tuple[str, ...]]:
    """Return what two steps that make the same call have in common.

    Where the target takes any name, those that it does not declare are data, like the keys of a mapping.
    """
    kind = next((one for one in ("call", "new", "method", "get") if one in step), "")
    called = step.get(kind)
    if isinstance(called, Mapping):  # what an earlier step returned: by what that one calls, wherever it stands
        earlier = called.get("$ref")
        known = isinstance(earlier, int) and 0 <= earlier < steps.index(step)
        called = f"what {_shape(steps, steps[int(earlier or 0)], None)[1]} returned" if known else str(called)
    names = [one for one in step.get("kw") or () if declared is None or one in declared]
    return kind, str(called), tuple(sorted(names))
