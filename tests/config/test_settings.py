"""Tests of clearinghouse/config/settings.py, each in a process of its own: settings are read once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import clearinghouse

SOURCE = Path(clearinghouse.__file__).parents[1]
TELL = """
import json
from pathlib import Path
from clearinghouse.config import settings
{before}
names = [name for name in vars(settings) if name.startswith("CLEARINGHOUSE_")]
found = {{name: getattr(settings, name) for name in names}}
database = settings.DATABASES["default"]
more = {{"database": database, "NAME": database["NAME"], "apps": settings.INSTALLED_APPS, "tasks": settings.TASKS}}
print(json.dumps(found | more, default=str))
"""


def told(before: str = "", **environment: str) -> dict[str, Any]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    argv = [sys.executable, "-c", TELL.format(before=before)]
    done = subprocess.run(argv, env={**kept, **environment}, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_everything_lies_in_the_home_that_the_environment_names(tmp_path: Path) -> None:
    said = told(CLEARINGHOUSE_HOME=str(tmp_path))
    assert said["NAME"] == said["CLEARINGHOUSE_DATABASE"] == str(tmp_path / "clearinghouse.sqlite3")
    assert said["CLEARINGHOUSE_ARTEFACTS"] == str(tmp_path / "artefacts")


def test_without_an_environment_there_are_sensible_places() -> None:
    said = told()
    assert Path(said["CLEARINGHOUSE_HOME"]).is_absolute() and Path(said["CLEARINGHOUSE_CACHE"]).is_absolute()
    assert said["CLEARINGHOUSE_SANDBOX"] is said["CLEARINGHOUSE_KEY"] is said["CLEARINGHOUSE_ORIGIN"] is None
    assert said["CLEARINGHOUSE_EXHAUSTIVE"] is False


def test_a_chosen_database_has_its_artefacts_beside_it(tmp_path: Path) -> None:
    said = told(before=f"settings.choose_database(Path({str(tmp_path / 'state' / 'x.sqlite3')!r}))")
    assert said["NAME"] == str(tmp_path / "state" / "x.sqlite3")
    assert said["CLEARINGHOUSE_ARTEFACTS"] == str(tmp_path / "state" / "artefacts")


@pytest.mark.parametrize(
    ("module", "before"),
    [("settings", ""), ("settings", "settings.choose_database('x.sqlite3')"), ("web", "settings.SECRET_KEY = 'x'")],
)
def test_an_act_on_a_file_is_on_the_disk_before_it_is_acknowledged(module: str, before: str, tmp_path: Path) -> None:
    """Nobody does again what a person was told is done; source: promises P3 and P8."""
    import_web = f"from clearinghouse.config import {module} as settings\n{before}"
    said = told(before=import_web, CLEARINGHOUSE_HOME=str(tmp_path))
    assert "PRAGMA synchronous=FULL;" in said["database"]["OPTIONS"]["init_command"]


def test_a_clearing_that_is_done_again_does_not_wait_for_the_disk() -> None:
    said = told(before="settings.choose_database('x.sqlite3', done_again=True)")
    assert "PRAGMA synchronous=NORMAL;" in said["database"]["OPTIONS"]["init_command"]


def test_named_artefacts_stay_where_they_are(tmp_path: Path) -> None:
    before = f"settings.choose_database(Path({str(tmp_path / 'x.sqlite3')!r}))"
    assert told(before=before, CLEARINGHOUSE_ARTEFACTS="/srv/a")["CLEARINGHOUSE_ARTEFACTS"] == "/srv/a"


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("0", False), ("no", False), ("", False)])
def test_a_switch_is_read(text: str, value: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert told(CLEARINGHOUSE_EXHAUSTIVE=text)["CLEARINGHOUSE_EXHAUSTIVE"] is value


ADDRESS = "postgresql://app:s3cret@db.example:5433/cases?sslmode=verify-full"


def test_an_address_of_postgresql_is_read_as_libpq_reads_it(tmp_path: Path) -> None:
    said = told(CLEARINGHOUSE_DATABASE=ADDRESS, CLEARINGHOUSE_HOME=str(tmp_path))
    named = {name: said["database"][name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    assert named == {
        "NAME": "cases",
        "USER": "app",
        "PASSWORD": "s3cret",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full"},
    }
    assert said["CLEARINGHOUSE_ARTEFACTS"] == str(tmp_path / "artefacts")


def test_the_queue_of_postgresql_is_there_on_postgresql_alone(tmp_path: Path) -> None:
    there = told(CLEARINGHOUSE_DATABASE=ADDRESS)
    back = told(
        before=f"settings.choose_database(Path({str(tmp_path / 'x.sqlite3')!r}))", CLEARINGHOUSE_DATABASE=ADDRESS
    )
    assert "procrastinate.contrib.django" in there["apps"] and "Queue" in there["tasks"]["default"]["BACKEND"]
    assert "procrastinate.contrib.django" not in back["apps"] and "InProcess" in back["tasks"]["default"]["BACKEND"]
