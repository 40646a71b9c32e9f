"""Reads one thing that was handed in, whatever it is: told by its content, never by its name alone."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from clearinghouse import strict
from clearinghouse.findings.archives import ENDINGS, looks_like_archive, read_report_archive
from clearinghouse.findings.folders import read_folder
from clearinghouse.findings.intake.claims import Claim, refused
from clearinghouse.findings.intake.markdown import looks_like_template, read_markdown
from clearinghouse.findings.intake.osv import looks_like_osv, read_osv
from clearinghouse.findings.intake.sarif import looks_like_sarif, read_sarif
from clearinghouse.findings.intake.tap import looks_like_tap, read_tap
from clearinghouse.findings.intake.vdr import looks_like_cyclonedx, read_vdr
from clearinghouse.findings.report.loading import (
    REPORT_LIMITS,
    load_report,
    named_files,
    report_file_among,
    report_from,
)
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.rules import Source

FILE_BYTES = 32 * 1024 * 1024
KNOWN = (
    "a report folder or an archive of one, SARIF 2.1.0, OSV, CycloneDX VDR, a TAP report, or Markdown of the template"
)

_ForeignReader = Callable[..., tuple[Claim, ...]]
_FOREIGN: tuple[tuple[Callable[[Mapping[str, Any]], bool], _ForeignReader], ...] = (
    (looks_like_sarif, read_sarif),
    (looks_like_cyclonedx, read_vdr),
    (looks_like_osv, read_osv),
    (looks_like_tap, read_tap),
)

DOCUMENT_LIMITS = replace(strict.JSON_LIMITS, items=200_000)
"""Of a single JSON document: what the most findings taken at once need, read in less than a second and 128 MiB."""


def read_handed(path: Path, *, target: str = "") -> tuple[Claim, ...]:
    """Return what a report folder, an archive or a file claims; at least one claim.

    Args:
        path: the folder or file.
        target: purl with version, for a document that does not say what it is about.

    Raises:
        Refused: with every problem found.
    """
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return (_from_files(read_folder(path)),)
    if not stat.S_ISREG(mode):
        raise refused("not-a-regular-file", "", "it is a link or a device", "put the file or folder itself there")
    return read_bytes(_read(path), name=path.name, target=target)


def read_bytes(data: bytes, *, name: str, target: str = "") -> tuple[Claim, ...]:
    """Return what an archive or a single document claims; at least one claim.

    Raises:
        Refused: with every problem found.
    """
    if looks_like_archive(data[:512]) or name.lower().endswith(ENDINGS):
        return (_from_files(read_report_archive(data)),)
    return read_document(data, name=name, target=target)


def read_document(data: bytes, *, name: str, target: str = "") -> tuple[Claim, ...]:
    """Return what a single document claims; its name is used only to say JSON from YAML.

    Raises:
        Refused: with every problem found.
    """
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"[") or name.lower().endswith((".json", ".sarif")):
        value = strict.load_json(data, limits=DOCUMENT_LIMITS)
        if isinstance(value, dict):
            return _from_json(value, data, target)
        raise refused("unknown-kind", "", "it is JSON, but not an object", f"hand in {KNOWN}")
    return _from_text(data, name, target)


def _from_json(value: dict[str, Any], data: bytes, target: str) -> tuple[Claim, ...]:
    if str(value.get("schema", "")).startswith("clearinghouse/"):
        return (_alone(value, data),)
    for fits, read in _FOREIGN:
        if fits(value):
            return read(value, original=data, target=target)
    known = ", ".join(sorted(value)[:8])
    raise refused("unknown-kind", "", f"it is JSON of a kind that is not known (its keys: {known})", f"hand in {KNOWN}")


def _from_text(data: bytes, name: str, target: str) -> tuple[Claim, ...]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise refused(
            "unknown-kind", "", "it is neither text nor an archive that is known", f"hand in {KNOWN}"
        ) from None
    if name.lower().endswith((".yaml", ".yml")) or text.lstrip().startswith("schema: clearinghouse/"):
        value = strict.load_yaml(data, limits=REPORT_LIMITS)
        if isinstance(value, dict) and "schema" in value:
            return (_alone(value, data),)
    elif looks_like_template(text):
        return read_markdown(text, original=data, target=target)
    raise refused("unknown-kind", "", "it is text of a kind that is not known", f"hand in {KNOWN}")


def _alone(value: dict[str, Any], data: bytes) -> Claim:
    """Return the claim of a report that was handed in as one file, without a folder."""
    return Claim(report_from(value, {}), Source.REPORT, data)


def _from_files(files: Mapping[str, bytes]) -> Claim:
    report = load_report(files)
    return Claim(report, Source.REPORT, files[report_file_among(files)], _belonging(report, files))


def _belonging(report: Report, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that are kept: those the report names; all of them when a program may need them."""
    if any(proof.kind == "program" for proof in report.proofs):
        return {name: data for name, data in files.items() if name != report_file_among(files)}
    return {name: files[name] for name in named_files(report)}


def _read(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise refused("unreadable", "", f"it cannot be opened: {error.strerror}", "make it readable") from None
    with os.fdopen(handle, "rb") as file:
        data = file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise refused("too-large", "", f"more than {FILE_BYTES} bytes", "split it, or send less")
    return data
