"""Tests of clearinghouse/commands/feeds.py, each command as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import clearinghouse
from tests.feeds.lists import epss_list, kev_list

SOURCE = Path(clearinghouse.__file__).parents[1]


class House:
    """A home of its own, with two lists beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kev = folder / "kev.json"
        self.kev.write_bytes(kev_list("CVE-2021-21315"))
        self.epss = folder / "epss.csv"
        self.epss.write_bytes(epss_list("CVE-2020-14343,0.1,0.5"))

    def run(self, *argv: object) -> subprocess.CompletedProcess[str]:
        """Run ``clearinghouse feeds``."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a child
        environment = {**kept, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_HOME": str(self.folder / "home")}
        command = [sys.executable, "-c", "from clearinghouse.commands.main import main; main()", "feeds"]
        return subprocess.run(
            [*command, *map(str, argv)], env=environment, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_lists_are_taken_in_from_files_and_listed(house: House) -> None:
    taken = house.run("update", "--kev", house.kev, "--epss", house.epss, "--json")
    assert [one["feed"] for one in json.loads(taken.stdout)] == ["kev", "epss"]
    listed = house.run("list", "--json")
    assert listed.returncode == 0
    assert {one["source"] for one in json.loads(listed.stdout)} == {"kev.json", "epss.csv"}


def test_people_read_a_line_for_each_list(house: House) -> None:
    house.run("update", "--kev", house.kev)
    assert "kev  2026.08.21  2026-08-21T12:00:00Z  1 entries  kev.json" in house.run("list").stdout


def test_without_lists_it_says_how_to_get_them(house: House) -> None:
    assert "clearinghouse feeds update" in house.run("list").stdout


@pytest.mark.parametrize("arguments", [["--kev", "missing.json"], ["--kev", "http://example.invalid/kev.json"]])
def test_a_list_that_cannot_be_had_is_refused(house: House, arguments: list[str]) -> None:
    ended = house.run("update", *arguments)
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith("refused: ")


def test_a_list_under_the_wrong_name_is_refused(house: House) -> None:
    ended = house.run("update", "--kev", house.epss)
    assert (ended.returncode, ended.stdout) == (3, "")


@pytest.mark.server
def test_when_nobody_answers_the_refusal_says_what_else_to_do(house: House) -> None:
    ended = house.run("update", "--kev", "http://127.0.0.1:1/kev.json")
    assert ended.returncode == 3
    assert "name a file instead" in ended.stderr
