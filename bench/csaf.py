"""Every CSAF document of a clearing against the mandatory tests of a validator that we did not write."""

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.clearings import WORK, finished
from bench.options import Options
from tests.standards.csaf_validation import DRIVER, installed_driver

INSTALLED = WORK / "csaf-validator"
LEAST_TESTS = 40
LIMIT_SECONDS = 600


def main(options: Options) -> int:
    """Print files, tests run and errors; a document that was broken on purpose must be found as well."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("not run: Node and npm are not here; `script/setup` finds or installs them")
        return 1
    clearing = finished(options.clearing)
    files = sorted(clearing.glob("cases/*/csaf.json"))
    if not files:
        print(f"not run: {clearing.name} holds no case")
        return 1
    documents = [json.loads(one.read_bytes()) for one in files]
    tests, answers = answers_to([*documents, broken(documents[0])])
    errors = 0
    for file, failures in zip(files, answers, strict=False):
        for failure in failures:
            errors += len(failure["errors"]) or 1
            print(f"  {file.relative_to(clearing)}: {failure['test']}: {'; '.join(failure['errors'])}")
    planted = [one["test"] for one in answers[-1]]
    print(
        f"{len(files)} files of {clearing.name}, {tests} tests each, {len(files) * tests} run: {errors} errors; "
        f"planted error found by {', '.join(planted) or 'no test'}"
    )
    return 1 if errors or not planted or tests < LEAST_TESTS else 0


def answers_to(documents: list[Any]) -> tuple[int, list[list[dict[str, Any]]]]:
    """Return the number of mandatory tests, and for each document those it fails."""
    argv = [shutil.which("node") or "node", str(_driver())]
    ended = subprocess.run(
        argv, input=json.dumps(documents), check=True, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )
    said = json.loads(ended.stdout)
    return said["tests"], said["answers"]


def broken(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that speaks of a product which is not in its tree (mandatory test 6.1.1)."""
    copied = copy.deepcopy(document)
    statuses: dict[str, list[str]] = copied["vulnerabilities"][0]["product_status"]
    next(iter(statuses.values())).append("CSAFPID-planted")
    return copied


def _driver() -> Path:
    """Return the driver, installed anew when its lock file has changed."""
    locks = [folder / "package-lock.json" for folder in (DRIVER, INSTALLED)]
    if (INSTALLED / "node_modules").is_dir() and locks[0].read_bytes() == locks[1].read_bytes():
        shutil.copy(DRIVER / "validate.mjs", INSTALLED)
        return INSTALLED / "validate.mjs"
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    return installed_driver(INSTALLED)
