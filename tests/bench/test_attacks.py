"""The attacks on the server in a short form: made-up calls, bombs, and what telling times apart means."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.attacks import ROOT, child
from bench.attacks.bombs import ARCHIVES, BOMBS, DOCUMENTS
from bench.attacks.timing import auc
from bench.attacks.uploads import MOST_MIB, MOST_SECONDS, read_measured

SOME = (
    "many-keys.json",
    "overlapping.zip",
    "zeros.tar.xz",
    "sparse.tar",
    "aliases.yaml",
    "laughs.xml",
    "many-links.md",
)


def test_there_are_sixty_bombs_of_many_kinds() -> None:
    assert len(BOMBS) == len(ARCHIVES) + len(DOCUMENTS) >= 60


@pytest.mark.parametrize("name", SOME)
def test_a_bomb_is_refused_within_what_any_may_take(name: str) -> None:
    read = read_measured(BOMBS[name](), name)
    assert read.said, "it is refused, with a code"
    assert read.cpu_seconds < 2 * MOST_SECONDS and read.mib < MOST_MIB  # the bench holds it to the goal itself


@pytest.mark.parametrize("role", ["finder", "coordinator"])
def test_made_up_calls_are_answered_or_refused_with_a_problem_document(role: str) -> None:
    found = child("calls", role, "100", "7")
    assert found["calls"] > 400 and found["faults"] == {}


def test_times_that_are_alike_are_not_told_apart_and_others_are() -> None:
    assert auc([1, 2, 3, 4], [1, 2, 3, 4]) == 0.5
    assert auc([1, 2], [3, 4]) == auc([3, 4], [1, 2]) == 1.0
    assert auc([1.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == pytest.approx(2 / 3)


def test_a_fault_of_an_attack_is_no_result(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "bench.attacks.calls", str(tmp_path), "nobody", "x", "1"]
    assert subprocess.run(argv, cwd=ROOT, env=dict(os.environ), capture_output=True, check=False).returncode  # noqa: TID251
