"""Running a proof again until it is settled how often it fires; what a busy machine spoiled does not count."""

from collections.abc import Generator, Sequence

from clearinghouse.sandbox.pressure import BUSY
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.firing import MOST_RUNS, Firing
from clearinghouse.validation.controls.notes import TIMED, Notes, Setting, ask, cut_off, hold, still_fires
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import ControlName, Outcome, Reason, Run, Said, VariantName

MOST_ASKED = 2 * MOST_RUNS
BUSY_FACTOR, BUSY_SECONDS = 3.0, 1.0
"""Where the kernel does not say: busy when the wall clock went so much further than the processor's."""
_AGAIN = 100
"""``ask`` numbers what it runs again from here on."""


def is_busy(run: Run) -> bool:
    """Say whether the machine was busy with other things during a run."""
    if run.pressure is not None:
        return run.pressure >= BUSY
    return run.wall_seconds > BUSY_FACTOR * run.cpu_seconds + BUSY_SECONDS


def firing_of(proof: Proof, runs: Sequence[Run], variant: VariantName) -> Firing:
    """Return how often the proof fired on ``variant`` in the runs that count.

    A run that came to its end counts, however busy the machine was: what a hook does not see did not happen. A measured
    time is another matter. Where it fired at other times, one miss of it, and each on a busy machine, is the machine's.
    """
    here = [
        one for one in runs if one.variant is variant and not one.benign and one.outcome is not Outcome.COULD_NOT_RUN
    ]
    fired = sum(still_fires(one) for one in here)
    missed = [one for one in here if not still_fires(one)]
    if fired and proof.detector in TIMED:
        missed = [one for one in missed if not is_busy(one)][1:]
    return Firing(fired, fired + len(missed))


def next_number(notes: Notes, variant: VariantName) -> int:
    """Return the number of the next run of the proof on ``variant``: memory knows runs by it."""
    made = [one for one in notes.runs if one.variant is variant and not one.benign and one.number < _AGAIN]
    return 1 + max((one.number for one in made), default=-1)


def look_until_settled(
    proof: Proof, notes: Notes, variant: VariantName, control: ControlName
) -> Generator[Sequence[Start], Sequence[Run], Firing]:
    """Run the proof on ``variant`` again until its firing rate is settled, and return it.

    Raises:
        Stop: too many runs were cut off; that is on us.
    """
    number = next_number(notes, variant)
    last = number + MOST_ASKED
    firing = firing_of(proof, notes.runs, variant)
    while (more := firing.more()) and number < last:
        runs = yield from ask(notes, [Start(variant, number=number + n) for n in range(more)])
        lost = next((one for one in runs if one.outcome is Outcome.COULD_NOT_RUN), None)
        if lost is not None:
            raise cut_off(notes, control, lost)
        number += more
        firing = firing_of(proof, notes.runs, variant)
    if firing.more():
        raise cut_off(notes, control, next(one for one in reversed(notes.runs) if one.variant is variant))
    return firing


def fires_at_all(
    proof: Proof, setting: Setting, notes: Notes, variant: VariantName, control: ControlName
) -> Generator[Sequence[Start], Sequence[Run], bool]:
    """Look again where a run that had to fire was silent; say whether the proof fires there.

    A control that refuses must not refuse a proof for being flaky: it is silent in each run, or it is held.

    Raises:
        Stop: it fires in some runs and not in others, or too many runs were cut off.
    """
    firing = yield from look_until_settled(proof, notes, variant, control)
    if firing.is_mixed():
        hold_as_flaky(notes, setting, control, firing)
    return firing.fired > 0


def fires_each_time(proof: Proof) -> Generator[Sequence[Start], Sequence[Run], bool]:
    """Run a program until it is settled how often it fires; say whether each run does.

    One that fires at times may have been silent where its calls were recorded: then they say nothing of it.

    Raises:
        Stop: a run was tampered with, or too many were cut off.
    """
    notes = Notes([], [])
    yield from ask(notes, [Start(VariantName.VULNERABLE)])
    firing = yield from look_until_settled(proof, notes, VariantName.VULNERABLE, ControlName.REPEAT)
    return firing.fired == firing.runs > 0


def hold_as_flaky(notes: Notes, setting: Setting, control: ControlName, firing: Firing) -> None:
    """Say how often the proof fires, and hold it for a person.

    Raises:
        Stop: nobody has said yes to that already.
    """
    sentence = f"The proof shows in {firing.in_words()}, on the same release."
    notes.say(control, Said.FAILED, sentence)
    hold(notes, setting, Reason.FLAKY, sentence=sentence)
