"""Sixty bombs and malformed uploads: what swells, loops, lies, leads out of its folder or is cut off."""

import base64
import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.findings.makers import a_report, some_files

MIB: Final = 1024 * 1024
type Made = Callable[[], bytes]


def zipped(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these entries, whatever they are called."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return held.getvalue()


def tarred(entries: Iterable[tuple[str | tarfile.TarInfo, bytes]], mode: str = "w:gz") -> bytes:
    """Return a tar of these entries, whatever they are."""
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


def _zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def _files(**changed: bytes) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    return [*some_files(None, **changed).items()]


def _lying(size: int, said: int) -> bytes:
    """Return a zip whose one file says that it is of another size than it is."""
    data = bytearray(zipped([("report.json", b"a" * size)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, said)
    return bytes(data)


def _nested(depth: int, wide: int) -> bytes:
    inner = zipped([("zeros", bytes(32 * MIB))])
    for _ in range(depth):
        inner = zipped([(f"{number}.zip", inner) for number in range(wide)], zipfile.ZIP_STORED)
    return inner


def _overlapping() -> bytes:
    """Return a zip in whose directory many names lead to the same bytes."""
    whole = zipped([("a", bytes(4 * MIB))])
    at = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry, many = bytearray(whole[at:end]), 4000
    directory = b"".join(bytes(entry[:46]) + bytes([97 + number % 26]) + bytes(entry[47:]) for number in range(many))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, many, many, len(directory), at, 0)
    return whole[:at] + directory + tail


def _path_max() -> bytes:
    """Return the tar of CVE-2025-4517: folders and links that outgrow PATH_MAX when they are resolved."""
    entries: list[tuple[str | tarfile.TarInfo, bytes]] = []
    path, letters = "", "abcdefghijklmnop"
    for letter in letters:
        entries += [
            (_special(path + "d" * 247, tarfile.DIRTYPE), b""),
            (_special(path + letter, tarfile.SYMTYPE, "d" * 247), b""),
        ]
        path += "d" * 247 + "/"
    link = "/".join(letters) + "/" + "l" * 254
    entries += [
        (_special(link, tarfile.SYMTYPE, "../" * 16), b""),
        (_special("escape", tarfile.SYMTYPE, f"{link}/../../../etc"), b""),
        ("escape/x", b"owned"),
    ]
    return tarred(entries)


def _sparse() -> bytes:
    """Return a tar whose one file says that it is sparse and a terabyte long."""
    info = tarfile.TarInfo("report.json")
    info.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,1", "GNU.sparse.major": "0"}
    return tarred([(info, b"x")], "w")


def _huge_header() -> bytes:
    """Return a tar whose one file is said to be eight terabytes."""
    info = tarfile.TarInfo("report.json")
    info.size = 1 << 43
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def _xml(entity: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE bom [{entity}]><bom>&x;</bom>'.encode()


def _laughs() -> bytes:
    lines = [
        '<!ENTITY a0 "ha">',
        *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30)),
        '<!ENTITY x "&a29;">',
    ]
    return _xml("".join(lines))


def _aliases() -> bytes:
    pairs = zip(b"abcdefgh", b"bcdefghi", strict=True)
    lines = [b"%c: &%c [%s]\n" % (two, two, b", ".join([b"*%c" % one] * 9)) for one, two in pairs]
    return b"schema: clearinghouse/report/1\na: &a [x]\n" + b"".join(lines)


def _said(**changed: object) -> bytes:
    return json.dumps(a_report(**changed)).encode()


def _with(**more: str) -> Made:
    """Return a report that says something in words that JSON does not have."""
    ((name, text),) = more.items()
    return lambda: _said().replace(b'"schema"', f'"{name}": {text}, "schema"'.encode(), 1)


ARCHIVES: Mapping[str, Made] = {
    "zeros.zip": lambda: zipped([("report.json", bytes(200 * MIB))]),
    "zeros.tar.gz": lambda: tarred([("report.json", bytes(200 * MIB))]),
    "zeros.tar.bz2": lambda: tarred([("report.json", bytes(64 * MIB))], "w:bz2"),
    "zeros.tar.xz": lambda: tarred([("report.json", bytes(64 * MIB))], "w:xz"),
    "zeros.gz": lambda: gzip.compress(bytes(200 * MIB)),
    "twice.gz": lambda: gzip.compress(gzip.compress(bytes(200 * MIB))),
    "nested.zip": lambda: _nested(3, 4),
    "overlapping.zip": _overlapping,
    "lies-small.zip": lambda: _lying(8 * MIB, 10),
    "lies-large.zip": lambda: _lying(10, 0xFFFFFFF0),
    "names.zip": lambda: zipped([(f"file-{number}", b"") for number in range(30_000)]),
    "names.tar.gz": lambda: tarred([(f"file-{number}", b"") for number in range(30_000)]),
    "long-name.zip": lambda: zipped([("a" * 65_000, b"x")]),
    "long-name.tar": lambda: tarred([("a/" * 40_000 + "b", b"x")], "w"),
    "up.zip": lambda: zipped([*_files(), ("../../etc/passwd", b"x")]),
    "up.tar": lambda: tarred([*some_files().items(), ("../../etc/passwd", b"x")], "w"),
    "root.zip": lambda: zipped([*_files(), ("/etc/passwd", b"x")]),
    "drive.zip": lambda: zipped([*_files(), ("C:\\windows\\x", b"x")]),
    "nul.zip": lambda: zipped([("report.jsonX../../x", b"{}")]).replace(b"report.jsonX", b"report.json\0"),
    "twice.zip": lambda: zipped([*_files(), ("REPORT.JSON", b"{}")]),
    "right-to-left.zip": lambda: zipped([*_files(), ("nosj.\u202etroper", b"x")]),
    "link.zip": lambda: zipped([*_files(), (_zip_link("link"), b"/etc/passwd")]),
    "link.tar": lambda: tarred([*some_files().items(), (_special("link", tarfile.SYMTYPE, "/etc/passwd"), b"")], "w"),
    "hard-link.tar": lambda: tarred([*some_files().items(), (_special("l", tarfile.LNKTYPE, "/etc/passwd"), b"")], "w"),
    "device.tar": lambda: tarred([*some_files().items(), (_special("null", tarfile.CHRTYPE), b"")], "w"),
    "pipe.tar": lambda: tarred([*some_files().items(), (_special("pipe", tarfile.FIFOTYPE), b"")], "w"),
    "path-max.tar.gz": _path_max,
    "sparse.tar": _sparse,
    "huge-header.tar": _huge_header,
    "cut.tar.gz": lambda: tarred([*some_files().items()])[:-40],
    "cut.zip": lambda: zipped(_files())[:-30],
    "noise.zip": lambda: b"PK\x03\x04" + bytes(range(256)) * 400,
    "noise.gz": lambda: b"\x1f\x8b\x08" + bytes(range(256)) * 400,
    "locked.zip": lambda: zipped(_files()).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    ),
    "checksum.zip": lambda: zipped([("report.json", b"one")], zipfile.ZIP_STORED).replace(b"one", b"two"),
    "method.zip": lambda: zipped(_files()).replace(b"\x08\x00", b"\x63\x00"),
    "long-comment.zip": lambda: zipped(_files())[:-2] + b"\xff\xff" + b"c" * 65_535 + b"PK\x05\x06",
    "no-report.zip": lambda: zipped([("readme.txt", b"hello")]),
    "endless.zlib": lambda: zlib.compress(bytes(64 * MIB)),
}
DOCUMENTS: Mapping[str, Made] = {
    "deep.json": lambda: b"[" * 5_000_000,
    "deep-objects.json": lambda: b'{"a":' * 1_000_000,
    "deep-closed.json": lambda: b"[" * 100_000 + b"]" * 100_000,
    "long-number.json": lambda: b'{"a": ' + b"9" * 8_000_000 + b"}",
    "many-keys.json": lambda: json.dumps({f"k{number}": 0 for number in range(600_000)}).encode(),
    "many-items.json": lambda: b"[" + b"0," * 4_000_000 + b"0]",
    "not-a-number.json": _with(impact="NaN"),
    "infinite.json": _with(impact="1e999"),
    "twice-a-key.json": _with(schema='"other"'),
    "surrogate.json": _with(impact='"\\ud800"'),
    "control.json": _with(impact='"\\u0000"'),
    "latin.json": lambda: _said(impact="x").replace(b'"x"', b'"\xe9"'),
    "marked.json": lambda: b"\xff\xfe" + _said().decode().encode("utf-16-le"),
    "long-text.json": lambda: _said(description="a" * 12 * MIB),
    "aliases.yaml": _aliases,
    "deep.yaml": lambda: b"- " * 200_000 + b"x",
    "python.yaml": lambda: b"!!python/object/apply:os.system [id]\n",
    "laughs.xml": _laughs,
    "outside.xml": lambda: _xml('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "deep.md": lambda: b"> " * 200_000 + b"x",
    "many-links.md": lambda: b"[" * 300_000,
    "empty.json": lambda: b" ",
}
BOMBS: Mapping[str, Made] = {**ARCHIVES, **DOCUMENTS}


def as_files(name: str, data: bytes) -> bytes:
    """Return a bomb as the body in which the API takes a report's folder as JSON."""
    return json.dumps({"name": name, "files": {name: base64.b64encode(data).decode()}}).encode()
