"""Judges a finding: its proofs one after the other, each through all controls; the strongest judgement stands.

Needs no database: the same code judges for the server, for ``clear``, for ``report try`` and for ``verify``.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.errors import Malformed, NotFound, NotPossible
from clearinghouse.findings.report.values import built_bytes
from clearinghouse.releases.rules import Environment, Release
from clearinghouse.standards import vers, versions
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.controls.notes import Setting, control_variant, still_fires
from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.diffs import parse_diff, place
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory, Stand, best_environment
from clearinghouse.validation.launch import Start
from clearinghouse.validation.needed import WHOLE, needed_steps
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.questions import accepted_by, with_answers
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.rules import (
    Answered,
    Control,
    ControlName,
    Detector,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    PatchSaid,
    Reason,
    Run,
    Said,
    VariantName,
)
from clearinghouse.validation.subject import Subject
from clearinghouse.validation.variants import changed_sources, read_tree

MAX_INTERPRETERS = 3
MAX_FIXED_CANDIDATES = 3
NEAR_RELEASES = 3
NEAR_FILES = 20
"""Up to so many releases between two, and changed sources, the pair itself says which change decides; beyond, it is
asked. The fixes among our examples change 1 to 9 sources. Source: docs/decisions/0069-the-change-itself.md."""
NOTHING_SEEN = "the recorder saw no call into the target"
MOST_HANG_BYTES = 64 * 1024
_STRENGTH = (
    FindingOutcome.REFUSED,
    FindingOutcome.NOT_JUDGED,
    FindingOutcome.HELD,
    FindingOutcome.CLAIM,
    FindingOutcome.VALIDATED,
)
_GRADES = (None, Grade.D, Grade.C, Grade.B, Grade.A_PATCH, Grade.A)


def judge(
    subject: Subject, lab: Lab, *, memory: Memory, pool: Executor | None = None, answers: Sequence[Answered] = ()
) -> Judged:
    """Return what the finding is, by running its proofs; ``answers`` is what people have said of it.

    Raises:
        Unavailable: the index, or a sandbox, does not answer now; what was run is remembered, so try again.
    """
    if not subject.proofs:
        return Judged(_plain(subject, FindingOutcome.CLAIM, Reason.NO_PROOF, grade=Grade.D))
    try:
        vulnerable = lab.release(subject.package, subject.version)
    except NotFound as refusal:
        return Judged(_plain(subject, FindingOutcome.REFUSED, Reason.RELEASE_MISSING, detail=str(refusal)))
    best: Judged | None = None
    for index, proof in enumerate(subject.proofs):
        desk = _Desk(subject, lab, memory, pool, accepted_by(answers))
        judged = _judge_on_interpreters(desk, proof, vulnerable)
        judged = _with_passed_patch(replace(judged, index=index), subject, lab, memory)
        judged = replace(judged, judgement=with_answers(judged.judgement, answers))
        if best is None or _strength(judged.judgement) > _strength(best.judgement):
            best = judged
        if judged.judgement.grade is Grade.A:
            break
    assert best is not None  # noqa: S101 - there is at least one proof
    return best


def _with_passed_patch(judged: Judged, subject: Subject, lab: Lab, memory: Memory) -> Judged:
    """Return the judgement, lowered to C where its only control is a patch that does not pass every check itself."""
    if judged.judgement.grade is not Grade.A_PATCH:
        return judged
    results = [check_patch(one, subject, judged, lab, memory=memory) for one in subject.patches]
    if any(one.said is PatchSaid.PASSED for one in results):
        return judged
    why = results[0].sentence if results else ""
    sentence = f"{REASONS[Reason.NO_CONTROL]} ({why})"
    lowered = replace(judged.judgement, grade=Grade.C, reason=Reason.NO_CONTROL, sentence=sentence)
    return replace(judged, judgement=lowered)


def _strength(judgement: Judgement) -> tuple[int, int]:
    return _STRENGTH.index(judgement.outcome), _GRADES.index(judgement.grade)


def unreadable(report: Mapping[str, Any], why: str) -> Judgement:
    """Return the judgement of a report that cannot even become a subject: a claim, or a proof that cannot be read."""
    target = str(report.get("target") or "")
    if not report.get("proofs"):
        sentence = REASONS[Reason.NO_PROOF]
        return Judgement(FindingOutcome.CLAIM, Grade.D, Reason.NO_PROOF, sentence, target=target)
    sentence = f"{REASONS[Reason.BAD_DOCUMENT]} ({why})"
    return Judgement(FindingOutcome.REFUSED, None, Reason.BAD_DOCUMENT, sentence, target=target)


def _plain(
    subject: Subject,
    outcome: FindingOutcome,
    reason: Reason,
    *,
    detail: str = "",
    grade: Grade | None = None,
    proof: Proof | None = None,
) -> Judgement:
    """Return a judgement for which nothing had to be run."""
    return Judgement(
        outcome=outcome,
        grade=grade,
        reason=reason,
        sentence=f"{REASONS[reason]} ({detail})" if detail else REASONS[reason],
        detector=proof.detector if proof else None,
        proof_kind=proof.kind if proof else "",
        target=subject.target,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every step of judging one finding needs."""

    subject: Subject
    lab: Lab
    memory: Memory
    pool: Executor | None
    accepted: frozenset[Reason]
    """What a person has said yes to."""


def _judge_on_interpreters(desk: _Desk, proof: Proof, vulnerable: Release) -> Judged:
    """Judge on the best interpreter; where the target does not even import there, on the next."""
    judged: Judged | None = None
    for skip in range(MAX_INTERPRETERS):
        try:
            environment = best_environment(desk.lab, vulnerable, skip=skip)
        except NotPossible as refusal:
            if judged is not None:
                return judged
            detail = str(refusal)
            plain = _plain(desk.subject, FindingOutcome.NOT_JUDGED, Reason.NO_INTERPRETER, detail=detail, proof=proof)
            return Judged(plain)
        judged = _judge_here(desk, proof, environment)
        if judged.judgement.reason is not Reason.NO_INTERPRETER:
            return judged
    assert judged is not None  # noqa: S101 - the loop ran
    return judged


def _judge_here(desk: _Desk, proof: Proof, vulnerable: Environment) -> Judged:
    subject = desk.subject
    stand = Stand(desk.lab, proof, vulnerable, desk.memory, pool=desk.pool)
    if proof.detector is Detector.HANG and built_bytes(proof.form.document or {}, 1) > MOST_HANG_BYTES:
        detail = f"a proof that hangs needs an input of at most {MOST_HANG_BYTES} bytes; linear work on more is no hang"
        plain = _plain(subject, FindingOutcome.REFUSED, Reason.BAD_DOCUMENT, detail=detail, proof=proof)
        return Judged(plain, proof=proof)
    setting = _furnish(subject, stand, desk.accepted)
    if proof.kind == "program":
        return _judge_program(subject, stand, setting)
    if proof.kind == "calls":
        return _judge_calls(subject, stand, setting)
    return _finish(subject, stand, drive(plan(proof, setting), stand.run))


def _judge_calls(subject: Subject, stand: Stand, setting: Setting, *said: Control) -> Judged:
    """Judge a list of calls without the steps that it fires without; ``said`` was asked of it before."""
    proof = stand.proof
    first = stand.once(Start(VariantName.VULNERABLE))
    if not still_fires(first) or len(proof.form.steps()) == 1 or proof.detector in WHOLE:
        judgement = drive(plan(proof, setting), stand.run)
        return _finish(subject, stand, replace(judgement, controls=(*said, *judgement.controls)))
    control = control_variant(setting)

    def once(shorter: Proof, variant: VariantName) -> Run:
        return replace(stand, proof=shorter).once(Start(variant))

    needed = needed_steps(
        proof,
        first,
        lambda one: once(one, VariantName.VULNERABLE),
        lambda one: not setting.fixed or once(one, control).outcome is not Outcome.FIRED,
    )
    count, left = len(proof.form.steps()), ", ".join(str(one) for one in needed.left_out)
    why = f"{len(needed.kept)} of {count} steps are needed" + (f"; judged without steps {left}" if left else "")
    shorter = replace(stand, proof=needed.proof)
    judgement = drive(plan(needed.proof, setting), shorter.run)
    controls = (*said, Control(ControlName.NEEDED, Said.PASSED, why), *judgement.controls)
    whole = dict(proof.form.document or {}) if left else None
    return _finish(subject, shorter, replace(judgement, controls=controls, whole_document=whole))


def _finish(subject: Subject, stand: Stand, judgement: Judgement) -> Judged:
    fixed = f"{stand.fixed.package}@{stand.fixed.version}" if stand.fixed else ""
    first = next((one for one in judgement.runs if one.variant is VariantName.VULNERABLE and one.witness), None)
    used = {f"{one.package}@{one.version}": one.digests for one in (stand.vulnerable, stand.fixed) if one is not None}
    return Judged(
        replace(judgement, target=subject.target, fixed=fixed),
        proof=stand.proof,
        first=first,
        interpreter=stand.vulnerable.interpreter,
        environments=used,
    )


def _furnish(subject: Subject, stand: Stand, accepted: frozenset[Reason]) -> Setting:
    """Find the release or the patch to hold the proof against; put the environments on the stand.

    What a person has said yes to counts: that no release is fixed, that the fix came only with the newest one, or that
    the report's own patch is no measure.
    """
    candidates: list[Release] = []
    releases = stand.lab.indexes.releases(subject.package)
    if Reason.DOCUMENTED_USE not in accepted:
        candidates = [] if Reason.FIX_INCOMPLETE in accepted else fixed_candidates(subject, releases)
        candidates = candidates or _silent_newest(subject, stand)
    for release in candidates[:MAX_FIXED_CANDIDATES]:
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
        )
    for patch in () if Reason.NO_CONTROL in accepted else subject.patches:
        try:
            stand.patched = stand.lab.variants.patched(stand.vulnerable, patch.data)
        except Malformed:
            continue
        return Setting(fixed=subject.version, patched=True, accepted=accepted)
    return Setting(accepted=accepted)


def _is_far(subject: Subject, stand: Stand, fixed: Environment, releases: Sequence[Release]) -> bool:
    """Say whether so much lies between the two releases that many of its changes could have stopped the proof."""
    order = [one.version for one in releases if _ordinary(subject, one) or one.version == subject.version]
    if order.index(fixed.version) - order.index(subject.version) - 1 > NEAR_RELEASES:
        return True
    return len(changed_sources(stand.vulnerable, fixed)) > NEAR_FILES


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


def _judge_program(subject: Subject, stand: Stand, setting: Setting) -> Judged:
    """Record the program once, replay what it called, and judge the calls; the program itself earns B at best."""
    proof = stand.proof
    shown = stand.once(Start(VariantName.VULNERABLE, number=90))
    if shown.tampered:
        judgement = drive(plan(proof, replace(setting, program=True)), stand.run)
        return _finish(subject, stand, judgement)
    document, lossy = record(stand, proof.form)
    benign, benign_lossy = record(stand, proof.benign) if proof.benign else (None, ())
    if document is not None and document.get("steps"):
        calls = replace(
            proof,
            form=Form("calls", document=document),
            benign=Form("calls", document=benign) if benign and benign.get("steps") else None,
        )
        replay = replace(stand, proof=calls)
        if replay.once(Start(VariantName.VULNERABLE)).outcome is Outcome.FIRED:
            loss = (*lossy, *benign_lossy)
            control = Control(
                ControlName.RECORDED,
                Said.FAILED if loss else Said.PASSED,
                "; ".join(loss) if loss else f"{len(document['steps'])} calls, without loss",
            )
            return _judge_calls(subject, replay, setting, control)
    if document is not None and document.get("steps") and not lossy and shown.outcome is Outcome.FIRED:
        return _finish(subject, stand, _replay_silent(proof, shown, document))
    judgement = drive(plan(proof, replace(setting, program=True)), stand.run)
    why = "; ".join(lossy) or "the program makes no call into the target that could be recorded"
    control = Control(ControlName.RECORDED, Said.FAILED, why)
    return _finish(subject, stand, replace(judgement, controls=(control, *judgement.controls)))


def _replay_silent(proof: Proof, shown: Run, document: Mapping[str, Any]) -> Judgement:
    """The program fires, the same calls without its code do not: the act was its own."""
    controls = (
        Control(ControlName.RECORDED, Said.PASSED, f"{len(document['steps'])} calls, without loss"),
        Control(ControlName.SHOWS, Said.FAILED, "the same calls, replayed without the program, show nothing"),
    )
    return Judgement(
        outcome=FindingOutcome.REFUSED,
        grade=None,
        reason=Reason.FINDERS_ACT,
        sentence=REASONS[Reason.FINDERS_ACT],
        detector=proof.detector,
        proof_kind=proof.kind,
        controls=controls,
        runs=(shown,),
        tier=shown.tier,
        interpreter=shown.interpreter,
        document=dict(document),
    )


def record(stand: Stand, form: Form) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Run a program under the recorder on the vulnerable release; return its calls and what was lost.

    The recording is remembered like a run: a program with chance in it would give other calls the next time.
    """
    recorder = replace(stand, proof=replace(stand.proof, form=replace(form, mode="record"), benign=None))
    start = Start(VariantName.VULNERABLE, number=91)
    key = recorder.key(stand.vulnerable, start)
    known = stand.memory.recall(key)
    if known is None:
        run, records = recorder.raw(stand.vulnerable, start)
        written = records.of("calls")  # one that may not come to its end is written call by call: the last counts
        fault = records.first("fault")
        said = written[-1] if written else {"lossy": [{"what": (fault or {}).get("detail", NOTHING_SEEN), "where": ""}]}
        known = stand.memory.keep(key, replace(run, facts={**run.facts, "recorded": said}))
    said = known.facts["recorded"]
    lossy = tuple(f"{one.get('what', '?')} ({one.get('where', '?')})" for one in said.get("lossy", []))
    document = said.get("document")
    return (dict(document) if isinstance(document, dict) else None), lossy
