"""Whether each hunk of a patch is needed for something that was tried: one that is not, nobody has asked for.

A hunk may be reached and still be no part of the fix: a table built when the module is loaded runs whatever it
says. So each hunk is taken back alone; where neither the proof, its mutants, its harmless form nor the report's
test notices, a person looks at it.
"""

from collections.abc import Sequence

from clearinghouse.errors import Malformed
from clearinghouse.releases.rules import Environment
from clearinghouse.validation.controls.notes import quiet
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import Start
from clearinghouse.validation.patches.attack import Ground
from clearinghouse.validation.patches.hunks import MOST_MUTANTS, wanted_of
from clearinghouse.validation.patches.looking import asked, effects_of
from clearinghouse.validation.patches.mutants.forms import Mutant
from clearinghouse.validation.patches.reporttests import run_report_test
from clearinghouse.validation.patches.sources import Change
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said, VariantName
from clearinghouse.validation.subject import Subject

MOST_HUNKS = 8


def hunks_needed(
    changes: Sequence[Change], ground: Ground, subject: Subject, lab: Lab, live: Sequence[Mutant]
) -> PatchCheck:
    """Return whether something notices when a hunk is taken back; a patch of one hunk needs it, since it stops."""
    name = CheckName.HUNKS_NEEDED
    hunks = [
        (change, wanted.region)
        for change in changes
        if change.is_code and change.before is not None and change.after is not None
        for wanted in wanted_of(change)
    ]
    if len(hunks) < 2:  # noqa: PLR2004 - a hunk alone is the patch
        return PatchCheck(name, Said.PASSED, "there is no second hunk of code")
    if len(hunks) > MOST_HUNKS:
        return PatchCheck(name, Said.NOT_RUN, f"{len(hunks)} hunks; at most {MOST_HUNKS} are taken back one by one")
    idle = []
    for change, region in hunks:
        try:
            without = lab.variants.rewritten(ground.patched, change.path, change.without(region))
        except Malformed as refusal:
            return PatchCheck(name, Said.NOT_RUN, f"{region.place} cannot be taken back: {refusal}")
        if not _is_noticed(without, ground, subject, lab, live):
            idle.append(region.place)
    if idle:
        detail = f"{len(idle)} of {len(hunks)} hunks can be taken back and nothing notices: {', '.join(idle)}"
        return PatchCheck(name, Said.FAILED, detail, tuple(idle))
    return PatchCheck(name, Said.PASSED, f"without any of the {len(hunks)} hunks something fails")


def _is_noticed(without: Environment, ground: Ground, subject: Subject, lab: Lab, live: Sequence[Mutant]) -> bool:
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
    return any(not run_report_test(one, subject.files, without, lab).passed for one in subject.tests)
