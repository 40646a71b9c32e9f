"""What reading a document gives, and how foreign text is made to fit the format without changing what it says."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clearinghouse.errors import Malformed, Problem, Refused
from clearinghouse.findings.report.fields import (
    LINE_CHARACTERS,
    LIST_ENTRIES,
    PROSE_CHARACTERS,
    URL_CHARACTERS,
    file_name_trouble,
    hidden_character,
    is_web_url,
)
from clearinghouse.findings.report.loading import report_from
from clearinghouse.findings.report.model import FORMAT, Report
from clearinghouse.findings.rules import Source
from clearinghouse.standards import cvss, purl

_CWE = re.compile(r"CWE[-_ ]?0*([1-9][0-9]{0,4})\b", re.IGNORECASE)
_VECTOR = re.compile(r"CVSS:(?:3\.1|4\.0)(?:/[A-Za-z]{1,3}:[A-Za-z]{1,6})+")
_ALIAS = re.compile(r"[A-Z][A-Za-z0-9]{1,19}-[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\Z")
_PLAIN_VERSION = re.compile(r"[vV]?[0-9][A-Za-z0-9.+!_-]{0,99}\Z")
_KEPT = frozenset("\n\t\r")


@dataclass(frozen=True, slots=True)
class Claim:
    """One report, with the files that belong to it and the document it was read from."""

    report: Report
    source: Source
    original: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)


def claim_from(raw: Mapping[str, Any], *, source: Source, original: bytes, files: Mapping[str, bytes]) -> Claim:
    """Return the claim that a foreign document makes, given as the mapping of a report without its ``schema``.

    Raises:
        Refused: it does not make a report.
    """
    said = {key: value for key, value in raw.items() if value not in (None, "", [], {})}
    return Claim(report_from({"schema": FORMAT, **said}, files), source, original, files)


def refused(code: str, field: str, reason: str, fix: str) -> Refused:
    """Return a refusal with one problem, safe to print."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in reason)
    return Refused((Problem(code, field, shown, fix),))


def mappings_in(held: object) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings of a list; nothing when it is no list."""
    if isinstance(held, list):
        yield from (one for one in held if isinstance(one, dict))


def line_from(text: object, *, at_most: int = LINE_CHARACTERS) -> str:
    """Return foreign text as one line that fits; empty when there is none."""
    if not isinstance(text, str):
        return ""
    return _cut(" ".join(_visible(text, frozenset()).split()), at_most)


def prose_from(text: object) -> str:
    """Return foreign text of several lines as it fits; empty when there is none."""
    if not isinstance(text, str):
        return ""
    return _cut(_visible(text, _KEPT).strip(), PROSE_CHARACTERS)


def handle_from(text: object, *, otherwise: str) -> str:
    """Return a name as a handle: lower case, letters, digits, dot, dash and underscore."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() if isinstance(text, str) else ""
    made = re.sub(r"[^a-z0-9._]+", "-", plain.lower()).strip("-._")[:64].strip("-._")
    return made or otherwise


def id_from(text: str) -> str:
    """Return a text as an id of the format; what does not fit is replaced, and told apart by a hash."""
    made = re.sub(r"[^A-Za-z0-9._:/-]+", "-", text).lstrip("._:/-")
    if made == text and len(made) <= 100:  # noqa: PLR2004 - the bound of an id
        return made
    return f"{made[:80] or 'x'}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def told_apart(made: str, taken: dict[str, int]) -> str:
    """Return an id that no other claim of the document has: the second of a name gets a number; counts in ``taken``."""
    taken[made] = taken.get(made, 0) + 1
    return made if taken[made] == 1 else id_from(f"{made}/{taken[made]}")


def urls_from(texts: Iterable[object]) -> list[str]:
    """Return the web addresses among ``texts``, each once, as many as a report takes."""
    fit = (one for one in texts if isinstance(one, str) and len(one) <= URL_CHARACTERS and is_web_url(one))
    return list(dict.fromkeys(fit))[:LIST_ENTRIES]


def url_from(text: object) -> str:
    """Return a web address, or nothing when it is none."""
    return next(iter(urls_from([text])), "")


def aliases_from(texts: Iterable[object]) -> list[str]:
    """Return the names of flaws among ``texts``, each once, as many as a report takes."""
    fit = (one for one in texts if isinstance(one, str) and _ALIAS.match(one))
    return list(dict.fromkeys(fit))[:LIST_ENTRIES]


def weaknesses_from(texts: Iterable[object]) -> list[str]:
    """Return the CWE ids that stand anywhere in ``texts`` (numbers are ids), each once."""
    found = []
    for one in texts:
        if isinstance(one, bool):
            continue
        if isinstance(one, int) and 0 < one <= 99_999:  # noqa: PLR2004 - five digits
            found.append(f"CWE-{one}")
        elif isinstance(one, str):
            found += [f"CWE-{number}" for number in _CWE.findall(one)]
    return list(dict.fromkeys(found))[:LIST_ENTRIES]


def vectors_from(texts: Iterable[object]) -> list[str]:
    """Return the whole CVSS 3.1 and 4.0 vectors that stand anywhere in ``texts``, each once."""
    written = [vector for one in texts if isinstance(one, str) for vector in _VECTOR.findall(one)]
    return [one for one in dict.fromkeys(written) if _is_whole(one)][:4]


def path_from(text: object) -> str:
    """Return a path as the name of a file inside the source; empty when it leaves it or is none."""
    if not isinstance(text, str):
        return ""
    plain = text.removeprefix("file://").removeprefix("./").lstrip("/")
    return "" if file_name_trouble(plain) else plain


def symbol_from(*parts: object) -> str:
    """Return the first of ``parts`` that names a symbol, as one line."""
    return next((line for part in parts if (line := line_from(part))), "")


def target_from(package: str, versions: Iterable[object], otherwise: str) -> str:
    """Return the purl of a package at the last of ``versions`` that is a plain version, else ``otherwise``.

    A ``package`` that names a version itself is taken as it is.

    Raises:
        Refused: there is no version, and nothing else to go by.
    """
    try:
        found = purl.parse(package) if package else None
    except Malformed as refusal:
        raise refused("invalid-purl", "target", str(refusal), "name the package as pkg:pypi/name@1.0") from None
    if found and found.version:
        return str(found)
    plain = [one for one in versions if isinstance(one, str) and _PLAIN_VERSION.match(one)]
    if found and plain:
        return str(found.at(plain[-1]))
    if otherwise and (found is None or _same_package(otherwise, found)):
        return otherwise
    what = f"no affected version of {package}" if package else "not which package it is about"
    raise refused("missing-target", "target", f"it says {what}", "hand it in with --target pkg:TYPE/NAME@VERSION")


def _same_package(text: str, package: purl.Purl) -> bool:
    try:
        return purl.parse(text).key == package.key
    except Malformed:
        return False


def _is_whole(vector: str) -> bool:
    try:
        cvss.parse(vector)
    except Malformed:
        return False
    return True


def _visible(text: str, kept: frozenset[str]) -> str:
    if hidden_character(text, kept) is None:
        return text
    return "".join(" " if one not in kept and hidden_character(one, kept) else one for one in text)


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 2].rstrip()} …"
