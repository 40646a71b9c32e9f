"""The API's operations about what is written: the index, and the drafts of a case."""

import io
import tarfile
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from clearinghouse.advisories.actions import draft_of
from clearinghouse.advisories.index.building import dump_index, index_of
from clearinghouse.advisories.queries import beside_cases, output_for
from clearinghouse.artefacts import open_artefacts
from clearinghouse.cases.queries.cases import case_for, cases_for
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.signer import the_signer
from clearinghouse.records import note_reading, note_readings

router = Router(tags=["advisories"])


@router.get(
    "/index.json", response={200: bytes} | REFUSALS, operation_id="index", summary="Everything, as clear writes it"
)
@door("advisories:advisory:read")
def index(request: HttpRequest) -> HttpResponse:
    """Return ``index.json`` as ``clearinghouse clear`` writes it, of all that one may read."""
    actor, at = actor_of(request), timezone.now()
    output = output_for(actor, at=at)
    data = dump_index(index_of(output))
    note_readings((*cases_for(actor), *beside_cases(output.dossiers, actor)), actor=actor, at=at)
    return download(data, name="index.json", content_type="application/json")


@router.get(
    "/cases/{case}/drafts/{name}",
    response={200: bytes} | REFUSALS,
    operation_id="draft",
    summary="Download the draft of an advisory, or the evidence",
)
@door("advisories:advisory:write")
def draft(request: HttpRequest, case: str, name: Literal["csaf.json", "osv.json", "bundle.tar"]) -> HttpResponse:
    """Return the draft as CSAF 2.0, as OSV, or the signed evidence bundle; always as an attachment."""
    actor = actor_of(request)
    found = case_for(actor, case)
    written = draft_of(
        found,
        signer=the_signer(),
        artefacts=open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS),
        actor=actor,
        at=timezone.now(),
    )
    note_reading(found, actor=actor, at=timezone.now(), file=name)
    if name != "bundle.tar":
        return download(written[name], name=name, content_type="application/json")
    files = {path: data for path, data in written.items() if path.startswith("bundle/")}
    return download(_tar(files), name=name, content_type="application/x-tar")


def _tar(files: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return kept.getvalue()
