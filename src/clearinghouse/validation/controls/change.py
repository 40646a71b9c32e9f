"""The change itself: where two releases lie far apart, it must be the change around the witness that stops the proof.

A proof may tell the releases apart by any of their differences. So the files that the witness's frames stand in are
exchanged, and nothing else: the vulnerable release with the fixed form of them must be silent, the fixed release with
the vulnerable form must fire. Where the fix lies elsewhere, both say nothing; that is no fault of the proof.
"""

from collections.abc import Generator, Sequence
from pathlib import PurePosixPath

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.notes import Notes, Setting, ask, hold, quiet, still_fires
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.rules import ControlName, Outcome, Owner, Reason, Run, Said, VariantName

SOURCES = frozenset({".py", ".js", ".cjs", ".mjs"})
"""Code made at run time names itself as it likes."""
SHOWN = 3
MOST_FILES = 12
"""A stack through more files than these is no pointer to a change."""


def files_of(run: Run) -> tuple[str, ...]:
    """Return the files of the target that the witness's frames stand in, innermost first."""
    frames = run.witness.frames if run.witness else ()
    mine = (one.file for one in frames if one.owner is Owner.TARGET)
    found = dict.fromkeys(one for one in mine if PurePosixPath(one).suffix in SOURCES)
    return tuple(found)[:MOST_FILES]


def look_at_change(
    proof: Proof, setting: Setting, notes: Notes, first: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Exchange files between the two releases and say what follows: those around the witness, then the patch's."""
    said = "the witness names no file of the target"
    for files in dict.fromkeys((files_of(first), setting.patch_files)):
        if files:
            passed, said = yield from _exchange(proof, notes, first, files)
            if passed:
                notes.say(ControlName.CHANGE, Said.PASSED, said)
                return
    notes.say(ControlName.CHANGE, Said.NOT_POSSIBLE, said)


def look_at_data(
    proof: Proof, setting: Setting, notes: Notes, first: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Hold what stops with the data of the later release alone: that data moved on is no flaw by itself.

    Raises:
        Stop: it does, and nobody has said yet that the data was wrong.
    """
    decides, _ = yield from _exchange(proof, notes, first, setting.data_files)
    if decides:
        named = ", ".join(setting.data_files[:SHOWN])
        more = f" and {len(setting.data_files) - SHOWN} more" if len(setting.data_files) > SHOWN else ""
        notes.say(ControlName.CHANGE, Said.FAILED, f"the data alone decides: {named}{more}")
        hold(notes, setting, Reason.DATA_DECIDES)


def _exchange(
    proof: Proof, notes: Notes, first: Run, files: tuple[str, ...]
) -> Generator[Sequence[Start], Sequence[Run], tuple[bool, str]]:
    """Return whether the change of some files decides alone, and what was seen."""
    variants = (VariantName.CHANGE_ONLY, VariantName.CHANGE_UNDONE)
    starts = [Start(one, files=files) for one in variants]
    if proof.benign is not None:
        starts += [Start(one, benign=True, files=files) for one in variants]
    only, undone, *benign = yield from ask(notes, starts)
    unfit = next((one.why for one in (only, undone, *benign) if one.outcome is Outcome.COULD_NOT_RUN), "")
    if not unfit and proof.benign is not None and not all(ran_through(one, proof.benign) for one in benign):
        unfit = "the files of one release do not run beside the rest of the other"
    if unfit:
        return False, unfit
    named = ", ".join(files)
    if quiet(proof, only, first) and still_fires(undone):
        return True, f"the change of {named} alone stops it; without it the fixed release shows it"
    said = f"with the change of {named} alone: {only.outcome.value}; the fix without it: {undone.outcome.value}"
    return False, f"another change of that release decides ({said})"
