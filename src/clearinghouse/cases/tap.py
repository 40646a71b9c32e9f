"""The intake that Akrites describes, at ``/tap/v1``, and what that lacks: the verdict, the case, what to do next.

Source: Akrites SIRT, TAP intake API (docs/TAP-API-Spec.md), read 2026-11; docs/decisions/0122.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from clearinghouse.artefacts import open_artefacts
from clearinghouse.cases.whereabouts import SAYS, case_of, whereabouts_of
from clearinghouse.edges import problems
from clearinghouse.edges.doors import actor_of, actor_or_none, door, public
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.errors import NotFound, Problem, Refused
from clearinghouse.findings.intake.tap_fields import BODY_BYTES, also_fields, problems_in
from clearinghouse.findings.intake.tap_parts import MEDIA_TYPE, report_of_parts
from clearinghouse.findings.models import Submission
from clearinghouse.findings.queries import progress_of, submission_by_receipt, submission_for
from clearinghouse.findings.receipts import RECEIPT_LENGTH, receipt_from
from clearinghouse.findings.rules import Notify
from clearinghouse.findings.submissions import hand_in
from clearinghouse.permissions.rules import Actor
from clearinghouse.records import note_readings
from clearinghouse.strict import Limits, load_json
from clearinghouse.validation.api import verdict_of

router = Router(tags=["tap"])
LIMITS: Final = Limits(size_bytes=BODY_BYTES, depth=20, items=20_000)
_SPELT: Final = {
    "duplicate-key": "field_not_allowed",
    "invalid-utf8": "invalid_utf8",
    "too-deep": "structure_too_deep",
    "too-large": "field_too_large",
    "too-many-items": "too_many_items",
    "control-characters": "control_characters",
}
"""Codes of our own reader as that interface spells them."""
_OF_SIZE: Final = frozenset({"field_too_large", "too_many_items"})
_TAKES: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "description": "One report, as TAP describes it."}},
            MEDIA_TYPE: {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "The report as JSON, then the bytes of each attachment under its filename.",
                }
            },
        },
    }
}
"""What the description says of the body, which is read here and not by a schema: its codes are that interface's."""


class TapError(Schema):
    """One thing wrong with a report, in the words of that interface."""

    code: str = Field(examples=["field_not_allowed"])
    field: str = Field(description="Where; empty for the whole.")
    also_field: str = Field(description="The other field, where two make the violation together; else empty.")
    reason: str


class TapRefusal(Schema):
    """Why a report was refused: every violation at once."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[TapError]


@router.post(
    "/reports",
    response={202: dict[str, str]} | REFUSALS | {frozenset({413, 422}): TapRefusal},
    operation_id="tap_report",
    summary="Hand in a report",
    openapi_extra=_TAKES,
)
@door("findings:submission:hand-in")
def report(request: HttpRequest) -> HttpResponse:
    """Take a report as JSON or in parts, with all violations at once, and answer with a receipt."""
    if request.content_type not in ("application/json", MEDIA_TYPE):
        title = "Send the report as application/json or multipart/mixed"
        return problems.problem("unsupported-media-type", title, status=415)
    actor, now = actor_of(request), timezone.now()  # noqa: TID251 - an edge
    data = request.read(BODY_BYTES + 1)
    try:
        if request.content_type == MEDIA_TYPE:
            data = report_of_parts(data, request.headers["Content-Type"], limits=LIMITS)
        value = _read(data)
    except Refused as refusal:
        return _refused(refusal.problems)
    found = problems_in(value, size_bytes=len(data))
    if found:
        return _refused(found, also=also_fields(value))
    made = hand_in(
        data,
        name="tap-report.json",
        receipt=receipt_from(secrets.token_bytes(RECEIPT_LENGTH)),
        artefacts=open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS),
        notify=Notify(value.get("notify", Notify.FINAL)),
        actor=actor,
        at=now,
    )
    answer = HttpResponse(
        json.dumps({"receipt": made.receipt, "message": "It was taken in and will be looked at."}),
        content_type="application/json",
        status=202,
    )
    answer["Link"] = f'</tap/v1/submissions/{made.receipt}>; rel="monitor"'
    return answer


@router.get(
    "/submissions/{receipt}",
    response={200: dict[str, Any]} | REFUSALS,
    auth=None,
    operation_id="tap_status",
    summary="Say how far a report is",
)
@public("the receipt is the right to ask: 130 random bits")
def status(request: HttpRequest, receipt: str) -> dict[str, Any]:
    """Say how far a report is to whoever holds its receipt; what it became only to whoever may read that."""
    found = submission_by_receipt(receipt)
    told: dict[str, Any] = {"status": progress_of(found), "at": (found.read_at or found.created_at).isoformat()}
    actor = actor_or_none(request)
    if actor is not None:
        told |= _became(actor, found)
    return told


def _became(actor: Actor, found: Submission) -> dict[str, Any]:
    """Return what a submission became, as far as whoever asks may read it; nothing to anybody else."""
    try:
        submission_for(actor, found.receipt)
    except NotFound:
        return {}
    verdicts = []
    findings = list(found.findings.order_by("key"))
    note_readings(findings, actor=actor, at=timezone.now())  # noqa: TID251 - an edge
    for finding in findings:
        verdict = verdict_of(finding)
        case, says = case_of(actor, finding), SAYS[whereabouts_of(actor, finding)]
        hints = [str(one["hint"]) for one in finding.readiness if one["hint"]]
        verdicts.append(
            {
                "report": f"{finding.finder}/{finding.finder_ref}",
                "outcome": verdict.outcome,
                "grade": verdict.grade,
                "reason": verdict.reason,
                "sentence": verdict.sentence,
                "next": [one for one in (says, verdict.helps, *hints) if one],
                "case": case.public_id if case is not None else None,
            }
        )
    return {"problems": found.problems, "verdicts": verdicts}


def _read(data: bytes) -> dict[str, Any]:
    """Return a report as it was sent.

    Raises:
        Refused: it is none.
    """
    value = load_json(data, limits=LIMITS)
    if not isinstance(value, dict):
        raise Refused((Problem("wrong_type", "", "it is no object", "send one report"),))
    return value


def _refused(found: Sequence[Problem], *, also: Mapping[tuple[str, str], str] = {}) -> HttpResponse:
    """Return the problem document that the interface describes: ``errors`` beside what ours holds.

    Args:
        found: the violations.
        also: the other field of those that two fields make together, by code and field.
    """
    errors = [
        {
            "code": _SPELT.get(one.code, one.code),
            "field": one.field,
            "also_field": also.get((one.code, one.field), ""),
            "reason": one.reason,
        }
        for one in found
    ]
    too_large = any(one["code"] in _OF_SIZE for one in errors)
    body = {
        "type": "urn:clearinghouse:problem:report-refused",
        "title": "The report cannot be taken in",
        "status": 413 if too_large else 422,
        "code": "report-refused",
        "detail": "; ".join(one["reason"] for one in errors)[:2000],
        "errors": errors,
    }
    return HttpResponse(json.dumps(body), content_type=problems.MEDIA_TYPE, status=413 if too_large else 422)
