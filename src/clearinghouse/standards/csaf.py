"""CSAF 2.0 documents, as far as the clearinghouse writes them: profile ``csaf_security_advisory``.

Dataclasses hold what a document says; `dump` writes it in the standard's form, leaving out what is empty, so that the
result passes the mandatory tests of section 6.1.

Source: CSAF 2.0 (OASIS Standard, 18 November 2022); docs/decisions/0014.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from clearinghouse.errors import Malformed
from clearinghouse.standards.cvss import Score, csaf_score
from clearinghouse.standards.cwe import name_of
from clearinghouse.standards.purl import Purl
from clearinghouse.standards.tlp import Tlp, audience, csaf_label
from clearinghouse.standards.vers import Vers

_FILE_NAME_OTHER = re.compile(r"[^+\-a-z0-9]+")


class Status(StrEnum):
    """Where the document stands; only a final one may be relied on for good."""

    DRAFT = "draft"
    INTERIM = "interim"
    FINAL = "final"


class ProductStatus(StrEnum):
    """What a product is with respect to a vulnerability."""

    FIRST_AFFECTED = "first_affected"
    FIRST_FIXED = "first_fixed"
    FIXED = "fixed"
    KNOWN_AFFECTED = "known_affected"
    KNOWN_NOT_AFFECTED = "known_not_affected"
    LAST_AFFECTED = "last_affected"
    RECOMMENDED = "recommended"
    UNDER_INVESTIGATION = "under_investigation"


_CONTRADICTING = (
    frozenset({ProductStatus.FIRST_AFFECTED, ProductStatus.KNOWN_AFFECTED, ProductStatus.LAST_AFFECTED}),
    frozenset({ProductStatus.KNOWN_NOT_AFFECTED}),
    frozenset({ProductStatus.FIRST_FIXED, ProductStatus.FIXED}),
    frozenset({ProductStatus.UNDER_INVESTIGATION}),
)
"""A product may stand in one of these groups only (test 6.1.6)."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text; ``category`` is description, details, faq, general, legal_disclaimer, other or summary."""

    category: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A link; ``category`` is external or self."""

    url: str
    summary: str
    category: str = "external"


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """Whom to thank, and for what; at least one of the three."""

    names: tuple[str, ...] = ()
    organization: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes; ``category`` is coordinator, discoverer, other, translator, user or vendor."""

    name: str
    namespace: str
    """A URL that is the publisher's own."""
    category: str = "coordinator"
    contact_details: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of the document."""

    number: str
    at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """The document's id, state and history, oldest revision first.

    The version is the last revision's number: ``0.1.0`` and the like while it is a draft (tests 6.1.16 and 6.1.17).
    """

    id: str
    status: Status
    revisions: tuple[Revision, ...]
    engine: str = ""
    """Name and version of the program that wrote it."""


@dataclass(frozen=True, slots=True)
class Product:
    """One version of a package, or a range of its versions; ``id`` names it inside the document."""

    purl: Purl
    """With a version, unless ``versions`` is given."""
    versions: Vers | None = None

    @property
    def id(self) -> str:
        """The purl, and the range when it stands for several versions."""
        return str(self.purl) if self.versions is None else f"{self.purl.package}?{self.versions}"

    @property
    def name(self) -> str:
        """The name for people: ``pyyaml 5.3``."""
        what = self.purl.version if self.versions is None else str(self.versions)
        return f"{self.purl.registry_name} {what}"


@dataclass(frozen=True, slots=True)
class Remediation:
    """What helps; ``category`` is mitigation, no_fix_planned, none_available, vendor_fix or workaround."""

    category: str
    details: str
    products: tuple[Product, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Threat:
    """What is known of attacks; ``category`` is exploit_status, impact or target_set."""

    category: str
    details: str
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability and what each product is with respect to it."""

    title: str
    statuses: Mapping[ProductStatus, tuple[Product, ...]]
    notes: tuple[Note, ...]
    cve: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    """(name of the system, id in it), none of them a CVE id."""
    weakness: str = ""
    """CSAF 2.0 has room for one: ``CWE-502``."""
    scores: tuple[Score, ...] = ()
    references: tuple[Reference, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    threats: tuple[Threat, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()
    discovered_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A security advisory."""

    title: str
    publisher: Publisher
    tracking: Tracking
    vulnerabilities: tuple[Vulnerability, ...]
    tlp: Tlp
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()
    acknowledgments: tuple[Acknowledgment, ...] = ()
    severity: str = ""
    """The publisher's own word for how severe it is."""
    language: str = "en"


def file_name(tracking_id: str) -> str:
    """Return the file name that a document with this id must have.

    Source: CSAF 2.0 section 5.1.
    """
    return _FILE_NAME_OTHER.sub("_", tracking_id.lower()) + ".json"


def dump(document: Document) -> dict[str, Any]:
    """Return the document as JSON types.

    Raises:
        Malformed: it has no revision or vulnerability, or a vulnerability without note or product, or a product with
            contradicting statuses.
    """
    if not document.tracking.revisions:
        raise Malformed("a CSAF document without a revision; the history has at least one")
    if not document.vulnerabilities:
        raise Malformed("a security advisory without a vulnerability")
    return {
        "document": _kept(
            {
                "category": "csaf_security_advisory",
                "csaf_version": "2.0",
                "title": document.title,
                "lang": document.language,
                "aggregate_severity": {"text": document.severity} if document.severity else None,
                "distribution": {
                    # CSAF 2.0 knows TLP 1 only; CSAF 2.1's converter reads the true label from the text.
                    "text": f"TLP v2.0: {document.tlp}. For {audience(document.tlp)}.",
                    "tlp": {"label": csaf_label(document.tlp)},
                },
                "publisher": _kept(
                    {
                        "category": document.publisher.category,
                        "name": document.publisher.name,
                        "namespace": document.publisher.namespace,
                        "contact_details": document.publisher.contact_details,
                    }
                ),
                "tracking": _tracking(document.tracking),
                "notes": _notes(document.notes),
                "references": _references(document.references),
                "acknowledgments": _acknowledgments(document.acknowledgments),
            }
        ),
        "product_tree": {"branches": _branches(document)},
        "vulnerabilities": [_vulnerability(one) for one in document.vulnerabilities],
    }


def _kept(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that say something; the standard forbids empty texts and lists."""
    return {key: value for key, value in parts.items() if value not in (None, "", [], {})}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tracking(tracking: Tracking) -> dict[str, Any]:
    first, last = tracking.revisions[0], tracking.revisions[-1]
    return _kept(
        {
            "id": tracking.id,
            "status": str(tracking.status),
            "version": last.number,
            "initial_release_date": _time(first.at),
            "current_release_date": _time(last.at),
            "generator": {"engine": {"name": tracking.engine}} if tracking.engine else None,
            "revision_history": [
                {"date": _time(one.at), "number": one.number, "summary": one.summary} for one in tracking.revisions
            ],
        }
    )


def _notes(notes: tuple[Note, ...]) -> list[dict[str, Any]]:
    return [_kept({"category": one.category, "text": one.text, "title": one.title}) for one in notes if one.text]


def _references(references: tuple[Reference, ...]) -> list[dict[str, Any]]:
    return [{"category": one.category, "summary": one.summary, "url": one.url} for one in references]


def _acknowledgments(thanked: tuple[Acknowledgment, ...]) -> list[dict[str, Any]]:
    dumped = (
        _kept({"names": list(one.names), "organization": one.organization, "summary": one.summary}) for one in thanked
    )
    return [one for one in dumped if one]


def _products(document: Document) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for vulnerability in document.vulnerabilities:
        for products in vulnerability.statuses.values():
            found |= {one.id: one for one in products}
    return found


def _branches(document: Document) -> list[dict[str, Any]]:
    """Return the product tree: index, package, then versions and ranges of versions."""
    kinds: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in _products(document).values():
        leaf = {
            "category": "product_version" if one.versions is None else "product_version_range",
            "name": one.purl.version if one.versions is None else str(one.versions),
            "product": {
                "name": one.name,
                "product_id": one.id,
                "product_identification_helper": {"purl": str(one.purl)},
            },
        }
        kinds.setdefault(one.purl.type, {}).setdefault(one.purl.registry_name, []).append(leaf)
    return [
        {
            "category": "product_family",
            "name": kind,
            "branches": [
                {"category": "product_name", "name": name, "branches": leaves} for name, leaves in packages.items()
            ],
        }
        for kind, packages in kinds.items()
    ]


def _vulnerability(one: Vulnerability) -> dict[str, Any]:
    _check_statuses(one)
    affected = [
        product.id
        for status in (ProductStatus.FIRST_AFFECTED, ProductStatus.KNOWN_AFFECTED, ProductStatus.LAST_AFFECTED)
        for product in one.statuses.get(status, ())
    ]
    weakness = name_of(one.weakness) if one.weakness else None
    return _kept(
        {
            "title": one.title,
            "cve": one.cve,
            "ids": [{"system_name": system, "text": text} for system, text in one.ids],
            "cwe": {"id": one.weakness, "name": weakness} if weakness else None,
            "notes": _notes(one.notes),
            "discovery_date": _time(one.discovered_at) if one.discovered_at else None,
            "release_date": _time(one.released_at) if one.released_at else None,
            "references": _references(one.references),
            "product_status": {
                str(status): [product.id for product in products]
                for status, products in one.statuses.items()
                if products
            },
            "scores": _scores(one.scores, list(dict.fromkeys(affected))),
            "remediations": [
                _kept({"category": it.category, "details": it.details, "url": it.url, "product_ids": _ids(it.products)})
                for it in one.remediations
                if it.products
            ],
            "threats": [
                _kept({"category": it.category, "details": it.details, "product_ids": _ids(it.products)})
                for it in one.threats
            ],
            "acknowledgments": _acknowledgments(one.acknowledgments),
        }
    )


def _ids(products: tuple[Product, ...]) -> list[str]:
    return list(dict.fromkeys(one.id for one in products))


def _scores(scores: tuple[Score, ...], products: list[str]) -> list[dict[str, Any]]:
    """Return one score with what CSAF 2.0 can hold: a product has one score of each version at most (test 6.1.7)."""
    held: dict[str, Any] = {}
    for score in sorted(scores, key=lambda one: (one.version, one.base), reverse=True):
        dumped = csaf_score(score)
        if dumped is not None:
            held.setdefault(*dumped)
    return [{"products": products, **held}] if held and products else []


def _check_statuses(one: Vulnerability) -> None:
    if not any(one.statuses.values()) or not any(note.text for note in one.notes):
        raise Malformed(f"the vulnerability {one.title!r} has no product or no note; it needs one of each")
    seen: dict[str, frozenset[ProductStatus]] = {}
    for status, products in one.statuses.items():
        group = next((group for group in _CONTRADICTING if status in group), None)
        for product in products if group else ():
            if seen.setdefault(product.id, group or frozenset()) != group:
                raise Malformed(f"{product.id} has two contradicting statuses, one of them {status}")
