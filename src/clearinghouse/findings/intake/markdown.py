"""Markdown with the headings of an intake template: one claim.

Headings and bold labels are read alike, in any order, with or without the template's stars and hints; what is unknown
is passed over, and what is left as a ``{{placeholder}}`` counts as not said. A diff under the patch becomes a patch, a
fenced test becomes a test.

Source: Akrites SIRT, vulnerability-report-intake-template.md, read 2026-11; GitHub's private report form.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clearinghouse.findings.intake.claims import (
    Claim,
    aliases_from,
    claim_from,
    handle_from,
    id_from,
    line_from,
    path_from,
    prose_from,
    refused,
    target_from,
    urls_from,
    vectors_from,
    weaknesses_from,
)
from clearinghouse.findings.rules import Source
from clearinghouse.standards import purl

FEWEST_LABELS = 3
MARKDOWN_BYTES = 1024 * 1024

LABELS: Mapping[str, tuple[str, ...]] = {
    "id": ("report id", "id", "reference number"),
    "finder": ("name / handle", "name", "handle", "reporter", "finder", "reported by"),
    "contact": ("contact", "e-mail", "email"),
    "credit": ("credit preference", "credit"),
    "title": ("one-line summary", "summary", "title"),
    "target": (
        "affected project / package / component",
        "affected project",
        "affected package",
        "package",
        "project",
        "purl",
        "target",
    ),
    "versions": ("affected version", "affected versions", "version", "versions"),
    "description": ("description", "details", "the vulnerability", "what is wrong", "vulnerability description"),
    "trigger": ("steps to reproduce", "reproduction", "trigger", "how it is triggered", "how the exploit is triggered"),
    "environment": ("environment / requirements", "environment", "requirements"),
    "proof": (
        "proof of concept / proof of vulnerability",
        "proof of concept",
        "proof of vulnerability",
        "proof",
        "poc",
    ),
    "root_cause": ("suspected root cause", "root cause"),
    "locations": ("affected source location", "affected source locations", "location", "locations"),
    "weaknesses": ("cwe", "weakness", "weaknesses"),
    "impact": ("impact if exploited", "impact"),
    "severity": (
        "severity estimate",
        "severity",
        "cvss",
        "impact & severity",
        "cvss v4.0 vector / score",
        "cvss v3.1 vector / score",
    ),
    "exploited": ("actively exploited in the wild", "exploited", "exploitation"),
    "public": ("already public anywhere", "public", "already public"),
    "patch": ("proposed patch", "patch", "fix"),
    "test": ("unit test proving the fix", "unit tests proving the fix", "unit tests", "unit test", "test", "tests"),
    "workaround": ("work-around", "workaround", "alternative mitigation", "alternative mitigations", "mitigation"),
    "deadline": (
        "time constraints / planned disclosure date",
        "time constraints",
        "planned disclosure date",
        "deadline",
    ),
    "references": ("references", "links"),
    "aliases": ("cve", "aliases", "identifiers"),
}
"""What each label may be called, in lower case, without what stands in brackets."""

_KEY_OF = {label: key for key, labels in LABELS.items() for label in labels}
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*\Z")
_BOLD = re.compile(r"[ \t]*(?:[-*+][ \t]+)?\*\*([^*]{1,120})\*\*(.*)\Z")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([A-Za-z0-9_+-]*)")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
_PURL = re.compile(r"pkg:[A-Za-z][A-Za-z0-9.-]*/[^\s`<>()\[\]\"',;]+")
_VERSION = re.compile(r"(?<![\w.])[vV]?[0-9]+(?:\.[0-9A-Za-z]+)+(?:[-+][0-9A-Za-z.]+)?(?![\w])")
_DATE = re.compile(r"\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b")
_URL = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
_MAIL = re.compile(r"[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,200}[A-Za-z0-9]")
_CREDIT = re.compile(r"credit me as[ \t\"“]+([^\"”\n]{1,150})", re.IGNORECASE)
_ALIAS = re.compile(r"\b(?:CVE-[0-9]{4}-[0-9]{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b")
_PLACE = re.compile(r"([A-Za-z0-9_.@/-]{1,180}\.[A-Za-z0-9]{1,6})(?::([0-9]{1,7}))?")
_TESTS = {"python": ("test_report.py", "python"), "py": ("test_report.py", "python"), "js": ("test_report.js", "node")}
_TESTS["javascript"] = _TESTS["js"]


@dataclass(slots=True)
class _Part:
    """What stands under one label: text, and fenced blocks with their language."""

    text: list[str] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)


def looks_like_template(text: str) -> bool:
    """Say whether a text has at least three of the labels of an intake template."""
    return len(_parts(text)) >= FEWEST_LABELS


def read_markdown(text: str, *, original: bytes, target: str) -> tuple[Claim, ...]:
    """Return the claim of an intake report in Markdown.

    Raises:
        Refused: it is too large, or says neither package nor version.
    """
    if len(original) > MARKDOWN_BYTES:
        raise refused("too-large", "", f"{len(original)} bytes; at most {MARKDOWN_BYTES} are read", "send less")
    parts = _parts(text)
    said = {key: _said(part) for key, part in parts.items()}
    about = _target(said, target)
    files: dict[str, bytes] = {}
    raw = {
        "id": id_from(
            line_from(said.get("id")) or f"{purl.parse(about).registry_name}/{line_from(said.get('title'), at_most=60)}"
        ),
        **_who(said),
        "title": line_from(said.get("title"))
        or line_from(said.get("description"), at_most=120)
        or f"A flaw in {about}",
        "target": about,
        "aliases": aliases_from(_ALIAS.findall(text)),
        "references": urls_from(one.rstrip(".,;") for one in _URL.findall(said.get("references", ""))),
        **{key: prose_from(said.get(key)) for key in ("description", "trigger", "impact", "root_cause", "workaround")},
        "weaknesses": weaknesses_from([said.get("weaknesses")]),
        "severity": vectors_from([text]),
        "locations": _locations(said.get("locations", "")),
        "environment": {"configuration": prose_from(said["environment"])[:2000]} if said.get("environment") else None,
        "exploited": _known(said.get("exploited", "")),
        "public": _known(said.get("public", "")),
        "patches": _patches(parts.get("patch"), about, files),
        "tests": _tests(parts.get("test"), files),
        "x-markdown": {key: said[key][:PROOF_CHARACTERS] for key in ("proof", "versions") if said.get(key)},
    }
    return (claim_from(raw, source=Source.MARKDOWN, original=original, files=files),)


PROOF_CHARACTERS = 20_000


def _parts(text: str) -> dict[str, _Part]:
    """Return what stands under each known label; a label without a place of its own keeps to the heading above it."""
    found: dict[str, _Part] = {}
    here: _Part | None = None
    fence, block, language = "", [""], ""
    for line in _PLACEHOLDER.sub("", text).splitlines():
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not opening[2]:
                if here is not None:
                    here.blocks.append((language, "\n".join(block) + "\n"))
                fence = ""
            else:
                block.append(line)
        elif opening:
            fence, block, language = opening[1], [], opening[2].lower()
        elif label := _label(line):
            key, rest = label
            here = found.setdefault(key, _Part()) if key else None
            if here is not None and rest:
                here.text.append(rest)
        elif here is not None:
            here.text.append(line)
    return {key: part for key, part in found.items() if part.blocks or any(one.strip() for one in part.text)}


def _label(line: str) -> tuple[str, str] | None:
    """Return the key and the rest of a line that is a label; an empty key for a heading or label that is not known."""
    heading = _HEADING.match(line)
    if heading:
        return _KEY_OF.get(_plain(heading[2]), ""), ""
    bold = _BOLD.match(line)
    if bold and (bold[1].rstrip().endswith((":", "?")) or bold[2].lstrip().startswith((":", "**:**"))):
        key = _KEY_OF.get(_plain(bold[1]))
        if key is not None:
            return key, bold[2].replace("**:**", "", 1).strip().removeprefix(":").strip()
        return "", ""
    return None


def _plain(label: str) -> str:
    bare = re.sub(r"\(.*?\)", " ", label.replace("★", " "))
    return " ".join(bare.replace("_", " ").strip(" :?*").lower().split())


def _said(part: _Part) -> str:
    fenced = [f"```{language}\n{block}```" for language, block in part.blocks]
    return "\n".join([*part.text, *fenced]).strip()


def _target(said: Mapping[str, str], otherwise: str) -> str:
    named = said.get("target", "")
    found = _PURL.search(named) or _PURL.search(said.get("versions", ""))
    package = found[0].rstrip(".") if found else ""
    versions = _VERSION.findall(said.get("versions", ""))
    return target_from(package, versions, otherwise)


def _who(said: Mapping[str, str]) -> dict[str, Any]:
    name = line_from(said.get("finder"))
    contact = _MAIL.search(said.get("contact", "")) or _URL.search(said.get("contact", ""))
    credit = _CREDIT.search(said.get("credit", ""))
    day = _DATE.search(said.get("deadline", ""))
    found: dict[str, Any] = {
        "finder": handle_from(name, otherwise="anonymous"),
        "contact": contact[0] if contact else "",
        "credit": line_from(credit[1]) if credit else "",
        "tlp": "RED",
    }
    if day and _is_day(day[0]):
        found["deadline"] = {"date": day[0]}
    return found


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _locations(text: str) -> list[dict[str, Any]]:
    found = []
    for path, line in _PLACE.findall(text)[:16]:
        fit = path_from(path)
        if fit:
            found.append({"path": fit, **({"line": int(line)} if line and int(line) else {})})
    return found


def _known(text: str) -> dict[str, Any] | None:
    first = text.strip().lower()
    if not first:
        return None
    links = urls_from(one.rstrip(".,;") for one in _URL.findall(text))
    if first.startswith("no"):
        return {"value": "no"}
    return {"value": "yes", "evidence": links} if links or first.startswith("yes") else {"value": "unknown"}


def _patches(part: _Part | None, about: str, files: dict[str, bytes]) -> list[dict[str, Any]]:
    for number, block in enumerate(_diffs(part)):
        files[f"report-{number}.patch"] = block.encode()
    names = [name for name in files if name.endswith(".patch")]
    return [{"file": name, "base": purl.parse(about).version} for name in names]


def _diffs(part: _Part | None) -> Iterator[str]:
    for _, block in (part.blocks if part else [])[:8]:
        if all(f"\n{sign}" in f"\n{block}" for sign in ("--- ", "+++ ", "@@ ")):
            yield block


def _tests(part: _Part | None, files: dict[str, bytes]) -> list[dict[str, Any]]:
    for language, block in part.blocks if part else ():
        if language in _TESTS:
            name, program = _TESTS[language]
            files[name] = block.encode()
            return [{"file": name, "command": f"{program} {name}"}]
    return []
