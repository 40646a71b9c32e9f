"""Makers for the tests of validation: plain functions with explicit defaults."""

from collections.abc import Callable, Sequence

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import Detector, Frame, Outcome, Owner, Run, Step, VariantName, Witness

V = VariantName


def a_form(**document: object) -> Form:
    steps = document.pop("steps", [{"call": "pkg.read", "args": [{"$nonce": True}]}])
    return Form("calls", document={"steps": steps, **document})


def a_proof(
    *, detector: Detector = Detector.COMMAND_EXECUTION, form: Form | None = None, benign: Form | None = None
) -> Proof:
    return Proof(
        runtime=Runtime.PYTHON,
        kind="calls",
        detector=detector,
        form=form or a_form(),
        benign=benign or a_form(steps=[{"call": "pkg.read", "args": ["harmless"]}]),
    )


def a_witness(*, blamed: Owner = Owner.TARGET, detector: Detector = Detector.COMMAND_EXECUTION) -> Witness:
    frames = (Frame(Owner.LIBRARY, "os", "system", "os.py", 1), Frame(Owner.TARGET, "pkg", "read", "pkg.py", 7))
    return Witness(detector, "os.system", "The target starts a process", blamed, frames)


def a_run(start: Start, outcome: Outcome, **changes: object) -> Run:
    values: dict[str, object] = {
        "variant": start.variant,
        "version": "1.0",
        "benign": start.benign,
        "number": start.number,
        "outcome": outcome,
        "witness": a_witness() if outcome is Outcome.FIRED else None,
    }
    return Run(**{**values, **changes})  # type: ignore[arg-type]  # a maker takes what it is given


FIRES_HONESTLY = frozenset({V.VULNERABLE, V.TOKEN, V.SWAP_TO_FIXED, V.REPRINT, V.GRAFT, V.GRAFT_TEXT, V.CHANGE_UNDONE})


def honest(start: Start, *, steps: int = 1) -> Run:
    """An honest proof: fires where the vulnerable code is, and nowhere else."""
    fires = not start.benign and start.variant in FIRES_HONESTLY
    return a_run(start, Outcome.FIRED if fires else Outcome.SILENT, steps=tuple(Step(i, ok=True) for i in range(steps)))


def answering(rule: Callable[[Start], Run | None], *, steps: int = 1) -> Callable[[Sequence[Start]], list[Run]]:
    """Answer as an honest proof would, except where ``rule`` says otherwise."""
    return lambda starts: [rule(one) or honest(one, steps=steps) for one in starts]
