"""CSAF: what we write passes a foreign validator, and says what it was told."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.errors import Malformed
from clearinghouse.standards import csaf, cvss, cwe, purl, tlp, vers
from tests.shared_data import shared
from tests.standards.csaf_validation import installed_driver, mandatory_failures

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PACKAGE = purl.parse("pkg:pypi/pyyaml")
SCOPED = purl.parse("pkg:npm/%40scope/thing@1.0.0-rc.1+b")
AFFECTED = csaf.Product(PACKAGE.at("5.3"))
RANGE = csaf.Product(PACKAGE, vers.parse("vers:pypi/>=5.1|<5.4"))
FIXED = csaf.Product(PACKAGE.at("5.4"))

VULNERABILITY = csaf.Vulnerability(
    title="Text becomes code in the full loader",
    cve="CVE-2020-14343",
    ids=(("clearinghouse", "CASE-7Q4M2XKD"),),
    notes=(csaf.Note("description", "The full loader builds any object.", "What is wrong"),),
    weakness="CWE-20",
    scores=(
        cvss.parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        cvss.parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:H/A:H"),
        cvss.parse("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        cvss.parse("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
    ),
    statuses={
        csaf.ProductStatus.KNOWN_AFFECTED: (AFFECTED, RANGE),
        csaf.ProductStatus.FIXED: (FIXED,),
        csaf.ProductStatus.KNOWN_NOT_AFFECTED: (csaf.Product(SCOPED),),
    },
    references=(csaf.Reference("https://example.org/issue/1", "The issue"),),
    remediations=(csaf.Remediation("vendor_fix", "Install 5.4 or newer.", (AFFECTED, RANGE)),),
    threats=(csaf.Threat("exploit_status", "No exploitation is known.", (AFFECTED,)),),
    acknowledgments=(csaf.Acknowledgment(("A. Finder",), "Finder A"), csaf.Acknowledgment(summary="Testing")),
    discovered_at=AT,
    released_at=AT,
)
DOCUMENT = csaf.Document(
    title="PyYAML: text becomes code",
    publisher=csaf.Publisher("Example clearinghouse", "https://clearinghouse.example", contact_details="a@b.example"),
    tracking=csaf.Tracking(
        id="CASE-7Q4M2XKD",
        status=csaf.Status.DRAFT,
        revisions=(csaf.Revision("0.1.0", AT, "First draft."), csaf.Revision("0.2.0", AT, "Second draft.")),
        engine="clearinghouse 2026.11.0",
    ),
    vulnerabilities=(VULNERABILITY,),
    tlp=tlp.Tlp.AMBER_STRICT,
    notes=(csaf.Note("summary", "One flaw."),),
    severity="critical",
)
SMALLEST = replace(
    DOCUMENT,
    publisher=csaf.Publisher("Example", "https://clearinghouse.example"),
    tracking=csaf.Tracking("CASE-1", csaf.Status.FINAL, (csaf.Revision("1", AT, "First."),)),
    vulnerabilities=(
        csaf.Vulnerability(
            title="A flaw",
            statuses={csaf.ProductStatus.UNDER_INVESTIGATION: (AFFECTED,)},
            notes=(csaf.Note("description", "Something."),),
        ),
    ),
    notes=(),
    severity="",
)


def empty_parts(value: Any, path: str = "") -> list[str]:  # noqa: ANN401
    if value in ("", [], {}, None):
        return [path]
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in empty_parts(one, f"{path}/{key}")]
    if isinstance(value, list):
        return [found for number, one in enumerate(value) for found in empty_parts(one, f"{path}/{number}")]
    return []


@pytest.mark.parametrize("document", [DOCUMENT, SMALLEST])
def test_nothing_empty_is_written(document: csaf.Document) -> None:
    assert empty_parts(csaf.dump(document)) == []


def test_a_score_is_written_once_for_each_version_that_csaf_2_can_hold() -> None:
    (scores,) = csaf.dump(DOCUMENT)["vulnerabilities"][0]["scores"]
    assert scores["cvss_v3"]["baseScore"] == 9.8
    assert scores["cvss_v2"]["baseScore"] == 7.5
    assert scores["products"] == [AFFECTED.id, RANGE.id]


def test_a_label_that_csaf_2_lacks_becomes_the_next_narrower_and_stays_readable() -> None:
    distribution = csaf.dump(DOCUMENT)["document"]["distribution"]
    assert distribution["tlp"] == {"label": "RED"}
    assert distribution["text"].startswith("TLP v2.0: AMBER+STRICT")


def test_products_stand_under_their_package() -> None:
    pypi, npm = csaf.dump(DOCUMENT)["product_tree"]["branches"]
    assert [one["name"] for one in pypi["branches"][0]["branches"]] == ["5.3", "vers:pypi/>=5.1|<5.4", "5.4"]
    assert npm["branches"][0]["branches"][0]["product"]["product_identification_helper"] == {"purl": str(SCOPED)}


@pytest.mark.parametrize(
    "broken",
    [
        replace(DOCUMENT, tracking=replace(DOCUMENT.tracking, revisions=())),
        replace(DOCUMENT, vulnerabilities=()),
        replace(DOCUMENT, vulnerabilities=(replace(VULNERABILITY, statuses={}),)),
        replace(DOCUMENT, vulnerabilities=(replace(VULNERABILITY, notes=()),)),
        replace(DOCUMENT, vulnerabilities=(replace(VULNERABILITY, weakness="CWE-x"),)),
        replace(
            DOCUMENT,
            vulnerabilities=(
                replace(
                    VULNERABILITY,
                    statuses={csaf.ProductStatus.FIXED: (FIXED,), csaf.ProductStatus.KNOWN_AFFECTED: (FIXED,)},
                ),
            ),
        ),
    ],
)
def test_a_document_that_would_fail_the_standard_is_refused(broken: csaf.Document) -> None:
    with pytest.raises(Malformed):
        csaf.dump(broken)


@pytest.mark.parametrize(
    ("tracking_id", "name"),
    [("CASE-7Q4M2XKD", "case-7q4m2xkd.json"), ("OASIS_CSAF TC/2.0+x", "oasis_csaf_tc_2_0+x.json")],
)
def test_the_file_name_follows_the_id(tracking_id: str, name: str) -> None:
    assert csaf.file_name(tracking_id) == name


@pytest.mark.parametrize("kind", ["valid", "invalid"])
def test_the_file_names_of_the_oasis_samples_are_judged_alike(kind: str) -> None:
    for file in shared("data", "csaf-tests", "filenames", "csaf_2.0", kind).glob("*.json"):
        tracking_id = json.loads(file.read_text("utf-8"))["document"]["tracking"]["id"]
        assert (csaf.file_name(tracking_id) == file.name) == (kind == "valid")


def test_a_weakness_has_its_name_and_a_category_has_none() -> None:
    assert cwe.name_of("CWE-502") == "Deserialization of Untrusted Data"
    assert cwe.name_of("CWE-1") is None
    with pytest.raises(Malformed):
        cwe.name_of("502")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_driver(tmp_path_factory.mktemp("csaf-validator"))


@pytest.mark.index
@pytest.mark.parametrize("document", [DOCUMENT, SMALLEST])
def test_a_foreign_validator_finds_nothing_wrong(driver: Path, document: csaf.Document) -> None:
    assert mandatory_failures(driver, [csaf.dump(document)]) == [[]]


@pytest.mark.index
def test_the_foreign_validator_is_awake(driver: Path) -> None:
    broken = csaf.dump(DOCUMENT)
    broken["document"]["tracking"]["version"] = "0.9.9"
    broken["vulnerabilities"][0]["cwe"]["name"] = "Something else"
    (failures,) = mandatory_failures(driver, [broken])
    assert {one["test"] for one in failures} == {"mandatoryTest_6_1_11", "mandatoryTest_6_1_16"}
