"""CISA's catalogue of Known Exploited Vulnerabilities (KEV), as it is published in JSON.

Source: CISA KEV JSON schema (cisagov/kev-data); BOD 22-01; BOD 26-04.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clearinghouse.standards.shapes import Fields, fields

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}\Z")


@dataclass(frozen=True, slots=True)
class KevEntry:
    """One vulnerability that is known to be exploited."""

    cve: str
    name: str
    product: str
    """Vendor or project, and product."""
    added_on: date
    due_on: date
    action: str
    ransomware: bool
    """Whether CISA knows of its use in a ransomware campaign."""
    weaknesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KevCatalogue:
    """The catalogue as of one release."""

    title: str
    version: str
    released_at: datetime
    entries: Mapping[str, KevEntry]
    """By CVE id."""


def is_cve(text: str) -> bool:
    """Say whether ``text`` is written like a CVE id."""
    return _CVE.match(text) is not None


def parse(value: object) -> KevCatalogue:
    """Return the catalogue in a loaded JSON value.

    Raises:
        Malformed: a part is missing or of another shape, an entry stands twice, or the count is wrong.
    """
    document = fields(value, "")
    entries: dict[str, KevEntry] = {}
    for one in document.each("vulnerabilities"):
        entry = _entry(one)
        if entry.cve in entries:
            raise one.wrong("cveID", f"{entry.cve} stands twice")
        entries[entry.cve] = entry
    count = document.whole("count")
    if count != len(entries):
        raise document.wrong("count", f"says {count}, but {len(entries)} entries follow")
    released_at = document.time("dateReleased", needed=True)
    assert released_at is not None  # noqa: S101 - `needed` says so
    return KevCatalogue(document.text("title"), document.text("catalogVersion", needed=True), released_at, entries)


def _entry(one: Fields) -> KevEntry:
    cve = one.text("cveID", needed=True)
    if not is_cve(cve):
        raise one.wrong("cveID", f"{cve[:40]!r} is no CVE id")
    product = f"{one.text('vendorProject', needed=True)} {one.text('product', needed=True)}"
    one.text("shortDescription", needed=True)
    return KevEntry(
        cve=cve,
        name=one.text("vulnerabilityName", needed=True),
        product=product,
        added_on=_date(one, "dateAdded"),
        due_on=_date(one, "dueDate"),
        action=one.text("requiredAction", needed=True),
        ransomware=one.text("knownRansomwareCampaignUse") == "Known",
        weaknesses=one.texts("cwes"),
    )


def _date(one: Fields, key: str) -> date:
    text = one.text(key, needed=True)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise one.wrong(key, f"{text[:20]!r} is no date; write YYYY-MM-DD") from None
