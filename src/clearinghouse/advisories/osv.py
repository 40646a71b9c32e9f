"""The OSV draft of a case: borders by running the proof, line by line, and the list of what ran and what did not."""

from dataclasses import replace

from clearinghouse.advisories.rules import Dossier, versions_of
from clearinghouse.standards import cvss
from clearinghouse.standards.osv import Affected, Credit, Event, Osv, affected_package
from clearinghouse.validation.lines import AffectedRange, ReleaseStatus

_SEVERITY_TYPES = {"2.0": "CVSS_V2", "3.0": "CVSS_V3", "3.1": "CVSS_V3", "4.0": "CVSS_V4"}


def osv_id(key: str) -> str:
    """Return the id of a case's record, until a database gives it one."""
    return f"CLEARINGHOUSE-{key}"


def osv_of(dossier: Dossier) -> Osv:
    """Return the OSV record of a case."""
    best = dossier.best.report
    releases = dossier.releases
    return Osv(
        id=osv_id(dossier.key),
        modified_at=dossier.changed_at,
        affected=(_affected(releases),) if releases is not None else (),
        summary=dossier.title,
        details=str(best.get("description") or best.get("impact") or dossier.title),
        aliases=dossier.aliases,
        severities=tuple((_SEVERITY_TYPES[cvss.parse(one).version], one) for one in dossier.vectors),
        references=tuple(("WEB", one) for one in dossier.references),
        credits=tuple(Credit(one.credit, "FINDER") for one in dossier.reports),
        specific={
            "status": "draft",
            "case": dossier.public_id,
            "cwe_ids": list(dossier.weaknesses),
            "to_confirm": dossier.to_confirm,
        },
    )


def _affected(releases: AffectedRange) -> Affected:
    events = tuple(Event(kind, version) for event in releases.events() for kind, version in event.items())
    named = affected_package(releases.package, events, versions_of(releases, ReleaseStatus.AFFECTED))
    results = [one for line in releases.lines for one in line.results]
    return replace(
        named,
        specific={
            "how": "by running the proof",
            "exhaustive": releases.exhaustive,
            "run": [one.version for one in results if one.how == "run"],
            "not_run": [{"version": one.version, "why": one.why} for one in results if one.how == "not-run"],
        },
    )
