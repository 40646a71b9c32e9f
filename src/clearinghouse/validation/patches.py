"""Checks of a patch, by running: the proof stops, harmless use stays, tests tell before from after.

What could not run has not passed: each check says what it ran, or why it did not. Source of the rule for refused, held
and passed: ``docs/guide/how-we-judge.md``, "Patches".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from clearinghouse.errors import Malformed, NotFound, NotPossible
from clearinghouse.releases.rules import Environment
from clearinghouse.validation.controls.notes import TIMED, quiet
from clearinghouse.validation.diffs import FileDiff, parse_diff
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory, Stand, best_environment
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.projecttests import project_tests
from clearinghouse.validation.reporttests import run_report_test
from clearinghouse.validation.rules import Outcome, PatchCheck, PatchResult, PatchSaid, Run, Said, VariantName
from clearinghouse.validation.subject import Patch, Subject

PROOF_RUNS = 3
FLAGGED = re.compile(
    r"os\.environ|process\.env\b|getenv|sys\.(?:addaudithook|settrace|setprofile|monitoring|setrecursionlimit)"
    r"|recursion ?limit|signal\.|/proc/|except\s*:|except\s+(?:Base)?Exception\b|catch\s*(?:\([^)]*\))?\s*\{\s*\}",
    re.IGNORECASE,
)
"""Words that an honest fix rarely needs; they do not refuse a patch, they put it before a person."""


def check_patch(patch: Patch, subject: Subject, judged: Judged, lab: Lab, *, memory: Memory) -> PatchResult:
    """Return what every check says of one patch.

    Args:
        patch: the patch as handed in.
        subject: the finding it came with.
        judged: its judgement, with the proof in the form that was judged.
        lab: where to run.
        memory: where runs are kept.
    """
    try:
        base = _base(patch, subject, judged, lab)
        diffs = parse_diff(patch.data.decode("utf-8", "surrogateescape"))
        patched = lab.variants.patched(base, patch.data)
    except Malformed as refusal:
        check = PatchCheck("applies", Said.FAILED, str(refusal))
        return _result(patch, [check], PatchSaid.REFUSED, f"The patch cannot be applied: {refusal}")
    except (NotFound, NotPossible) as refusal:
        check = PatchCheck("applies", Said.NOT_RUN, str(refusal))
        return _result(patch, [check], PatchSaid.NOT_RUN, f"The patch could not be checked: {refusal}")
    names = ", ".join(one.path for one in diffs)
    checks = [PatchCheck("applies", Said.PASSED, f"to {base.package}@{base.version}: {names}")]
    checks += _proof_checks(judged, base, patched, lab, memory)
    checks.append(_words(diffs))
    checks.append(_report_tests(subject, base, patched, lab))
    checks.append(project_tests(base, patched, lab))
    said, sentence = conclude(checks)
    return _result(patch, checks, said, sentence)


def _result(patch: Patch, checks: Sequence[PatchCheck], said: PatchSaid, sentence: str) -> PatchResult:
    return PatchResult(patch.digest, patch.file, said, sentence, tuple(checks))


def conclude(checks: Sequence[PatchCheck]) -> tuple[PatchSaid, str]:
    """Return what the checks come to: refused, held for a person, or passed."""
    said: Mapping[str, PatchCheck] = {one.name: one for one in checks}
    proof, benign = said["proof-stops"], said["benign-stays"]
    if proof.said is Said.FAILED:
        return PatchSaid.REFUSED, f"The patch does not stop the proof: {proof.detail}."
    if Said.NOT_RUN in (proof.said, benign.said):
        return PatchSaid.NOT_RUN, f"The patch could not be checked: {proof.detail or benign.detail}."
    failed = [one for one in checks if one.said is Said.FAILED]
    if failed:
        reasons = "; ".join(f"{one.name}: {one.detail}" for one in failed)
        return PatchSaid.HELD, f"The proof stops, but a person must look: {reasons}."
    ran = ", ".join(one.name for one in checks if one.said is Said.PASSED)
    left = [one.name for one in checks if one.said is not Said.PASSED]
    rest = f"; not run: {', '.join(left)}" if left else ""
    return PatchSaid.PASSED, f"Passed: {ran}{rest}."


def _base(patch: Patch, subject: Subject, judged: Judged, lab: Lab) -> Environment:
    release = lab.release(subject.package, patch.base)
    return best_environment(lab, release, like=judged.interpreter)


def _proof_checks(
    judged: Judged, base: Environment, patched: Environment, lab: Lab, memory: Memory
) -> list[PatchCheck]:
    if judged.proof is None or judged.first is None:
        return [
            PatchCheck("proof-stops", Said.NOT_RUN, "the finding has no proof that shows"),
            PatchCheck("benign-stays", Said.NOT_RUN, "the finding has no proof that shows"),
        ]
    bare, stand = Stand(lab, judged.proof, base, memory), Stand(lab, judged.proof, patched, memory)
    if bare.on(base, Start(VariantName.PROBE)).outcome is not Outcome.FIRED:
        why = f"the proof does not show on {base.version}, the release that the patch was made for"
        return [PatchCheck(name, Said.NOT_RUN, why) for name in ("proof-stops", "benign-stays")]
    return [stops(stand, judged.first), _benign(bare, stand)]


def stops(stand: Stand, first: Run) -> PatchCheck:
    """Return whether the proof is silent in every run on the release that ``stand`` calls vulnerable."""
    for number in range(PROOF_RUNS):
        run = stand.on(stand.vulnerable, Start(VariantName.PATCHED, number=number))
        if stand.proof.detector in TIMED and not quiet(stand.proof, run, first):
            run = stand.on(stand.vulnerable, Start(VariantName.PATCHED, number=20 + number))
        if run.outcome is Outcome.FIRED and not quiet(stand.proof, run, first):
            summary = run.witness.summary if run.witness else "it fires"
            return PatchCheck("proof-stops", Said.FAILED, f"run {number + 1} of {PROOF_RUNS} still fires: {summary}")
        if not quiet(stand.proof, run, first):
            return PatchCheck("proof-stops", Said.NOT_RUN, f"run {number + 1} of {PROOF_RUNS}: {run.why}")
    return PatchCheck("proof-stops", Said.PASSED, f"silent in {PROOF_RUNS} of {PROOF_RUNS} runs")


def _benign(bare: Stand, stand: Stand) -> PatchCheck:
    proof = stand.proof
    if proof.benign is None:
        return PatchCheck("benign-stays", Said.NOT_RUN, "the proof has no harmless form")
    run = stand.on(stand.vulnerable, Start(VariantName.PATCHED, benign=True))
    if not ran_through(run, proof.benign):
        return PatchCheck("benign-stays", Said.FAILED, f"the harmless form no longer runs through: {_failed(run)}")
    before = bare.on(bare.vulnerable, Start(VariantName.PROBE, benign=True))
    if _values(before) != _values(run):
        return PatchCheck("benign-stays", Said.FAILED, "the harmless form returns other values than before")
    return PatchCheck("benign-stays", Said.PASSED, "the harmless form runs through as before")


def _failed(run: Run) -> str:
    return next((f"step {one.index} raises {one.raised}" for one in run.steps if not one.ok), run.why or "it fires")


def _values(run: Run) -> list[tuple[int, bool, str]]:
    return [(one.index, one.ok, one.raised if not one.ok else repr(one.value)) for one in run.steps]


def _words(diffs: Sequence[FileDiff]) -> PatchCheck:
    for diff in diffs:
        for hunk in diff.hunks:
            for line in set(hunk.new) - set(hunk.old):
                found = FLAGGED.search(line)
                if found:
                    return PatchCheck(
                        "words", Said.FAILED, f"{diff.path} adds {found.group(0)!r}, which a fix rarely needs"
                    )
    return PatchCheck("words", Said.PASSED, "no word that would watch or mislead the check")


def _report_tests(subject: Subject, base: Environment, patched: Environment, lab: Lab) -> PatchCheck:
    if not subject.tests:
        return PatchCheck("report-test", Said.NOT_RUN, "no test came with the report")
    ran = []
    for test in subject.tests:
        before = run_report_test(test, subject.files, base, lab)
        after = run_report_test(test, subject.files, patched, lab)
        for one, where in ((before, "before the patch"), (after, "after it")):
            if one.refused:
                return PatchCheck("report-test", Said.NOT_RUN, f"{test.command!r} could not run {where}: {one.refused}")
        if before.passed or not after.passed:
            was, now = ("passes" if one.passed else "fails" for one in (before, after))
            detail = f"{test.command!r} {was} before the patch and {now} after it; it must fail, then pass"
            return PatchCheck("report-test", Said.FAILED, detail)
        ran.append(test.command)
    return PatchCheck("report-test", Said.PASSED, f"fails before and passes after: {'; '.join(ran)}")


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
