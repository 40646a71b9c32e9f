"""The CSAF 2.0 draft of a case: every release by what running the proof showed, remedies, credits and AI lines."""

import re
from dataclasses import dataclass

from clearinghouse.advisories.rules import (
    COORDINATOR_AI_LINE,
    Dossier,
    ai_line,
    is_after_fix,
    since,
    spans_of,
    versions_of,
)
from clearinghouse.cases.rules.factors import Certainty
from clearinghouse.standards import cvss, purl
from clearinghouse.standards.csaf import (
    Acknowledgment,
    Document,
    Note,
    Product,
    ProductStatus,
    Publisher,
    Reference,
    Remediation,
    Revision,
    Status,
    Threat,
    Tracking,
    Vulnerability,
)
from clearinghouse.standards.cwe import name_of
from clearinghouse.validation.lines import AffectedRange, ReleaseStatus
from clearinghouse.validation.rules import PatchSaid

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}\Z")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who stands behind what is written."""

    name: str = "Clearinghouse (local installation)"
    namespace: str = "https://clearinghouse.invalid"
    """A URL that is the issuer's own."""


def csaf_of(dossier: Dossier, *, issuer: Issuer, engine: str) -> Document:
    """Return the draft advisory of a case.

    Args:
        dossier: the case.
        issuer: who stands behind the advisory.
        engine: name and version of the program that wrote it.
    """
    revision = Revision("0.1.0", dossier.changed_at, "Draft written by the clearinghouse; not published.")
    return Document(
        title=f"{dossier.title} ({purl.parse(dossier.package).registry_name})",
        publisher=Publisher(issuer.name, issuer.namespace),
        tracking=Tracking(dossier.public_id, Status.DRAFT, (revision,), engine),
        vulnerabilities=(_vulnerability(dossier),),
        tlp=dossier.tlp,
        notes=(
            Note("summary", since(dossier.releases), "Affected releases"),
            Note("general", " ".join(map(ai_line, dossier.reports)), "Use of AI by the finders"),
            Note("general", COORDINATOR_AI_LINE, "Use of AI by the coordinator"),
            Note("legal_disclaimer", "This is a draft. It has not been agreed with the maintainer.", "Draft"),
        ),
        severity=f"Response band {dossier.position.placed.band}",
    )


def _vulnerability(dossier: Dossier) -> Vulnerability:
    statuses = _statuses(dossier.releases, dossier)
    affected = statuses.get(ProductStatus.KNOWN_AFFECTED, ())
    cve = next((one for one in dossier.aliases if _CVE.match(one)), "")
    others = tuple(("alias", one) for one in dossier.aliases if one != cve and not _CVE.match(one))
    return Vulnerability(
        title=dossier.title,
        statuses=statuses,
        notes=_notes(dossier),
        cve=cve,
        ids=(("clearinghouse case", dossier.public_id), *others),
        weakness=next((one for one in dossier.weaknesses if name_of(one)), ""),
        scores=tuple(cvss.parse(one) for one in dossier.vectors),
        references=tuple(Reference(one, "Named by a finder") for one in dossier.references),
        remediations=_remediations(dossier, affected),
        threats=_threats(dossier, affected),
        acknowledgments=tuple(
            Acknowledgment(names=(one.credit,), summary=f"reported it as {one.name}") for one in dossier.reports
        ),
    )


def _statuses(releases: AffectedRange | None, dossier: Dossier) -> dict[ProductStatus, tuple[Product, ...]]:
    package = purl.parse(dossier.package)
    if releases is None or not versions_of(releases, ReleaseStatus.AFFECTED):
        target = purl.parse(dossier.best.judgement.target)
        return {ProductStatus.KNOWN_AFFECTED: (Product(target),)}
    found: dict[ProductStatus, list[str]] = {status: [] for status in ProductStatus}
    for line in releases.lines:
        for one in line.results:
            if one.status is ReleaseStatus.AFFECTED:
                found[ProductStatus.KNOWN_AFFECTED].append(one.version)
            elif one.status is ReleaseStatus.NOT_RUN:
                found[ProductStatus.UNDER_INVESTIGATION].append(one.version)
            elif is_after_fix(releases, one.version):
                found[ProductStatus.FIXED].append(one.version)
            else:
                found[ProductStatus.KNOWN_NOT_AFFECTED].append(one.version)
    found[ProductStatus.FIRST_FIXED] += [span.fixed for span in spans_of(releases) if span.fixed]
    return {
        status: tuple(Product(package.at(version)) for version in versions)
        for status, versions in found.items()
        if versions
    }


def _notes(dossier: Dossier) -> tuple[Note, ...]:
    said = dossier.best.report
    texts = (
        ("description", "Description", said.get("description") or dossier.title),
        ("details", "How it is triggered", said.get("trigger")),
        ("details", "Impact", said.get("impact")),
        ("details", "Root cause", said.get("root_cause")),
        ("details", "How it was confirmed", f"Grade {dossier.best.judgement.grade}: {dossier.best.judgement.sentence}"),
    )
    return tuple(Note(category, str(text), title) for category, title, text in texts if text)


def _remediations(dossier: Dossier, affected: tuple[Product, ...]) -> tuple[Remediation, ...]:
    releases = dossier.releases
    found: list[Remediation] = []
    helped: set[str] = set()
    for span in spans_of(releases):
        products = tuple(one for one in affected if one.purl.version in span.versions)
        if span.fixed and products:
            found.append(Remediation("vendor_fix", f"Install {span.fixed} or a later release.", products))
            helped |= set(span.versions)
    found += [Remediation("workaround", text, affected) for text in dossier.workarounds]
    good = sum(patch.said is PatchSaid.PASSED for one in dossier.reports for patch in one.patches)
    rest = tuple(one for one in affected if one.purl.version not in helped)
    if rest and good:
        text = f"{good} checked patch{'es' if good > 1 else ''} came with the reports; see the evidence bundle."
        found.append(Remediation("mitigation", text, rest))
    elif rest:
        found.append(Remediation("none_available", "No fixed release is known.", rest))
    return tuple(found)


def _threats(dossier: Dossier, affected: tuple[Product, ...]) -> tuple[Threat, ...]:
    factors = dossier.position.placed.factors
    return tuple(
        Threat(category, f"{factors[name].says} ({factors[name].certainty}).", affected)
        for category, name in (("exploit_status", "exposure"), ("impact", "impact"))
        if factors[name].certainty is not Certainty.UNKNOWN
    )
