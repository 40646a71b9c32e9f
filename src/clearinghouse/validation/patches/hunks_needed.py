"""Whether each hunk of a patch has to do with what was tried: one that has not, nobody has asked for.

A hunk may be reached and still be no part of the fix: a table that is built when the module is loaded runs whatever it
says. So each hunk is taken back alone. Where nothing that was tried notices, and it only ever ran while the module was
loaded, a person looks at it. One that ran in a call belongs to the way into the flaw, needed or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clearinghouse.errors import Malformed
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.validation.brief import Form
from clearinghouse.validation.controls.notes import quiet
from clearinghouse.validation.launch import Start
from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.hunks import MOST_MUTANTS, wanted_of
from clearinghouse.validation.patches.looking import asked, effects_of, lines_of
from clearinghouse.validation.patches.mutants.forms import Mutant
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.reporttests import run_report_test
from clearinghouse.validation.patches.sources import Change
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said, VariantName
from clearinghouse.validation.subject import Subject

MOST_HUNKS = 8
NOTHING = "noSuchName"
"""What is asked of a module that is only to be loaded."""


def hunks_needed(
    changes: Sequence[Change], ground: Ground, subject: Subject, background: Background, live: Sequence[Mutant]
) -> PatchCheck:
    """Return whether each hunk is needed, the project's own, or ran in a call; one alone is needed, since it stops."""
    name = CheckName.HUNKS_NEEDED
    hunks = [
        (change, wanted)
        for change in changes
        if change.is_code and change.before is not None and change.after is not None
        for wanted in wanted_of(change)
    ]
    asked_about = [(change, wanted) for change, wanted in hunks if not background.has(change, wanted.region)]
    if len(hunks) < 2 or not asked_about:  # noqa: PLR2004 - a hunk alone is the patch
        why = "there is no second hunk of code" if len(hunks) < 2 else "each stands the same in the project's own fix"  # noqa: PLR2004
        return PatchCheck(name, Said.PASSED, why)
    if len(asked_about) > MOST_HUNKS:
        return PatchCheck(
            name, Said.NOT_RUN, f"{len(asked_about)} hunks; at most {MOST_HUNKS} are taken back one by one"
        )
    loading = _lines_of_loading(ground, frozenset(one.path for one in changes))
    if loading is None:
        return PatchCheck(name, Said.NOT_RUN, "which lines run while the module is loaded could not be noted")
    idle = []
    for change, wanted in asked_about:
        if not wanted.after or not wanted.lines <= frozenset(loading.get(change.path, ())):
            continue
        place = wanted.region.place
        try:
            without = ground.lab.variants.rewritten(ground.patched, change.path, change.without(wanted.region))
        except Malformed as refusal:
            return PatchCheck(name, Said.NOT_RUN, f"{place} cannot be taken back: {refusal}")
        if not _is_noticed(without, ground, subject, live):
            idle.append(place)
    if idle:
        detail = f"{len(idle)} of {len(hunks)} hunks run while the module is loaded and can be taken back unnoticed"
        return PatchCheck(name, Said.FAILED, f"{detail}: {', '.join(idle)}", tuple(idle))
    return PatchCheck(name, Said.PASSED, f"each of the {len(asked_about)} hunks is needed or lies in what is called")


def _lines_of_loading(ground: Ground, files: frozenset[str]) -> Mapping[str, Sequence[int]] | None:
    """Return the lines of the patched target that run when it is loaded and nothing in it is called."""
    step = next(iter(ground.proof.form.steps()), {})
    name = next((str(step[one]) for one in ("call", "new", "get") if isinstance(step.get(one), str)), "")
    if not name:
        return None
    node = ground.patched.interpreter.runtime is Runtime.NODE
    nothing = f"{name.partition('#')[0]}#{NOTHING}" if node else f"{name.rpartition('.')[0]}.{NOTHING}"
    form = Form("calls", document={"steps": [{"call": nothing}]})
    return lines_of(ground.stand(replace(ground.proof, form=form, benign=None)), ground.patched, form, files=files)


def _is_noticed(without: Environment, ground: Ground, subject: Subject, live: Sequence[Mutant]) -> bool:
    """Say whether anything that was tried on the patched release ends otherwise on ``without``."""
    for proof in (ground.proof, *(one.proof for one in live[:MOST_MUTANTS])):
        if not quiet(proof, asked(ground.stand(proof), without, Start(VariantName.PATCHED)), ground.first):
            return True
    benign = ground.proof.benign
    if benign is not None:
        stand = ground.stand(ground.proof)
        with_it, bare = (effects_of(stand, one, benign) for one in (ground.patched, without))
        if bare.through != with_it.through or bare.steps != with_it.steps:
            return True
    return any(not run_report_test(one, subject.files, without, ground.lab).passed for one in subject.tests)
