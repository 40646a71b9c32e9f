"""The API's operations about what is handed in, and what it became."""

import base64
import binascii
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.files import UploadedFile

from clearinghouse.artefacts import open_artefacts
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS, Violation
from clearinghouse.edges.rest import tag
from clearinghouse.errors import NotFound
from clearinghouse.findings import queries
from clearinghouse.findings.archives import ARCHIVE_BYTES, packed
from clearinghouse.findings.folders import refusal
from clearinghouse.findings.models import Finding, Submission
from clearinghouse.findings.receipts import RECEIPT_LENGTH, receipt_from
from clearinghouse.findings.rules import Notify
from clearinghouse.findings.submissions import hand_in
from clearinghouse.records import note_reading

router = Router(tags=["findings"])


class Receipt(Schema):
    """That something was handed in."""

    receipt: str = Field(examples=["SUB-7Q4M2XKD3V9R0T1WZ8N5B6HCGA"])
    status: str = Field(description="queued, processing or done.")
    monitor: str = Field(description="Where to ask how far it is.")


class About(Given):
    """What is said beside a report that is handed in."""

    name: str = Field("", max_length=300, description="What it is called; empty: as the file is.")
    target: str = Field("", max_length=1600, description="purl with version, for a document that does not say it.")
    notify: Notify = Notify.FINAL


class Files(About):
    """A report's folder as JSON."""

    name: str = Field(min_length=1, max_length=300)
    files: dict[str, str] = Field(description="Name of each file, and its bytes in base64.", min_length=1)


class FindingLine(Schema):
    """A finding in a list."""

    id: UUID
    report: str = Field(description="finder/id")
    title: str
    target: str
    state: str
    received_at: datetime


class ReadinessPart(Schema):
    """One of the six elements of a ready report."""

    element: str
    said: bool
    hint: str = Field(description="What could be added; empty when nothing.")


class FindingShown(FindingLine):
    """A finding with what was said."""

    source: str
    document: dict[str, Any] = Field(description="The report, as JSON of format version 1.")
    readiness: list[ReadinessPart]
    artefacts: list[str] = Field(description="Names of the files that belong to it.")


class SubmissionLine(Schema):
    """A submission in a list."""

    receipt: str
    name: str
    status: str
    received_at: datetime
    refused: bool


class SubmissionShown(SubmissionLine):
    """A submission, and what it became."""

    problems: list[Violation] = Field(description="Why it was refused; every problem.")
    findings: list[FindingLine]


@router.post(
    "/submissions",
    response={202: Receipt} | REFUSALS,
    operation_id="hand_in",
    summary="Hand in an archive or a document",
)
@decorate_view(idempotent)
@door("findings:submission:hand-in")
def hand_in_file(
    request: HttpRequest, response: HttpResponse, about: Form[About], report: File[UploadedFile]
) -> Status[Receipt]:
    """Take an archive of a report's folder, or a single document of any kind that is read; answer with a receipt.

    It is read later. Send an Idempotency-Key, so that sending again after a broken connection hands in once.
    """
    size = report.size or 0
    if size > ARCHIVE_BYTES:
        raise refusal("too-large", "report", f"{size} bytes; at most {ARCHIVE_BYTES} are taken", "send less")
    name = about.name or report.name or ""
    return _taken(request, response, report.read(), name=name, target=about.target, notify=about.notify)


@router.post(
    "/submissions/files",
    response={202: Receipt} | REFUSALS,
    operation_id="hand_in_files",
    summary="Hand in the files of a report as JSON",
)
@decorate_view(idempotent)
@door("findings:submission:hand-in")
def hand_in_files(request: HttpRequest, response: HttpResponse, body: Files) -> Status[Receipt]:
    """Take a report's folder as JSON, for small reports."""
    files = {}
    for name, text in body.files.items():
        try:
            files[name] = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise refusal("invalid-base64", f"files.{name}", "it is not base64", "encode the bytes") from None
    return _taken(request, response, packed(files), name=body.name, target=body.target, notify=body.notify)


def _taken(
    request: HttpRequest, response: HttpResponse, data: bytes, *, name: str, target: str, notify: Notify
) -> Status[Receipt]:
    made = hand_in(
        data,
        name=name,
        receipt=receipt_from(secrets.token_bytes(RECEIPT_LENGTH)),
        artefacts=open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS),
        target=target,
        notify=notify,
        actor=actor_of(request),
        at=timezone.now(),
    )
    monitor = f"/api/v1/submissions/{made.receipt}"
    response["Location"] = monitor
    response["Link"] = f'<{monitor}>; rel="monitor"'
    return Status(202, Receipt(receipt=made.receipt, status="queued", monitor=monitor))


@router.get(
    "/submissions",
    response={200: Page[SubmissionLine]} | REFUSALS,
    operation_id="submissions",
    summary="List submissions",
)
@door("findings:submission:read")
def submissions(request: HttpRequest, paging: Query[Paging]) -> Page[SubmissionLine]:
    """Return what was handed in, the newest first."""
    rows = queries.submissions_for(actor_of(request))
    return page_of(rows, paging, show=_line)


@router.get(
    "/submissions/{receipt}",
    response={200: SubmissionShown} | REFUSALS,
    operation_id="submission",
    summary="Say how far a submission is",
)
@door("findings:submission:read")
def submission(request: HttpRequest, response: HttpResponse, receipt: str) -> SubmissionShown:
    """Return how far a submission is and what it became."""
    found = queries.submission_for(actor_of(request), receipt)
    shown = SubmissionShown(
        **_line(found).model_dump(),
        problems=[Violation(**one) for one in found.problems],
        findings=[finding_line(one) for one in found.findings.order_by("finder", "finder_ref", "received_at", "key")],
    )
    tag(response, shown)
    return shown


@router.get("/findings", response={200: Page[FindingLine]} | REFUSALS, operation_id="findings", summary="List findings")
@door("findings:finding:read")
def findings(request: HttpRequest, paging: Query[Paging], state: str = "", finder: str = "") -> Page[FindingLine]:
    """Return the findings that stand, by finder and id."""
    rows = queries.findings_for(actor_of(request))
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(finder=finder) if finder else rows
    return page_of(rows, paging, show=finding_line)


@router.get(
    "/findings/{finding_id}", response={200: FindingShown} | REFUSALS, operation_id="finding", summary="Show a finding"
)
@door("findings:finding:read")
def finding(request: HttpRequest, response: HttpResponse, finding_id: UUID) -> FindingShown:
    """Return a finding with everything that was said."""
    actor = actor_of(request)
    found = queries.finding_by_id(actor, finding_id)
    note_reading(found, actor=actor, at=timezone.now())
    shown = FindingShown(
        **finding_line(found).model_dump(),
        source=found.source,
        document=found.report,
        readiness=[ReadinessPart(**one) for one in found.readiness],
        artefacts=sorted(found.artefacts),
    )
    tag(response, shown)
    return shown


@router.get(
    "/findings/{finding_id}/artefacts/{path:name}",
    response={200: bytes} | REFUSALS,
    operation_id="artefact",
    summary="Download a file of a finding",
)
@door("findings:finding:read")
def artefact(request: HttpRequest, finding_id: UUID, name: str) -> HttpResponse:
    """Return one file of a finding, as an attachment that no browser acts upon."""
    actor = actor_of(request)
    found = queries.finding_by_id(actor, finding_id)
    if name not in found.artefacts:
        raise NotFound("no such file")
    note_reading(found, actor=actor, at=timezone.now(), file=name)
    data = open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS).get(found.artefacts[name])
    return download(data, name=name.rpartition("/")[2])


def finding_line(one: Finding) -> FindingLine:
    """Return a finding as lists show it."""
    return FindingLine(
        id=one.pk,
        report=f"{one.finder}/{one.finder_ref}",
        title=str(one.report["title"]),
        target=str(one.report["target"]),
        state=one.state,
        received_at=one.received_at,
    )


def _line(one: Submission) -> SubmissionLine:
    return SubmissionLine(
        receipt=one.receipt,
        name=one.name,
        status=queries.progress_of(one),
        received_at=one.created_at,
        refused=bool(one.problems),
    )
