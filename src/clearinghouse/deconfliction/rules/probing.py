"""``probing.txt``: what a host that is probed reads about where the probes come from.

Source: RFC 9511, Attribution of Internet Probes, section 2 (fields of RFC 9116, and Description).
"""

from datetime import UTC, datetime

from clearinghouse.deconfliction.rules.sightings import StandingScan

_LANGUAGES = "en"


def of_scan(scan: StandingScan, *, origin: str) -> str:
    """Return the text for one scan, to be put at ``/.well-known/probing.txt`` on the hosts that it comes from."""
    about = f"Scan {scan.intent} of {scan.scanner}, {scan.technique}, registered at {origin}. {_ask(origin)}"
    return _text(scan.contact, scan.ends_at, about)


def of_clearinghouse(contact: str, *, origin: str, until: datetime) -> str:
    """Return the text of the clearinghouse itself, to which probes of scans registered here may point."""
    about = f"Scans registered at {origin} point here. The clearinghouse itself probes nobody. {_ask(origin)}"
    return _text(contact, until, about, canonical=f"{origin}/.well-known/probing.txt")


def _ask(origin: str) -> str:
    return f"This text proves nothing; members ask {origin}/scans who it is, and whether it keeps to what it announced."


def _text(contact: str, until: datetime, about: str, *, canonical: str = "") -> str:
    lines = [f"Canonical: {_line(canonical)}"] if canonical else []
    lines += [
        f"Contact: {_line(contact)}",
        f"Expires: {until.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {_LANGUAGES}",
        f"Description: {_line(about)}",
    ]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    """Return a text on one line, so that nothing in it begins a field of its own."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
