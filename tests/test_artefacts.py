"""The store of files by their content."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.artefacts import Artefacts, digest_of
from clearinghouse.errors import Malformed, NotFound


@given(st.binary(max_size=2000))
def test_what_is_put_is_got_back(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = Artefacts(Path(folder))
        assert kept.get(kept.put(data)) == data


def test_the_name_follows_from_the_content(tmp_path: Path) -> None:
    assert Artefacts(tmp_path).put(b"a") == digest_of(b"a")


def test_putting_again_changes_nothing(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    before = kept.path(kept.put(b"a")).stat().st_mtime_ns
    assert kept.path(kept.put(b"a")).stat().st_mtime_ns == before


def test_a_changed_file_is_not_handed_out(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    digest = kept.put(b"a")
    kept.path(digest).write_bytes(b"b")
    with pytest.raises(NotFound, match="changed"):
        kept.get(digest)


def test_a_changed_file_is_put_right_by_putting_again(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    digest = kept.put(b"a")
    kept.path(digest).write_bytes(b"b")
    kept.put(b"a")
    assert kept.get(digest) == b"a"


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Artefacts(tmp_path).get(digest_of(b"a"))


@pytest.mark.parametrize("name", ["", "sha256:", "../../etc/passwd", "sha256:" + "0" * 63, "sha256:" + "0" * 64 + "\n"])
def test_only_a_digest_names_an_artefact(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed):
        Artefacts(tmp_path).path(name)


def test_others_may_read_what_is_kept(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    assert kept.path(kept.put(b"a")).stat().st_mode & 0o777 == 0o644
    assert kept.has(digest_of(b"a")) and not kept.has(digest_of(b"b"))


def test_nothing_unfinished_is_left(tmp_path: Path) -> None:
    Artefacts(tmp_path).put(b"a")
    assert [path.name for path in tmp_path.rglob(".writing-*")] == []
