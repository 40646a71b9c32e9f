"""What is handed in is found, and named by what it is called, not by where it lies."""

from pathlib import Path

import pytest

from clearinghouse.errors import Malformed
from clearinghouse.findings.discovery import discover
from tests.findings.makers import a_folder, some_files


def _names(*paths: Path) -> list[str]:
    return [one.name for one in discover(paths)]


def test_a_report_folder_is_one_thing(tmp_path: Path) -> None:
    assert _names(a_folder(tmp_path / "fa-1", some_files())) == ["fa-1"]


def test_a_folder_of_many_is_opened(tmp_path: Path) -> None:
    a_folder(tmp_path / "b", some_files())
    a_folder(
        tmp_path, {"a.sarif": b"{}", "c.zip": b"", "more/d.json": b"{}", "README.md": b"", "LICENSE": b"", ".x": b""}
    )
    assert _names(tmp_path) == ["a.sarif", "b", "c.zip", "d.json"]


def test_the_same_thing_given_twice_is_one(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "a", some_files())
    assert _names(folder, tmp_path, folder) == ["a"]


def test_things_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    a_folder(tmp_path, {"x/a.json": b"{}", "y/a.json": b"{}", "y/b.json": b"{}"})
    assert _names(tmp_path) == ["b.json", "x/a.json", "y/a.json"]


def test_where_a_thing_lies_is_not_in_its_name(tmp_path: Path) -> None:
    one, other = (a_folder(tmp_path / name / "in", {"a.json": b"1", "b/c.json": b"2"}) for name in ("one", "other"))
    assert _names(one) == _names(other)


def test_a_link_is_a_thing_of_its_own_and_not_followed(tmp_path: Path) -> None:
    a_folder(tmp_path / "in", {"a.json": b"{}"})
    (tmp_path / "in" / "b").symlink_to("/etc")
    assert _names(tmp_path / "in") == ["a.json", "b"]


def test_a_given_link_is_not_followed_either(tmp_path: Path) -> None:
    a_folder(tmp_path / "in", {"a.json": b"{}"})
    (tmp_path / "link").symlink_to("in")
    assert _names(tmp_path / "link") == ["link"]


def test_nothing_at_a_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="nothing at"):
        discover([tmp_path / "gone"])


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert discover([tmp_path]) == []
