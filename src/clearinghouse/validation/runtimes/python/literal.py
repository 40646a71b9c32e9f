"""Turns what a program handed to the target into VALUEs: data by exact type, our token and canary as what they are."""

from __future__ import annotations

from datetime import datetime
import io
import os
import pathlib
import re
import types

from . import plain
from .scene import Scene

_DEEP = 40
_LARGEST = 1 << 20
_FILES = 64


class NotData(Exception):
    """Something that no VALUE stands for."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Literals:
    """Makes VALUEs; keeps the files that they name."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.files = {}
        self._marks = [
            (scene.leaf, {"$canary": "absolute"}),
            (scene.canary("relative"), {"$canary": "relative"}),
            (scene.canary("name"), {"$canary": "name"}),
            (scene.token, {"$nonce": True}),
        ]

    def of(self, thing: object, other: object, depth: int = 0) -> object:
        """Return the VALUE of ``thing``; ``other(thing)`` gives the VALUE of what is no data.

        Raises:
            NotData: there is none.
        """
        kind = type(thing)
        if depth > _DEEP:
            raise NotData("nested too deep")
        make = _MAKERS.get(kind)
        if make is not None:
            return make(self, thing, other, depth)
        if thing is None or kind in (bool, int):
            return thing
        if kind is float:
            try:
                plain.dump(thing)
            except TypeError:
                raise NotData("a number without a JSON form") from None
            return thing
        return other(thing)

    def _list(self, thing: object, other: object, depth: int) -> list:
        return [self.of(one, other, depth + 1) for one in thing]

    def _mapping(self, thing: dict, other: object, depth: int) -> object:
        pairs = [[self.of(key, other, depth + 1), self.of(one, other, depth + 1)] for key, one in thing.items()]
        if all(type(key) is str and not key.startswith("$") for key, _one in pairs):
            return dict(pairs)
        return {"$map": pairs}

    def text(self, thing: str) -> object:
        """Return the VALUE of a text, which may name a file or hold our token."""
        if 0 < len(thing) < 4096 and "\0" not in thing and "\n" not in thing:
            named = self._named(thing)
            if named is not None:
                return named
        return self._split(thing, lambda part: part)

    def data(self, thing: bytes) -> object:
        """Return the VALUE of bytes; an archive with our token in it is taken apart, for its lengths depend on it."""
        thing = bytes(thing)
        if self._scene.token.encode("ascii") in thing:
            entries = _entries(thing)
            if entries is not None:
                mark, found = entries
                return {mark: [[self._split(name, lambda part: part), content(self)] for name, content in found]}
        return self._split(thing.decode("latin-1"), lambda part: {"$bytes": part}, always=True)

    def typed(self, stream: object) -> object:
        """Return the VALUE of what can be read from a stream in memory; None when it is none."""
        if type(stream) is io.TextIOWrapper:
            stream = stream.buffer
        if type(stream) is io.StringIO:
            return self._split(stream.getvalue()[stream.tell() :], lambda part: part)
        return self.data(stream.getvalue()[stream.tell() :]) if type(stream) is io.BytesIO else None

    def _split(self, thing: str, literal: object, *, always: bool = False) -> object:
        """Return a text with the marks in it replaced by what they stand for."""
        try:
            thing.encode("utf-8")
        except UnicodeEncodeError:
            raise NotData("text with a lone surrogate") from None
        parts = [thing]
        for mark, value in self._marks:
            parts = [piece for part in parts for piece in (_cut(part, mark, value) if type(part) is str else [part])]
        made = [literal(part) if type(part) is str else part for part in parts if part != ""]
        if not made:
            return literal("") if always else ""
        if len(made) > 1 or (always and "$bytes" not in made[0]):
            return {"$cat": [*made, literal("")] if always and len(made) == 1 else made}
        return made[0]

    def _named(self, thing: str) -> object:
        """Return the VALUE of a path that the program made, with what lies there kept for the set-up."""
        scene = self._scene
        path = os.path.abspath(thing)
        own = [scene.box + "/", scene.proof + "/", "/tmp/", scene.base + "/tmp/"]  # noqa: S108
        root = next((one for one in own if path.startswith(one)), None)
        if root is None or path.startswith(scene.zone):
            return None
        try:
            if os.path.isfile(path):
                name = self._keep(path)
            elif os.path.isdir(path):
                name = self._keep_all(path)
            else:
                return None
        except OSError:
            return None
        if name is None or (not os.path.isabs(thing) and path == scene.box + "/" + name):
            return None
        return {"$path": name}

    def _inside(self, path: str) -> str:
        """Return the name that a kept file gets in the box."""
        if path.startswith(self._scene.box + "/"):
            return path[len(self._scene.box) + 1 :]
        return "kept/" + path.strip("/").replace(self._scene.token, "token")

    def _keep(self, path: str) -> str | None:
        """Keep a file as it is now, once."""
        name = self._inside(path)
        if name not in self.files and len(self.files) < _FILES and os.path.getsize(path) <= _LARGEST:
            with open(path, "rb") as kept:
                self.files[name] = self.data(kept.read())
        return name if name in self.files else None

    def _keep_all(self, folder: str) -> str:
        """Keep the files of a folder, and the folder when it is empty."""
        found = False
        for inside, _folders, names in os.walk(folder):
            for name in names:
                if os.path.isfile(inside + "/" + name) and not os.path.islink(inside + "/" + name):
                    found = self._keep(inside + "/" + name) is not None or found
        name = self._inside(folder)
        if not found:
            self.files.setdefault(name + "/.kept", "")
        return name

    def _piped(self) -> bytes:
        """Return what comes on standard input, and put it back there."""
        parts = []
        while part := os.read(0, _LARGEST):
            parts.append(part)
        self._scene.pour(b"".join(parts))
        return b"".join(parts)

    def _file(self, thing: object, _other: object, _depth: int) -> object:
        """Return the content of a file that is open for reading."""
        if thing.closed or not thing.readable() or type(thing.name) is not str:
            raise NotData("an open file")
        if thing.fileno() == 0:
            data = self._piped()
        else:
            with open(thing.name, "rb") as kept:
                data = kept.read(_LARGEST)
        if type(thing) is io.TextIOWrapper:
            return {"$stringio": self._split(data.decode("utf-8", "replace"), lambda part: part)}
        return {"$bytesio": self.data(data)}


def _cut(text: str, mark: str, value: dict) -> list:
    """Return ``text`` with each ``mark`` replaced by ``value``, as a list of parts."""
    pieces = text.split(mark)
    made = [pieces[0]]
    for piece in pieces[1:]:
        made += [value, piece]
    return made


def _entries(data: bytes) -> tuple | None:
    """Return the mark and entries of an archive, or None when it is none that we build."""
    import tarfile
    import zipfile

    try:
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found = [
                    (one.filename, archive.read(one), one.external_attr >> 16 & 0o170000) for one in archive.infolist()
                ]
            return "$zip", [
                (name, _content(kept, "$symlink" if kind == 0o120000 else "")) for name, kept, kind in found
            ]
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            found = []
            for one in archive.getmembers():
                link = "$symlink" if one.issym() else "$hardlink" if one.islnk() else ""
                if not link and not one.isreg():
                    return None
                kept = one.linkname.encode("utf-8") if link else archive.extractfile(one).read()
                found.append((one.name, _content(kept, link)))
            return "$tar", found
    except Exception:
        return None


def _content(kept: bytes, link: str) -> object:
    """Return what makes the VALUE of an archive entry."""
    if link:
        return lambda literals: {link: literals._split(kept.decode("utf-8", "replace"), lambda part: part)}
    return lambda literals: literals.data(kept)


_MAKERS = {
    str: lambda self, thing, other, depth: self.text(thing),
    bytes: lambda self, thing, other, depth: self.data(thing),
    bytearray: lambda self, thing, other, depth: self.data(thing),
    memoryview: lambda self, thing, other, depth: self.data(thing),
    list: Literals._list,
    tuple: lambda self, thing, other, depth: {"$tuple": self._list(thing, other, depth)},
    set: lambda self, thing, other, depth: {"$set": self._list(thing, other, depth)},
    frozenset: lambda self, thing, other, depth: {"$set": self._list(thing, other, depth)},
    dict: Literals._mapping,
    io.StringIO: lambda self, thing, other, depth: {"$stringio": self._split(thing.getvalue(), lambda part: part)},
    io.BytesIO: lambda self, thing, other, depth: {"$bytesio": self.data(thing.getvalue())},
    io.TextIOWrapper: Literals._file,
    io.BufferedReader: Literals._file,
    pathlib.PosixPath: lambda self, thing, other, depth: self.text(str(thing)),
    pathlib.PurePosixPath: lambda self, thing, other, depth: self.text(str(thing)),
    datetime: lambda self, thing, other, depth: {"$date": thing.isoformat()},
    re.Pattern: lambda self, thing, other, depth: {"$regex": _regex(thing)},
    types.SimpleNamespace: lambda self, thing, other, depth: other(thing),
}


def _regex(thing: object) -> list:
    """Return source and flags of a regular expression over text."""
    if type(thing.pattern) is not str:
        raise NotData("a regular expression over bytes")
    letters = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s", re.VERBOSE: "x", re.ASCII: "a"}
    return [thing.pattern, "".join(letter for flag, letter in letters.items() if thing.flags & flag)]
