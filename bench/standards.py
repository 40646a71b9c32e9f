"""The reference data of the standards: how many cases are answered as each suite says."""

import ast
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.clearings import REPOSITORY
from bench.options import Options
from clearinghouse.errors import Malformed
from clearinghouse.standards import cvss, sarif
from clearinghouse.strict import load_json
from tests.standards import test_purl, test_vers

DATA = REPOSITORY.parent / "shared" / "data"

type Case = dict[str, Any]


def main(options: Options) -> int:  # noqa: ARG001 - every bench is started alike
    """Print passed of total for each suite; what is not here is left out with the reason."""
    suites: dict[str, tuple[Path, Callable[[Path], tuple[int, int, str]]]] = {
        "purl suite": (DATA / "purl-vers" / "purl-tests", _purl),
        "vers pypi": (DATA / "purl-vers" / "vers-tests", lambda folder: _vers(folder, "pypi")),
        "vers npm": (DATA / "purl-vers" / "vers-tests", lambda folder: _vers(folder, "npm")),
        "CVSS vectors": (DATA / "cvss-vectors", _cvss),
        "SARIF samples": (DATA / "sarif-samples", _sarif),
    }
    failed = 0
    for name, (folder, count) in suites.items():
        if not folder.is_dir():
            print(f"{name}: left out, the reference data is not here (shared/data/{folder.name} beside the checkout)")
            continue
        passed, total, note = count(folder)
        failed += passed < total or not total
        print(f"{name}: {passed} of {total}{note}")
    return 1 if failed else 0


def _as_said(cases: Iterable[Case], answer: Callable[[Case], object]) -> tuple[int, int]:
    """Return how many cases are answered as their suite says, and how many there are."""
    passed = total = 0
    for case in cases:
        total += 1
        try:
            found = answer(case)
        except Malformed:
            passed += bool(case.get("expected_failure"))
            continue
        passed += not case.get("expected_failure") and found == case["expected_output"]
    return passed, total


def _purl(folder: Path) -> tuple[int, int, str]:
    files = sorted(folder.glob("*/*.json"))
    cases = [case for file in files for case in json.loads(file.read_text("utf-8"))["tests"]]
    return *_as_said(cases, test_purl.answer), f" in {len(files)} files"


def _vers(folder: Path, scheme: str) -> tuple[int, int, str]:
    files = sorted(folder.glob(f"{scheme}_*.json"))
    cases = [case for file in files for case in json.loads(file.read_text("utf-8"))["tests"]]
    return *_as_said(cases, test_vers.answer), f" in {len(files)} files"


def _cvss(folder: Path) -> tuple[int, int, str]:
    files = sorted(folder.glob("vectors_*"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    passed = 0
    for line in lines:
        vector, _, text = line.partition(" - ")
        said = ast.literal_eval(text)
        said = said if isinstance(said, tuple) else (said,)
        try:
            found = cvss.parse(vector)
        except Malformed:
            continue
        scores = (found.base, found.temporal, found.environmental)[: len(said)]
        passed += scores == tuple(None if one is None else abs(one) for one in said)
    return passed, len(lines), f" in {len(files)} files"


def _sarif(folder: Path) -> tuple[int, int, str]:
    files = [
        one for one in sorted(folder.iterdir()) if one.suffix in {".sarif", ".json"} and "expected" not in one.name
    ]
    read, results, refusals = 0, 0, []
    for file in files:
        try:
            runs = sarif.read(load_json(file.read_bytes()))
        except Malformed as refusal:
            refusals.append(f"{file.name}: {refusal}")
            continue
        read += 1
        results += sum(len(run.results) for run in runs)
    reasons = "".join(f"\n  {one}" for one in refusals)
    return read + len(refusals), len(files), f": {read} read ({results} results), {len(refusals)} refused{reasons}"
