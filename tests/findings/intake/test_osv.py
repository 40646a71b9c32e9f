"""OSV records become claims that say what they say."""

from typing import Any

import pytest

from clearinghouse.findings.intake.reading import read_document
from tests.findings.intake.documents import OSV, as_bytes, code_of


def test_an_osv_record_says_what_it_says() -> None:
    (claim,) = read_document(as_bytes(OSV), name="a")
    report = claim.report
    assert (report.id, report.finder, report.target) == ("PYSEC-2021-142", "pysec", "pkg:pypi/pyyaml@5.3")
    assert report.affects[0].range == "vers:pypi/<5.4" and report.weaknesses == ("CWE-20",)
    assert report.aliases == ("PYSEC-2021-142", "CVE-2020-14343") and report.references == ("https://example.org/",)
    assert len(report.severity) == 1 and report.tlp == "CLEAR"


def test_an_osv_record_of_two_packages_makes_two_claims() -> None:
    two = OSV | {
        "affected": [*OSV["affected"], {"package": {"name": "ruamel.yaml", "ecosystem": "PyPI"}, "versions": ["1.0"]}]
    }
    assert [one.report.target for one in read_document(as_bytes(two), name="a")] == [
        "pkg:pypi/pyyaml@5.3",
        "pkg:pypi/ruamel.yaml@1.0",
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"withdrawn": "2022-01-01T00:00:00Z"}, "withdrawn"),
        ({"affected": []}, "missing-target"),
        ({"affected": [{"package": {"name": "a", "ecosystem": "PyPI"}}]}, "missing-target"),
        ({"affected": [{"package": {"purl": "no"}}]}, "invalid-purl"),
    ],
)
def test_an_osv_record_that_says_too_little_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code_of(as_bytes(OSV | changed)) == code


def test_a_target_helps_where_a_record_names_no_version() -> None:
    unsaid = OSV | {"affected": [{"package": {"name": "pyyaml", "ecosystem": "PyPI"}}]}
    (claim,) = read_document(as_bytes(unsaid), name="a", target="pkg:pypi/pyyaml@5.3")
    assert claim.report.target == "pkg:pypi/pyyaml@5.3"
    assert code_of(as_bytes(unsaid), target="pkg:pypi/other@1") == "missing-target"


@pytest.mark.parametrize(
    ("ecosystem", "name", "package"),
    [
        ("npm", "@scope/name", "pkg:npm/%40scope/name"),
        ("Maven", "org.example:thing", "pkg:maven/org.example/thing"),
        ("Go", "example.org/mod", "pkg:golang/example.org/mod"),
        ("Packagist", "a/b", "pkg:composer/a/b"),
    ],
)
def test_the_names_of_other_ecosystems_become_purls(ecosystem: str, name: str, package: str) -> None:
    entry = {"package": {"ecosystem": ecosystem, "name": name}, "versions": ["1.0"]}
    (claim,) = read_document(as_bytes(OSV | {"affected": [entry]}), name="a")
    assert claim.report.target == f"{package}@1.0"


def test_a_border_serves_where_no_version_is_listed() -> None:
    ranges = [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"last_affected": "1.4.0"}]}]
    entry = {"package": {"ecosystem": "npm", "name": "a"}, "ranges": ranges}
    (claim,) = read_document(as_bytes(OSV | {"affected": [entry]}), name="a")
    assert (claim.report.target, claim.report.affects[0].range) == ("pkg:npm/a@1.4.0", "vers:npm/>=1.0.0|<=1.4.0")


def test_text_is_made_to_fit_and_what_cannot_be_said_is_left_out() -> None:
    changed = {
        "summary": "a\u0007b\u202ec" + "d" * 300,
        "aliases": ["CVE-2020-1", "not an alias", 5],
        "severity": [
            {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"},
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"},
        ],
        "database_specific": {"cwe_ids": [79, True, "CWE-00020", "none"]},
        "credits": [{"name": "Zoë Ünal & Co.", "type": "FINDER"}],
    }
    (claim,) = read_document(as_bytes(OSV | changed), name="a")
    report = claim.report
    assert report.title.startswith("a b cd") and len(report.title) == 200 and report.title.endswith(" …")
    assert report.aliases == ("PYSEC-2021-142", "CVE-2020-1") and report.severity == ()
    assert report.weaknesses == ("CWE-79", "CWE-20") and report.finder == "zoe-unal-co"
