"""TAP reports are read as strictly as their own interface reads them."""

from typing import Any

import pytest

from clearinghouse.errors import Refused
from clearinghouse.findings.intake.reading import read_document
from tests.findings.intake.documents import TAP, as_bytes, code_of


def test_a_tap_report_says_what_it_says() -> None:
    (claim,) = read_document(as_bytes(TAP), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == (
        "CVE-2026-12345",
        "finder-a.example",
        "pkg:npm/example-lib@1.0.1",
    )
    assert report.patches[0].file == "attachments/fix.patch" and report.patches[0].base == "1.0.1"
    assert report.tlp == "RED" and report.trigger == "A header longer than 8 KiB"
    assert set(claim.files) == {"attachments/fix.patch", "exploit.txt"} and report.ai[0].used is False
    assert "email" not in (report.model_extra or {})["x-tap"]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"purl": None}, "missing_field", "ecosystem"),
        ({"surprise": 1}, "field_not_allowed", "surprise"),
        ({"purl": "lodash"}, "invalid_purl", "purl"),
        ({"ecosystem": "PyPI"}, "purl_ecosystem_mismatch", "purl"),
        ({"ecosystem": "Fortran"}, "unknown_ecosystem", "ecosystem"),
        ({"software": " "}, "degenerate_value", "software"),
        ({"software": "a\u0007"}, "control_characters", "software"),
        ({"software": "a" * 257}, "field_too_large", "software"),
        ({"versions": ["1"] * 65}, "too_many_items", "versions"),
        ({"versions": "1"}, "wrong_type", "versions"),
        ({"references": ["ftp://a"]}, "invalid_reference", "references[0]"),
        ({"introduced_commit": "xyz"}, "invalid_commit", "introduced_commit"),
        ({"upstream_ids": ["CVE-1"]}, "invalid_upstream_id", "upstream_ids[0]"),
        ({"affected_symbol": {"line": -1}}, "invalid_symbol_line", "affected_symbol.line"),
        ({"notify": "often"}, "invalid_notify", "notify"),
        ({"email": "me"}, "invalid_email", "email"),
        ({"package_repo_url": "git@a:b"}, "invalid_repo_url", "package_repo_url"),
        ({"exploit_content_type": "text/plain; charset=utf-8"}, "invalid_content_type", "exploit_content_type"),
        ({"exploit": None}, "missing_field", "exploit"),
        ({"enrichment": {"a": [[[[[[[[1]]]]]]]]}}, "structure_too_deep", "enrichment"),
        (
            {"attachments": [TAP["attachments"][0] | {"filename": "../a"}]},
            "invalid_filename",
            "attachments[0].filename",
        ),
        ({"attachments": [TAP["attachments"][0] | {"type": "joke"}]}, "invalid_attachment_type", "attachments[0].type"),
        ({"attachments": [TAP["attachments"][0] | {"data": "!"}]}, "invalid_base64", "attachments[0].data"),
        ({"attachments": [TAP["attachments"][0]] * 2}, "invalid_filename", "attachments[1].filename"),
        ({"attachments": [{"filename": "a", "surprise": 1}]}, "missing_field", "attachments[0].data"),
        ({"attachments": [{"filename": "a", "surprise": 1}]}, "field_not_allowed", "attachments[0].surprise"),
        ({"attachments": ["a"]}, "wrong_type", "attachments[0]"),
        ({"enrichment": 5}, "wrong_type", "enrichment"),
        ({"enrichment": {"a": "b" * 70_000}}, "field_too_large", "enrichment"),
        ({"affected_symbol": "a"}, "wrong_type", "affected_symbol"),
        ({"affected_symbol": {"column": 1}}, "field_not_allowed", "affected_symbol.column"),
        ({"software": 5}, "wrong_type", "software"),
    ],
)
def test_a_tap_report_is_read_as_strictly_as_there(changed: dict[str, Any], code: str, field: str) -> None:
    value = {key: held for key, held in (TAP | changed).items() if held is not None}
    with pytest.raises(Refused) as caught:
        read_document(as_bytes(value), name="a")
    assert (code, field) in {(one.code, one.field) for one in caught.value.problems}


def test_a_tap_report_names_its_software_by_ecosystem_too() -> None:
    value = {
        "ecosystem": "PyPI",
        "software": "pyyaml",
        "versions": [">=5", "5.3"],
        "raw": "Text",
        "raw_content_type": "text/plain",
    }
    (claim,) = read_document(as_bytes(value), name="a")
    assert claim.report.target == "pkg:pypi/pyyaml@5.3" and claim.report.description == "Text"
    assert claim.report.finder == "tap" and claim.report.id.startswith("tap/pyyaml/A-flaw")


def test_software_without_a_purl_type_needs_a_target() -> None:
    value = {"ecosystem": "Linux", "software": "kernel", "versions": ["6.1"]}
    assert code_of(as_bytes(value)) == "missing-target"
