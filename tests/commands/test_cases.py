"""Tests of clearinghouse/commands/{explain,joins,questions}.py, each command as a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import clearinghouse

SOURCE = Path(clearinghouse.__file__).parents[1]

FILL = """
import sys
from pathlib import Path
from clearinghouse.commands.django import start
out = Path(sys.argv[1])
start(out / "state" / "clearinghouse.sqlite3")
from django.conf import settings
from clearinghouse.advisories.actions import write_output
from clearinghouse.artefacts import Artefacts
from clearinghouse.parties.rules import LOCAL
from tests.advisories.makers import SIGNER, a_world
from tests.cases.makers import NOON
store = Artefacts(Path(settings.CLEARINGHOUSE_ARTEFACTS))
a_world(store)
write_output(out, artefacts=store, signer=SIGNER, actor=LOCAL, at=NOON)
"""


def run(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a child
    paths = os.pathsep.join((str(SOURCE), str(SOURCE.parent)))
    environment = {**kept, "PYTHONPATH": paths, "CLEARINGHOUSE_HOME": str(folder / "home")}
    return subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    run(folder, "-c", FILL, str(folder / "out")).check_returncode()
    return folder


@pytest.fixture
def out(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled / "out", tmp_path / "out")
    return tmp_path / "out"


def clearinghouse_command(out: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return run(out.parent, "-c", "from clearinghouse.commands.main import main; main()", *argv)


def test_explain_says_why_from_the_written_output(out: Path) -> None:
    shutil.rmtree(out / "state")
    said = clearinghouse_command(out, "explain", "CVE-2020-8203", "--from", str(out)).stdout
    assert "Why now?" in said and "URGENT" in said and "CISA BOD 26-04" in said


def test_explain_says_the_same_from_the_database(out: Path) -> None:
    database = out / "state" / "clearinghouse.sqlite3"
    from_output = json.loads(
        clearinghouse_command(out, "explain", "CVE-2020-8203", "--from", str(out), "--json").stdout
    )
    from_rows = json.loads(
        clearinghouse_command(out, "explain", "CVE-2020-8203", "--from", str(database), "--json").stdout
    )
    assert from_rows["key"] == from_output["key"] and from_rows["band"] == from_output["band"]
    assert from_rows["factors"] == from_output["factors"]


def test_explain_names_what_it_could_not_find(out: Path) -> None:
    ended = clearinghouse_command(out, "explain", "CVE-1999-0001", "--from", str(out))
    assert ended.returncode == 3 and "no case answers" in ended.stderr


def test_explain_refuses_where_there_is_no_database(tmp_path: Path) -> None:
    ended = clearinghouse_command(tmp_path / "out", "explain", "CASE-1")
    assert ended.returncode == 3 and "there is no database" in ended.stderr


def test_joins_are_listed_with_their_reasons(out: Path) -> None:
    said = clearinghouse_command(out, "joins", "list", "--from", str(out)).stdout
    assert "finder-b/B-17: frames to finder-a/fa-2026-0042" in said
    assert "linked only" in said


def test_an_undone_join_stays_undone_and_is_listed(out: Path) -> None:
    undone = clearinghouse_command(
        out, "joins", "undo", "finder-b/B-21", "finder-b/B-21", "--why", "another place", "--from", str(out)
    )
    assert undone.returncode == 0, undone.stderr
    listed = json.loads(clearinghouse_command(out, "joins", "list", "--from", str(out), "--json").stdout)
    lodash = [one for one in listed if one["package"] == "pkg:npm/lodash"]
    assert [len(one["joins"]) for one in lodash] == [1, 1]
    assert [one["why"] for case in lodash for one in case["undone"]] == ["another place"]


def test_a_lone_report_cannot_be_undone(out: Path) -> None:
    ended = clearinghouse_command(
        out, "joins", "undo", "finder-a/fa-2026-0051", "fa-2026-0051", "--why", "x", "--from", str(out)
    )
    assert ended.returncode == 3 and "only report" in ended.stderr


def test_questions_lists_what_a_person_is_asked(out: Path) -> None:
    said = clearinghouse_command(out, "questions", "--from", str(out)).stdout
    assert "finder-a/fa-2026-0051" in said and "have you read it" in said
    assert "finder-d/D-2" in said and "only so often" in said


def test_a_question_is_shown_with_the_two_runs_side_by_side(out: Path) -> None:
    said = clearinghouse_command(out, "questions", "finder-d/D-2", "--from", str(out)).stdout
    assert "fired" in said and "silent" in said and "make_python_instance" in said
    (one,) = json.loads(clearinghouse_command(out, "questions", "D-2", "--from", str(out), "--json").stdout)
    assert [run["outcome"] for run in one["runs"]] == ["fired", "silent"]


def test_an_answer_closes_the_question_and_confirms_the_case(out: Path) -> None:
    database = str(out / "state" / "clearinghouse.sqlite3")
    words = ("answer", "finder-a/fa-2026-0051", "yes", "--why", "read it", "--by", "Ada", "--from", database)
    answered = clearinghouse_command(out, *words)
    assert answered.returncode == 0 and "Ada says yes" in answered.stdout, answered.stderr
    assert "fa-2026-0051" not in clearinghouse_command(out, "questions", "--from", database).stdout
    explained = clearinghouse_command(out, "explain", "fa-2026-0051", "--from", database).stdout
    assert "Ada says yes: read it" in explained and "must confirm" not in explained


def test_explain_shows_the_open_question_of_a_case(out: Path) -> None:
    said = clearinghouse_command(out, "explain", "fa-2026-0051", "--from", str(out)).stdout
    assert "A question to you, about finder-a/fa-2026-0051" in said and "must confirm" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("finder-b/B-17", "yes", "--why", "x"), "nothing is asked"),
        (("finder-z/9", "yes", "--why", "x"), "there is no report named"),
        (("fa-2026-0051", "no", "--why", " "), "a name and a reason"),
    ],
)
def test_an_answer_that_answers_nothing_is_refused(out: Path, words: tuple[str, ...], why: str) -> None:
    ended = clearinghouse_command(out, "answer", *words, "--from", str(out))
    assert ended.returncode == 3 and why in ended.stderr
