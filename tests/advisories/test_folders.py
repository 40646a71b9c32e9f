"""Writing everything at once."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from clearinghouse.advisories.folders import write_at_once

FIRST = {"index.json": b"1", "index.html": b"1", "cases/a/x.json": b"1"}
SECOND = {"index.json": b"2", "index.html": b"2", "cases/b/x.json": b"2"}


def files(out: Path) -> dict[str, bytes]:
    return {one.relative_to(out).as_posix(): one.read_bytes() for one in out.rglob("*") if one.is_file()}


def test_what_was_written_lies_there_and_nothing_else(tmp_path: Path) -> None:
    write_at_once(tmp_path / "out", FIRST.items())
    assert files(tmp_path / "out") == FIRST


def test_a_new_output_replaces_the_old_and_leaves_other_things_alone(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "database").write_bytes(b"d")
    write_at_once(tmp_path, FIRST.items())
    write_at_once(tmp_path, SECOND.items())
    assert files(tmp_path) == SECOND | {"state/database": b"d"}


def test_leftovers_of_a_stopped_writer_are_cleared_away(tmp_path: Path) -> None:
    for name in (".writing-x", ".replaced-y"):
        (tmp_path / name / "cases").mkdir(parents=True)
    write_at_once(tmp_path, FIRST.items())
    assert files(tmp_path) == FIRST and not list(tmp_path.glob(".*"))


def test_others_may_read_the_output(tmp_path: Path) -> None:
    write_at_once(tmp_path, FIRST.items())
    assert (tmp_path / "cases").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "index.json").stat().st_mode & 0o777 == 0o644


WRITER = """
import sys
from pathlib import Path
from clearinghouse.advisories.folders import write_at_once
number = 0
print("ready", flush=True)
while True:
    number += 1
    mark = str(number).encode()
    cases = {f"cases/{n}/x": mark for n in range(5)}
    write_at_once(Path(sys.argv[1]), {"index.json": mark, "index.html": mark, **cases}.items())
"""


def test_a_killed_writer_never_leaves_an_index_that_names_what_is_not_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for round_number in range(8):
        argv = [sys.executable, "-c", WRITER, str(out)]
        writer = subprocess.Popen(argv, stdout=subprocess.PIPE, env={"PYTHONPATH": "src"})
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05 + round_number * 0.013)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        found = {name: data for name, data in files(out).items() if not name.startswith(".")} if out.exists() else {}
        if "index.json" in found:
            assert len(found) == 7 and set(found.values()) == {found["index.json"]}
    write_at_once(out, FIRST.items())
    assert files(out) == FIRST
