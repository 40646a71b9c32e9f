"""Archives are read within bounds, file by file, and nothing is ever extracted."""

import gzip
import io
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Refused
from clearinghouse.findings.archives import looks_like_archive, read_report_archive
from clearinghouse.findings.folders import LIMITS
from tests.findings.makers import some_files


def a_zip(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return held.getvalue()


def a_tar(entries: Iterable[tuple[str | tarfile.TarInfo, bytes]], mode: str = "w:gz") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in entries:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            if info.isreg():
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def _special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def _link_in_zip(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def _path_max_trick() -> bytes:
    """Return the tar of CVE-2025-4517: a chain of long folders and links that outgrows PATH_MAX when it is resolved."""
    entries: list[tuple[str | tarfile.TarInfo, bytes]] = []
    path = ""
    for letter in "abcdefghijklmnop":
        folder = "d" * 247
        entries.append((_special(f"{path}{folder}", tarfile.DIRTYPE), b""))
        entries.append((_special(f"{path}{letter}", tarfile.SYMTYPE, folder), b""))
        path += f"{folder}/"
    link = "/".join("abcdefghijklmnop") + "/" + "l" * 254
    entries.append((_special(link, tarfile.SYMTYPE, "../" * 16), b""))
    entries.append((_special("escape", tarfile.SYMTYPE, f"{link}/../../../etc"), b""))
    entries.append(("escape/x", b"owned"))
    return a_tar(entries)


def _lying_zip() -> bytes:
    """Return a zip whose one file says that it is ten bytes long, and is a thousand."""
    data = bytearray(a_zip([("report.json", b"a" * 1000)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    return bytes(data)


def _nul_in_zip() -> bytes:
    return a_zip([("report.jsonX../../x", b"{}")]).replace(b"report.jsonX", b"report.json\0")


def _encrypted_zip() -> bytes:
    data = bytearray(a_zip([("report.json", b"{}")]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def _bad_size_tar(field: bytes, kind: bytes = b"x") -> bytes:
    """Return a compressed tar whose header gives ``field`` as its size, before a lot of zeros."""
    header = bytearray(tarfile.TarInfo("a").tobuf())
    header[156:157] = kind
    header[124:136] = field.ljust(12, b"\0")
    header[148:156] = b"%06o\0 " % sum(header[:148] + b" " * 8 + header[156:])
    return gzip.compress(bytes(header) + bytes(200 * 1024 * 1024), 1)


ZERO = bytes(9 * 1024 * 1024)
BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "zip of one huge file": (lambda: a_zip([("report.json", bytes(50 * 1024 * 1024))]), {"too-large", "bomb"}),
    "zip of many files that grow": (lambda: a_zip([(f"{one}", bytes(2 * 1024 * 1024)) for one in range(14)]), {"bomb"}),
    "tar of one huge file": (lambda: a_tar([("report.json", ZERO)]), {"too-large", "bomb"}),
    "tar of many files that grow": (lambda: a_tar([(f"{one}", bytes(2**21)) for one in range(14)]), {"bomb"}),
    "zip of too many files": (lambda: a_zip([(f"{one}", b"") for one in range(300)]), {"too-many-files"}),
    "zip of far too many files": (lambda: a_zip([(f"{one}", b"") for one in range(5000)]), {"too-many-files"}),
    "tar of too many files": (lambda: a_tar([(f"{one}", b"") for one in range(300)]), {"too-many-files"}),
    "zip that lies about a size": (_lying_zip, {"damaged"}),
    "zip with a password": (_encrypted_zip, {"encrypted"}),
    "zip with a link": (lambda: a_zip([(_link_in_zip("a"), b"/etc/passwd")]), {"not-a-file"}),
    "zip that climbs": (lambda: a_zip([("../a", b"")]), {"path-leaves-folder"}),
    "zip with an absolute name": (lambda: a_zip([("/etc/a", b"")]), {"path-leaves-folder"}),
    "zip with a backslash": (lambda: a_zip([("a\\..\\b", b"")]), {"path-leaves-folder", "unsafe-path"}),
    "zip with a drive letter": (lambda: a_zip([("C:/a", b"")]), {"unsafe-path"}),
    "zip with a NUL in a name": (_nul_in_zip, {"path-leaves-folder", "unsafe-path"}),
    "zip with a name twice": (lambda: a_tar([("a", b""), ("a", b"")]), {"duplicate-name"}),
    "zip with names that differ by case": (lambda: a_zip([("a", b""), ("A", b"")]), {"case-collision"}),
    "zip with a name not in normal form": (lambda: a_zip([("e\u0301", b"")]), {"unsafe-path"}),
    "zip with a name that turns": (lambda: a_zip([("a\u202eb", b"")]), {"unsafe-path"}),
    "zip cut short": (lambda: a_zip([("report.json", b"{}" * 500)])[:-40], {"damaged", "not-an-archive"}),
    "tar with a symbolic link": (lambda: a_tar([(_special("a", tarfile.SYMTYPE, "/etc"), b"")]), {"not-a-file"}),
    "tar with a hard link": (lambda: a_tar([(_special("a", tarfile.LNKTYPE, "/etc/passwd"), b"")]), {"not-a-file"}),
    "tar with a device": (lambda: a_tar([(_special("a", tarfile.CHRTYPE), b"")]), {"not-a-file"}),
    "tar with a pipe": (lambda: a_tar([(_special("a", tarfile.FIFOTYPE), b"")]), {"not-a-file"}),
    "tar that climbs": (lambda: a_tar([("a/../../b", b"")]), {"path-leaves-folder"}),
    "tar with an absolute name": (lambda: a_tar([("/etc/a", b"")]), {"path-leaves-folder"}),
    "tar that outgrows PATH_MAX": (_path_max_trick, {"not-a-file", "path-leaves-folder"}),
    "tar too deep": (lambda: a_tar([("a/" * 12 + "b", b"")]), {"too-deep"}),
    "tar with a name too long": (lambda: a_tar([("a" * 250, b"")]), {"unsafe-path"}),
    "tar cut short": (lambda: a_tar([("report.json", b"{}" * 5000)], "w")[:2000], {"damaged"}),
    "tar with a bad size": (lambda: _bad_size_tar(b"zzz"), {"damaged"}),
    "tar with a negative size": (lambda: _bad_size_tar(b"\xff" * 12), {"damaged"}),
    "gzip of no tar": (lambda: gzip.compress(b"a" * 10_000), {"not-an-archive", "damaged"}),
    "gzip of zeros": (lambda: gzip.compress(bytes(100 * 1024 * 1024)), {"not-an-archive", "bomb", "damaged"}),
    "nothing but a signature": (lambda: b"PK\x03\x04" + bytes(600), {"damaged", "not-an-archive"}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_every_trap_is_refused_quickly_and_small(name: str) -> None:
    make, codes = BOMBS[name]
    data = make()
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(Refused) as caught:
        read_report_archive(data)
    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert {one.code for one in caught.value.problems} <= codes
    assert took < 3 and peak < 128 * 1024 * 1024


@pytest.mark.parametrize("make", [a_zip, a_tar, lambda entries: a_tar(entries, "w")])
@pytest.mark.parametrize("top", ["", "fa-1/"])
def test_the_files_of_a_report_are_read(make: Callable[..., bytes], top: str) -> None:
    data = make([(top + name, content) for name, content in some_files().items()])
    assert looks_like_archive(data[:512]) and read_report_archive(data) == some_files()


def test_an_archive_inside_is_a_file_like_any_other() -> None:
    inner = a_zip([("../a", b"")])
    assert read_report_archive(a_zip([("report.json", b"{}"), ("b.zip", inner)]))["b.zip"] == inner


def test_what_tools_leave_behind_is_passed_over() -> None:
    data = a_zip(
        [("a/report.json", b"{}"), ("a/.DS_Store", b""), ("__MACOSX/a/._report.json", b""), ("a/__pycache__/x", b"")]
    )
    assert read_report_archive(data) == {"report.json": b"{}"}


def test_long_names_of_both_kinds_are_read() -> None:
    name = "a/" + "b" * 120
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w", format=form) as archive:
            archive.addfile(tarfile.TarInfo(name))
            archive.addfile(tarfile.TarInfo("x"))
        assert set(read_report_archive(held.getvalue())) == {name, "x"}


def _bytes_out(data: bytes) -> int:
    try:
        return sum(map(len, read_report_archive(data).values()))
    except Refused:
        return 0


@given(st.binary(max_size=2000), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08"]))
def test_whatever_bytes_are_read_or_refused(data: bytes, start: bytes) -> None:
    assert _bytes_out(start + data) <= LIMITS.total_bytes


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data: st.DataObject) -> None:
    good = bytearray(data.draw(st.sampled_from([a_zip(some_files().items()), a_tar(some_files().items(), "w")])))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    assert _bytes_out(bytes(good)) <= LIMITS.total_bytes
