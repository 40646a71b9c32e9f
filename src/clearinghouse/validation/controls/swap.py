"""The identity swap: the verdict must follow the code, not the name or version it states."""

from collections.abc import Generator, Sequence

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.notes import TIMED, Notes, Setting, Stop, ask, cut_off, quiet, still_fires
from clearinghouse.validation.controls.repeat import fires_at_all
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.rules import ControlName, FindingOutcome, Outcome, Reason, Run, Said, VariantName


def look_at_swap(
    proof: Proof, setting: Setting, notes: Notes, first: Run, swapped: list[Run]
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Look at the vulnerable code under the fixed name, and the other way round.

    Raises:
        Stop: the verdict follows the name.
    """
    to_fixed, to_vulnerable, *benign = swapped
    if proof.benign is not None and not all(ran_through(one, proof.benign) for one in benign):
        yield from _metadata_alone(proof, setting, notes, first, swapped)
        return
    if proof.detector in TIMED and not quiet(proof, to_vulnerable, first):
        (to_vulnerable,) = yield from ask(notes, [Start(VariantName.SWAP_TO_VULNERABLE, number=1)])
    for one in (to_fixed, to_vulnerable):
        if one.facts.get("fault"):
            notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, f"the target does not run under another name: {one.why}")
            return
        if one.outcome is Outcome.COULD_NOT_RUN and not one.facts.get("unclear"):
            raise cut_off(notes, ControlName.SWAP, one)
    fires = still_fires(to_fixed)
    if not fires and quiet(proof, to_vulnerable, first):
        fires = yield from fires_at_all(proof, setting, notes, VariantName.SWAP_TO_FIXED, ControlName.SWAP)
    if not fires or not quiet(proof, to_vulnerable, first):
        notes.say(
            ControlName.SWAP,
            Said.FAILED,
            f"vulnerable code under the fixed name: {to_fixed.outcome.value}; "
            f"fixed code under the vulnerable name: {to_vulnerable.outcome.value}",
        )
        raise Stop(FindingOutcome.REFUSED, Reason.FOLLOWS_METADATA)
    notes.say(ControlName.SWAP, Said.PASSED, "follows the code, not the name or version")


def _metadata_alone(
    proof: Proof, setting: Setting, notes: Notes, first: Run, swapped: Sequence[Run]
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Swap what the metadata state and nothing else, for a target whose code checks its own version and will not run.

    Data cannot ask for the version that the code states, a program can: beside one this says nothing.
    """
    refuses = "the target does not run under another release's name"
    if setting.program or proof.form.mode == "program":
        notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, refuses)
        return
    again = [Start(one.variant, benign=one.benign, metadata_only=True) for one in swapped]
    to_fixed, to_vulnerable, *benign = yield from ask(notes, again)
    ran = proof.benign is not None and all(ran_through(one, proof.benign) for one in benign)
    if ran and still_fires(to_fixed) and quiet(proof, to_vulnerable, first):
        why = "follows the code, not the version in its metadata; the code does not run when it states another itself"
        notes.say(ControlName.SWAP, Said.PASSED, why)
        return
    notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, refuses)
