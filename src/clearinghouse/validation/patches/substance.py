"""Whether a patch changes what runs, and whether it changes what builds, describes or starts it too."""

from collections.abc import Sequence

from clearinghouse.validation.diffs import FileDiff
from clearinghouse.validation.patches.sources import Change, runs
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said


def substance(changes: Sequence[Change]) -> PatchCheck:
    """Return whether anything that runs is changed: more than comments, docstrings and version numbers."""
    name = CheckName.SUBSTANCE
    broken = next((one for one in changes if one.now is not None and one.now.broken), None)
    if broken is not None and broken.now is not None and not (broken.was is not None and broken.was.broken):
        return PatchCheck(name, Said.FAILED, f"{broken.path} cannot be read after it ({broken.now.broken})")
    real = [one.path for one in changes if _runs_otherwise(one)]
    if real:
        return PatchCheck(name, Said.PASSED, f"changes what runs in {', '.join(real)}")
    where = ", ".join(one.path for one in changes) or "no file of the product"
    return PatchCheck(name, Said.FAILED, f"it changes comments, documentation or the version only ({where})")


def _runs_otherwise(change: Change) -> bool:
    if change.was is not None and change.now is not None and change.was.shape:
        return change.was.shape != change.now.shape
    return any(runs(change.path, line) for one in change.regions() for _, line in (*one.removed, *one.added))


def build(diffs: Sequence[FileDiff]) -> PatchCheck:
    """Return whether the patch leaves alone what builds, describes or starts the product."""
    name = CheckName.BUILD
    touched = [one.path for one in diffs if one.builds()]
    if touched:
        detail = f"it also changes what builds, describes or starts the package: {', '.join(touched)}"
        return PatchCheck(name, Said.FAILED, detail, tuple(touched))
    aside = [one.path for one in diffs if one.aside()]
    rest = f"; tests and documents in it are not used: {', '.join(aside)}" if aside else ""
    return PatchCheck(name, Said.PASSED, f"only files of the product{rest}", tuple(aside))
