"""CycloneDX JSON: the components of a bill of materials, and the vulnerabilities of a disclosure report (VDR).

XML is not read: it needs a parser with switches that must never be set wrongly.

Source: CycloneDX 1.2 to 1.7 (ECMA-424), JSON.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from clearinghouse.standards.component import Component, named
from clearinghouse.standards.shapes import Fields, fields

_VERSION = re.compile(r"1\.[2-9]\Z")


@dataclass(frozen=True, slots=True)
class Rating:
    """Somebody's estimate of the severity."""

    method: str
    """``CVSSv31``, ``CVSSv4``, ``OWASP``, ``SSVC``, ``other`` …, or empty."""
    vector: str
    score: float | None
    severity: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class AffectedVersion:
    """A version, or a ``vers`` range, and what it is: affected, unaffected or unknown."""

    version: str
    versions: str
    """A range; ``version`` is then empty."""
    status: str


@dataclass(frozen=True, slots=True)
class Affects:
    """A component that a vulnerability is said to concern."""

    reference: str
    component: Component | None
    """Nothing when the reference points outside this document."""
    versions: tuple[AffectedVersion, ...]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability of a disclosure report."""

    id: str
    source: str
    description: str
    affects: tuple[Affects, ...]
    detail: str = ""
    recommendation: str = ""
    workaround: str = ""
    reproduction: str = ""
    """Steps and environment of its proof of concept."""
    ratings: tuple[Rating, ...] = ()
    weaknesses: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    """(id, URL) of the same in other places; either may be empty."""
    credits: tuple[str, ...] = ()
    state: str = ""
    """What the publisher's analysis says: ``exploitable``, ``in_triage``, ``not_affected`` …"""
    published_at: datetime | None = None


def components(value: object) -> tuple[Component, ...]:
    """Return every component of a bill of materials, those inside others too, the described product first.

    Raises:
        Malformed: it is no CycloneDX JSON document, or a part has another shape than the standard's.
    """
    return tuple(_components(_document(value)))


def vulnerabilities(value: object) -> tuple[Vulnerability, ...]:
    """Return the vulnerabilities of a disclosure report.

    Raises:
        Malformed: it is no CycloneDX JSON document, has no vulnerabilities, or a part has another shape.
    """
    document = _document(value)
    if document.value.get("vulnerabilities") is None:
        raise document.wrong("vulnerabilities", "missing; a disclosure report has a list of them")
    known = {one.reference: one for one in _components(document) if one.reference}
    return tuple(_vulnerability(one, known) for one in document.each("vulnerabilities"))


def _document(value: object) -> Fields:
    document = fields(value, "")
    if document.text("bomFormat") != "CycloneDX":
        raise document.wrong("bomFormat", "a CycloneDX document says CycloneDX here")
    version = document.text("specVersion", needed=True)
    if not _VERSION.match(version):
        raise document.wrong("specVersion", f"CycloneDX {version[:20]!r} is not read; 1.2 to 1.9 are")
    return document


def _components(document: Fields) -> Iterator[Component]:
    metadata = document.inner("metadata")
    root = metadata.inner("component") if metadata else None
    waiting = [*document.each("components")[::-1], *([root] if root else [])]
    while waiting:
        one = waiting.pop()
        yield _component(one)
        waiting.extend(one.each("components")[::-1])


def _component(one: Fields) -> Component:
    group, name = one.text("group"), one.text("name", needed=True)
    full_name = f"{group}/{name}" if group else name
    return named(full_name, one.text("version"), one.text("purl"), reference=one.text("bom-ref"), place=one.path)


def _vulnerability(one: Fields, known: dict[str, Component]) -> Vulnerability:
    source = one.inner("source")
    analysis = one.inner("analysis")
    proof = one.inner("proofOfConcept")
    thanks = one.inner("credits")
    organizations = thanks.each("organizations") if thanks else ()
    individuals = thanks.each("individuals") if thanks else ()
    return Vulnerability(
        id=one.text("id"),
        source=source.text("name") if source else "",
        description=one.text("description"),
        detail=one.text("detail"),
        recommendation=one.text("recommendation"),
        workaround=one.text("workaround"),
        reproduction="\n\n".join(
            text for key in ("reproductionSteps", "environment") if (text := proof.text(key) if proof else "")
        ),
        affects=tuple(_affects(it, known) for it in one.each("affects")),
        ratings=tuple(map(_rating, one.each("ratings"))),
        weaknesses=_weaknesses(one),
        references=_references(one),
        credits=tuple(it.text("name") for it in (*organizations, *individuals) if it.text("name")),
        state=analysis.text("state") if analysis else "",
        published_at=one.time("published"),
    )


def _affects(one: Fields, known: dict[str, Component]) -> Affects:
    reference = one.text("ref", needed=True)
    # A BOM-Link names the document before the ``#``; the part behind it is the reference.
    inner = reference.rpartition("#")[2] if reference.startswith("urn:cdx:") else reference
    return Affects(
        reference=reference,
        component=known.get(inner),
        versions=tuple(
            AffectedVersion(it.text("version"), it.text("range"), it.text("status") or "affected")
            for it in one.each("versions")
        ),
    )


def _rating(one: Fields) -> Rating:
    source = one.inner("source")
    return Rating(
        method=one.text("method"),
        vector=one.text("vector"),
        score=one.number("score"),
        severity=one.text("severity"),
        source=source.text("name") if source else "",
    )


def _weaknesses(one: Fields) -> tuple[str, ...]:
    numbers = one.value.get("cwes") or []
    if not isinstance(numbers, list) or not all(
        isinstance(it, int) and not isinstance(it, bool) and it > 0 for it in numbers
    ):
        raise one.wrong("cwes", "a list of CWE numbers must stand here")
    return tuple(f"CWE-{it}" for it in numbers)


def _references(one: Fields) -> tuple[tuple[str, str], ...]:
    found = [("", it.text("url", needed=True)) for it in one.each("advisories")]
    for it in one.each("references"):
        source = it.inner("source")
        found.append((it.text("id"), source.text("url") if source else ""))
    return tuple(found)
