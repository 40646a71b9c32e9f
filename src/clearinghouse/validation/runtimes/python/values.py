"""Builds the arguments of a ``calls`` document out of its VALUEs."""

from __future__ import annotations

import binascii

from . import archives
from .scene import Fault, Scene

LARGEST = 64 * 1024 * 1024


class Unmade(Exception):
    """A value needs the result of a step that has none."""


def callback(*_args: object, **_named: object) -> None:
    """Do nothing: what ``{$callback: true}`` stands for."""


class Values:
    """Turns VALUEs into objects, fresh ones each time."""

    def __init__(self, scene: Scene, results: dict, target: object) -> None:
        self._scene = scene
        self._results = results
        self._target = target
        self.n = None
        """The size in a growth run."""

    def build(self, value: object) -> object:
        """Return what ``value`` stands for.

        Raises:
            Fault: it stands for nothing.
            Unmade: it stands for the result of a step that failed.
        """
        if type(value) is list:
            return [self.build(one) for one in value]
        if type(value) is not dict:
            return value
        marks = [key for key in value if key.startswith("$")]
        if not marks:
            return {key: self.build(one) for key, one in value.items()}
        if len(value) != 1:
            raise Fault("bad-document", "a mapping with the key %s has other keys; use $map" % marks[0])
        mark, inner = marks[0], value[marks[0]]
        make = _MAKERS.get(mark)
        if make is None:
            raise Fault("bad-document", "unknown value " + mark[:40])
        try:
            return make(self, inner)
        except (Fault, Unmade):
            raise
        except Exception as problem:
            raise Fault("bad-document", "%s: %s: %s" % (mark, type(problem).__name__, problem)) from None

    def data(self, value: object) -> bytes:
        """Return what ``value`` stands for as bytes; text becomes UTF-8."""
        return as_bytes(self.build(value))

    def text(self, value: object) -> str:
        """Return what ``value`` stands for as text; bytes become Latin-1."""
        made = self.build(value)
        return made if type(made) is str else bytes(made).decode("latin-1")

    def _cat(self, inner: list) -> object:
        parts = [self.build(one) for one in inner]
        if any(type(one) is bytes for one in parts):
            return b"".join([as_bytes(one) for one in parts])
        if parts and all(type(one) is list for one in parts):
            return [item for one in parts for item in one]
        return "".join(parts)

    def _repeat(self, inner: list) -> object:
        what, count = inner
        made = self.build(what)
        if count == "$n":
            count = self.n
        if type(count) is not int or count < 0:
            raise Fault("bad-document", "$repeat wants a number, or $n in a growth proof")
        if type(made) not in (str, bytes, list):
            raise Fault("bad-document", "$repeat repeats text, bytes or a list")
        if len(made) * count > LARGEST:
            raise Fault("bad-document", "$repeat makes more than 64 MiB")
        return made * count

    def _ref(self, inner: int) -> object:
        if inner not in self._results:
            raise Unmade("step %s has no result" % inner)
        return self._results[inner]

    def _json(self, inner: object) -> str:
        import json

        return json.dumps(self.build(inner), separators=(",", ":"), ensure_ascii=False)

    def _stringio(self, inner: object) -> object:
        import io

        return io.StringIO(self.text(inner))

    def _bytesio(self, inner: object) -> object:
        import io

        return io.BytesIO(self.data(inner))

    def _regex(self, inner: list) -> object:
        import re

        flags = 0
        for letter in inner[1] if len(inner) > 1 else "":
            flags |= getattr(re, letter.upper())
        return re.compile(self.build(inner[0]), flags)

    def _date(self, inner: str) -> object:
        from datetime import datetime

        return datetime.fromisoformat(inner.replace("Z", "+00:00"))

    def _path(self, inner: str) -> str:
        return self._scene.box + "/" + inner

    def _undefined(self, _inner: object) -> None:
        raise Fault("unsupported", "$undefined is a value of node")

    def _pairs(self, inner: object) -> list:
        return [(self.build(key), self.build(one)) for key, one in inner]


def as_bytes(made: object) -> bytes:
    """Return text as UTF-8 and bytes as they are."""
    return made.encode("utf-8", "surrogatepass") if type(made) is str else bytes(made)


_MAKERS = {
    "$bytes": lambda values, inner: inner.encode("latin-1"),
    "$b64": lambda values, inner: binascii.a2b_base64(inner),
    "$repeat": Values._repeat,
    "$cat": Values._cat,
    "$ref": Values._ref,
    "$json": Values._json,
    "$stringio": Values._stringio,
    "$bytesio": Values._bytesio,
    "$zip": archives.zipped,
    "$tar": archives.tarred,
    "$path": Values._path,
    "$canary": lambda values, inner: values._scene.canary(inner),
    "$nonce": lambda values, inner: values._scene.token,
    "$target": lambda values, inner: values._target(inner),
    "$callback": lambda values, inner: callback,
    "$undefined": Values._undefined,
    "$regex": Values._regex,
    "$date": Values._date,
    "$map": lambda values, inner: dict(values._pairs(inner)),
    "$tuple": lambda values, inner: tuple([values.build(one) for one in inner]),
    "$set": lambda values, inner: {values.build(one) for one in inner},
}
