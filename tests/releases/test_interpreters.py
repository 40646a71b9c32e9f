"""Interpreters are found, and staged where the sandbox's user can read them, without what no proof needs."""

import os
import stat
from pathlib import Path

import pytest

from clearinghouse.releases import commands
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.profile import Job, Mount
from clearinghouse.sandbox.staging import reachable
from tests.sandbox.makers import a_sandbox, some_interpreters


def every() -> list[Interpreter]:
    found = some_interpreters()
    return [*found.pythons(), *found.nodes()]


def test_each_line_is_there_once_newest_first() -> None:
    lines = [tuple(map(int, one.version.split(".")[:2])) for one in some_interpreters().pythons()]
    assert lines == sorted(set(lines), reverse=True)
    assert lines and min(lines) >= (3, 8)


@pytest.mark.parametrize("interpreter", every(), ids=lambda one: f"{one.runtime}-{one.version}")
def test_each_runs_in_the_sandbox_from_where_it_was_staged(interpreter: Interpreter) -> None:
    ready = some_interpreters().ready(interpreter)
    code = "import sys, ssl, sqlite3, ctypes, json; print(sys.version.split()[0], json.__file__)"
    flags = ("-I", "-B", "-S", "-c", code) if ready.runtime is Runtime.PYTHON else ("-p", "process.versions.node")
    ended = a_sandbox().run(Job(argv=(ready.program, *flags), mounts=(Mount(ready.root, ready.inside_root),)))
    assert ended.exit_code == 0, ended.stderr
    version, *place = ended.stdout.decode().split()
    assert version == ready.version
    assert not place or place[0] == f"{ready.stdlib}/json/__init__.py"


def test_a_staged_copy_can_be_read_by_all_and_holds_no_packages_or_tests() -> None:
    for interpreter in every():
        if interpreter.inside_root == "/interp":
            root = some_interpreters().ready(interpreter).root
            assert reachable(root / "bin", 61999)
            for folder, folders, files in os.walk(root):
                assert {"site-packages", "tests", "idlelib"}.isdisjoint(folders), folder
                for name in files:
                    mode = Path(folder, name).lstat().st_mode
                    assert stat.S_ISLNK(mode) or (mode & stat.S_IROTH and not mode & stat.S_IWOTH)


def test_what_was_asked_once_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Interpreters(tmp_path).pythons()
    monkeypatch.setattr("clearinghouse.releases.interpreters._ask_python", lambda _: pytest.fail("asked again"))
    assert Interpreters(tmp_path).pythons() == first


def test_scripts_and_things_that_are_absent_are_no_interpreters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3"
    shim.write_text("#!/bin/sh\necho '{}'\n")
    shim.chmod(0o755)
    monkeypatch.setattr(commands, "pythons", lambda: iter([shim, tmp_path / "absent", Path("/bin/true")]))
    assert Interpreters(tmp_path / "cache").pythons() == ()
