"""The fields of a TAP report, their limits, and the codes of that interface for what breaks them.

Source: Akrites SIRT, TAP intake API (docs/TAP-API-Spec.md), read 2026-11.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clearinghouse.errors import Malformed, Problem
from clearinghouse.findings.intake.osv import ECOSYSTEMS
from clearinghouse.findings.report.fields import file_name_trouble, hidden_character, is_web_url
from clearinghouse.standards import purl

BODY_BYTES = 3 * 1024 * 1024
PAYLOAD_BYTES = 1024 * 1024
ENRICHMENT_BYTES = 64 * 1024
ENRICHMENT_DEPTH = 8
ATTACHMENTS = 16

ECOSYSTEM_TYPES: Mapping[str, str] = {
    **ECOSYSTEMS,
    "github actions": "",
    "android": "",
    "hardware": "",
    "linux": "",
    "oss-fuzz": "",
    "debian": "deb",
    "alpine": "apk",
    "conda": "conda",
    "github": "github",
}
"""Names of ecosystems, in lower case, and the type of their purls; empty where there is none."""

_CONTENT_TYPES = frozenset(
    {
        "text/plain",
        "text/markdown",
        "application/json",
        "application/pdf",
        "application/zip",
        "application/gzip",
        "application/x-bzip2",
        "application/octet-stream",
    }
)
_ATTACHMENT_TYPES = frozenset({"patch", "exploit-proof-of-concept", "reproducer", "threat-model", "other"})
_ATTACHMENT_KEYS = frozenset({"filename", "data", "content_type", "description", "type"})
_NOTIFY = frozenset({"off", "final", "milestones", "all"})
_COMMIT = re.compile(r"[0-9A-Fa-f]{7,64}\Z")
_UPSTREAM = re.compile(
    r"(?:CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|(?!CVE-|GHSA-)[A-Z][A-Z0-9]*-[A-Za-z0-9._:-]+)\Z"
)
_MAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")

_FIXES: Mapping[str, str] = {
    "missing_field": "add it",
    "field_too_large": "send less",
    "too_many_items": "send fewer",
    "control_characters": "remove them",
    "degenerate_value": "say something, or leave the field out",
    "unknown_ecosystem": "use a name such as PyPI or npm, or give purl",
    "invalid_purl": "write it as pkg:npm/name@1.0",
    "purl_ecosystem_mismatch": "make the two agree",
    "invalid_reference": "give an http or https address",
    "invalid_commit": "give 7 to 64 hex digits",
    "invalid_upstream_id": "give CVE-2026-12345, GHSA-xxxx-xxxx-xxxx or PREFIX-token",
    "invalid_symbol_line": "give a whole number from 0",
    "invalid_notify": "use off, final, milestones or all",
    "invalid_email": "give one e-mail address",
    "invalid_repo_url": "give the http or https address of the repository",
    "invalid_content_type": f"use one of {', '.join(sorted(_CONTENT_TYPES))}",
    "field_not_allowed": "remove it",
    "structure_too_deep": f"nest at most {ENRICHMENT_DEPTH} levels",
    "invalid_filename": "give a plain file name",
    "invalid_attachment_type": f"use one of {', '.join(sorted(_ATTACHMENT_TYPES))}",
    "invalid_base64": "encode the bytes as standard base64, with padding",
    "wrong_type": "give the type that the interface describes",
}
_Problems = Iterator[Problem]


def problems_in(value: Mapping[str, Any], *, size_bytes: int) -> list[Problem]:
    """Return every violation of a TAP report, each place once with each code."""
    found: list[Problem] = []
    if size_bytes > BODY_BYTES:
        found.append(_problem("field_too_large", "", f"{size_bytes} bytes; at most {BODY_BYTES}"))
    for key, held in value.items():
        check = FIELDS.get(key)
        if check is None:
            found.append(_problem("field_not_allowed", key, f"{key[:60]!r} is not part of a report"))
        else:
            found.extend(check(key, held))
    found.extend(problem for problem, _ in _of_two(value))
    return list({(one.code, one.field): one for one in found}.values())


def also_fields(value: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return the other field of each violation that two fields make together, by its code and its own field."""
    return {(problem.code, problem.field): other for problem, other in _of_two(value)}


def attachment_bytes(attachment: Mapping[str, Any]) -> bytes:
    """Return the bytes of an attachment whose fields were found right."""
    return base64.b64decode(str(attachment["data"]), validate=True)


def _problem(code: str, field: str, reason: str) -> Problem:
    shown = "".join(one if one.isprintable() else "\ufffd" for one in reason)
    return Problem(code, "".join(one if one.isprintable() else "\ufffd" for one in field[:100]), shown, _FIXES[code])


def _text(
    at_most: int, *, also: Callable[[str], str] = lambda _: "", prose: bool = False
) -> Callable[[str, Any], _Problems]:
    """Return the check of a text of so many bytes; ``also`` returns the code of a further fault, or nothing."""

    def check(field: str, held: Any) -> _Problems:  # noqa: ANN401
        if not isinstance(held, str):
            yield _problem("wrong_type", field, "it is not text")
            return
        size_bytes = len(held.encode("utf-8", "surrogatepass"))
        if size_bytes > at_most:
            yield _problem("field_too_large", field, f"{size_bytes} bytes; at most {at_most}")
        elif not held.strip():
            yield _problem("degenerate_value", field, "it is empty")
        elif not prose and hidden_character(held):
            yield _problem("control_characters", field, "it holds control characters")
        elif code := also(held):
            yield _problem(code, field, f"{held[:80]!r} does not have the right form")

    return check


def _list(entries: int, check: Callable[[str, Any], _Problems]) -> Callable[[str, Any], _Problems]:
    def every(field: str, held: Any) -> _Problems:  # noqa: ANN401
        if not isinstance(held, list):
            yield _problem("wrong_type", field, "it is not a list")
            return
        if len(held) > entries:
            yield _problem("too_many_items", field, f"{len(held)} entries; at most {entries}")
        for index, one in enumerate(held[:entries]):
            yield from check(f"{field}[{index}]", one)

    return every


def _symbol(field: str, held: Any) -> _Problems:  # noqa: ANN401
    if not isinstance(held, dict):
        yield _problem("wrong_type", field, "it is not an object")
        return
    for key, one in held.items():
        place = f"{field}.{key}"
        if key == "line":
            if isinstance(one, bool) or not isinstance(one, int) or one < 0:
                yield _problem("invalid_symbol_line", place, f"{str(one)[:40]!r} is no line")
        elif key in ("file", "function"):
            yield from _text(512 if key == "file" else 256)(place, one)
        else:
            yield _problem("field_not_allowed", place, f"{key[:60]!r} is not part of a symbol")


def _enrichment(field: str, held: Any) -> _Problems:  # noqa: ANN401
    if not isinstance(held, dict):
        yield _problem("wrong_type", field, "it is not an object")
    elif _depth(held) > ENRICHMENT_DEPTH:
        yield _problem("structure_too_deep", field, f"more than {ENRICHMENT_DEPTH} levels")
    elif len(str(held)) > ENRICHMENT_BYTES:
        yield _problem("field_too_large", field, f"more than {ENRICHMENT_BYTES} bytes")


def _depth(held: object) -> int:
    if isinstance(held, dict):
        return 1 + max((_depth(one) for one in held.values()), default=0)
    if isinstance(held, list):
        return 1 + max((_depth(one) for one in held), default=0)
    return 0


def _attachment(field: str, held: Any) -> _Problems:  # noqa: ANN401
    if not isinstance(held, dict):
        yield _problem("wrong_type", field, "it is not an object")
        return
    for key in held.keys() - _ATTACHMENT_KEYS:
        yield _problem("field_not_allowed", f"{field}.{key}", f"{key[:60]!r} is not part of an attachment")
    for key in sorted({"filename", "data", "content_type"} - held.keys()):
        yield _problem("missing_field", f"{field}.{key}", f"{key} is missing")
    for key, check in (
        ("filename", _text(128, also=_filename)),
        ("content_type", _text(128, also=_content_type)),
        ("description", _text(4096, prose=True)),
        ("type", _text(64, also=lambda text: "" if text in _ATTACHMENT_TYPES else "invalid_attachment_type")),
    ):
        if key in held:
            yield from check(f"{field}.{key}", held[key])
    yield from _data(f"{field}.data", held.get("data", ""))


def _data(field: str, held: Any) -> _Problems:  # noqa: ANN401
    try:
        data = base64.b64decode(held, validate=True) if isinstance(held, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None:
        yield _problem("invalid_base64", field, "it is not base64")
    elif len(data) > PAYLOAD_BYTES:
        yield _problem("field_too_large", field, f"{len(data)} bytes; at most {PAYLOAD_BYTES}")


def _filename(text: str) -> str:
    return "invalid_filename" if "/" in text or file_name_trouble(text) else ""


def _content_type(text: str) -> str:
    return "" if text.lower() in _CONTENT_TYPES else "invalid_content_type"


def _purl(text: str) -> str:
    try:
        purl.parse(text)
    except Malformed:
        return "invalid_purl"
    return ""


def _fits(pattern: re.Pattern[str], code: str) -> Callable[[str], str]:
    return lambda text: "" if pattern.match(text) else code


def _of_two(value: Mapping[str, Any]) -> Iterator[tuple[Problem, str]]:
    """Yield the violations that two fields make together, each with the other field."""
    if "purl" not in value:
        for key in ("ecosystem", "software"):
            if key not in value:
                yield _problem("missing_field", key, f"{key} is missing, and there is no purl"), "purl"
    for key in ("exploit", "raw"):
        for one, other in ((key, f"{key}_content_type"), (f"{key}_content_type", key)):
            if one in value and other not in value:
                yield _problem("missing_field", other, f"{other} is missing beside {one}"), one
    yield from _names_twice(value.get("attachments"))
    kind, named = ECOSYSTEM_TYPES.get(str(value.get("ecosystem", "")).lower()), value.get("purl")
    if kind and isinstance(named, str) and not _purl(named) and purl.parse(named).type != kind:
        reason = "purl and ecosystem name different ecosystems"
        yield _problem("purl_ecosystem_mismatch", "purl", reason), "ecosystem"


def _names_twice(attachments: object) -> Iterator[tuple[Problem, str]]:
    """Yield each attachment that is called like one before it."""
    first: dict[str, str] = {}
    for number, one in enumerate(attachments if isinstance(attachments, list) else []):
        if isinstance(one, dict) and "filename" in one:
            place = f"attachments[{number}].filename"
            earlier = first.setdefault(str(one["filename"]).casefold(), place)
            if earlier != place:
                yield _problem("invalid_filename", place, "two attachments have one name"), earlier


FIELDS: Mapping[str, Callable[[str, Any], _Problems]] = {
    "affected_symbol": _symbol,
    "attachments": _list(ATTACHMENTS, _attachment),
    "code_path": _text(1024),
    "discovery_method": _text(32),
    "discovery_tooling": _text(128),
    "ecosystem": _text(128, also=lambda text: "" if text.lower() in ECOSYSTEM_TYPES else "unknown_ecosystem"),
    "email": _text(256, also=_fits(_MAIL, "invalid_email")),
    "enrichment": _enrichment,
    "exploit": _text(PAYLOAD_BYTES, prose=True),
    "exploit_content_type": _text(128, also=_content_type),
    "fixed_commit": _text(64, also=_fits(_COMMIT, "invalid_commit")),
    "introduced_commit": _text(64, also=_fits(_COMMIT, "invalid_commit")),
    "notify": _text(16, also=lambda text: "" if text in _NOTIFY else "invalid_notify"),
    "package_repo_url": _text(512, also=lambda text: "" if is_web_url(text) else "invalid_repo_url"),
    "purl": _text(512, also=_purl),
    "raw": _text(PAYLOAD_BYTES, prose=True),
    "raw_content_type": _text(128, also=_content_type),
    "references": _list(16, _text(512, also=lambda text: "" if is_web_url(text) else "invalid_reference")),
    "software": _text(256),
    "upstream_ids": _list(16, _text(128, also=_fits(_UPSTREAM, "invalid_upstream_id"))),
    "versions": _list(64, _text(64)),
}
"""Every field of a report, and its check."""
