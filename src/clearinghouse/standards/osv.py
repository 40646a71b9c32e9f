"""OSV records: which versions of which packages a vulnerability affects, for programs.

Source: Open Source Vulnerability format 1.7.4 (ossf.github.io/osv-schema); evaluation as in its section "Evaluation".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl as purls
from clearinghouse.standards.shapes import Fields, fields
from clearinghouse.standards.versions import sort_key

SCHEMA_VERSION = "1.7.4"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*-[A-Za-z0-9_+.:-]+\Z")
_EVENTS = ("introduced", "fixed", "last_affected", "limit")
_ECOSYSTEMS = {
    "pypi": "PyPI",
    "npm": "npm",
    "cargo": "crates.io",
    "golang": "Go",
    "maven": "Maven",
    "nuget": "NuGet",
    "gem": "RubyGems",
    "composer": "Packagist",
    "hex": "Hex",
    "pub": "Pub",
}
_TYPES = {ecosystem: kind for kind, ecosystem in _ECOSYSTEMS.items()}
_SEMVER_RANGES = frozenset({"npm", "cargo"})


@dataclass(frozen=True, slots=True)
class Event:
    """A border: at ``version`` the package becomes affected (``introduced``) or stops to be."""

    kind: str
    """``introduced``, ``fixed``, ``last_affected`` or ``limit``."""
    version: str
    """``0`` is before every version."""


@dataclass(frozen=True, slots=True)
class Range:
    """Borders of one kind: ``ECOSYSTEM``, ``SEMVER`` or ``GIT``."""

    type: str
    events: tuple[Event, ...]
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Affected:
    """One package and its affected versions: those in a range and those named one by one."""

    ecosystem: str = ""
    name: str = ""
    purl: str = ""
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    specific: Mapping[str, Any] = field(default_factory=dict)
    """``database_specific``: what the publisher adds."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom to thank; ``type`` is FINDER, REPORTER, ANALYST, COORDINATOR and so on."""

    name: str
    type: str = ""
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Osv:
    """One record."""

    id: str
    modified_at: datetime
    affected: tuple[Affected, ...] = ()
    summary: str = ""
    details: str = ""
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    severities: tuple[tuple[str, str], ...] = ()
    """(``CVSS_V3`` or ``CVSS_V4`` …, vector)."""
    references: tuple[tuple[str, str], ...] = ()
    """(``WEB``, ``FIX``, ``ADVISORY`` …, URL)."""
    credits: tuple[Credit, ...] = ()
    specific: Mapping[str, Any] = field(default_factory=dict)
    """``database_specific``: what the publisher adds."""


def affected_package(package: str, events: tuple[Event, ...], versions: tuple[str, ...] = ()) -> Affected:
    """Return the entry for a package by its purl (without version).

    Raises:
        Malformed: it is no purl, or OSV has no name for its ecosystem.
    """
    found = purls.parse(package)
    ecosystem = _ECOSYSTEMS.get(found.type)
    if ecosystem is None:
        raise Malformed(f"OSV has no ecosystem for {found.type} packages")
    kind = "SEMVER" if found.type in _SEMVER_RANGES else "ECOSYSTEM"
    ranges = (Range(kind, events),) if events else ()
    return Affected(ecosystem, found.registry_name, found.package, ranges, versions)


def package_of(affected: Affected) -> purls.Purl | None:
    """Return the package's purl, from its own or from ecosystem and name; nothing for an ecosystem unknown here."""
    if affected.purl:
        return purls.parse(affected.purl)
    kind = _TYPES.get(affected.ecosystem)
    if kind is None or not affected.name:
        return None
    namespace, _, name = affected.name.rpartition(":" if kind == "maven" else "/")
    return purls.build(kind, name, namespace=namespace)


def affects(record: Osv, package: purls.Purl) -> bool:
    """Say whether the record names this version of this package as affected; a withdrawn record affects nothing.

    Raises:
        Malformed: the version, or a border it is compared with, has no place in the order of its ecosystem.
    """
    if record.withdrawn_at is not None:
        return False
    return any(
        found is not None and found.key == package.key and _holds(one, package)
        for one in record.affected
        for found in (package_of(one),)
    )


def _holds(affected: Affected, package: purls.Purl) -> bool:
    if package.version in affected.versions:
        return True
    ranges = [one for one in affected.ranges if one.type != "GIT"]
    if not ranges and not affected.versions:
        return not affected.ranges
    return any(_in_range(one, package) for one in ranges)


def _in_range(one: Range, package: purls.Purl) -> bool:
    """Walk the borders in order, as the specification's own algorithm does."""
    tested = sort_key(package.type, package.version)
    keyed = [(None if it.version == "0" else sort_key(package.type, it.version), it.kind) for it in one.events]
    limits = [key for key, kind in keyed if kind == "limit" and key is not None]
    if limits and not any(tested < key for key in limits):
        return False
    lowest = [(key, kind) for key, kind in keyed if key is None]
    others = sorted(((key, kind) for key, kind in keyed if key is not None), key=lambda pair: pair[0])
    inside = False
    for key, kind in lowest + others:
        reached = key is None or (tested > key if kind == "last_affected" else tested >= key)
        if reached and kind != "limit":
            inside = kind == "introduced"
    return inside


def first_fixed_after(record: Osv, package: purls.Purl) -> str | None:
    """Return the oldest version named as fixed that is newer than the package's; nothing when none is.

    Raises:
        Malformed: a version has no place in the order of its ecosystem.
    """
    tested = sort_key(package.type, package.version)
    fixes = {
        event.version
        for one in record.affected
        if (found := package_of(one)) is not None and found.key == package.key
        for span in one.ranges
        if span.type != "GIT"
        for event in span.events
        if event.kind == "fixed" and sort_key(package.type, event.version) > tested
    }
    return min(fixes, key=lambda one: sort_key(package.type, one), default=None)


def dump(record: Osv) -> dict[str, Any]:
    """Return the record as JSON types, without what is empty."""
    return _kept(
        {
            "schema_version": SCHEMA_VERSION,
            "id": record.id,
            "modified": _time(record.modified_at),
            "published": _time(record.published_at) if record.published_at else None,
            "withdrawn": _time(record.withdrawn_at) if record.withdrawn_at else None,
            "aliases": list(record.aliases),
            "related": list(record.related),
            "summary": record.summary,
            "details": record.details,
            "severity": [{"type": kind, "score": vector} for kind, vector in record.severities],
            "affected": [_dump_affected(one) for one in record.affected],
            "references": [{"type": kind, "url": url} for kind, url in record.references],
            "credits": [
                _kept({"name": one.name, "type": one.type, "contact": list(one.contacts)}) for one in record.credits
            ],
            "database_specific": dict(record.specific),
        }
    )


def _dump_affected(one: Affected) -> dict[str, Any]:
    return _kept(
        {
            "package": _kept({"ecosystem": one.ecosystem, "name": one.name, "purl": one.purl}),
            "ranges": [
                _kept(
                    {
                        "type": span.type,
                        "repo": span.repository,
                        "events": [{event.kind: event.version} for event in span.events],
                    }
                )
                for span in one.ranges
            ],
            "versions": list(one.versions),
            "database_specific": dict(one.specific),
        }
    )


def _kept(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value not in (None, "", [], {})}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse(value: object) -> Osv:
    """Return the record in a loaded JSON value; keys that are not read here are passed over.

    Raises:
        Malformed: a key that must be there is missing, or holds something of another shape.
    """
    top = fields(value, "")
    identifier = top.text("id", needed=True)
    if not _ID.match(identifier):
        raise Malformed(f"id: {identifier[:80]!r} is no OSV id; it is a prefix, a dash and more")
    return Osv(
        id=identifier,
        modified_at=top.time("modified", needed=True) or datetime.min.replace(tzinfo=UTC),
        published_at=top.time("published"),
        withdrawn_at=top.time("withdrawn"),
        aliases=top.texts("aliases"),
        related=top.texts("related"),
        summary=top.text("summary"),
        details=top.text("details"),
        severities=tuple(
            (one.text("type", needed=True), one.text("score", needed=True)) for one in top.each("severity")
        ),
        affected=tuple(map(_affected, top.each("affected"))),
        references=tuple(
            (one.text("type", needed=True), one.text("url", needed=True)) for one in top.each("references")
        ),
        credits=tuple(
            Credit(one.text("name", needed=True), one.text("type"), one.texts("contact")) for one in top.each("credits")
        ),
        specific=top.mapping("database_specific"),
    )


def _affected(one: Fields) -> Affected:
    package = one.inner("package")
    return Affected(
        ecosystem=package.text("ecosystem") if package else "",
        name=package.text("name") if package else "",
        purl=package.text("purl") if package else "",
        ranges=tuple(map(_range, one.each("ranges"))),
        versions=one.texts("versions"),
        specific=one.mapping("database_specific"),
    )


def _range(one: Fields) -> Range:
    kind = one.text("type", needed=True)
    if kind not in ("ECOSYSTEM", "SEMVER", "GIT"):
        raise one.wrong("type", f"{kind[:40]!r} is no type of range; it is ECOSYSTEM, SEMVER or GIT")
    events = tuple(map(_event, one.each("events")))
    if not any(event.kind == "introduced" for event in events):
        raise one.wrong("events", "no event says introduced; a range has at least one")
    return Range(kind, events, one.text("repo"))


def _event(one: Fields) -> Event:
    if len(one.value) != 1 or next(iter(one.value)) not in _EVENTS:
        raise one.wrong("", f"an event has exactly one of {', '.join(_EVENTS)}")
    kind = next(iter(one.value))
    return Event(kind, one.text(kind, needed=True))
