"""What the proof and its harmless form do on the patched release: stop, go on as before, and bring nothing down."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from clearinghouse.releases.rules import Environment
from clearinghouse.validation.brief import Form
from clearinghouse.validation.controls.notes import TIMED, quiet
from clearinghouse.validation.lab import Stand
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.looking import asked, at_size, effects_of
from clearinghouse.validation.patches.mutants.forms import mutants_of
from clearinghouse.validation.patches.mutants.ordinary import ACCENT, ordinary
from clearinghouse.validation.patches.mutants.shapes import moved, unbound
from clearinghouse.validation.patches.mutants.spellings import Family
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import Outcome, PatchCheck, Run, Said, VariantName

PROOF_RUNS = 3
FAULTS = frozenset(
    {"NameError", "UnboundLocalError", "ReferenceError", "RecursionError", "MemoryError", "SystemError", "process.exit"}
)
"""What no input may bring about: not an answer to it, but a program that is wrong or gone."""
BUSY_SECONDS = 5.0
"""A run that was cut off counts as endless only when it used as much processor time."""
MOST_VARIANTS = 12
MOST_STEPS = 60
MOST_UNLIKE = 0.5
"""A fix may be stricter than the project's own here and there; from this share on it takes the feature away."""


def stops(stand: Stand, first: Run) -> PatchCheck:
    """Return whether the proof is silent in every run on the release that ``stand`` calls vulnerable."""
    name = CheckName.PROOF_STOPS
    for number in range(PROOF_RUNS):
        run = patched_run(stand, number)
        if stand.proof.detector in TIMED and not quiet(stand.proof, run, first):
            run = patched_run(stand, 20 + number)
        if run.outcome is Outcome.FIRED and not quiet(stand.proof, run, first):
            summary = run.witness.summary if run.witness else "it fires"
            return PatchCheck(name, Said.FAILED, f"run {number + 1} of {PROOF_RUNS} still fires: {summary}")
        if not quiet(stand.proof, run, first):
            return PatchCheck(name, Said.NOT_RUN, f"run {number + 1} of {PROOF_RUNS}: {run.why}")
    return PatchCheck(name, Said.PASSED, f"silent in {PROOF_RUNS} of {PROOF_RUNS} runs")


def patched_run(stand: Stand, number: int = 0) -> Run:
    """Return a run of the proof on the patched release, which the stand calls vulnerable."""
    return asked(stand, stand.vulnerable, Start(VariantName.PATCHED, number=number))


def no_new_crash(bare: Run, runs: Sequence[tuple[str, Run]], *, as_program: bool) -> PatchCheck:
    """Return whether the target lives on, on the patched release, wherever it did before."""
    before = {one.raised for one in bare.steps if not one.ok}
    for what, run in runs:
        why = _brought_down(run)
        new = {one.raised for one in run.steps if not one.ok and one.raised in FAULTS} - before
        if as_program:
            new.discard("process.exit")
        if why or new:
            said = why or f"raises {', '.join(sorted(new))}, which it did not before"
            return PatchCheck(CheckName.NO_NEW_CRASH, Said.FAILED, f"{what}: {said}")
    return PatchCheck(CheckName.NO_NEW_CRASH, Said.PASSED, f"none in {len(runs)} runs")


def _brought_down(run: Run) -> str:
    """Return how the process was lost; empty when it was not, or when the machine may be to blame."""
    if run.outcome is not Outcome.COULD_NOT_RUN or run.facts.get("fault") or run.facts.get("unclear") or run.tampered:
        return ""
    if "signal" in run.why or "out of memory" in run.why or "stopped before its end" in run.why:
        return run.why
    return run.why if "out of time" in run.why and run.cpu_seconds >= BUSY_SECONDS else ""


def benign_stays(ground: Ground) -> PatchCheck:
    """Return whether the harmless form does the same before and after, in what it does the same twice before."""
    name, proof = CheckName.BENIGN_STAYS, ground.proof
    if proof.benign is None:
        return PatchCheck(name, Said.NOT_RUN, "the proof has no harmless form")
    stand = ground.stand(proof)
    run = asked(stand, ground.patched, Start(VariantName.PATCHED, benign=True))
    if not ran_through(run, proof.benign):
        return PatchCheck(name, Said.FAILED, f"the harmless form no longer runs through: {_failed(run)}")
    stable = _stable(stand, ground.base, proof.benign)
    after = effects_of(stand, ground.patched, proof.benign)
    lost = {what: gave for what, gave in stable.items() if after.steps.get(what) != gave}
    if not lost:
        return PatchCheck(name, Said.PASSED, f"runs through and does the same in {len(stable)} respects")
    if ground.fixed is not None:
        there = effects_of(stand, ground.fixed, proof.benign)
        if all(there.steps.get(what) == after.steps.get(what) for what in lost):
            detail = f"differs from before in {', '.join(sorted(lost))}, as it does in the project's own fix"
            return PatchCheck(name, Said.PASSED, detail)
    shown = tuple(
        f"{what}: {gave[:200]} before, {after.steps.get(what, 'nothing')[:200]} after" for what, gave in lost.items()
    )
    return PatchCheck(
        name, Said.FAILED, f"the harmless form gives something else than before: {', '.join(sorted(lost))}", shown
    )


def _stable(stand: Stand, environment: Environment, form: Form) -> dict[str, str]:
    """Return what a form does the same in two runs."""
    one, other = (effects_of(stand, environment, form, number=number) for number in (0, 1))
    return {what: gave for what, gave in one.steps.items() if other.steps.get(what) == gave}


def _failed(run: Run) -> str:
    return next((f"step {one.index} raises {one.raised}" for one in run.steps if not one.ok), run.why or "it fires")


def like_published_fix(ground: Ground) -> PatchCheck:
    """Return whether the patch leaves variants of the harmless form alone where the project's own fix does."""
    name, proof = CheckName.PUBLISHED_FIX, ground.proof
    if ground.fixed is None:
        return PatchCheck(name, Said.NOT_RUN, "the project has published no fix to compare with")
    if proof.benign is None or proof.benign.document is None:
        return PatchCheck(name, Said.NOT_RUN, "only harmless calls can be varied and compared")
    wide, count = _widened(ground, proof.benign)
    stand = ground.stand(proof)
    before, there, after = (effects_of(stand, one, wide) for one in (ground.base, ground.fixed, ground.patched))
    if not (before.through and there.through and after.through):
        why = next(one.why for one in (before, there, after) if not one.through)
        return PatchCheck(name, Said.NOT_RUN, f"the harmless variants could not be run: {why}")
    given = {what: gave for what, gave in before.steps.items() if _gives(what, gave)}
    kept = [what for what, gave in given.items() if gave == there.steps.get(what)]  # what chance decides drops out here
    lost = [what for what in kept if after.steps.get(what) != given[what]]
    unlike = [what for what in given if what not in kept]
    against = f"{ground.fixed.version}, {count} variants of the harmless form"
    shown = tuple(f"{one}: {given[one][:200]} there, {after.steps.get(one, '')[:200]} here" for one in lost)
    if len(lost) > len(kept) * MOST_UNLIKE:
        detail = f"{len(lost)} of {len(kept)} results that the project's own fix leaves as they were differ ({against})"
        return PatchCheck(name, Said.FAILED, detail, shown)
    odd = [what for what in unlike if after.steps.get(what) != there.steps.get(what)]
    rest = f"; {len(lost)} differ" if lost else ""
    rest += f"; {len(odd)} that it changes are not changed in the same way" if odd else ""
    narrow = _too_narrow(ground, proof.benign)
    if narrow:
        detail = (
            f"{len(narrow)} ordinary variants of the harmless form differ, which {ground.fixed.version} leaves alone"
        )
        return PatchCheck(name, Said.FAILED, f"{detail}: {narrow[0]}", tuple(narrow))
    return PatchCheck(name, Said.PASSED, f"alike in {len(kept) - len(lost)} results ({against}){rest}", shown)


def _too_narrow(ground: Ground, benign: Form) -> list[str]:
    """Return which ordinary variants of the harmless form the patch treats otherwise, unlike the project's own fix."""
    assert ground.fixed is not None  # noqa: S101 - who asks has one
    size = ground.proof.sizes[0] if ground.proof.sizes else 1
    document = _bare(at_size(benign.document or {}, size))
    steps: list[dict[str, object]] = []
    said: dict[str, str] = {}
    for what, made in ordinary(document):
        if made.get("setup") != document.get("setup") or len(steps) + len(made["steps"]) > MOST_STEPS:
            continue
        said |= {f"step {len(steps) + number}": what for number in range(len(made["steps"]))}
        steps += [moved(one, len(steps)) for one in made["steps"]]
    form = replace(benign, document={**document, "steps": steps})
    if not steps:
        return []
    stand = ground.stand(ground.proof)
    before, there, after = (effects_of(stand, one, form) for one in (ground.base, ground.fixed, ground.patched))
    if not (before.through and there.through):
        return []
    return [
        f"{said[what]}: {gave[:150]} before and there, {after.steps.get(what, 'nothing')[:150]} here"
        for what, gave in before.steps.items()
        if _gives(what, gave)
        and gave == there.steps.get(what) != after.steps.get(what)
        and not said[what].startswith(ACCENT)  # a fix may well take plain letters only
    ]


def _bare(document: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return a document without what must hold of its steps."""
    return {**document, "steps": [unbound(one) for one in document["steps"]]}


def _gives(what: str, gave: str) -> bool:
    """Say whether something is the result of a step: which way a call fails is for each fix to choose."""
    return what.startswith("step") and not gave.startswith("raises ")


def _widened(ground: Ground, benign: Form) -> tuple[Form, int]:
    """Return the harmless form with variants of its calls behind it, in one document, and how many there are."""
    size = ground.proof.sizes[0] if ground.proof.sizes else 1
    document = dict(at_size(benign.document or {}, size))
    steps = list(document["steps"])
    count = 0
    for mutant in mutants_of(replace(ground.proof, form=benign, benign=None)):
        made = at_size(mutant.proof.form.document or {}, size)
        if mutant.family in (Family.ORDER, Family.SIZE) or made.get("setup") != document.get("setup"):
            continue
        if count >= MOST_VARIANTS or len(steps) + len(made["steps"]) > MOST_STEPS:
            break
        steps += [moved(one, len(steps)) for one in made["steps"]]
        count += 1
    return replace(benign, document=_bare({**document, "steps": steps})), count
