"""``run.json``: what ``index.json`` leaves out because it differs from one clearing to the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clearinghouse.advisories.rules import Dossier, Output, Reported
from clearinghouse.signing.keys import VerifyingKey

FORMAT = "clearinghouse/run/1"


def run_report(output: Output, *, machine: Mapping[str, Any], signer: VerifyingKey, at: datetime) -> dict[str, Any]:
    """Return times, ids, durations and the machine."""
    return {
        "schema": FORMAT,
        "written_at": at.isoformat(),
        "tool": {"name": output.tool.name, "version": output.tool.version},
        "machine": dict(machine),
        "signed_with": {"key_id": signer.key_id},
        "cases": {one.key: _case(one) for one in output.dossiers},
    }


def _case(one: Dossier) -> dict[str, Any]:
    return {
        "public_id": one.public_id,
        "opened_at": one.opened_at.isoformat(),
        "age_days": one.position.placed.age_days,
        "embargo": {
            "silence": one.embargo.silence,
            "ends_at": one.embargo.ends_at.isoformat() if one.embargo.ends_at else None,
            "why": one.embargo.why,
        },
        "duties": [{"action": duty.action, "due_at": duty.due_at.isoformat()} for duty in one.duties],
        "findings": {each.key: _finding(each) for each in one.reports},
    }


def _finding(one: Reported) -> dict[str, Any]:
    runs = one.judgement.runs
    return {
        "received_at": one.received_at.isoformat(),
        "tier": one.judgement.tier,
        "interpreter": one.judgement.interpreter,
        "runs": len(runs),
        "wall_seconds": round(sum(run.wall_seconds for run in runs), 3),
        "cpu_seconds": round(sum(run.cpu_seconds for run in runs), 3),
        "probes": sum(line.probes for line in one.releases.lines) if one.releases else 0,
    }
