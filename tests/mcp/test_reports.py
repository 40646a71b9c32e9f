"""Tests of clearinghouse/mcp/reports.py: what an agent gives as a report."""

import base64
from typing import Any

import pytest

from clearinghouse.errors import Malformed
from clearinghouse.findings.archives import ARCHIVE_BYTES, read_report_archive
from clearinghouse.mcp.reports import ReportGiven

HALF = "\ud800"


def test_files_become_one_archive_of_exactly_them() -> None:
    blob = bytes(range(256))
    given = ReportGiven(
        name="mine", files={"report.yaml": "id: ä"}, files_base64={"proof.bin": base64.b64encode(blob).decode()}
    )
    assert read_report_archive(given.content()) == {"report.yaml": "id: ä".encode(), "proof.bin": blob}


def test_a_document_is_handed_in_as_it_is() -> None:
    assert ReportGiven(name="x.json", document='{"a": 1}').content() == b'{"a": 1}'


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "give either"),
        ({"files": {"a": "b"}, "document": "c"}, "give either"),
        ({"files": {"a": "b"}, "files_base64": {"a": "Yg=="}}, "stands twice"),
        ({"files": {"a": "b", "A": "c"}}, "only by case"),
        ({"files": {"../a": "b"}}, "a"),
        ({"files": {"/etc/passwd": "b"}}, "passwd"),
        ({"files_base64": {"a": "!"}}, "not base64"),
        ({"document": "x" * (ARCHIVE_BYTES + 1)}, "at most"),
        ({"files": {"a": "x" * ARCHIVE_BYTES, "b": "y"}}, "at most"),
        ({"document": HALF}, "half a character"),
    ],
)
def test_what_cannot_be_a_report_is_refused_here(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        ReportGiven.model_construct(
            **{"name": "mine", "files": {}, "files_base64": {}, "document": "", "target": "", **given}
        ).content()
