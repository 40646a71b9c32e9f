"""What comes out of a sandbox is read as a stranger's bytes."""

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.sandbox.collector import collected


def packed(*members: tuple[str, bytes, bytes]) -> bytes:
    """Return a tar of (name, type, data)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(data), "/etc/passwd"
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_regular_files_below_the_folder_come_back() -> None:
    tar = packed(("out", b"5", b""), ("out/a", b"0", b"1"), ("out/b/c", b"0", b"2"), ("outside", b"0", b"3"))
    assert collected(tar, "out", limit_bytes=99) == {"a": b"1", "b/c": b"2"}


def test_links_devices_and_pipes_do_not() -> None:
    tar = packed(*((f"out/{kind!r}", kind, b"") for kind in (b"1", b"2", b"3", b"4", b"6")), ("out/a", b"0", b"1"))
    assert collected(tar, "out", limit_bytes=99) == {"a": b"1"}


def test_a_path_that_leaves_the_folder_ends_the_reading() -> None:
    tar = packed(("out/a", b"0", b"1"), ("out/../../x", b"0", b"2"), ("out/b", b"0", b"3"))
    assert collected(tar, "out", limit_bytes=99) == {"a": b"1"}


def test_what_is_larger_than_allowed_does_not_come_back() -> None:
    assert collected(packed(("out/a", b"0", b"x" * 100)), "out", limit_bytes=99) == {}


@given(st.binary(max_size=2000))
def test_no_bytes_can_raise(data: bytes) -> None:
    collected(data, "out", limit_bytes=99)
