"""Checks one patch: every check in its order, each saying what it ran or why it did not.

Source of the rule for refused, held and passed: ``docs/guide/how-we-judge.md``, "Patches".
"""

from collections.abc import Sequence
from dataclasses import replace

from clearinghouse.errors import Malformed, NotFound, NotPossible
from clearinghouse.releases.rules import Environment
from clearinghouse.standards import purl
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.diffs import FileDiff, parse_diff
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory, Stand, best_environment
from clearinghouse.validation.launch import Start
from clearinghouse.validation.patches.attack import Attacked, Ground, Variant, try_known, try_mutants
from clearinghouse.validation.patches.behaviour import (
    PROOF_RUNS,
    benign_stays,
    like_published_fix,
    no_new_crash,
    patched_run,
    stops,
)
from clearinghouse.validation.patches.doctests import doctests
from clearinghouse.validation.patches.hunks import hunks_reached
from clearinghouse.validation.patches.hunks_needed import hunks_needed
from clearinghouse.validation.patches.looking import asked
from clearinghouse.validation.patches.names import names_stay
from clearinghouse.validation.patches.neighbours import near_inputs
from clearinghouse.validation.patches.projecttests import project_tests
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.reporttests import run_report_test
from clearinghouse.validation.patches.sources import Change, changes_of
from clearinghouse.validation.patches.substance import build, substance
from clearinghouse.validation.patches.twins import twins
from clearinghouse.validation.patches.verdict import CheckName, conclude
from clearinghouse.validation.patches.words import literals, words
from clearinghouse.validation.rules import Bypass, Outcome, PatchCheck, PatchResult, Run, Said, VariantName
from clearinghouse.validation.subject import Patch, Subject


def check_patch(
    patch: Patch,
    subject: Subject,
    judged: Judged,
    lab: Lab,
    *,
    memory: Memory,
    known: Sequence[Variant] = (),
) -> PatchResult:
    """Return what every check says of one patch.

    Args:
        patch: the patch as handed in.
        subject: the finding it came with.
        judged: its judgement, with the proof in the form that was judged.
        lab: where to run.
        memory: where runs are kept.
        known: forms of proofs of the same package that are known from elsewhere, earlier bypasses included.
    """
    try:
        base = _base(patch, subject, judged, lab)
        diffs = parse_diff(patch.data.decode("utf-8", "surrogateescape"))
        patched = lab.variants.patched(base, patch.data)
    except Malformed as refusal:
        return _result(patch, [PatchCheck(CheckName.APPLIES, Said.FAILED, str(refusal))])
    except (NotFound, NotPossible) as refusal:
        return _result(patch, [PatchCheck(CheckName.APPLIES, Said.NOT_RUN, str(refusal))])
    names = ", ".join(one.path for one in diffs)
    checks = [PatchCheck(CheckName.APPLIES, Said.PASSED, f"to {base.package}@{base.version}: {names}")]
    if judged.proof is None or judged.first is None:
        checks.append(PatchCheck(CheckName.PROOF_STOPS, Said.NOT_RUN, "the finding has no proof that shows"))
        return _result(patch, checks)
    changes = changes_of(diffs, base, lab)
    checks.append(substance(changes))
    fixed = _published(subject, judged, base, lab)
    ground = Ground(lab, memory, judged.proof, judged.first, base, patched, fixed)
    shown = asked(ground.stand(judged.proof), base, Start(VariantName.PROBE))
    if shown.outcome is not Outcome.FIRED:
        why = f"the proof does not show on {base.version}, the release that the patch was made for"
        checks.append(PatchCheck(CheckName.PROOF_STOPS, Said.NOT_RUN, why))
        return _result(patch, checks)
    found, bypasses = _by_running(ground, shown, changes=changes, diffs=diffs, subject=subject, known=known)
    return _result(patch, [*checks, *found], bypasses)


def _by_running(
    ground: Ground,
    shown: Run,
    *,
    changes: Sequence[Change],
    diffs: Sequence[FileDiff],
    subject: Subject,
    known: Sequence[Variant],
) -> tuple[list[PatchCheck], tuple[Bypass, ...]]:
    """Return what the checks say that need the proof; after one that refuses, the long ones are left out."""
    proof, lab = ground.proof, ground.lab
    patched = Stand(lab, proof, ground.patched, ground.memory)
    checks = [stops(patched, ground.first)]
    runs = [(f"run {number + 1} of the proof", patched_run(patched, number)) for number in range(PROOF_RUNS)]
    checks.append(no_new_crash(shown, runs, as_program=_as_program(proof)))
    if any(one.said is Said.FAILED for one in checks):
        return checks, ()
    mutated, others = try_mutants(ground), try_known(ground, known)
    checks += [mutated.check, others.check]
    bypasses = (*mutated.bypasses, *others.bypasses)
    if bypasses:
        return checks, bypasses
    background = Background.of(ground.base, ground.fixed)
    checks[1] = _no_crash_either(checks[1], ground, mutated, others, shown)
    checks += [
        benign_stays(ground),
        names_stay(changes, ground.base, ground.patched, lab),
        words(changes, proof, background),
        literals(changes, proof, ground.base.interpreter.runtime, background),
        build(diffs),
        hunks_reached(changes, ground, subject, background, mutated.live),
        hunks_needed(changes, ground, subject, background, mutated.live),
        twins(changes, ground.patched, background),
        like_published_fix(ground),
        near_inputs(ground),
        _report_tests(subject, ground.base, ground.patched, lab),
        project_tests(ground.base, ground.patched, lab),
        doctests(changes, ground.base, ground.patched, lab),
    ]
    return checks, ()


def _no_crash_either(check: PatchCheck, ground: Ground, mutated: Attacked, others: Attacked, shown: Run) -> PatchCheck:
    """Return whether the other forms, too, leave the process alive."""
    if check.said is not Said.PASSED:
        return check
    runs = [
        (f"the mutant {one.what!r}", ground.stand(one.proof).on(ground.patched, Start(VariantName.PATCHED)))
        for one in (*mutated.live, *others.live)
    ]
    runs += [("the proof", patched_run(Stand(ground.lab, ground.proof, ground.patched, ground.memory)))]
    return no_new_crash(shown, runs, as_program=_as_program(ground.proof))


def _as_program(proof: Proof) -> bool:
    """Say whether the proof starts a program of the target, which may well end the process with a status."""
    return proof.harness is not None and ("bin" in proof.harness or "module" in proof.harness)


def _result(patch: Patch, checks: Sequence[PatchCheck], bypasses: tuple[Bypass, ...] = ()) -> PatchResult:
    said, sentence = conclude(checks)
    plain = tuple(replace(one, name=str(one.name)) for one in checks)
    return PatchResult(patch.digest, patch.file, said, sentence, plain, bypasses)


def _base(patch: Patch, subject: Subject, judged: Judged, lab: Lab) -> Environment:
    release = lab.release(subject.package, patch.base)
    return best_environment(lab, release, like=judged.interpreter)


def _published(subject: Subject, judged: Judged, base: Environment, lab: Lab) -> Environment | None:
    """Return the release with the project's own fix on the same interpreter; None when there is none."""
    named = judged.judgement.fixed
    if not named:
        return None
    fixed = purl.parse(named)
    if fixed.package != subject.package or fixed.version in (base.version, subject.version):
        return None  # the report's own patch stood in for it
    try:
        found = best_environment(lab, lab.release(subject.package, fixed.version), like=base.interpreter)
    except (NotFound, NotPossible):
        return None
    return found if found.interpreter == base.interpreter else None


def _report_tests(subject: Subject, base: Environment, patched: Environment, lab: Lab) -> PatchCheck:
    name = CheckName.REPORT_TEST
    if not subject.tests:
        return PatchCheck(name, Said.NOT_RUN, "no test came with the report")
    ran = []
    for test in subject.tests:
        before = run_report_test(test, subject.files, base, lab)
        after = run_report_test(test, subject.files, patched, lab)
        for one, where in ((before, "before the patch"), (after, "after it")):
            if one.refused:
                return PatchCheck(name, Said.NOT_RUN, f"{test.command!r} could not run {where}: {one.refused}")
        if before.passed or not after.passed:
            was, now = ("passes" if one.passed else "fails" for one in (before, after))
            detail = f"{test.command!r} {was} before the patch and {now} after it; it must fail, then pass"
            return PatchCheck(name, Said.FAILED, detail)
        ran.append(test.command)
    return PatchCheck(name, Said.PASSED, f"fails before and passes after: {'; '.join(ran)}")


def stopped_by(patch: Patch, of: Subject, subject: Subject, judged: Judged, lab: Lab, *, memory: Memory) -> bool | None:
    """Say whether another finding's patch stops this finding's proof; None when that cannot be asked.

    The proof is run on the release that the patch was made for: first bare, where it must fire, then patched.
    """
    if judged.proof is None or judged.first is None or of.package != subject.package:
        return None
    try:
        release = lab.release(of.package, patch.base)
        base = best_environment(lab, release, like=judged.interpreter)
        patched = lab.variants.patched(base, patch.data)
    except (Malformed, NotFound, NotPossible):
        return None
    stand = Stand(lab, judged.proof, base, memory)
    bare = stand.on(base, Start(VariantName.PROBE))
    if bare.outcome is not Outcome.FIRED:
        return None
    check = stops(replace(stand, vulnerable=patched), judged.first)
    return {Said.PASSED: True, Said.FAILED: False}.get(check.said)
