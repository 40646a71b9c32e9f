"""What a proof is held against: a fixed release, else a patch of the report, else nothing."""

from collections.abc import Sequence

from clearinghouse.errors import Malformed, NotPossible
from clearinghouse.releases.rules import Environment, Release
from clearinghouse.standards import vers, versions
from clearinghouse.validation.controls.notes import Setting
from clearinghouse.validation.diffs import parse_diff, place
from clearinghouse.validation.lab import Stand, best_environment
from clearinghouse.validation.launch import Start
from clearinghouse.validation.rules import (
    Detector,
    Judgement,
    Outcome,
    Reason,
    VariantName,
)
from clearinghouse.validation.subject import Subject
from clearinghouse.validation.variants import changed_data, changed_sources, read_tree

MAX_FIXED_CANDIDATES = 3
MAX_READY_CANDIDATES = 5
NEAR_RELEASES = 3
NEAR_FILES = 20
"""Up to so many releases between two, and changed sources, the pair itself says which change decides; beyond, it is
asked. The fixes among our examples change 1 to 9 sources. Source: docs/decisions/0069-the-change-itself.md."""


def furnish(subject: Subject, stand: Stand, accepted: frozenset[Reason]) -> Setting:
    """Find the release or the patch to hold the proof against; put the environments on the stand.

    What a person has said yes to counts: that no release is fixed, that the fix came only with the newest one, or that
    the report's own patch is no measure.
    """
    candidates: list[Release] = []
    releases = stand.lab.indexes.releases(subject.package)
    if Reason.DOCUMENTED_USE not in accepted:
        candidates = [] if Reason.FIX_INCOMPLETE in accepted else fixed_candidates(subject, releases)
        candidates = candidates or _silent_newest(subject, stand)
    for release in _worth_building(candidates):
        try:
            environment = best_environment(stand.lab, release, like=stand.vulnerable.interpreter)
        except NotPossible:
            continue
        if environment.interpreter != stand.vulnerable.interpreter:
            continue  # silence there might be the other interpreter's doing
        stand.fixed = environment
        stand.newest = _newest(subject, stand, release.version)
        name = subject.package.rsplit("/", 1)[-1]
        return Setting(
            fixed=release.version,
            newest=stand.newest.version if stand.newest else "",
            identities=((name, subject.version), (name, release.version)),
            accepted=accepted,
            far=_is_far(subject, stand, environment, releases),
            patch_files=_patch_files(subject, stand),
            data_files=_data_files(stand, environment),
        )
    return without_release(subject, stand, accepted)


def without_release(subject: Subject, stand: Stand, accepted: frozenset[Reason], *, removed: str = "") -> Setting:
    """Return what is left to hold a proof against where no release serves: the report's own patch, or nothing."""
    stand.fixed = stand.newest = None
    for patch in () if Reason.NO_CONTROL in accepted else subject.patches:
        try:
            stand.patched = stand.lab.variants.patched(stand.vulnerable, patch.data)
        except Malformed:
            continue
        return Setting(fixed=subject.version, patched=True, accepted=accepted, removed=removed)
    return Setting(accepted=accepted, removed=removed)


def removed_by(judgement: Judgement) -> str:
    """Return what the harmless form did not find on the fixed release, in words; empty where it found all of it.

    To take a flawed function out is a usual fix; then no harmless form can run there, and that is no fault of it.
    """
    if judgement.reason is not Reason.BENIGN_FAILS:
        return ""
    missing = (
        one
        for one in judgement.runs
        if one.benign and one.variant is VariantName.FIXED and one.facts.get("fault") == "no-such-call"
    )
    return next((one.why.removeprefix("no-such-call: ") for one in missing), "")


def _worth_building(candidates: Sequence[Release]) -> list[Release]:
    """Return the nearest candidates; after them some that need no building: old sources often build nowhere here."""
    ready = [one for one in candidates[MAX_FIXED_CANDIDATES:] if any(file.kind != "sdist" for file in one.files)]
    return [*candidates[:MAX_FIXED_CANDIDATES], *ready[:MAX_READY_CANDIDATES]]


def _is_far(subject: Subject, stand: Stand, fixed: Environment, releases: Sequence[Release]) -> bool:
    """Say whether so much lies between the two releases that many of its changes could have stopped the proof."""
    order = [one.version for one in releases if _ordinary(subject, one) or one.version == subject.version]
    if order.index(fixed.version) - order.index(subject.version) - 1 > NEAR_RELEASES:
        return True
    return len(changed_sources(stand.vulnerable, fixed)) > NEAR_FILES


def _data_files(stand: Stand, fixed: Environment) -> tuple[str, ...]:
    """Return the data in which the releases differ, where only the finder says what must hold of a result."""
    if stand.proof.detector is not Detector.INVARIANT:
        return ()
    return tuple(changed_data(stand.vulnerable, fixed))


def _patch_files(subject: Subject, stand: Stand) -> tuple[str, ...]:
    """Return the files of the target that the report's first readable patch changes."""
    tree = frozenset(read_tree(stand.vulnerable.target))
    for patch in subject.patches:
        try:
            diffs = parse_diff(patch.data.decode("utf-8", "surrogateescape"))
        except Malformed:
            continue
        found = [place(one.old_path, tree) for one in diffs if one.old_path and not one.aside()]
        return tuple(one for one in found if one is not None)
    return ()


def _silent_newest(subject: Subject, stand: Stand) -> list[Release]:
    """Return the newest release where the report names no fixed one and the proof does not fire on it; else none."""
    stand.newest = _newest(subject, stand, stand.vulnerable.version)
    if stand.newest is None or stand.newest.interpreter != stand.vulnerable.interpreter:
        return []
    run = stand.once(Start(VariantName.PROBE, number=80))
    return [] if run.outcome is Outcome.FIRED else [stand.lab.release(subject.package, stand.newest.version)]


def _newest(subject: Subject, stand: Stand, other_than: str) -> Environment | None:
    stable = [one for one in stand.lab.indexes.releases(subject.package) if _ordinary(subject, one)]
    if not stable or stable[-1].version == other_than:
        return None
    try:
        return best_environment(stand.lab, stable[-1], like=stand.vulnerable.interpreter)
    except NotPossible:
        return None


def _ordinary(subject: Subject, release: Release) -> bool:
    kind = subject.package.split(":", 1)[1].split("/", 1)[0]
    return not release.yanked and not versions.is_prerelease(kind, release.version) and bool(release.files)


def fixed_candidates(subject: Subject, releases: Sequence[Release]) -> list[Release]:
    """Return the releases to hold the proof against, best first.

    Those the report calls not affected, else those later than the target that lie in none of its affected ranges,
    nearest first; none where it calls every later release affected, or says nothing.
    """
    later = [one for one in releases if _ordinary(subject, one)]
    order = [one.version for one in releases]
    here = order.index(subject.version) if subject.version in order else -1
    later = [one for one in later if order.index(one.version) > here]
    spared = [one.range for one in subject.not_affected if one.package == subject.package]
    if spared:
        named = [one for one in later if any(one.version in vers.parse(each) for each in spared)]
        if named:
            return named
    hit = [one.range for one in subject.affects if one.package == subject.package]
    return [one for one in later if not any(one.version in vers.parse(each) for each in hit)] if hit else []
