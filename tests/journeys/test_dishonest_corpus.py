"""The promise of tests/validation/corpus/dishonest: table, page and folders agree, and every report can be taken in.

A dishonest report that is refused at the door tries no control, so each must be a proper report of the format.
"""

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

CORPUS = Path(__file__).resolve().parent.parent / "validation" / "corpus" / "dishonest"
TABLE: dict[str, dict[str, Any]] = load_yaml((CORPUS / "table.yaml").read_bytes())["reports"]
PROOFS = {name: row for name, row in TABLE.items() if "patches" not in row}
WITH_PATCHES = {name: row for name, row in TABLE.items() if "patches" in row}
PATCHES = {f"{name}/{file}": patch for name, row in WITH_PATCHES.items() for file, patch in row["patches"].items()}
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
NAME = re.compile(r"`([^`]+)`")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def report(name: str) -> dict[str, Any]:
    """Return what the report says."""
    found: dict[str, Any] = load_yaml((CORPUS / name / "report.yaml").read_bytes())
    return found


def named_on_the_page() -> dict[str, str]:
    """Return the kind under which the page names each report, and each patch."""
    page = (CORPUS.parent / "README.md").read_text(encoding="utf-8")
    return {name: kind for kind, names in ROW.findall(page) for name in NAME.findall(names)}


def test_every_report_stands_in_the_table_and_on_the_page() -> None:
    here = {one.name for one in CORPUS.iterdir() if one.is_dir()}
    assert here == set(TABLE)
    on_the_page = named_on_the_page()
    assert {name: on_the_page[name] for name in TABLE} == {name: row["kind"] for name, row in TABLE.items()}


def test_every_patch_stands_on_the_page_under_its_kind() -> None:
    on_the_page = named_on_the_page()
    short = {key.removeprefix("patches-of-").removesuffix(".patch"): patch["kind"] for key, patch in PATCHES.items()}
    assert {name: on_the_page[name] for name in short} == short


@pytest.mark.parametrize("name", sorted(WITH_PATCHES))
def test_the_table_has_the_patches_of_the_report(name: str) -> None:
    assert [one["file"] for one in report(name)["patches"]] == list(TABLE[name]["patches"])


def test_no_dishonest_patch_may_pass() -> None:
    assert {said for patch in PATCHES.values() for said in patch["said"]} <= {"refused", "held"}
    assert all(patch["said"] for patch in PATCHES.values())


def test_every_dishonest_proof_has_a_right_reason() -> None:
    assert all(row["reasons"] for row in PROOFS.values())


def test_the_corpus_is_as_wide_as_the_issue_asks() -> None:
    kinds = Counter(row["kind"] for row in PROOFS.values())
    said = [report(name) for name in PROOFS]
    forms = Counter((one["proofs"][0]["runtime"], one["proofs"][0]["kind"]) for one in said)
    assert len(PROOFS) >= 40
    assert len(kinds) >= 16
    assert len(PATCHES) >= 12
    assert len({patch["kind"] for patch in PATCHES.values()}) >= 6
    assert set(forms) == {(runtime, form) for runtime in ("python", "node") for form in ("calls", "input", "program")}


@pytest.mark.django_db
def test_every_report_is_taken_in_but_those_that_intake_refuses(tmp_path: Path) -> None:
    actor = local_actor(at=NOON)
    for handed in discover([CORPUS / name for name in sorted(TABLE)]):
        kept = take_in(handed, artefacts=Artefacts(tmp_path), actor=actor, at=NOON)
        refused = any(isinstance(one, RefusedReport) for one in kept)
        assert refused == ("not-taken-in" in TABLE[handed.name].get("reasons", ())), handed.name
