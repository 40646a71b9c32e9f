"""What real scanners and databases write is read, or refused with a reason."""

import json
import time
from pathlib import Path

import pytest

from clearinghouse.errors import Refused
from clearinghouse.findings.intake.reading import read_handed
from tests.shared_data import shared

NAMES = (
    "SuppressionTestCurrent.sarif",
    "appendix_k1.sarif",
    "appendix_k1_double.sarif",
    "appendix_k2.sarif",
    "appendix_k3.sarif",
    "bash-report-fabricated-no-internal-dupes.sarif",
    "bash-report.sarif",
    "dockle_0_3_15.sarif",
    "flawfinder.sarif",
    "gitleaks_7.5.0.sarif",
    "issue_10191.json",
    "mobsfscan.json",
    "njsscan.sarif",
    "no_runs.sarif",
    "semgrepowasp-benchmark-sample.sarif",
    "suppression_test.sarif",
    "taint-python-report.sarif",
)
WITH_PROVENANCE = {
    "bash-report-fabricated-no-internal-dupes.sarif",
    "bash-report.sarif",
    "taint-python-report.sarif",
}
WITHOUT_CLAIMS = {"appendix_k1.sarif", "appendix_k1_double.sarif", "no_runs.sarif"}


def _sample(name: str) -> Path:
    return shared("data", "sarif-samples", name)


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_read_or_refused_with_a_reason(name: str) -> None:
    if name in WITHOUT_CLAIMS:
        with pytest.raises(Refused) as caught:
            read_handed(_sample(name), target="pkg:pypi/a@1")
        assert {one.code for one in caught.value.problems} <= {"no-claims", "invalid-sarif"}
        return
    claims = read_handed(_sample(name), target="pkg:pypi/a@1")
    assert len({one.report.id for one in claims}) == len(claims)
    expected = json.loads(_sample("expected_counts.json").read_text(encoding="utf-8")).get(f"sarif/{name}", len(claims))
    assert len(claims) <= expected * 2


@pytest.mark.parametrize("name", sorted(set(NAMES) - WITHOUT_CLAIMS))
def test_without_a_target_only_provenance_helps(name: str) -> None:
    path = _sample(name)
    if name in WITH_PROVENANCE:
        assert all(one.report.target.startswith("pkg:github/") for one in read_handed(path))
        return
    with pytest.raises(Refused) as caught:
        read_handed(path)
    assert [one.code for one in caught.value.problems] == ["missing-target"]


def test_a_large_log_is_read_in_seconds() -> None:
    began = time.monotonic()
    read_handed(_sample("semgrepowasp-benchmark-sample.sarif"), target="pkg:pypi/a@1")
    assert time.monotonic() - began < 10
