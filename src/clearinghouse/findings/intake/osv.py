"""OSV records: one claim for each package that a record says is affected.

Source: OSV schema 1.7.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clearinghouse.errors import Malformed
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
    urls_from,
    vectors_from,
    weaknesses_from,
)
from clearinghouse.findings.rules import Source
from clearinghouse.standards import purl, vers

ECOSYSTEMS: Mapping[str, str] = {
    "pypi": "pypi",
    "npm": "npm",
    "maven": "maven",
    "go": "golang",
    "crates.io": "cargo",
    "nuget": "nuget",
    "rubygems": "gem",
    "packagist": "composer",
    "hex": "hex",
    "pub": "pub",
    "cran": "cran",
    "hackage": "hackage",
    "swifturl": "swift",
}
"""OSV's names of ecosystems, in lower case, and the type of their purls."""


def looks_like_osv(value: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is an OSV record."""
    return isinstance(value.get("id"), str) and isinstance(value.get("affected"), list) and "modified" in value


def read_osv(value: Mapping[str, Any], *, original: bytes, target: str) -> tuple[Claim, ...]:
    """Return a claim for each package of an OSV record.

    Raises:
        Refused: the record was withdrawn, names no package, or no version of one.
    """
    if value.get("withdrawn"):
        raise refused("withdrawn", "withdrawn", "the record was withdrawn", "hand in records that stand")
    packages = _by_package(value)
    if not packages:
        fix = "name the package under affected[].package"
        raise refused("missing-target", "affected", "it names no package", fix)
    return tuple(
        claim_from(
            _report(value, package, entries, target, alone=len(packages) == 1),
            source=Source.OSV,
            original=original,
            files={},
        )
        for package, entries in packages.items()
    )


def _by_package(value: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in mappings_in(value.get("affected")):
        package = _package(entry.get("package"))
        if package:
            found.setdefault(package, []).append(entry)
    return found


def _package(named: object) -> str:
    """Return the purl, without version, of an ``affected[].package``; empty when it has none."""
    if not isinstance(named, dict):
        return ""
    ecosystem = str(named.get("ecosystem", "")).partition(":")[0].lower()
    try:
        if isinstance(named.get("purl"), str):
            return purl.parse(named["purl"]).package
        if ecosystem not in ECOSYSTEMS:
            return ""
        space, _, name = str(named.get("name", "")).replace(":", "/").rpartition("/")
        return purl.build(ECOSYSTEMS[ecosystem], name, namespace=space).package
    except Malformed as refusal:
        raise refused("invalid-purl", "affected", str(refusal), "name the package rightly") from None


def _report(
    value: Mapping[str, Any], package: str, entries: list[Mapping[str, Any]], target: str, *, alone: bool
) -> dict[str, Any]:
    name = str(value["id"])
    extras = [value.get("database_specific"), *(one.get("database_specific") for one in entries)]
    severities = [
        *mappings_in(value.get("severity")),
        *(one for entry in entries for one in mappings_in(entry.get("severity"))),
    ]
    links = list(mappings_in(value.get("references")))
    return {
        "id": id_from(name if alone else f"{name}/{package.partition('/')[2]}"),
        "finder": _finder(value),
        "credit": ", ".join(line_from(one.get("name"), at_most=60) for one in mappings_in(value.get("credits")))[:200],
        "tlp": "CLEAR",
        "title": line_from(value.get("summary")) or line_from(f"{name} in {package}"),
        "target": target_from(package, _versions(entries), target),
        "affects": [{"package": package, "range": one} for one in _ranges(package, entries)],
        "repository": next(iter(urls_from(one.get("url") for one in links if one.get("type") == "PACKAGE")), ""),
        "aliases": aliases_from([name, *_texts(value.get("aliases"))]),
        "references": urls_from(one.get("url") for one in links),
        "description": prose_from(value.get("details")),
        "weaknesses": weaknesses_from(_cwes(extras)),
        "severity": vectors_from(one.get("score") for one in severities),
        "public": {"value": "yes", "evidence": []},
        "x-osv": {"id": line_from(name), "modified": line_from(value.get("modified"))},
    }


def _finder(value: Mapping[str, Any]) -> str:
    finders = [one for one in mappings_in(value.get("credits")) if one.get("type") in ("FINDER", "REPORTER", None)]
    database = str(value["id"]).partition("-")[0]
    return handle_from(finders[0].get("name") if finders else "", otherwise=handle_from(database, otherwise="osv"))


def _versions(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the versions known to be affected, the surest last."""
    for entry in entries:
        for event in _events(entry):
            if event.get("introduced") not in (None, "0"):
                yield str(event["introduced"])
    for entry in entries:
        for event in _events(entry):
            if "last_affected" in event:
                yield str(event["last_affected"])
    for entry in entries:
        versions = entry.get("versions")
        yield from (str(one) for one in versions if isinstance(one, str)) if isinstance(versions, list) else ()


def _ranges(package: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one vers range for each range of the record that vers can say."""
    scheme = purl.parse(package).type
    for entry in entries:
        for one in mappings_in(entry.get("ranges")):
            if one.get("type") in ("SEMVER", "ECOSYSTEM"):
                said = _vers(scheme, list(mappings_in(one.get("events"))))
                if said:
                    yield said


def _vers(scheme: str, events: list[Mapping[str, Any]]) -> str:
    signs = {"introduced": ">=", "fixed": "<", "last_affected": "<="}
    parts = []
    for event in events:
        for kind, sign in signs.items():
            version = event.get(kind)
            if isinstance(version, str) and not (kind == "introduced" and version == "0"):
                parts.append(f"{sign}{version}")
    try:
        return str(vers.canonical(f"vers:{scheme}/{'|'.join(parts) or '*'}"))
    except Malformed:
        return ""


def _events(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in mappings_in(entry.get("ranges")):
        if one.get("type") in ("SEMVER", "ECOSYSTEM"):
            yield from mappings_in(one.get("events"))


def _texts(held: object) -> list[str]:
    return [one for one in held if isinstance(one, str)] if isinstance(held, list) else []


def _cwes(extras: Iterable[object]) -> Iterator[object]:
    for extra in extras:
        if isinstance(extra, dict):
            for key in ("cwe_ids", "cwes", "cwe"):
                held = extra.get(key)
                yield from held if isinstance(held, list) else [held]
