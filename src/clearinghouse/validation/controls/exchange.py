"""Which arguments the act needs, and whether the fixed release would act, or make the same code, without the others.

The fixed release may be silent for a reason that has nothing to do with the act: it refuses a harmless blank in one
argument, while another argument acts by itself, as documented. So arguments are exchanged for those of the harmless
form, one after the other; and code that the target makes there of its input is compared with what it makes of the
harmless form.
"""

from collections.abc import Generator, Sequence

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.controls.notes import (
    TIMED,
    Notes,
    Setting,
    ask,
    control_variant,
    hold,
    still_fires,
)
from clearinghouse.validation.exchange import Place, differing, in_words
from clearinghouse.validation.launch import Start
from clearinghouse.validation.needed import alike
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import ControlName, Detector, Reason, Run, Said, VariantName

SPEAK_OF_VALUES = frozenset({Detector.INVARIANT})
"""Detectors that look at what comes back: other arguments have other results, so an exchange would say nothing.

An exception is no such result: code that the target makes of an argument, as documented, raises what its author likes.
"""
UNSEEN_CODE = TIMED | {Detector.CRASH}
"""Detectors whose witness does not tell which code was running."""
MOST_TIMED_PLACES = 4


def look_at_exchange(
    proof: Proof, setting: Setting, notes: Notes, first: Run
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Hold a proof whose act the fixed release shows too, or whose code it makes, once other arguments are harmless.

    Raises:
        Stop: it does, and nobody has said yes to that.
    """
    if proof.detector in SPEAK_OF_VALUES or setting.program or proof.benign is None:
        _look_at_token(setting, notes)
        return
    kept, needed = yield from _reduce(proof, notes, first)
    mixed = [kept] if kept else []
    mixed += [(*kept, place) for place in needed] if len(needed) > 1 else []
    variant = VariantName.EXCHANGED_FIXED
    runs = yield from ask(notes, [Start(variant, number=n, exchange=one) for n, one in enumerate(mixed)])
    for places, run in zip(mixed, runs, strict=True):
        if still_fires(run):
            where = " and ".join(in_words(one) for one in places)
            why = f"with the harmless form's {where}, {run.version} shows the same"
            notes.say(ControlName.EXCHANGE, Said.FAILED, why)
            reason = Reason.CODE_BY_DESIGN if run.facts.get("acting") else Reason.DOCUMENTED_USE
            hold(notes, setting, reason, sentence=f"{REASONS[reason]} ({why})")
            break
    else:
        why = f"{len(needed)} of {len(needed) + len(kept)} differing arguments are needed; the fixed release is silent"
        notes.say(ControlName.EXCHANGE, Said.PASSED, why if mixed else "there is one difference, and it is needed")
    yield from _look_at_code(proof, setting, notes, first, mixed, reduced=bool(kept))


def _reduce(
    proof: Proof, notes: Notes, first: Run
) -> Generator[Sequence[Start], Sequence[Run], tuple[tuple[Place, ...], tuple[Place, ...]]]:
    """Return the places whose dangerous value is not needed to fire, and those where it is."""
    places = differing(proof)
    if len(places) < 2:  # noqa: PLR2004 - one difference: exchanged, it is the harmless form
        return (), places
    kept: tuple[Place, ...] = ()
    needed: tuple[Place, ...] = ()
    most = MOST_TIMED_PLACES if proof.detector in TIMED else len(places)
    for number, place in enumerate(places[:most]):
        (run,) = yield from ask(notes, [Start(VariantName.EXCHANGED, number=number, exchange=(*kept, place))])
        if alike(run, first):
            kept += (place,)
        else:
            needed += (place,)
    return kept, needed + places[most:]


def _look_at_code(
    proof: Proof,
    setting: Setting,
    notes: Notes,
    first: Run,
    mixed: Sequence[tuple[Place, ...]],
    *,
    reduced: bool,
) -> Generator[Sequence[Start], Sequence[Run], None]:
    """Hold what becomes code on the fixed release that the harmless form does not become there."""
    control = control_variant(setting)
    runs = [one for one in notes.runs if one.variant in (control, VariantName.EXCHANGED_FIXED)]
    if proof.detector in TIMED:
        variant = VariantName.EXCHANGED_FIXED
        forms = [*mixed, *(() if reduced else ((),))]
        starts = [Start(variant, number=50 + n, exchange=one, hooked=True) for n, one in enumerate(forms)]
        starts.append(Start(variant, benign=True, number=50, hooked=True))
        runs = list((yield from ask(notes, starts)))
    why = odd_code(proof, first, runs, reduced=reduced)
    if why:
        notes.say(ControlName.CODE_BY_DESIGN, Said.FAILED, why)
        hold(notes, setting, Reason.CODE_BY_DESIGN)


def odd_code(proof: Proof, first: Run, runs: Sequence[Run], *, reduced: bool) -> str:
    """Return what the fixed release makes code of although it does not of the harmless form; empty when nothing.

    Code differs where its form does, or where it is the very code that acted; texts that stand in it as values do not
    count, for right fixes write input as a literal. What an argument that is not needed becomes says nothing.
    """
    harmless = [one for one in runs if one.benign]
    mine = [one for one in runs if not one.benign and (not reduced or one.variant is VariantName.EXCHANGED_FIXED)]
    if any(one.facts.get("code_from_input") for one in runs if not one.benign):
        return "the fixed release still turns our token into code"
    acting = set(first.facts.get("acting", ()))
    if any(one & acting for one in ({*_made(run, "whole")} - _all(harmless, "whole") for run in mine)):
        return "the fixed release makes the very code of the input that acted"
    if not acting and proof.detector not in UNSEEN_CODE:
        return ""
    if any({*_made(run, "shapes")} - _all(harmless, "shapes") for run in mine):
        return "the fixed release makes code of this input that is formed otherwise than that of the harmless form"
    return ""


def _made(run: Run, name: str) -> Sequence[str]:
    made = run.facts.get("made") or {}
    found: Sequence[str] = made.get(name, ())
    return found


def _all(runs: Sequence[Run], name: str) -> set[str]:
    return {one for run in runs for one in _made(run, name)}


def _look_at_token(setting: Setting, notes: Notes) -> None:
    """Hold what the fixed release turns into code with our token as more than a text in it."""
    control = control_variant(setting)
    if any(one.facts.get("code_from_input") for one in notes.runs if one.variant is control and not one.benign):
        notes.say(ControlName.CODE_BY_DESIGN, Said.FAILED, "the fixed release still turns our token into code")
        hold(notes, setting, Reason.CODE_BY_DESIGN)
