"""What the sandbox's user cannot read in place is copied where it can, and nothing is left behind."""

import os
from pathlib import Path

import pytest

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import staging
from clearinghouse.sandbox.staging import Stage, reachable

NOBODY = 61999


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that only we may enter."""
    folder = tmp_path / "closed"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("content")
    (folder / "link").symlink_to("/etc/shadow")
    folder.chmod(0o700)
    return folder


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_a_closed_folder_is_not_reachable_and_the_systems_are(closed: Path) -> None:
    assert not reachable(closed / "inner", NOBODY)
    assert reachable(Path("/usr/bin"), NOBODY)


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_a_closed_folder_is_copied_without_its_links(closed: Path) -> None:
    stage = Stage(reader_uid=NOBODY)
    copy = stage.readable(closed)
    assert sorted(str(one.relative_to(copy)) for one in copy.rglob("*")) == ["inner", "inner/file"]
    assert reachable(copy / "inner" / "file", NOBODY)
    assert stage.readable(closed) == copy
    stage.remove()
    assert not copy.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed")
def test_a_closed_folder_that_is_too_large_is_refused(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_BYTES", 3)
    with pytest.raises(Unavailable, match="too large to copy"):
        Stage(reader_uid=NOBODY).readable(closed)


def test_an_open_folder_is_used_in_place() -> None:
    stage = Stage(reader_uid=NOBODY if os.geteuid() == 0 else os.geteuid())
    assert stage.readable(Path("/usr/bin")) == Path("/usr/bin")


def test_the_etc_of_a_sandbox_knows_no_user_of_this_machine() -> None:
    etc = Stage(reader_uid=os.geteuid()).etc
    assert {line.split(":")[0] for line in (etc / "passwd").read_text().splitlines()} == {"root", "box"}
    assert {"shadow", "hostname", "resolv.conf", "machine-id"}.isdisjoint(one.name for one in etc.iterdir())


def test_folders_of_processes_that_are_gone_are_removed(tmp_path: Path) -> None:
    left = tmp_path / f"{staging.PREFIX}left"
    left.mkdir()
    (left / "lock").touch()
    staging._sweep(tmp_path)
    assert not left.exists()
