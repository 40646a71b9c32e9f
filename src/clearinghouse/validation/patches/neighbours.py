"""Whether a patch treats inputs near the proof otherwise than before, where the project's own fix does.

A patch that looks for something that only this proof holds stops the proof; its neighbours still go through.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.looking import Effects, at_size, effects_of
from clearinghouse.validation.patches.mutants.shapes import moved, unbound
from clearinghouse.validation.patches.mutants.weaker import ALONE, weaker_arguments
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import Detector, PatchCheck, Said

MOST_NEIGHBOURS = 20
MOST_STEPS = 60
MOST_LEFT = 0.5
"""The project's own fix may be stricter than needed; from this share on the patch stops something else."""
START_SECONDS = 1.0
"""Of the time of a run, what starting and importing may take."""
SHARE = 0.5
"""Of the time that a run may take, what the neighbours together are to take."""
RAISES = "raises "


def near_inputs(ground: Ground) -> PatchCheck:
    """Return whether what the project's own fix treats otherwise near the proof, the patch does not leave as it was."""
    name, proof = CheckName.NEAR_INPUTS, ground.proof
    fixed, why = ground.fixed, _why_not(ground)
    if why or fixed is None or proof.form.document is None:
        return PatchCheck(name, Said.NOT_RUN, why)
    document, said = _neighbours(dict(proof.form.document), most_steps=_affordable(ground))
    if not said:
        return PatchCheck(name, Said.NOT_RUN, "the proof holds no text that could be made weaker")
    form = replace(proof.form, document=document)
    stand = ground.stand(replace(proof, form=form))
    ran: list[Effects] = []
    for environment, number in ((ground.base, 0), (ground.base, 1), (fixed, 0), (ground.patched, 0)):
        ran.append(effects_of(stand, environment, form, number=number))
        if not ran[-1].through:
            return PatchCheck(name, Said.NOT_RUN, f"the inputs could not be run: {ran[-1].why}")
    before, again, there, after = ran
    concerned = [what for what in _given(before) if _given(again).get(what) == before.steps[what]]
    wanted = {_class(str(step["must_raise"])) for step in proof.form.steps() if step.get("must_raise")}
    concerned = [
        what
        for what in concerned
        if _is_concerned(said[what], before.steps[what], there.steps.get(what, ""), wanted=wanted)
    ]
    left = [what for what in concerned if after.steps.get(what) == before.steps[what]]
    against = f"{len(said)} inputs near the proof, {fixed.version}"
    if not concerned:
        return PatchCheck(name, Said.NOT_RUN, f"the project's own fix treats none of them otherwise ({against})")
    failed = len(left) > len(concerned) * MOST_LEFT
    shown = tuple(f"{said[what]}: {before.steps[what][:150]}; there {there.steps.get(what, '')[:150]}" for what in left)
    detail = f"{len(left)} of {len(concerned)} results that the project's own fix changes stay as they were ({against})"
    return PatchCheck(name, Said.FAILED if failed else Said.PASSED, detail, shown)


def _is_concerned(way: str, gave: str, gives: str, *, wanted: Collection[str] = ()) -> bool:
    """Say whether the project's own fix treats an input otherwise, and not only because it refuses nonsense.

    A proof that says how the target must refuse makes that refusal the fix.
    """
    refuses = gives.startswith(RAISES) and _class(gives.removeprefix(RAISES)) not in wanted
    return gives != gave and not (way.startswith(ALONE) and refuses)


def _class(exception: str) -> str:
    return exception.rpartition(".")[2]


def _given(effects: Effects) -> dict[str, str]:
    """Return the results of the steps that gave something: how a call fails is for each fix to choose."""
    return {what: gave for what, gave in effects.steps.items() if what.startswith("step") and RAISES not in gave[:7]}


def _why_not(ground: Ground) -> str:
    """Return why a proof has no neighbours to compare; empty where it may have some."""
    if ground.fixed is None:
        return "the project has published no fix to compare with"
    if ground.proof.form.mode != "calls" or ground.proof.form.document is None:
        return "only calls can be varied and compared"
    if ground.proof.detector is Detector.HANG:
        return "the proof is a call that does not end; what lies near it need not end either"
    return ""


def _affordable(ground: Ground) -> int:
    """Return how many steps fit into the time of one run, by how long those of the proof took; one set at least."""
    steps = len(ground.proof.form.steps())
    if ground.first.points:  # at size 2 each is quick
        return max(steps, MOST_STEPS)
    seconds = max(0.01, ground.first.cpu_seconds - START_SECONDS)
    times = int(SHARE * ground.proof.limit_seconds / seconds)
    return max(steps, min(MOST_STEPS, times * steps))


def _neighbours(document: dict[str, Any], *, most_steps: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Return one document with the proof's steps once for each neighbour, and by step what the neighbour is."""
    original = [unbound(step) for step in document["steps"]]
    steps: list[Mapping[str, Any]] = []
    said: dict[str, str] = {}
    for index, step in enumerate(original):
        for part in ("args", "kw"):
            for what, changed in weaker_arguments(at_size(step[part], 2)) if part in step else ():
                if len(said) >= MOST_NEIGHBOURS * len(original) or len(steps) + len(original) > most_steps:
                    break
                made = [*original[:index], {**step, part: changed}, *original[index + 1 :]]
                said |= {f"step {len(steps) + number}": what for number in range(len(made))}
                steps += [moved(at_size(one, 2), len(steps)) for one in made]
    return {**document, "steps": steps}, said
