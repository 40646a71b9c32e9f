"""A thing is made once, is seen only when it is whole, and what failed leaves nothing."""

import os
import stat
import threading
from pathlib import Path

import pytest

from clearinghouse.releases.keeping import UNFINISHED, Keeping


def test_a_folder_is_made_once_and_readable_by_all(tmp_path: Path) -> None:
    keeping, made = Keeping(tmp_path / "kept"), []

    def make(goal: Path) -> None:
        made.append(goal)
        (goal / "inner").mkdir(mode=0o700)
        (goal / "inner" / "file").write_text("x")
        (goal / "inner" / "file").chmod(0o600)

    places = {keeping.made("key", make) for _ in range(3)}
    assert (len(made), places) == (1, {tmp_path / "kept" / "key"})
    assert stat.S_IMODE((places.pop() / "inner" / "file").stat().st_mode) == 0o644


def test_threads_that_want_the_same_thing_wait_for_one(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    made: list[Path] = []

    def make(file: Path) -> None:
        made.append(file)
        file.touch()

    threads = [threading.Thread(target=keeping.file, args=("key", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_fails_leaves_nothing_and_can_be_tried_again(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)

    def fail(goal: Path) -> None:
        (goal / "half").touch()
        raise ValueError(goal.name)

    with pytest.raises(ValueError, match=UNFINISHED):
        keeping.made("key", fail)
    assert not keeping.place("key").exists() and not list(tmp_path.glob(f"{UNFINISHED}*"))
    assert keeping.made("key", lambda goal: (goal / "whole").touch()).is_dir()


def test_what_a_dead_process_left_is_swept_and_what_a_living_one_makes_is_not(tmp_path: Path) -> None:
    for pid in (999_999_999, os.getpid()):
        folder = tmp_path / f"{UNFINISHED}{pid}-x"
        folder.mkdir()
        os.utime(folder, (1, 1))
    Keeping(tmp_path).text("key", lambda: "x")
    assert [one.name for one in tmp_path.glob(f"{UNFINISHED}*")] == [f"{UNFINISHED}{os.getpid()}-x"]


def test_a_file_can_be_written_again(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.write("a/b", lambda file: file.write_text("one"))
    keeping.write("a/b", lambda file: file.write_text("two"))
    assert keeping.text("a/b", lambda: "three") == "two"
