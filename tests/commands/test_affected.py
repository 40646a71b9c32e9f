"""Tests of clearinghouse/commands/affected.py."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clearinghouse.commands.affected import affected
from tests.exposure.results import case, write_results

CASES = [
    case("pkg:pypi/pyyaml", ("5.1", "5.4"), workarounds=("Use the safe\x1b[2J loader.",), clock="14 days"),
    case("pkg:npm/lodash", ("0", "4.17.21"), key="two", band="STANDARD"),
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write_results(tmp_path / "out", CASES)


@pytest.fixture
def sbom(tmp_path: Path) -> Path:
    file = tmp_path / "bom.json"
    components = [
        {"name": "PyYAML", "version": "5.3", "purl": "pkg:pypi/pyyaml@5.3"},
        {"name": "lodash", "purl": "pkg:npm/lodash"},
        {"name": "own"},
    ]
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}), "utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(affected, [str(one) for one in arguments])


def test_it_says_in_plain_words_what_to_do_by_file(results: Path, sbom: Path) -> None:
    ended = run("--from", results, "--sbom", sbom)
    assert ended.exit_code == 0
    assert (
        "1 of your packages is affected; 1 may be affected, nobody could tell (3 packages looked at)." in ended.output
    )
    assert f"in      {sbom}: components[0]" in ended.output
    assert 'pip install "pyyaml>=5.4"' in ended.output
    assert "by when (BOD 26-04): 14 days" in ended.output
    assert "1 without a purl could not be matched" in ended.output


def test_foreign_text_cannot_rewrite_the_terminal(results: Path, sbom: Path) -> None:
    assert "\x1b" not in run("--from", results, "--sbom", sbom).output


def test_the_result_is_json_for_programs(results: Path, sbom: Path) -> None:
    said = json.loads(run("--from", results, "--sbom", sbom, "--json").output)
    assert said["schema"] == "clearinghouse/affected/1"
    assert [(one["purl"], one["affected"], one["upgrade_to"]) for one in said["components"]] == [
        ("pkg:pypi/pyyaml@5.3", True, "5.4"),
        ("pkg:npm/lodash", False, None),
    ]
    assert said["components"][0]["cases"][0]["aliases"] == ["CVE-2020-14343"]
    assert [one["name"] for one in said["unnamed"]] == ["own"]


def test_a_page_is_written_beside(results: Path, sbom: Path, tmp_path: Path) -> None:
    run("--from", results, "--sbom", sbom, "--html", tmp_path / "page.html")
    assert "Install pyyaml 5.4" in (tmp_path / "page.html").read_text("utf-8")


def test_asked_to_fail_it_exits_3_only_when_something_is_affected(results: Path, sbom: Path, tmp_path: Path) -> None:
    assert run("--from", results, "--sbom", sbom, "--fail").exit_code == 3
    empty = write_results(tmp_path / "nothing", [])
    ended = run("--from", empty, "--sbom", sbom, "--fail")
    assert (ended.exit_code, ended.output.splitlines()[0][:4]) == (0, "None")


def test_what_is_installed_is_looked_at(results: Path, tmp_path: Path) -> None:
    place = tmp_path / "site" / "PyYAML-5.3.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3\n", "utf-8")
    module = tmp_path / "app" / "node_modules" / "lodash"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"name": "lodash", "version": "4.17.20"}', "utf-8")
    ended = run("--from", results, "--installed", "--site", tmp_path / "site", "--root", tmp_path / "app", "--json")
    said = json.loads(ended.output)
    assert [one["place"] for one in said["components"]] == [str(place), str(module)]


def test_an_interpreter_is_asked_where_its_packages_are(results: Path) -> None:
    ended = run("--from", results, "--installed", "--python", sys.executable, "--json")
    assert json.loads(ended.output)["looked_at"] > 20


def test_this_interpreter_is_looked_at_when_none_is_named(results: Path) -> None:
    assert json.loads(run("--from", results, "--installed", "--json").output)["looked_at"] > 20


def test_something_that_is_no_interpreter_is_refused(results: Path, sbom: Path) -> None:
    ended = run("--from", results, "--installed", "--python", sbom)
    assert (ended.exit_code, "name a folder with --site" in ended.stderr) == (3, True)


@pytest.mark.parametrize("arguments", [[], ["--root", "."]])
def test_it_must_be_told_what_to_look_at(results: Path, arguments: list[str]) -> None:
    assert run("--from", results, *arguments).exit_code == 2


def test_options_for_what_is_installed_need_it(results: Path, sbom: Path) -> None:
    assert run("--from", results, "--sbom", sbom, "--root", ".").exit_code == 2


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path, sbom: Path) -> None:
    ended = run("--from", tmp_path, "--sbom", sbom)
    assert ended.exit_code == 3
    assert "index.json" in ended.stderr
