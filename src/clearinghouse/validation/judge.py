"""Judges a finding: its proofs one after the other, each through all controls; the strongest judgement stands.

Needs no database: the same code judges for the server, for ``clear``, for ``report try`` and for ``verify``.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.errors import NotFound
from clearinghouse.findings.report.values import built_bytes
from clearinghouse.releases.rules import Environment, Release
from clearinghouse.validation.against import furnish, removed_by, without_release
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.controls.notes import Setting, Stop, control_variant, still_fires
from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.controls.repeat import fires_each_time
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory, Stand
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.needed import WHOLE, needed_steps
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.questions import accepted_by, with_answers
from clearinghouse.validation.reasons import REASONS
from clearinghouse.validation.recording import record, replay_silent
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
    """Judge on the best interpreter; where the target cannot be put together or does not even import, on the next."""
    judged: Judged | None = None
    troubles = []
    for environment, trouble in desk.lab.environments.one_by_one(vulnerable):
        if environment is None:
            troubles.append(trouble)
            continue
        judged = _judge_here(desk, proof, environment)
        if judged.judgement.reason is not Reason.NO_INTERPRETER:
            break
    if judged is not None:
        return judged
    outcome, reason = FindingOutcome.NOT_JUDGED, Reason.NO_INTERPRETER
    return Judged(_plain(desk.subject, outcome, reason, detail=troubles[0], proof=proof))


def _judge_here(desk: _Desk, proof: Proof, vulnerable: Environment) -> Judged:
    subject = desk.subject
    stand = Stand(desk.lab, proof, vulnerable, desk.memory, pool=desk.pool)
    if proof.detector is Detector.HANG and built_bytes(proof.form.document or {}, 1) > MOST_HANG_BYTES:
        detail = f"a proof that hangs needs an input of at most {MOST_HANG_BYTES} bytes; linear work on more is no hang"
        plain = _plain(subject, FindingOutcome.REFUSED, Reason.BAD_DOCUMENT, detail=detail, proof=proof)
        return Judged(plain, proof=proof)
    judged = _judge_against(subject, stand, furnish(subject, stand, desk.accepted))
    gone = removed_by(judged.judgement)
    if not gone or stand.fixed is None:
        return judged
    removed = f"the fixed release {stand.fixed.version} no longer has what the proof calls: {gone}"
    return _judge_against(subject, stand, without_release(subject, stand, desk.accepted, removed=removed))


def _judge_against(subject: Subject, stand: Stand, setting: Setting) -> Judged:
    proof = stand.proof
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
        replay = _with_what_was_caught(stand, replace(stand, proof=calls), benign_lossy)
        loss = (*lossy, *benign_lossy)
        fires = replay.once(Start(VariantName.VULNERABLE)).outcome is Outcome.FIRED
        if fires and loss and not _replays(replay):
            return _judge_as_program(subject, stand, setting, loss)
        if fires:
            control = Control(
                ControlName.RECORDED,
                Said.FAILED if loss else Said.PASSED,
                "; ".join(loss) if loss else f"{len(document['steps'])} calls, without loss",
            )
            return _judge_calls(subject, replay, setting, control)
        if not lossy and shown.outcome is Outcome.FIRED and _fires_each_time(stand):
            return _finish(subject, stand, replay_silent(proof, shown, document))
    return _judge_as_program(subject, stand, setting, lossy)


def _with_what_was_caught(stand: Stand, replay: Stand, lossy: Sequence[str]) -> Stand:
    """Return the replay with a harmless form that says which of its calls raise, where its program caught that.

    A program that tries what does not exist, and catches the answer, has come through; its calls one by one have not.
    Where something was lost, a call may raise for the loss.
    """
    benign = replay.proof.benign
    if benign is None or lossy:
        return replay
    run = replay.once(Start(VariantName.VULNERABLE, benign=True))
    raised = {one.index for one in run.steps if not one.ok}
    if not raised or not ran_through(
        stand.once(Start(VariantName.VULNERABLE, benign=True)), stand.proof.benign or stand.proof.form
    ):
        return replay
    steps = [dict(step, must_raise=True) if index in raised else step for index, step in enumerate(benign.steps())]
    document = dict(benign.document or {}, steps=steps)
    return replace(replay, proof=replace(replay.proof, benign=Form("calls", document=document)))


def _fires_each_time(stand: Stand) -> bool:
    try:
        return drive(fires_each_time(stand.proof), stand.run)
    except Stop:
        return False  # the plan comes upon the same, and says it


def _replays(stand: Stand) -> bool:
    """Say whether the recorded harmless form runs through on the vulnerable release, or nothing says that it does not.

    Where something was lost, a list of calls may fire and its harmless form fail for the same loss.
    """
    benign = stand.proof.benign
    if benign is None:
        return False
    run = stand.once(Start(VariantName.VULNERABLE, benign=True))
    return run.outcome is Outcome.FIRED or bool(run.facts.get("starved")) or ran_through(run, benign)


def _judge_as_program(subject: Subject, stand: Stand, setting: Setting, lossy: tuple[str, ...]) -> Judged:
    """Judge the program itself, and say why not its calls."""
    judgement = drive(plan(stand.proof, replace(setting, program=True)), stand.run)
    why = "; ".join(lossy) or "the program makes no call into the target that could be recorded"
    control = Control(ControlName.RECORDED, Said.FAILED, why)
    return _finish(subject, stand, replace(judgement, controls=(control, *judgement.controls)))
