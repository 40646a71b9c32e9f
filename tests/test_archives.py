"""Archives are read within limits; nothing in them can make a file, leave its folder or grow without end."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.archives import ArchiveLimits, read_archive
from clearinghouse.errors import Refused

LENIENT = ArchiveLimits(strict=False)


def a_tar(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def a_zip(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def read(data: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    return {member.name: member.data for member in read_archive(data, limits)}


def refusal(data: bytes, limits: ArchiveLimits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read(data, limits)
    return caught.value.problems[0].code


parts = st.text("abcé日_-. ", min_size=1, max_size=60).filter(lambda part: part not in {".", ".."})
names = st.lists(parts, min_size=1, max_size=4)
members = st.dictionaries(names.map("/".join), st.binary(max_size=2000), max_size=6)


@given(members, st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]), st.sampled_from(["", "gzip", "bz2", "xz"]))
def test_every_tar_that_python_writes_is_read_alike(files: dict[str, bytes], form: int, packing: str) -> None:
    tar = a_tar(*files.items(), form=form)
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
    packed = packers.get(packing, bytes)(tar)
    if files:
        assert read(packed) == files
    else:
        assert refusal(packed) == "not-an-archive"


@given(members)
def test_every_zip_that_python_writes_is_read_alike(files: dict[str, bytes]) -> None:
    assert read(a_zip(*files.items())) == files


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"):
        try:
            read(start + data)
        except Refused:
            continue


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data: st.DataObject) -> None:
    archives = [a_tar(("a/b", b"x" * 700), ("c", b"y")), a_zip(("a", b"x" * 99), ("b", b""))]
    whole = bytearray(data.draw(st.sampled_from(archives)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(whole))
    except Refused:
        return


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "a\\..\\b", "a\nb", "x" * 300])
def test_a_name_that_is_no_plain_path_is_refused(name: str) -> None:
    assert refusal(a_tar((name, b""))) == "path-leaves-folder"
    assert refusal(a_zip((name, b""))) == "path-leaves-folder"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused_or_passed_over(kind: bytes) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("bad")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
        archive.addfile(tarfile.TarInfo("good"))
    assert refusal(buffer.getvalue()) == "not-a-file"
    assert read(buffer.getvalue(), LENIENT) == {"good": b""}


def test_a_link_in_a_zip_is_refused_or_passed_over() -> None:
    link = zipfile.ZipInfo("bad")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = a_zip((link, b"/etc/passwd"), ("good", b""))
    assert refusal(data) == "not-a-file"
    assert read(data, LENIENT) == {"good": b""}


def test_a_name_that_occurs_twice_is_refused_or_the_last_one_wins() -> None:
    data = a_tar(("a", b"1"), ("./a", b"2"))
    assert refusal(data) == "duplicate-name"
    assert read(data, LENIENT) == {"a": b"2"}


def test_a_zip_with_a_password_is_refused() -> None:
    data = bytearray(a_zip(("a", b"x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert refusal(bytes(data)) == "encrypted"


@pytest.mark.parametrize("packing", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_that_grows_too_much_is_refused(packing: Callable[[bytes], bytes]) -> None:
    assert refusal(packing(a_tar(("a", b"\0" * 40_000_000)))) == "bomb"


def test_a_zip_that_grows_too_much_is_refused() -> None:
    assert refusal(a_zip(("a", b"\0" * 40_000_000))) == "bomb"


def test_a_tar_whose_headers_alone_grow_too_much_is_refused() -> None:
    data = gzip.compress(a_tar(("d/", b""))[:512] * 100_000)
    assert refusal(data) == "bomb"


def test_too_many_files_and_too_large_ones_are_refused() -> None:
    assert refusal(a_tar(*((str(number), b"") for number in range(4))), ArchiveLimits(files=3)) == "too-many-files"
    assert refusal(a_zip(("a", b"xxxx")), ArchiveLimits(file_bytes=3)) == "too-large"
    assert refusal(a_tar(("a", b"x" * 600), ("b", b"x" * 600)), ArchiveLimits(total_bytes=2000)) == "too-large"


def test_a_size_that_lies_is_refused() -> None:
    data = bytearray(a_tar(("a", b"x" * 600)))
    assert refusal(bytes(data[:1000])) == "damaged"
    data[124:136] = b"\x80" + b"\xff" * 11
    checksum = sum(data[:148]) + sum(data[156:512]) + 8 * 32
    data[148:156] = b"%06o\0 " % checksum
    assert refusal(bytes(data)) == "too-large"


def test_the_mark_of_a_program_is_kept() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, mode in (("program", 0o755), ("text", 0o644)):
            info = tarfile.TarInfo(name)
            info.mode = mode
            archive.addfile(info)
    assert {one.name: one.executable for one in read_archive(buffer.getvalue())} == {"program": True, "text": False}
