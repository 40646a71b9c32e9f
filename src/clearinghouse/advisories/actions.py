"""What is done to write: everything that is known, into one folder, at once."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from clearinghouse.advisories.bundles import STATEMENT_FILE, bundle_of
from clearinghouse.advisories.carrying import Carry
from clearinghouse.advisories.csaf import Issuer, csaf_of
from clearinghouse.advisories.folders import write_at_once
from clearinghouse.advisories.index.building import dump_index, dump_pretty, index_of, page_of
from clearinghouse.advisories.osv import osv_of
from clearinghouse.advisories.pages import case_page, index_page, report_page
from clearinghouse.advisories.queries import output_for
from clearinghouse.advisories.rules import Dossier, Output
from clearinghouse.advisories.runs import run_report
from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Case
from clearinghouse.errors import NotFound
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.signing.keys import SigningKey
from clearinghouse.standards import csaf, osv


def write_output(
    out: Path,
    *,
    artefacts: Artefacts,
    signer: SigningKey,
    issuer: Issuer = Issuer(),  # noqa: B008 - frozen
    machine: Mapping[str, Any] | None = None,
    carry: Carry | None = None,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Write every case, the lists of what makes none, and the pages into ``out``, and return the index.

    Args:
        out: the folder; whatever else lies in it stays.
        artefacts: where the reports' files are kept.
        signer: the key that the evidence bundles are signed with.
        issuer: who stands behind the advisories.
        machine: what to say of this machine in ``run.json``.
        carry: finds the releases that each bundle carries; without it a bundle carries none.
        actor: who has it written; nothing is written that they may not read.
        at: now.

    Raises:
        NotPermitted: the actor may not write advisories.
        NotFound: an artefact is no longer kept.
        Unavailable: the releases of a case cannot be carried along.
    """
    demand(actor, "advisories:advisory:write")
    output = output_for(actor, at=at)
    index = index_of(output)

    def files() -> Iterator[tuple[str, bytes]]:
        for number, dossier in enumerate(output.dossiers):
            written = _case_files(dossier, output, artefacts=artefacts, signer=signer, issuer=issuer, carry=carry)
            written["index.html"] = case_page(dossier, index.cases[number], output.tool, at=at).encode()
            yield from ((f"cases/{dossier.key}/{name}", data) for name, data in written.items())
            _keep(dossier, written, actor=actor, at=at)
        for aside in output.aside:
            if aside.judgement is not None:
                yield page_of(aside.key), report_page(aside, output.tool, at=at).encode()
        yield "index.html", index_page(output, index, at=at).encode()
        yield "run.json", dump_pretty(run_report(output, machine=machine or {}, signer=signer.public, at=at))
        yield "index.json", dump_index(index)

    write_at_once(out, files())
    found: dict[str, Any] = index.model_dump(mode="json", by_alias=True)
    return found


def draft_of(case: Case, *, artefacts: Artefacts, signer: SigningKey, actor: Actor, at: datetime) -> dict[str, bytes]:
    """Write the drafts of one case and return them by name; that they were written is kept.

    Raises:
        NotPermitted: the actor may not write advisories.
        NotFound: the case holds nothing, or an artefact is no longer kept.
    """
    demand(actor, "advisories:advisory:write")
    output = output_for(actor, at=at)
    dossier = next((one for one in output.dossiers if one.public_id == case.public_id), None)
    if dossier is None:
        raise NotFound("no such case")
    written = _case_files(dossier, output, artefacts=artefacts, signer=signer, issuer=Issuer(), carry=None)
    _keep(dossier, written, actor=actor, at=at)
    return written


def _case_files(
    dossier: Dossier, output: Output, *, artefacts: Artefacts, signer: SigningKey, issuer: Issuer, carry: Carry | None
) -> dict[str, bytes]:
    engine = f"{output.tool.name} {output.tool.version}"
    releases = carry(dossier) if carry else {}
    bundle = bundle_of(dossier, artefacts=artefacts, tool=output.tool, signer=signer, releases=releases)
    return {
        "csaf.json": dump_pretty(csaf.dump(csaf_of(dossier, issuer=issuer, engine=engine))),
        "osv.json": dump_pretty(osv.dump(osv_of(dossier))),
        **{f"bundle/{name}": data for name, data in bundle.items()},
    }


@transaction.atomic
def _keep(dossier: Dossier, written: Mapping[str, bytes], *, actor: Actor, at: datetime) -> None:
    """Write down that drafts of a case were written, and which."""
    names = ("csaf.json", "osv.json", f"bundle/{STATEMENT_FILE}")
    digests = {name: hashlib.sha256(written[name]).hexdigest() for name in names}
    case = Case.objects.get(public_id=dossier.public_id)
    record("advisories:advisory:write", subject=case, actor=actor, at=at, details={"case": dossier.key} | digests)
