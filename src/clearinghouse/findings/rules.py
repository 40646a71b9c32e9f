"""What a finding is on its way through the clearinghouse, what makes it one and the same, and what makes it ready."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clearinghouse.findings.report.loading import plain
from clearinghouse.findings.report.model import Report
from clearinghouse.lifecycle import Lifecycle
from clearinghouse.strict import dump_canonical


class FindingState(StrEnum):
    """How far a finding has come."""

    TAKEN_IN = "taken-in"
    JUDGED = "judged"
    SETTLED = "settled"
    SUPERSEDED = "superseded"


class FindingStep(StrEnum):
    """What is done with a finding."""

    JUDGE = "judge"
    REOPEN = "reopen"
    SETTLE = "settle"
    SUPERSEDE = "supersede"


FINDING = Lifecycle(
    name="findings:finding",
    initial=FindingState.TAKEN_IN,
    table={
        (FindingState.TAKEN_IN, FindingStep.JUDGE): FindingState.JUDGED,
        (FindingState.TAKEN_IN, FindingStep.SUPERSEDE): FindingState.SUPERSEDED,
        (FindingState.JUDGED, FindingStep.SETTLE): FindingState.SETTLED,
        (FindingState.JUDGED, FindingStep.REOPEN): FindingState.TAKEN_IN,
        (FindingState.JUDGED, FindingStep.SUPERSEDE): FindingState.SUPERSEDED,
        (FindingState.SETTLED, FindingStep.REOPEN): FindingState.TAKEN_IN,
        (FindingState.SETTLED, FindingStep.SUPERSEDE): FindingState.SUPERSEDED,
    },
)


class SubmissionState(StrEnum):
    """How far a submission has come by itself; what becomes of its findings is read off those."""

    QUEUED = "queued"
    TAKEN_IN = "taken-in"
    REFUSED = "refused"


class SubmissionStep(StrEnum):
    """What is done with a submission: it is read, and gives findings or a refusal."""

    REFUSE = "refuse"
    TAKE_IN = "take-in"


SUBMISSION = Lifecycle(
    name="findings:submission",
    initial=SubmissionState.QUEUED,
    table={
        (SubmissionState.QUEUED, SubmissionStep.TAKE_IN): SubmissionState.TAKEN_IN,
        (SubmissionState.QUEUED, SubmissionStep.REFUSE): SubmissionState.REFUSED,
    },
)


class Notify(StrEnum):
    """What whoever hands something in wants to be told of it; ``findings/telling.py`` says what each is told.

    Source: Akrites SIRT, TAP intake API, read 2026-11.
    """

    OFF = "off"
    FINAL = "final"
    MILESTONES = "milestones"
    ALL = "all"


class Source(StrEnum):
    """The kind of document a finding came in."""

    REPORT = "report"
    SARIF = "sarif"
    OSV = "osv"
    VDR = "vdr"
    MARKDOWN = "markdown"
    TAP = "tap"


class Element(StrEnum):
    """What a ready report has.

    Source: Akrites SIRT, "ready findings", read 2026-11.
    """

    DESCRIPTION = "description"
    TRIGGER = "trigger"
    SEVERITY = "severity"
    PROOF = "proof"
    PATCH = "patch"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a report has one of the six elements, and what the finder could add."""

    element: Element
    said: bool
    hint: str
    """Empty when nothing could be added."""


def readiness_of(report: Report) -> tuple[Readiness, ...]:
    """Return the checklist of six; what is missing gets a hint, never a rejection."""
    return (
        _readiness(Element.DESCRIPTION, said=bool(report.description), hint="say what is wrong, under description"),
        _readiness(Element.TRIGGER, said=bool(report.trigger), hint="say how it is triggered, under trigger"),
        _readiness(Element.SEVERITY, said=bool(report.severity), hint="give a CVSS 3.1 or 4.0 vector, under severity"),
        _proof(report),
        _patch(report),
        _test(report),
    )


def is_ready(report: Report) -> bool:
    """Say whether a report has all six elements."""
    return all(one.said for one in readiness_of(report))


def key_of(report: Report, artefacts: Mapping[str, str]) -> str:
    """Return what a finding is known by: 64 hex digits that follow from its content alone.

    Args:
        report: what was said.
        artefacts: name and digest of each file that belongs to it.
    """
    return key_of_content(plain(report), artefacts)


def key_of_content(report: Mapping[str, Any], artefacts: Mapping[str, str]) -> str:
    """Return the same of a report as it is kept."""
    content = {"report": dict(report), "artefacts": dict(artefacts)}
    return hashlib.sha256(b"clearinghouse finding 1\n" + dump_canonical(content)).hexdigest()


def key_beside(key: str, organization: str) -> str:
    """Return the key of a finding whose content another organization has handed in before: it stays a finding apart.

    Whoever hands in second must not learn from anything that somebody was first.
    """
    return hashlib.sha256(f"clearinghouse finding 1 beside\n{key}\n{organization}".encode()).hexdigest()


def _readiness(element: Element, *, said: bool, hint: str) -> Readiness:
    return Readiness(element, said, "" if said else hint)


def _proof(report: Report) -> Readiness:
    hint = ""
    if not report.proofs:
        hint = "give a proof that can be run, under proofs; best as a document of calls"
    elif any(proof.benign is None for proof in report.proofs):
        hint = "give the same on harmless values, under benign: without it there is no control, and no grade A"
    elif all(proof.kind == "program" for proof in report.proofs):
        hint = "a document of calls is judged higher: try clearinghouse report record"
    return Readiness(Element.PROOF, bool(report.proofs), hint)


def _patch(report: Report) -> Readiness:
    hint = ""
    if not report.patches:
        hint = "give a patch as a unified diff, under patches"
    elif any(patch.licence is None for patch in report.patches):
        hint = "say under which licence the patch is given, under licence"
    return Readiness(Element.PATCH, bool(report.patches), hint)


def _test(report: Report) -> Readiness:
    hint = "give a test that fails before the patch and passes after it, under tests"
    return _readiness(Element.TEST, said=bool(report.tests), hint=hint)
