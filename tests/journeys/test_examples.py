"""The promise of examples/README.md: its tables are what is expected, and what is expected is what comes out."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.clearings import EXAMPLES
from bench.expected import differences, expected_in
from clearinghouse.artefacts import Artefacts
from clearinghouse.findings.actions import take_in
from clearinghouse.findings.discovery import discover
from clearinghouse.findings.models import RefusedReport
from clearinghouse.parties.actions import local_actor

EXPECTED = expected_in(EXAMPLES)
ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_FEW = (
    "finder-b-json5-proto",
    "finder-d-json5-inherit",
    "finder-c-json5-no-control",
    "finder-b-pyjwt-issuer",
    "finder-c-pyjwt-unsigned",
    "finder-c-h11-elsewhere",
    "finder-d-zipp-says",
    "finder-c-unknown-key",
)
"""Both indexes, a join, a case alone, a claim, held, refused for two reasons, and not taken in."""


def rows() -> dict[str, list[str]]:
    """Return the cells of the two tables of outcomes, by report."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    tables = text[
        text.index("## What must come out: validated") : text.index("| report | what is the matter with it |")
    ]
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in ROW.findall(tables)}


def in_words(events: list[dict[str, str]]) -> str:
    """Return OSV events the way the table writes them."""
    starts = [one["introduced"] for one in events if "introduced" in one]
    ends = [one["fixed"] for one in events if "fixed" in one]
    return ", ".join(f"{start} … <{end}" for start, end in zip(starts, ends, strict=True))


def test_every_report_stands_in_the_table_and_in_the_expectations() -> None:
    here = {one.name for one in (EXAMPLES / "reports").iterdir()}
    assert here == set(EXPECTED) == set(rows())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_row_of_the_table_says_what_is_expected(name: str) -> None:
    want, cells = EXPECTED[name], rows()[name]
    if want["outcome"] == "validated":
        outcome = f"validated {want['grade']}"
        assert cells[2:] == [outcome, in_words(want["affected"]), want["joins"], want["band"], want["patch"]]
    else:
        assert cells[:2] == [want["outcome"], want["reason"]]


def test_the_corpus_is_as_wide_as_it_claims_to_be() -> None:
    validated = [one for one in EXPECTED.values() if one["outcome"] == "validated"]
    refused = {one["reason"] for one in EXPECTED.values() if one["outcome"] in ("refused", "held")}
    assert len(EXPECTED) >= 28
    assert len({one["cve"] for one in validated}) >= 12
    assert len(refused) >= 7


@pytest.mark.django_db
def test_what_is_broken_is_refused_at_intake_and_everything_else_is_taken_in(tmp_path: Path) -> None:
    actor = local_actor(at=NOON)
    for handed in discover([EXAMPLES / "reports"]):
        kept = take_in(handed, artefacts=Artefacts(tmp_path), actor=actor, at=NOON)
        want = EXPECTED[handed.name]
        codes = [problem["code"] for one in kept if isinstance(one, RefusedReport) for problem in one.problems]
        assert (want["reason"] in codes) if want["outcome"] == "not-taken-in" else not codes, handed.name


@pytest.mark.index
@pytest.mark.enable_socket
def test_a_few_of_the_reports_end_as_expected_through_the_command(tmp_path: Path) -> None:
    reports, out = tmp_path / "reports", tmp_path / "out"
    for name in A_FEW:
        shutil.copytree(EXAMPLES / "reports" / name, reports / name)
    first = cleared(reports, out)
    assert differences(first, {name: EXPECTED[name] for name in A_FEW}) == []
    raw = (out / "index.json").read_bytes()
    assert cleared(reports, out, "--anew", "--jobs", "2") == first
    assert (out / "index.json").read_bytes() == raw


def cleared(reports: Path, out: Path, *options: str) -> dict[str, Any]:
    """Clear in a process of its own, as a user does; a report that cannot be taken in makes it exit with 3."""
    program = Path(sys.executable).parent / "clearinghouse"
    argv = [
        str(program),
        "clear",
        str(reports),
        "--out",
        str(out),
        "--feeds",
        str(EXAMPLES / "feeds"),
        "--json",
        *options,
    ]
    env = {name: held for name, held in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}  # noqa: TID251 - ours
    ended = subprocess.run(argv, env=env, capture_output=True, check=False)
    assert ended.returncode == 3, ended.stderr.decode()
    index: dict[str, Any] = json.loads(ended.stdout)
    return index
