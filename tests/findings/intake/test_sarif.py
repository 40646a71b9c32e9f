"""Each standing result of a SARIF log is a claim about what the log, or whoever hands it in, names."""

from typing import Any

import pytest

from clearinghouse.findings.intake.reading import read_document
from tests.findings.intake.documents import SARIF, as_bytes, code_of


def test_sarif_that_claims_far_too_much_is_refused() -> None:
    result = {"ruleId": "a", "message": {"text": "b"}}
    run = {"tool": {"driver": {"name": "c"}}, "results": [result] * 5001}
    assert code_of(as_bytes({"version": "2.1.0", "runs": [run]}), target="pkg:pypi/a@1") == "too-many"


def test_each_standing_result_of_sarif_is_a_claim() -> None:
    (claim,) = read_document(as_bytes(SARIF), name="a", target="pkg:pypi/a@1")
    report = claim.report
    assert (report.finder, report.target, report.weaknesses) == ("scanner-one", "pkg:pypi/a@1", ("CWE-95",))
    assert report.locations[0].path == "src/a.py" and report.locations[0].line == 3
    assert report.id == "r/eval:src/a.py:3" and report.proofs == ()


def test_sarif_needs_to_say_what_it_is_about() -> None:
    assert code_of(as_bytes(SARIF)) == "missing-target"


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://github.com/Owner/name.git", "pkg:github/owner/name@abc"),
        (
            "https://code.example/owner/name",
            "pkg:generic/name@abc?vcs_url=git%2Bhttps:%2F%2Fcode.example%2Fowner%2Fname",
        ),
    ],
)
def test_provenance_says_what_sarif_is_about(uri: str, target: str) -> None:
    run = SARIF["runs"][0] | {"versionControlProvenance": [{"repositoryUri": uri, "revisionId": "abc"}]}
    (claim,) = read_document(as_bytes(SARIF | {"runs": [run]}), name="a")
    assert claim.report.target == target


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"version": "2.0.0"}, "invalid-sarif"), ({"runs": None}, "invalid-sarif"), ({"runs": []}, "no-claims")],
)
def test_sarif_that_says_nothing_is_refused(changed: dict[str, Any], code: str) -> None:
    assert code_of(as_bytes(SARIF | changed), target="pkg:pypi/a@1") == code
