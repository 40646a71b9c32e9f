"""The promise of tests/validation/corpus/honest: its tables agree with the reports, which can all be taken in."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.findings.actions import take_in
from clearinghouse.findings.discovery import discover
from clearinghouse.findings.models import RefusedReport
from clearinghouse.parties.actions import local_actor
from clearinghouse.strict import load_yaml

CORPUS = Path(__file__).resolve().parent.parent / "validation" / "corpus" / "honest"
TABLE: dict[str, dict[str, Any]] = load_yaml((CORPUS / "table.yaml").read_bytes())["reports"]
ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
ROWS = dict(ROW.findall((CORPUS / "README.md").read_text(encoding="utf-8")))
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def report(name: str) -> dict[str, Any]:
    """Return what the report says."""
    found: dict[str, Any] = load_yaml((CORPUS / name / "report.yaml").read_bytes())
    return found


def test_every_report_stands_in_the_table_and_in_the_readme() -> None:
    here = {one.name for one in CORPUS.iterdir() if one.is_dir()}
    assert here == set(TABLE) == set(ROWS)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_table_says_of_a_report_what_the_report_says(name: str) -> None:
    row, said = TABLE[name], report(name)
    (proof,) = said["proofs"]
    assert said["target"].startswith(f"pkg:{row['package']}@")
    assert said["aliases"] == [row["cve"]]
    assert (proof["detector"], proof["kind"]) == (row["detector"], row["kind"])
    assert bool(said.get("patches")) == bool(said.get("tests")) == (row["patch"] != "none")


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_readme_says_what_the_table_says(name: str) -> None:
    row = TABLE[name]
    cells = ROWS[name].split("|")
    outcome = f"validated {row['grade']}" if row["outcome"] == "validated" else f"{row['outcome']} {row['reason']}"
    what = f"{row['package']} {row['cve']}"
    assert [one.strip() for one in cells] == [
        what, f"{row['detector']} ({row['kind']})", row["style"], outcome, row["patch"],
    ]  # fmt: skip


def test_the_corpus_is_as_wide_as_the_issue_asks() -> None:
    kinds = Counter(row["kind"] for row in TABLE.values())
    assert len(TABLE) >= 42
    assert kinds["program"] >= 12
    assert kinds["input"] >= 3
    assert sum(row["patch"] != "none" for row in TABLE.values()) >= 15
    assert len({row["detector"] for row in TABLE.values()}) >= 9
    assert len({row["package"] for row in TABLE.values()}) >= 40


@pytest.mark.django_db
def test_every_report_is_taken_in(tmp_path: Path) -> None:
    actor = local_actor(at=NOON)
    for handed in discover([CORPUS / name for name in sorted(TABLE)]):
        kept = take_in(handed, artefacts=Artefacts(tmp_path), actor=actor, at=NOON)
        assert not any(isinstance(one, RefusedReport) for one in kept), handed.name
