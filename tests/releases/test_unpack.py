"""Wheels and tarballs become folders of regular files with one old time."""

import io
import tarfile
from pathlib import Path

import pytest

from clearinghouse.errors import NotPossible
from clearinghouse.releases.unpack import UNPACKED_AT, unpack_tree, unpack_wheel
from tests.releases.makers import a_tarball, a_wheel


def contents(folder: Path) -> dict[str, str]:
    return {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()}


def test_a_wheel_is_unpacked_with_the_parts_that_belong_beside_its_modules(tmp_path: Path) -> None:
    files = {"x.py": "1", "x-1.0.data/purelib/y.py": "2", "x-1.0.data/data/share/z": "3", "x-1.0.data/scripts/run": "4"}
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(a_wheel("x", "1.0", files=files)[1])
    unpack_wheel(wheel, tmp_path / "goal")
    found = contents(tmp_path / "goal")
    assert {name: text for name, text in found.items() if "dist-info" not in name} == {
        "x.py": "1",
        "y.py": "2",
        "share/z": "3",
    }
    assert {int(one.stat().st_mtime) for one in (tmp_path / "goal").rglob("*.py")} == {UNPACKED_AT}


def test_a_tree_loses_its_one_folder(tmp_path: Path) -> None:
    archive = tmp_path / "x.tgz"
    archive.write_bytes(a_tarball({"a": "1", "b/c": "2"}, folder="odd-name"))
    unpack_tree(archive, tmp_path / "goal")
    assert contents(tmp_path / "goal") == {"a": "1", "b/c": "2"}


def test_links_are_left_out_and_nothing_is_written_through_them(tmp_path: Path) -> None:
    archive, outside = tmp_path / "x.tgz", tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("p/link")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        tar.addfile(link)
        info = tarfile.TarInfo("p/link/file")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    unpack_tree(archive, tmp_path / "goal")
    assert not list(outside.iterdir())
    assert not any(one.is_symlink() for one in (tmp_path / "goal").rglob("*"))


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_a_path_that_leaves_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "x.whl"
    archive.write_bytes(a_wheel("x", "1.0", files={name: "x"})[1])
    with pytest.raises(NotPossible, match="plain relative path"):
        unpack_wheel(archive, tmp_path / "goal")
    assert not (tmp_path / "evil").exists()


def test_a_file_where_a_folder_is_needed_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "x.tgz"
    archive.write_bytes(a_tarball({"a": "1", "a/b": "2"}, folder="p"))
    with pytest.raises(NotPossible, match="cannot be unpacked"):
        unpack_tree(archive, tmp_path / "goal")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "x.whl"
    archive.write_bytes(b"nothing of the kind")
    with pytest.raises(NotPossible, match="neither a zip nor a tar"):
        unpack_wheel(archive, tmp_path / "goal")
