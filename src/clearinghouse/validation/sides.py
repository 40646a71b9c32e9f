"""The two runs that decide, side by side: the proof on the vulnerable release, and the control held against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from clearinghouse.validation.rules import (
    Control,
    ControlName,
    Frame,
    Judgement,
    Outcome,
    Run,
    Said,
    Step,
    VariantName,
)

MOST_FRAMES = 12
_ON_THE_FIX = (VariantName.FIXED, VariantName.PATCHED)
_HELD_AGAINST: Mapping[ControlName, tuple[VariantName, ...]] = {
    ControlName.BENIGN: (VariantName.VULNERABLE, *_ON_THE_FIX),
    ControlName.CHANGE: (VariantName.CHANGE_ONLY, VariantName.CHANGE_UNDONE),
    ControlName.GRAFT: (VariantName.GRAFT, VariantName.GRAFT_TEXT),
    ControlName.NULLS: (VariantName.NULL_RETURNS, VariantName.NULL_RAISES),
    ControlName.REPEAT: (VariantName.VULNERABLE,),
    ControlName.REPRINT: (VariantName.REPRINT,),
    ControlName.SEEN_OUTSIDE: (VariantName.VULNERABLE,),
    ControlName.SHOWS: (VariantName.VULNERABLE,),
    ControlName.SWAP: (VariantName.SWAP_TO_VULNERABLE, VariantName.SWAP_TO_FIXED),
    ControlName.TOKEN: (VariantName.TOKEN,),
}
_HAVE_TO_FIRE = frozenset(
    {
        *(VariantName.VULNERABLE, VariantName.TOKEN, VariantName.SWAP_TO_FIXED),
        *(VariantName.REPRINT, VariantName.GRAFT, VariantName.CHANGE_UNDONE),
    }
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs, as people read it."""

    variant: VariantName
    version: str
    benign: bool
    outcome: Outcome
    why: str
    saw: str
    """What our detector saw, in one sentence."""
    argument: str
    blamed: str
    steps: tuple[str, ...]
    frames: tuple[str, ...]
    times: tuple[str, ...]


def decisive(judgement: Judgement) -> Control | None:
    """Return the control that decided: the last that said no; None when none did.

    That a program could not be recorded without loss decides nothing by itself.
    """
    failed = [one for one in judgement.controls if one.said is Said.FAILED and one.name is not ControlName.RECORDED]
    return failed[-1] if failed else None


def sides_of(judgement: Judgement) -> tuple[Side, ...]:
    """Return the two runs to look at: the proof on the vulnerable release, then the control; fewer when fewer ran."""
    proofs = [one for one in judgement.runs if one.variant is VariantName.VULNERABLE and not one.benign]
    shown = next((one for one in proofs if one.outcome is Outcome.FIRED), proofs[0] if proofs else None)
    if shown is None:
        return ()
    held = _held_against(judgement, shown)
    return (_side(shown),) if held is None else (_side(shown), _side(held))


def _held_against(judgement: Judgement, shown: Run) -> Run | None:
    failed = decisive(judgement)
    name = failed.name if failed else ControlName.FIXED
    variants = _HELD_AGAINST.get(name, _ON_THE_FIX)
    benign = name is ControlName.BENIGN
    runs = [one for one in judgement.runs if one.variant in variants and one.benign is benign and one is not shown]
    if not runs and not benign:  # a control that was not reached: the harmless form says what is usual
        runs = [one for one in judgement.runs if one.benign]
    if failed is None:
        return next((one for one in runs if one.outcome is Outcome.SILENT), runs[0] if runs else None)
    return min(
        runs, key=lambda one: (_as_it_should(one), list(VariantName).index(one.variant), one.number), default=None
    )


def _as_it_should(run: Run) -> bool:
    """Say whether a run did what an honest proof does there."""
    should = Outcome.FIRED if run.variant in _HAVE_TO_FIRE and not run.benign else Outcome.SILENT
    return run.outcome is should


def _side(run: Run) -> Side:
    witness = run.witness
    return Side(
        variant=run.variant,
        version=run.version,
        benign=run.benign,
        outcome=run.outcome,
        why=run.why,
        saw=witness.summary if witness else "",
        argument=witness.argument if witness else "",
        blamed=witness.blamed.value if witness else "",
        steps=tuple(_step(one) for one in run.steps),
        frames=tuple(_frame(one) for one in (witness.frames if witness else ())[:MOST_FRAMES]),
        times=tuple(f"n = {n}: {seconds:.4f} s" for n, seconds in run.points),
    )


def _step(step: Step) -> str:
    return f"step {step.index}: {'came back' if step.ok else f'raised {step.raised}'}"


def _frame(frame: Frame) -> str:
    where = f" ({frame.file}:{frame.line})" if frame.file else ""
    return f"{frame.owner.value}: {'.'.join(filter(None, (frame.module, frame.function)))}{where}"
