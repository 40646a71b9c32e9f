"""Reprint and graft: the verdict must follow what the code does, not how its sources read or what they name."""

from collections.abc import Generator, Sequence

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.notes import Notes, Setting, Stop, ask, cut_off, hold, still_fires
from clearinghouse.validation.controls.repeat import fires_at_all
from clearinghouse.validation.detectors import CLEAN
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import ControlName, FindingOutcome, Outcome, Reason, Run, Said, VariantName

NAMES: dict[VariantName, ControlName] = {
    VariantName.REPRINT: ControlName.REPRINT,
    VariantName.GRAFT: ControlName.GRAFT,
}
CHANGED: dict[VariantName, str] = {
    VariantName.REPRINT: "the same code printed anew",
    VariantName.GRAFT: "the same code with names and text of the fix that do nothing",
}


def text_starts(proof: Proof, variants: Sequence[VariantName]) -> list[Start]:
    """Return the starts for some of the two variants: each fired once, each benign once."""
    forms = (False, True) if proof.benign is not None else (False,)
    return [Start(variant, benign=benign) for variant in variants for benign in forms]


def look_at_text(
    proof: Proof, setting: Setting, notes: Notes, first: Run, runs: Sequence[Run]
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Look at the runs that ``text_starts`` asked for.

    Raises:
        Stop: the proof no longer shows although the code does the same.
    """
    for variant, name in NAMES.items():
        mine = [one for one in runs if one.variant is variant]
        if mine:
            yield from _look(proof, setting, notes, first, name=name, runs=mine)


def _look(
    proof: Proof, setting: Setting, notes: Notes, first: Run, *, name: ControlName, runs: Sequence[Run]
) -> Generator[Sequence[Start], Sequence[Run], None]:
    run, *benign = runs
    where = CHANGED[run.variant]
    unfit = next((one.why for one in runs if one.facts.get("fault")), "")
    if not unfit and proof.benign is not None and not all(ran_through(one, proof.benign) for one in benign):
        unfit = "the harmless form does not run through there"
    if not unfit and run.facts.get("unclear"):
        unfit = run.why
    if unfit:
        notes.say(name, Said.NOT_POSSIBLE, f"{where}: {unfit}")
        return
    if run.outcome is Outcome.COULD_NOT_RUN:
        raise cut_off(notes, name, run)
    if run.witness is not None and run.witness.blamed not in CLEAN:
        notes.say(name, Said.FAILED, f"{where}: the act is blamed on: {run.witness.blamed.value}")
        raise Stop(FindingOutcome.REFUSED, Reason.FINDERS_ACT)
    if run.outcome is Outcome.SILENT and not (yield from fires_at_all(proof, setting, notes, run.variant, name)):
        yield from _silent(proof, setting, notes, name, run)
        return
    if _elsewhere(first, run):
        notes.say(name, Said.FAILED, f"{where}: it shows elsewhere, in {', '.join(_names(run))}")
        sentence = f"The proof takes another path through {where}. A person must look."
        hold(notes, setting, Reason.FOLLOWS_TEXT, sentence=sentence)
        return
    notes.say(name, Said.PASSED, f"{where}: fires all the same")


def _silent(
    proof: Proof, setting: Setting, notes: Notes, name: ControlName, run: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Refuse what follows dead text; hold what only follows names, for the target itself may look for them.

    Raises:
        Stop: unless a person has said yes to the latter.
    """
    where = CHANGED[run.variant]
    if run.variant is VariantName.GRAFT:
        (text,) = yield from ask(notes, [Start(VariantName.GRAFT_TEXT)])
        if still_fires(text) or text.outcome is Outcome.COULD_NOT_RUN:
            notes.say(name, Said.FAILED, f"{where}: silent; with the text alone: {text.outcome.value}")
            whose = "the proof" if proof.form.mode == "program" else "the proof or the target itself"
            sentence = (
                f"The proof no longer shows where functions of the fix exist by name and do nothing: "
                f"{whose} looks for them. A person must say which."
            )
            hold(notes, setting, Reason.FOLLOWS_TEXT, sentence=sentence)
            return
    notes.say(name, Said.FAILED, f"{where}: silent")
    raise Stop(FindingOutcome.REFUSED, Reason.FOLLOWS_TEXT, sentence=f"{REASONS[Reason.FOLLOWS_TEXT]} ({where})")


def _names(run: Run) -> tuple[str, ...]:
    return run.witness.state() if run.witness else ()


def _elsewhere(first: Run, run: Run) -> bool:
    """Say whether two witnesses have no function of the target in common; lines differ, so only names count."""
    return bool(_names(first)) and bool(_names(run)) and not set(_names(first)) & set(_names(run))
