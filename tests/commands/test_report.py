"""``clearinghouse report``: a skeleton that passes once filled, and a check that says everything."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clearinghouse.commands.report import report
from clearinghouse.findings.report.proof import DETECTORS
from clearinghouse.findings.report.schema import report_schema
from tests.findings.makers import a_folder, a_report, some_files


def _run(*words: object) -> Result:
    return CliRunner().invoke(report, [str(one) for one in words])


def _fill(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("fill-this-in", "abc").replace("fill_this_in", "abc"), encoding="utf-8")


@pytest.mark.parametrize("runtime", ["python", "node"])
@pytest.mark.parametrize("kind", ["calls", "input", "program"])
def test_a_skeleton_passes_once_its_blanks_are_filled(tmp_path: Path, kind: str, runtime: str) -> None:
    assert _run("new", tmp_path / "a", "--kind", kind, "--runtime", runtime).exit_code == 0
    before = _run("check", tmp_path / "a")
    assert before.exit_code == 3 and "fill-this-in" in before.stdout
    _fill(tmp_path / "a")
    assert _run("check", tmp_path / "a").exit_code == 0


@pytest.mark.parametrize("detector", DETECTORS)
def test_there_is_a_skeleton_for_every_detector(tmp_path: Path, detector: str) -> None:
    assert _run("new", tmp_path / "a", "--runtime", "node", "--detector", detector).exit_code == 0
    _fill(tmp_path / "a")
    after = _run("check", tmp_path / "a")
    assert after.exit_code == 0, after.stdout


@pytest.mark.parametrize(
    "words", [("--detector", "magic"), ("--detector", "growth", "--kind", "input"), ("--detector", "pollution")]
)
def test_a_skeleton_that_could_not_pass_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert _run("new", tmp_path / "a", *words).exit_code == 3 and not (tmp_path / "a").exists()


def test_a_skeleton_never_writes_over_anything(tmp_path: Path) -> None:
    a_folder(tmp_path, {"mine": b""})
    assert _run("new", tmp_path).exit_code == 3 and [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_check_shows_the_six(tmp_path: Path) -> None:
    done = _run("check", a_folder(tmp_path / "a", some_files(a_report(trigger=None))))
    assert done.exit_code == 0 and "[x] description" in done.stdout and "[ ] trigger - say how" in done.stdout


def test_check_says_every_problem_and_still_looks_at_the_rest(tmp_path: Path) -> None:
    a_folder(tmp_path / "a", some_files(a_report(findr="x", tlp="PINK")))
    a_folder(tmp_path / "b", some_files())
    done = _run("check", tmp_path, "--json")
    refused, accepted = json.loads(done.stdout)
    assert done.exit_code == 3 and {one["field"] for one in refused["problems"]} == {"findr", "tlp"}
    assert accepted["accepted"] and len(accepted["reports"][0]["readiness"]) == 6


def test_check_reads_foreign_documents_with_a_target(tmp_path: Path) -> None:
    result = {"ruleId": "a", "message": {"text": "b"}}
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "c"}}, "results": [result] * 30}]}
    (tmp_path / "a.sarif").write_text(json.dumps(log), encoding="utf-8")
    assert _run("check", tmp_path / "a.sarif").exit_code == 3
    done = _run("check", tmp_path / "a.sarif", "--target", "pkg:pypi/a@1")
    assert done.exit_code == 0 and "30 claims" in done.stdout


def test_nothing_at_a_path_is_refused(tmp_path: Path) -> None:
    assert _run("check", tmp_path / "gone").exit_code == 3


def test_the_schema_is_printed() -> None:
    assert json.loads(_run("schema", "report").stdout) == report_schema()


def test_help_names_every_command() -> None:
    done = _run("--help")
    assert all(name in done.stdout for name in ("new", "check", "try", "record", "schema"))
