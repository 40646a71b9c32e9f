"""Runs the mandatory CSAF 2.0 tests of npm's csaf-validator-lib, a validator that we did not write."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("csaf_validator")


def installed_driver(folder: Path) -> Path:
    """Return a copy of the driver with the library installed from the lock file, or skip without npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    for name in ("package.json", "package-lock.json", "validate.mjs"):
        shutil.copy(DRIVER / name, folder / name)
    argv = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "validate.mjs"


def mandatory_failures(driver: Path, documents: Sequence[Any]) -> list[list[dict[str, Any]]]:
    """Return, for each document, the mandatory tests it fails."""
    node = shutil.which("node")
    assert node is not None
    ended = subprocess.run(
        [node, str(driver)], input=json.dumps(list(documents)), check=True, capture_output=True, text=True, timeout=120
    )
    answer = json.loads(ended.stdout)
    assert answer["tests"] >= 40
    found: list[list[dict[str, Any]]] = answer["answers"]
    return found
