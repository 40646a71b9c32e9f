"""CycloneDX vulnerability disclosure reports: one claim for each vulnerability and each component it affects.

Source: CycloneDX 1.4 to 1.7, JSON, ``vulnerabilities``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from clearinghouse.errors import Refused
from clearinghouse.findings.intake.claims import (
    Claim,
    aliases_from,
    claim_from,
    handle_from,
    id_from,
    line_from,
    mappings_in,
    prose_from,
    refused,
    target_from,
    told_apart,
    urls_from,
    vectors_from,
    weaknesses_from,
)
from clearinghouse.findings.rules import Source

MOST_CLAIMS = 2_000

_NOT_AFFECTED = frozenset({"not_affected", "false_positive"})


def looks_like_cyclonedx(value: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a CycloneDX document."""
    return value.get("bomFormat") == "CycloneDX"


def read_vdr(value: Mapping[str, Any], *, original: bytes, target: str) -> tuple[Claim, ...]:
    """Return the claims of a CycloneDX document.

    Raises:
        Refused: it has no vulnerabilities, too many, or one without a package.
    """
    components = dict(_components(value))
    reports: list[dict[str, Any]] = []
    taken: dict[str, int] = {}
    for index, flaw in enumerate(mappings_in(value.get("vulnerabilities"))):
        analysis = flaw.get("analysis")
        if isinstance(analysis, dict) and analysis.get("state") in _NOT_AFFECTED:
            continue
        reports += list(_reports(value, flaw, index, components, target))
        if len(reports) > MOST_CLAIMS:
            raise refused("too-many", "vulnerabilities", f"more than {MOST_CLAIMS} claims", "split the document")
    if not reports:
        fix = "hand in a document with vulnerabilities; a plain SBOM goes to clearinghouse affected --sbom"
        raise refused("no-claims", "vulnerabilities", "it claims no vulnerability", fix)
    for one in reports:
        one["id"] = told_apart(str(one["id"]), taken)
    return tuple(claim_from(one, source=Source.VDR, original=original, files={}) for one in reports)


def _reports(
    value: Mapping[str, Any], flaw: Mapping[str, Any], index: int, components: Mapping[str, str], target: str
) -> Iterator[dict[str, Any]]:
    affects = list(mappings_in(flaw.get("affects")))
    packages = [(_package(one, components), _versions(one)) for one in affects] or [("", [])]
    for package, versions in packages:
        try:
            about = target_from(package, versions, target)
        except Refused as refusal:
            place = f"vulnerabilities[{index}].affects"
            raise Refused(tuple(replace(one, field=place) for one in refusal.problems)) from None
        yield _report(value, flaw, index, about, alone=len(packages) == 1)


def _report(
    value: Mapping[str, Any], flaw: Mapping[str, Any], index: int, about: str, *, alone: bool
) -> dict[str, Any]:
    name = line_from(flaw.get("id")) or line_from(flaw.get("bom-ref")) or f"{value.get('serialNumber', 'vdr')}/{index}"
    links = [*mappings_in(flaw.get("advisories")), *mappings_in(flaw.get("references"))]
    others = [one.get("id") for one in mappings_in(flaw.get("references"))]
    proof = flaw.get("proofOfConcept")
    return {
        "id": id_from(name if alone else f"{name}/{about.partition('/')[2]}"),
        "finder": _finder(value, flaw),
        "credit": _credit(flaw),
        "title": line_from(flaw.get("description"), at_most=120) or line_from(f"{name} in {about}"),
        "target": about,
        "aliases": aliases_from([flaw.get("id"), *others]),
        "references": urls_from([*(one.get("url") for one in links), *(_source_url(one) for one in links)]),
        "description": prose_from(
            "\n\n".join(one for one in (flaw.get("description"), flaw.get("detail")) if isinstance(one, str))
        ),
        "trigger": prose_from(proof.get("reproductionSteps")) if isinstance(proof, dict) else "",
        "weaknesses": weaknesses_from(_list(flaw.get("cwes"))),
        "severity": vectors_from(_vectors(flaw)),
        "workaround": prose_from(flaw.get("workaround")) or prose_from(flaw.get("recommendation")),
        "x-cyclonedx": {"ref": line_from(flaw.get("bom-ref")), "serial": line_from(value.get("serialNumber"))},
    }


def _components(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the reference and the purl of each component, those inside others too."""
    metadata = value.get("metadata")
    waiting = list(mappings_in(value.get("components")))
    if isinstance(metadata, dict) and isinstance(metadata.get("component"), dict):
        waiting.append(metadata["component"])
    while waiting:
        one = waiting.pop()
        waiting += mappings_in(one.get("components"))
        if isinstance(one.get("purl"), str):
            yield str(one.get("bom-ref", one["purl"])), one["purl"]


def _package(affected: Mapping[str, Any], components: Mapping[str, str]) -> str:
    reference = str(affected.get("ref", ""))
    local = reference.rpartition("#")[2] if reference.startswith("urn:cdx:") else reference
    known = components.get(reference) or components.get(local)
    return known or (local if local.startswith("pkg:") else "")


def _versions(affected: Mapping[str, Any]) -> list[object]:
    return [
        one.get("version")
        for one in mappings_in(affected.get("versions"))
        if one.get("status") not in ("unaffected", "unknown")
    ]


def _vectors(flaw: Mapping[str, Any]) -> Iterator[object]:
    prefixes = {"CVSSv31": "CVSS:3.1/", "CVSSv4": "CVSS:4.0/"}
    for rating in mappings_in(flaw.get("ratings")):
        vector, prefix = rating.get("vector"), prefixes.get(str(rating.get("method")))
        if isinstance(vector, str):
            yield vector if vector.startswith("CVSS:") or prefix is None else prefix + vector


def _finder(value: Mapping[str, Any], flaw: Mapping[str, Any]) -> str:
    thanks = flaw.get("credits")
    metadata = value.get("metadata") if isinstance(value.get("metadata"), dict) else {}
    names: list[object] = []
    if isinstance(thanks, dict):
        names += [
            one.get("name")
            for one in [*mappings_in(thanks.get("organizations")), *mappings_in(thanks.get("individuals"))]
        ]
    source = flaw.get("source")
    names.append(source.get("name") if isinstance(source, dict) else "")
    for key in ("manufacturer", "supplier"):
        party = metadata.get(key) if isinstance(metadata, dict) else None
        names.append(party.get("name") if isinstance(party, dict) else "")
    return handle_from(next((one for one in names if one), ""), otherwise="cyclonedx")


def _credit(flaw: Mapping[str, Any]) -> str:
    thanks = flaw.get("credits")
    if not isinstance(thanks, dict):
        return ""
    people = [*mappings_in(thanks.get("individuals")), *mappings_in(thanks.get("organizations"))]
    return line_from(", ".join(str(one.get("name", "")) for one in people if one.get("name")))


def _source_url(link: Mapping[str, Any]) -> object:
    source = link.get("source")
    return source.get("url") if isinstance(source, dict) else None


def _list(held: object) -> list[object]:
    return held if isinstance(held, list) else []
