"""What a plan has seen and said so far, and how it stops."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.detectors import CLEAN, control_is_quiet
from clearinghouse.validation.launch import Start
from clearinghouse.validation.outside import Outside
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    Detector,
    FindingOutcome,
    Grade,
    Outcome,
    Reason,
    Run,
    Said,
    VariantName,
)

TIMED = frozenset({Detector.GROWTH, Detector.HANG})
"""Detectors that a loaded machine can mislead: each missed control is run once more."""
UNCLEAR_LOOKS = 2
_CONTROLS = {
    VariantName.VULNERABLE: ControlName.SHOWS,
    VariantName.FIXED: ControlName.FIXED,
    VariantName.PATCHED: ControlName.FIXED,
    VariantName.PROBE: ControlName.FIXED,
    VariantName.NULL_RETURNS: ControlName.NULLS,
    VariantName.NULL_RAISES: ControlName.NULLS,
    VariantName.SWAP_TO_FIXED: ControlName.SWAP,
    VariantName.SWAP_TO_VULNERABLE: ControlName.SWAP,
    VariantName.TOKEN: ControlName.TOKEN,
    VariantName.REPRINT: ControlName.REPRINT,
    VariantName.GRAFT: ControlName.GRAFT,
    VariantName.GRAFT_TEXT: ControlName.GRAFT,
    VariantName.CHANGE_ONLY: ControlName.CHANGE,
    VariantName.CHANGE_UNDONE: ControlName.CHANGE,
}
"""The control that asks for a variant."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What there is to hold a proof against."""

    fixed: str = ""
    """Version of the fixed release, or the vulnerable one when ``patched``; empty: none."""
    patched: bool = False
    newest: str = ""
    """The newest release, when it is another than ``fixed``."""
    identities: tuple[tuple[str, str], tuple[str, str]] | None = None
    """(name, version) of the vulnerable and of the fixed release, for the identity swap; None: not possible."""
    far: bool = False
    """The two releases lie so far apart that many changes could have stopped the proof."""
    patch_files: tuple[str, ...] = ()
    """The files that the report's own patch changes, as the target has them."""
    data_files: tuple[str, ...] = ()
    """The files without code in which the two releases differ; looked for where the finder wrote what must hold."""
    removed: str = ""
    """Why the fixed release is no measure although there is one: it no longer has what the proof calls."""
    program: bool = False
    """The form that is judged is the finder's own program."""
    accepted: frozenset[Reason] = frozenset()
    """What a person has looked at and said yes to: it is noted and holds the proof up no more."""


class Stop(Exception):
    """Ends the plan with a judgement; control flow inside the plan only."""

    def __init__(
        self, outcome: FindingOutcome, reason: Reason, *, sentence: str = "", grade: Grade | None = None
    ) -> None:
        self.outcome, self.reason, self.grade = outcome, reason, grade
        self.sentence = sentence or REASONS[reason]


@dataclass(slots=True)
class Notes:
    """What was seen and said so far."""

    runs: list[Run]
    controls: list[Control]
    accepted: list[Reason] = field(default_factory=list)
    """What would have held the proof, had nobody said yes."""

    def say(self, name: ControlName, said: Said, why: str) -> None:
        """Note what a control answered; one that has failed, and that a person let pass, does not pass afterwards."""
        if said is Said.PASSED and any(one.name is name and one.said is Said.FAILED for one in self.controls):
            return
        self.controls.append(Control(name, said, why))


def ask(notes: Notes, starts: Sequence[Start]) -> Generator[Sequence[Start], Sequence[Run], Sequence[Run]]:
    """Ask for runs; one whose records were tampered with ends the plan, and one that others kept from its end.

    Raises:
        Stop: a run was tampered with, or got no processor however often it was made: that is on us.
    """
    runs = list((yield starts))
    for again in range(1, 1 + UNCLEAR_LOOKS):  # a busy machine: what is unclear or was cut off is run again
        unclear = [index for index, one in enumerate(runs) if _worth_another_look(one)]
        if not unclear:
            break
        notes.runs.extend(runs[index] for index in unclear)
        anew = yield [replace(starts[index], number=starts[index].number + 100 * again) for index in unclear]
        for index, one in zip(unclear, anew, strict=True):
            runs[index] = one
    notes.runs.extend(runs)
    for one in runs:
        if one.tampered:
            notes.say(ControlName.BLAME, Said.FAILED, one.tampered)
            raise Stop(FindingOutcome.REFUSED, Reason.TAMPERED, sentence=f"{REASONS[Reason.TAMPERED]} ({one.tampered})")
    for one in runs:
        if one.facts.get("starved"):
            raise cut_off(notes, ControlName.BENIGN if one.benign else _CONTROLS[one.variant], one)
    return runs


def hold(notes: Notes, setting: Setting, reason: Reason, *, sentence: str = "") -> None:
    """Hold the proof for a person, unless one has said yes to that already; the control has said its part.

    Raises:
        Stop: nobody has.
    """
    if reason not in setting.accepted:
        raise Stop(FindingOutcome.HELD, reason, sentence=sentence)
    notes.accepted.append(reason)


def _worth_another_look(run: Run) -> bool:
    """Say whether a run may end otherwise when it is made again: not when the runner said what is wrong for good."""
    return run.outcome is Outcome.COULD_NOT_RUN and not run.facts.get("fault") and not run.tampered


def quiet(proof: Proof, run: Run, first: Run) -> bool:
    """Say whether a control run that was not to fire did not."""
    if proof.detector is Detector.GROWTH and (run.outcome is not Outcome.COULD_NOT_RUN or run.facts.get("unclear")):
        last = run.points[-1][0] if run.points else 0
        if proof.sizes and last >= proof.sizes[-1]:  # it came through: what takes next to nothing is led no further
            return control_is_quiet(run.points, tuple(one for one in first.points if one[0] <= last))
        return control_is_quiet(run.points, first.points)
    return run.outcome is Outcome.SILENT


def still_fires(run: Run) -> bool:
    """Say whether a run that had to fire did, with the target to blame, and was no act that nobody outside saw."""
    if run.outcome is not Outcome.FIRED or outside_of(run)[0] is Outside.UNSEEN:
        return False
    return run.witness is not None and run.witness.blamed in CLEAN


def outside_of(run: Run) -> tuple[Outside | None, str]:
    """Return what the observer outside says of what a run shows, and why; None where nobody observed."""
    fact = run.facts.get("outside")
    return (Outside(fact["said"]), str(fact["why"])) if fact else (None, "")


def cut_off(notes: Notes, name: ControlName, run: Run) -> Stop:
    """Return what follows when a control could not run although nothing is wrong with the proof: it is on us."""
    notes.say(name, Said.NOT_POSSIBLE, run.why)
    sentence = f"{REASONS[Reason.INFRASTRUCTURE]} ({run.variant.value}: {run.why})"
    return Stop(FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE, sentence=sentence)


def control_variant(setting: Setting) -> VariantName:
    """Return the variant that serves as the fixed one."""
    return VariantName.PATCHED if setting.patched else VariantName.FIXED
