"""CycloneDX documents become claims that say what they say."""

from typing import Any

import pytest

from clearinghouse.findings.intake.reading import read_document
from tests.findings.intake.documents import VDR, as_bytes, code_of


def test_two_flaws_of_one_name_in_a_vdr_are_told_apart() -> None:
    flaw = VDR["vulnerabilities"][0]
    one, other = read_document(as_bytes(VDR | {"vulnerabilities": [flaw, flaw]}), name="a")
    assert (one.report.id, other.report.id) == ("CVE-2021-23337", "CVE-2021-23337/2")


def test_a_component_inside_another_is_found() -> None:
    inner = {"bom-ref": "r9", "purl": "pkg:npm/inner@1.0.0"}
    value = VDR | {
        "components": [{"name": "outer", "components": [inner]}],
        "vulnerabilities": [
            {
                "bom-ref": "v1",
                "affects": [{"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#r9"}],
                "workaround": "w",
            }
        ],
    }
    (claim,) = read_document(as_bytes(value), name="a")
    assert (claim.report.target, claim.report.id) == ("pkg:npm/inner@1.0.0", "v1")


def test_a_vdr_that_claims_far_too_much_is_refused() -> None:
    flaw = VDR["vulnerabilities"][0]
    assert code_of(as_bytes(VDR | {"vulnerabilities": [flaw] * 2001})) == "too-many"


def test_a_vdr_says_what_it_says() -> None:
    (claim,) = read_document(as_bytes(VDR), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == ("CVE-2021-23337", "finder-a-inc", "pkg:npm/lodash@4.17.20")
    assert report.weaknesses == ("CWE-94",) and report.severity[0].startswith("CVSS:3.1/AV:N")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"vulnerabilities": []}, "no-claims"),
        ({"vulnerabilities": [VDR["vulnerabilities"][0] | {"analysis": {"state": "not_affected"}}]}, "no-claims"),
        ({"vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "r2"}]}]}, "missing-target"),
    ],
)
def test_a_vdr_that_says_too_little_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code_of(as_bytes(VDR | changed)) == code
