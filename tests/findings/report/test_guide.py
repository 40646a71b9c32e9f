"""The guide to the format holds every key, and its examples are reports."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from clearinghouse.findings.report.calls import Calls
from clearinghouse.findings.report.loading import calls_of, load_report
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.report.values import LINKS, MARKS
from clearinghouse.findings.rules import is_ready

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "report-format.md").read_text(encoding="utf-8")
_FILE = re.compile(r'^```\w+ title="(\w+)/([\w.-]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def _files(example: str) -> dict[str, bytes]:
    return {name: text.encode() for folder, name, text in _FILE.findall(GUIDE) if folder == example}


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        waiting = [field.annotation]
        while waiting:
            one = waiting.pop()
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from _keys(one)
            waiting += get_args(one)


@pytest.mark.parametrize("example", ["python", "node"])
def test_the_examples_are_ready_reports(example: str) -> None:
    files = _files(example)
    report = load_report(files)
    assert is_ready(report) and report.proofs[0].benign
    assert calls_of(report, 0, files).steps and calls_of(report, 0, files, benign=True).steps


@pytest.mark.parametrize("key", sorted({*_keys(Report), *_keys(Calls)}))
def test_the_guide_names_every_key(key: str) -> None:
    assert re.search(rf"(?<![\w]){re.escape(key)}(?![\w])", GUIDE)


@pytest.mark.parametrize("mark", [*MARKS, *LINKS])
def test_the_guide_names_every_mark(mark: str) -> None:
    assert f"{{{mark}:" in GUIDE


def test_the_guide_names_every_code_of_a_refusal() -> None:
    sources = Path(__file__).parents[3] / "src" / "clearinghouse" / "findings"
    text = "".join(path.read_text(encoding="utf-8") for path in [*sources.glob("report/*.py"), *sources.glob("*.py")])
    codes = set(re.findall(r'(?:wrong|Problem|trouble|refusal)\(\s*"([a-z]+(?:-[a-z0-9]+)+)"', text))
    missing = sorted(code for code in codes if f"`{code}`" not in GUIDE)
    assert not missing, missing
