"""What a maintainer takes away: a patch as a mail that `git am` applies, a report as an archive that runs again."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""So that the same report gives the same bytes."""


def as_mail(data: bytes, *, title: str, credit: str, case: str, at: datetime) -> bytes:
    """Return a patch as `git format-patch` writes it; one that is such a mail already stays as it is."""
    if data.startswith(b"From "):
        return data
    head = [
        "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001",
        f"From: {_header(credit)} <nobody@clearinghouse.invalid>",
        f"Date: {format_datetime(at)}",
        f"Subject: [PATCH] {_header(title)}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"Handed in to the clearinghouse for {case}.",
        "---",
        "",
    ]
    end = b"" if data.endswith(b"\n") else b"\n"
    return "\n".join(head).encode() + b"\n" + data + end + b"-- \nclearinghouse\n"


def _header(text: str) -> str:
    """Return a finder's text as one line of a mail's header; whatever could end the line or the name is gone."""
    plain = "".join(one if one.isprintable() and one not in '<>"' else " " for one in text)
    plain = " ".join(plain.split())[:200] or "somebody"
    return plain if plain.isascii() else Header(plain, "utf-8", maxlinelen=990).encode()


def report_archive(report: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return a report and its files as an archive that `clearinghouse report try` takes; JSON is YAML as well."""
    kept = {"report.yaml": json.dumps(report, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass"), **files}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(kept):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), kept[name])
    return out.getvalue()
