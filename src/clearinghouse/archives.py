"""Archives from strangers: zip and tar, read one regular file after the other within limits, never extracted.

The reader makes no file and no folder; it yields names that were checked and bytes that were counted. Links, devices
and whatever else an archive can hold are refused, or passed over when the caller says so. Python's own
``extractall(filter="data")`` was seen to leave its folder (CVE-2025-4517), and its ``tarfile`` to loop (CVE-2025-8194).

Source: docs/decisions/0027-own-archive-reader.md; ASVS 5.0 5.2.1 to 5.2.5 and 5.3.3.
"""

import bz2
import gzip
import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn, Protocol

from clearinghouse.errors import Problem, Refused

MIB = 1024 * 1024
BLOCK = 512
_REGULAR = (b"\x00", b"0", b"7")
"""Kinds of a tar member that are regular files."""
LONGEST_NUMBER = 20
DAMAGED = (
    *(OSError, EOFError, ValueError, OverflowError, RuntimeError, struct.error),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
"""What the decompressors of the standard library raise at damaged or unknown input."""


class Readable(Protocol):
    """Something to read bytes from, one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return the next ``size`` bytes, fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much may come out of an archive."""

    files: int = 20_000
    file_bytes: int = 64 * MIB
    total_bytes: int = 512 * MIB
    ratio: int = 200
    """Bytes out for each byte in; looked at when more than ``ratio_from_bytes`` came out."""
    ratio_from_bytes: int = 16 * MIB
    strict: bool = True
    """Refuse links, devices and names that occur twice; else links and devices are passed over, the last name wins."""


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file: a relative POSIX path without ``..``, and its content."""

    name: str
    data: bytes
    executable: bool


def read_archive(source: bytes | Path, limits: ArchiveLimits | None = None) -> Iterator[Member]:
    """Yield the regular files of a zip or of a tar that may be compressed by gzip, bzip2 or xz.

    Raises:
        Refused: ``not-an-archive``, ``damaged``, ``encrypted``, ``path-leaves-folder``, ``not-a-file``,
            ``duplicate-name``, ``too-many-files``, ``too-large`` or ``bomb``; what was yielded before stays valid.
    """
    file: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with file:
        start = file.read(6)
        size_bytes = file.seek(0, io.SEEK_END)
        file.seek(0)
        meter = _Meter(limits or ArchiveLimits(), size_bytes)
        try:
            yield from _zip(file, meter) if start[:4] in {b"PK\x03\x04", b"PK\x05\x06"} else _tar(start, file, meter)
        except DAMAGED as error:
            _refuse("damaged", f"the archive is damaged: {error}", "hand in an archive that other programs can read")


class _Meter:
    """Counts what comes out and refuses what is too much."""

    def __init__(self, limits: ArchiveLimits, size_bytes: int) -> None:
        self.limits = limits
        self._in_bytes = max(1, size_bytes)
        self._files = 0
        self._out_bytes = 0
        self._names: set[str] = set()

    def admit(self, name: str, size_bytes: int) -> str:
        """Return the checked name of a member that claims ``size_bytes``."""
        clean = _clean(name)
        self._files += 1
        limits = self.limits
        if self._files > limits.files:
            _refuse("too-many-files", f"it holds more than {limits.files} files", f"at most {limits.files} files")
        if not 0 <= size_bytes <= limits.file_bytes:
            _refuse("too-large", f"{clean} has {size_bytes} bytes", f"at most {limits.file_bytes} bytes a file")
        if limits.strict and clean in self._names:
            _refuse("duplicate-name", f"{clean} occurs twice", "each name once")
        self._names.add(clean)
        self.count(size_bytes)
        return clean

    def count(self, size_bytes: int) -> None:
        """Count bytes that came out, those of headers too."""
        self._out_bytes += size_bytes
        limits = self.limits
        if self._out_bytes > limits.total_bytes:
            _refuse(
                "too-large", f"more than {limits.total_bytes} bytes came out", f"at most {limits.total_bytes} bytes"
            )
        if self._out_bytes > limits.ratio_from_bytes and self._out_bytes > self._in_bytes * limits.ratio:
            _refuse("bomb", f"it grows more than {limits.ratio} times when unpacked", f"at most {limits.ratio} times")

    def irregular(self, name: str) -> None:
        """Refuse a link or device, or let it be passed over."""
        if self.limits.strict:
            _refuse("not-a-file", f"{name[:200]!r} is a link or a device", "regular files and folders only")


def _zip(file: IO[bytes], meter: _Meter) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if info.is_dir():
                _clean(info.orig_filename)
            elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
                meter.irregular(info.filename)
            elif info.flag_bits & 1:
                _refuse("encrypted", f"{info.filename} is encrypted", "an archive without a password")
            else:
                name = meter.admit(info.orig_filename, info.file_size)
                with archive.open(info) as member:
                    data = member.read(info.file_size + 1)
                if len(data) != info.file_size:
                    _refuse("damaged", f"{name} is not as long as the archive says", "an archive that is whole")
                yield Member(name, data, bool(mode & 0o111))


def _tar(start: bytes, file: IO[bytes], meter: _Meter) -> Iterator[Member]:
    if start.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as plain:
            yield from _tar_members(plain, meter)
    elif start.startswith(b"BZh"):
        with bz2.BZ2File(file) as plain:
            yield from _tar_members(plain, meter)
    elif start.startswith(b"\xfd7zXZ\x00"):
        with lzma.LZMAFile(file) as plain:
            yield from _tar_members(plain, meter)
    else:
        yield from _tar_members(file, meter)


def _tar_members(file: Readable, meter: _Meter) -> Iterator[Member]:
    """Yield the files of a plain tar: ustar, with the long names of pax and GNU."""
    following: dict[str, str] = {}
    seen = False
    while len(header := file.read(BLOCK)) == BLOCK and header.strip(b"\0"):
        if not _checksum_holds(header):
            code = "damaged" if seen else "not-an-archive"
            _refuse(code, "it is neither a zip nor a tar, or its end is damaged", "a .zip, .tar, .tar.gz or .tgz")
        seen = True
        kind = header[156:157]
        size = _size(following, header)
        if kind in b"xgLK":
            meter.count(BLOCK + size)
            if size > MIB:
                _refuse("too-large", "a header of the archive has more than 1 MiB", "names of ordinary length")
            _extend(following, kind, _content(file, size))
            continue
        name = following.get("path") or _header_name(header)
        following = {}
        meter.count(BLOCK)
        if kind in _REGULAR and not name.endswith("/"):
            clean = meter.admit(name, size)
            yield Member(clean, _content(file, size), bool(_number(header[100:108]) & 0o111))
        elif kind == b"5" or name.endswith("/"):
            _clean(name)
        else:
            meter.irregular(name)
            meter.count(size if kind not in b"1234 6" else 0)
            _content(file, 0 if kind in b"12346" else size)
    if not seen:
        _refuse("not-an-archive", "it is empty, or neither a zip nor a tar", "a .zip, .tar, .tar.gz or .tgz")


def _extend(following: dict[str, str], kind: bytes, data: bytes) -> None:
    """Take over what an extension header says of the next member; those for all members say nothing we use."""
    if kind == b"L":
        following["path"] = data.rstrip(b"\0").decode("utf-8", "replace")
    elif kind == b"x":
        while data:
            length, _, _ = data.partition(b" ")
            if not length.isdigit() or not len(length) < int(length[:9]) <= len(data):
                _refuse("damaged", "a pax header is damaged", "an archive that is whole")
            key, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
            if key == b"path" or (key == b"size" and value.isdigit()):
                following[key.decode()] = value.decode("utf-8", "replace")
            data = data[int(length) :]


def _size(following: dict[str, str], header: bytes) -> int:
    """Return how long a member says it is; never negative, for reading so many bytes would read everything."""
    stated = following.get("size", "")
    if len(stated) > LONGEST_NUMBER or (not stated and _number(header[124:136]) < 0):
        _refuse("damaged", "a size in the archive is no number", "an archive that is whole")
    return int(stated) if stated else _number(header[124:136])


def _content(file: Readable, size_bytes: int) -> bytes:
    data = file.read(size_bytes)
    padding = -size_bytes % BLOCK
    if len(data) != size_bytes or len(file.read(padding)) != padding:
        _refuse("damaged", "it ends in the middle of a file", "an archive that is whole")
    return data


def _checksum_holds(header: bytes) -> bool:
    bare = header[:148] + b" " * 8 + header[156:]
    return _number(header[148:156]) in {sum(bare), sum(byte - 256 if byte > 127 else byte for byte in bare)}  # noqa: PLR2004


def _number(field: bytes) -> int:
    """Return a number as tar writes it: octal text, or binary when the first bit is set; -1 when it is neither."""
    if field[:1] in {b"\x80", b"\xff"}:
        return int.from_bytes(field[1:]) if field[0] == 0x80 else -1  # noqa: PLR2004
    text = field.split(b"\0", 1)[0].strip()
    return -1 if text.strip(b"01234567") else int(text or b"0", 8)


def _header_name(header: bytes) -> str:
    name = header[:100].split(b"\0", 1)[0]
    prefix = header[345:500].split(b"\0", 1)[0] if header[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _clean(name: str) -> str:
    """Return ``name`` as a relative path that stays below its folder."""
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part != "."]
    unprintable = any(ord(letter) < ord(" ") or letter in "\x7f\\" for letter in name)
    if path.is_absolute() or ".." in parts or unprintable or any(len(part.encode()) > 255 for part in parts):  # noqa: PLR2004
        _refuse("path-leaves-folder", f"the name {name[:200]!r} is not a plain relative path", "names like folder/file")
    return "/".join(parts)


def _refuse(code: str, reason: str, fix: str) -> NoReturn:
    raise Refused((Problem(code, "", reason, fix),))
