"""The API's operations about verdicts and questions."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import tag
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import finding_by_id
from clearinghouse.records import note_reading
from clearinghouse.validation import queries
from clearinghouse.validation.questions import question_of
from clearinghouse.validation.reasons import helps
from clearinghouse.validation.shapes import dump

router = Router(tags=["verdicts"])


class ControlShown(Schema):
    """A control of the judge, and what it said."""

    name: str
    said: str
    why: str


class PatchShown(Schema):
    """What the checks say of a patch."""

    file: str
    said: str
    sentence: str


class Verdict(Schema):
    """What a finding turned out to be, as far as it is known now."""

    judged: bool
    outcome: str = Field(
        default="", description="validated, claim, refused, held or not-judged; empty before it is judged."
    )
    grade: str = ""
    reason: str = Field(default="", description="A code of the closed table of reasons; empty where none is needed.")
    sentence: str = ""
    helps: str = Field(default="", description="What helps, by the closed table of reasons.")
    question: str = Field(default="", description="What a person is asked about it; empty when nothing is.")
    controls: list[ControlShown] = []
    runs: list[dict[str, Any]] = []
    affected: dict[str, Any] | None = Field(default=None, description="The affected releases, once they are known.")
    patches: list[PatchShown] = []


class QuestionShown(Schema):
    """A question that is put to people."""

    finding: UUID
    report: str
    title: str
    code: str
    sentence: str
    holds: bool = Field(description="Whether nothing is published before somebody said yes.")
    outcome: str
    grade: str


@router.get(
    "/findings/{finding_id}/verdict",
    response={200: Verdict} | REFUSALS,
    operation_id="verdict",
    summary="Show what a finding was judged to be",
)
@door("findings:finding:read")
def verdict(request: HttpRequest, response: HttpResponse, finding_id: UUID) -> Verdict:
    """Return the verdict with its runs and controls, the affected releases, the patches, and what helps."""
    actor = actor_of(request)
    found = finding_by_id(actor, finding_id)
    note_reading(found, actor=actor, at=timezone.now())
    shown = verdict_of(found)
    tag(response, shown)
    return shown


def verdict_of(finding: Finding) -> Verdict:
    """Return what a finding was judged to be, as it is shown to whoever may read the finding."""
    judgement = queries.judgement_of(finding)
    if judgement is None:
        return Verdict(judged=False)
    affected, question = queries.range_of(finding), question_of(judgement)
    return Verdict(
        judged=True,
        outcome=judgement.outcome,
        grade=judgement.grade or "",
        reason=judgement.reason or "",
        sentence=judgement.sentence,
        helps=helps(judgement.reason or ""),
        question=question.sentence if question is not None and not judgement.answers else "",
        controls=[ControlShown(name=one.name, said=one.said, why=one.why) for one in judgement.controls],
        runs=[dump(one) for one in judgement.runs],
        affected=dump(affected) if affected is not None else None,
        patches=[
            PatchShown(file=one.file, said=one.said, sentence=one.sentence) for one in queries.patches_of(finding)
        ],
    )


@router.get(
    "/questions", response={200: Page[QuestionShown]} | REFUSALS, operation_id="questions", summary="List questions"
)
@door("validation:answer:give")
def questions(request: HttpRequest, paging: Query[Paging], *, answered: bool = False) -> Page[QuestionShown]:
    """Return what is put to people; what was answered too, where that is wanted."""
    rows = queries.asked_of(actor_of(request), answered=answered)
    return page_of(rows, paging, name=lambda one: str(one.finding.pk), show=_shown)


def _shown(one: queries.Asked) -> QuestionShown:
    return QuestionShown(
        finding=one.finding.pk,
        report=f"{one.finding.finder}/{one.finding.finder_ref}",
        title=str(one.finding.report["title"]),
        code=one.question.code,
        sentence=one.question.sentence,
        holds=one.question.holds,
        outcome=one.judgement.outcome,
        grade=one.judgement.grade or "",
    )
