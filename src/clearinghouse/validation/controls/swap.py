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
        notes.say(ControlName.SWAP, Said.NOT_POSSIBLE, "the target does not run under another release's name")
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
