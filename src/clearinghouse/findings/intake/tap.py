"""Reports to the Akrites TAP intake interface, as JSON with attachments: one claim each.

Read as strictly as that interface reads them, with its codes, so that a finder who speaks it needs to learn nothing
new. Both its forms are taken: ``exploit`` and ``raw`` with their content types, and ``attachments``.

Source: Akrites SIRT, TAP intake API (docs/TAP-API-Spec.md), read 2026-11.
"""

from collections.abc import Mapping
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
    path_from,
    prose_from,
    target_from,
    url_from,
    urls_from,
    vectors_from,
    weaknesses_from,
)
from clearinghouse.findings.intake.tap_fields import ECOSYSTEM_TYPES, FIELDS, attachment_bytes, problems_in
from clearinghouse.findings.rules import Source
from clearinghouse.standards import purl

_SIGNS = frozenset(
    {"purl", "software", "ecosystem", "affected_symbol", "discovery_method", "discovery_tooling", "upstream_ids"}
)
FEWEST_SIGNS = 2
_COMMIT_LENGTHS = (40, 64)


def looks_like_tap(value: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a TAP report: most of its keys are of that format."""
    signs = len(_SIGNS & value.keys())
    known = sum(key in FIELDS for key in value)
    return signs >= FEWEST_SIGNS and 2 * known > len(value)


def read_tap(value: Mapping[str, Any], *, original: bytes, target: str) -> tuple[Claim, ...]:
    """Return the claim of a TAP report.

    Raises:
        Refused: every violation, with the codes of that interface; or it says neither version nor package.
    """
    problems = problems_in(value, size_bytes=len(original))
    if problems:
        raise Refused(tuple(problems))
    about = target_from(_package(value), value.get("versions", []), target)
    files = _files(value)
    raw = {
        "id": _id(value, about),
        "finder": _finder(value),
        "contact": value.get("email"),
        "tlp": "RED",
        "ai": _ai(value),
        "title": _title(value, about),
        "target": about,
        "repository": url_from(value.get("package_repo_url")),
        "commit": _whole_commit(value.get("introduced_commit")),
        "aliases": aliases_from(value.get("upstream_ids", [])),
        "references": urls_from(value.get("references", [])),
        "description": _description(value),
        "trigger": prose_from(_text(value, "exploit")),
        "weaknesses": weaknesses_from([_enrichment(value).get("cwe")]),
        "severity": vectors_from([_enrichment(value).get("cvss_vector")]),
        "locations": _locations(value),
        "patches": [{"file": name, "base": _version(about)} for name in _patches(value, files)],
        "x-tap": {key: held for key, held in value.items() if key not in ("attachments", "exploit", "raw", "email")},
    }
    return (claim_from(raw, source=Source.TAP, original=original, files=files),)


def _package(value: Mapping[str, Any]) -> str:
    if "purl" in value:
        return str(value["purl"])
    kind = ECOSYSTEM_TYPES[str(value["ecosystem"]).lower()]
    space, _, name = str(value["software"]).replace(":", "/").rpartition("/")
    return str(purl.build(kind, name, namespace=space)) if kind else ""


def _version(about: str) -> str:
    return purl.parse(about).version


def _id(value: Mapping[str, Any], about: str) -> str:
    named = value.get("upstream_ids") or []
    return id_from(str(named[0]) if named else f"tap/{purl.parse(about).registry_name}/{_title(value, about)}")


def _finder(value: Mapping[str, Any]) -> str:
    return handle_from(str(value.get("email", "")).partition("@")[2], otherwise="tap")


def _title(value: Mapping[str, Any], about: str) -> str:
    symbol = value.get("affected_symbol") or {}
    where = line_from(symbol.get("function")) or line_from(symbol.get("file")) or line_from(value.get("code_path"))
    weakness = line_from(_enrichment(value).get("cwe"), at_most=80)
    return line_from(f"{weakness or 'A flaw'} in {purl.parse(about).registry_name}{f', {where}' if where else ''}")


def _enrichment(value: Mapping[str, Any]) -> Mapping[str, Any]:
    held = value.get("enrichment")
    return held if isinstance(held, dict) else {}


def _text(value: Mapping[str, Any], key: str) -> str:
    is_text = str(value.get(f"{key}_content_type", "")).lower().startswith("text/")
    return str(value[key]) if is_text and key in value else ""


def _description(value: Mapping[str, Any]) -> str:
    said = [_text(value, "raw"), *(str(one.get("description", "")) for one in mappings_in(value.get("attachments")))]
    return prose_from("\n\n".join(one for one in said if one))


def _ai(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return that no AI was used in discovery, where that is said.

    Where one was used, the interface does not tell a public tool from a confidential one; the words stay in ``x-tap``.
    """
    by_hand = str(value.get("discovery_method", "")).lower() == "manual"
    return [{"phase": "discovery", "used": False}] if by_hand else []


def _whole_commit(commit: object) -> str:
    return str(commit).lower() if isinstance(commit, str) and len(commit) in _COMMIT_LENGTHS else ""


def _locations(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    symbol = value.get("affected_symbol") or {}
    path, function = path_from(symbol.get("file")), line_from(symbol.get("function"))
    line = symbol.get("line")
    found = {"path": path, "symbol": function or ("" if path else line_from(value.get("code_path")))}
    kept: dict[str, Any] = {key: held for key, held in found.items() if held}
    if path and isinstance(line, int) and line > 0:
        kept["line"] = line
    return [kept] if kept else []


def _files(value: Mapping[str, Any]) -> dict[str, bytes]:
    found = {f"attachments/{one['filename']}": attachment_bytes(one) for one in mappings_in(value.get("attachments"))}
    for key in ("exploit", "raw"):
        if key in value:
            found[f"{key}.txt" if _text(value, key) else f"{key}.data"] = str(value[key]).encode()
    return found


def _patches(value: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """Return the names of the attached patches that are unified diffs."""
    names = [
        f"attachments/{one['filename']}" for one in mappings_in(value.get("attachments")) if one.get("type") == "patch"
    ]
    return [name for name in names if all(sign in b"\n" + files[name] for sign in (b"\n--- ", b"\n+++ ", b"\n@@ "))][:8]
