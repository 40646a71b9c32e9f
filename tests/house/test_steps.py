"""The steps of setting up: an old tool that is found is not taken for one that will do."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("uv 0.8.0", "taken"),
        ("uv 0.13.8 (x86_64-unknown-linux-gnu)", "taken"),
        ("uv 1.0.2", "taken"),
        ("uv 0.7.22", "left"),
        ("uv 0.4.30 (61ed2a236 2024-11-04)", "left"),
        ("something else 9.9", "left"),
        ("", "left"),
    ],
)
def test_only_a_uv_that_is_new_enough_is_taken(tmp_path: Path, said: str, answer: str) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{said}'\n")
    program.chmod(0o755)
    function = next(line for line in (ROOT / "script/steps/uv").read_text("utf-8").splitlines() if "uv_ok()" in line)
    script = f"set -euo pipefail\n{function}\nif uv_ok {program}; then echo taken; else echo left; fi"
    ended = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.defpath}
    )
    assert ended.stdout.strip() == answer
