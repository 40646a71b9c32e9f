"""Folders are read under limits, without following anything."""

import os
from pathlib import Path

import pytest

from clearinghouse.errors import Refused
from clearinghouse.findings.folders import FolderLimits, read_folder
from tests.findings.makers import a_folder, some_files


def _code(folder: Path, limits: FolderLimits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read_folder(folder, limits=limits or FolderLimits())
    return caught.value.problems[0].code


def test_every_file_is_read_by_its_name(tmp_path: Path) -> None:
    assert read_folder(a_folder(tmp_path, {"a/b.txt": b"1", "c": b"2"})) == {"a/b.txt": b"1", "c": b"2"}


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    assert set(
        read_folder(a_folder(tmp_path, {".git/x": b"", ".DS_Store": b"", "__pycache__/a.pyc": b"", "a": b""}))
    ) == {"a"}


@pytest.mark.parametrize("target", ["/etc/passwd", "a", "../elsewhere", "gone"])
def test_a_link_is_refused_wherever_it_leads(tmp_path: Path, target: str) -> None:
    (a_folder(tmp_path, {"a": b""}) / "b").symlink_to(target)
    assert _code(tmp_path) == "not-a-regular-file"


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to("/etc", target_is_directory=True)
    assert _code(tmp_path) == "not-a-regular-file"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert _code(tmp_path) == "not-a-regular-file"


@pytest.mark.parametrize(
    ("files", "limits", "code"),
    [
        ({"a": b"12"}, FolderLimits(file_bytes=1), "too-large"),
        ({"a": b"12", "b": b"34"}, FolderLimits(total_bytes=3), "too-large"),
        ({"a": b"", "b": b""}, FolderLimits(files=1), "too-many-files"),
        ({"a/b/c": b""}, FolderLimits(depth=1), "too-deep"),
    ],
)
def test_what_is_too_much_is_refused(tmp_path: Path, files: dict[str, bytes], limits: FolderLimits, code: str) -> None:
    assert _code(a_folder(tmp_path, files), limits) == code


@pytest.mark.parametrize("name", ["a\\b", "a:b", "a ", "e\u0301", "a\u202eb", "a\nb"])
def test_a_name_that_means_something_else_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert _code(a_folder(tmp_path, {name: b""})) == "unsafe-path"


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff")).write_bytes(b"")
    assert _code(tmp_path) == "unsafe-path"


def test_names_that_differ_only_by_case_are_refused(tmp_path: Path) -> None:
    assert _code(a_folder(tmp_path, {"a": b"", "A": b""})) == "case-collision"


def test_a_whole_report_stays_within_the_limits(tmp_path: Path) -> None:
    assert read_folder(a_folder(tmp_path, some_files())) == some_files()
