"""The values of a ``calls`` document: JSON, and marked mappings that the runner turns into what JSON cannot hold.

A value is data. It is checked here without anything being built: every mark is known, what it holds has the right
shape, references point backwards, and what it would grow to stays within a bound.
"""

import base64
import binascii
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clearinghouse.findings.report.fields import file_name_trouble
from clearinghouse.findings.report.paths import path_trouble

DEPTH = 32
LARGEST_REPEAT = 10_000_000
BUILT_BYTES = 64 * 1024 * 1024
ARCHIVE_ENTRIES = 256
SIZE_MARK = "$n"

_DATE = re.compile(r"-?\d{4,6}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?\Z")
_FLAGS = re.compile(r"[a-z]{0,8}\Z")
_CANARY_FORMS = ("absolute", "relative", "name")
_ONLY_FOR = {"$undefined": "node", "$tuple": "python", "$set": "python"}
LINKS = ("$symlink", "$hardlink")
"""Marks that stand only as the content of an entry of an archive: a link to a name."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a value: where below it, our code, what was found, what would be right."""

    place: tuple[str | int, ...]
    code: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a value may speak of where it stands."""

    runtime: str
    step: int
    """Its own step; only earlier ones may be referred to."""
    files: frozenset[str]
    """Names of the files that the set-up makes."""
    place: tuple[str | int, ...] = ()
    depth: int = 0

    def at(self, *place: str | int) -> "Scene":
        """Return the scene one level down, at ``place``."""
        return replace(self, place=(*self.place, *place), depth=self.depth + 1)

    def trouble(self, code: str, reason: str, fix: str) -> Trouble:
        """Return a trouble at this place."""
        return Trouble(self.place, code, reason, fix)


def value_troubles(value: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    """Yield everything that is wrong with ``value``."""
    if scene.depth > DEPTH:
        yield scene.trouble("too-deep", f"more than {DEPTH} levels", "put less inside each other")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from value_troubles(one, scene.at(index))
    elif isinstance(value, dict):
        marks = [key for key in value if key.startswith("$")]
        if not marks:
            for key, one in value.items():
                yield from value_troubles(one, scene.at(key))
        elif len(value) > 1:
            fix = "give the mark alone, or write the mapping as {$map: [[key, value]]}"
            yield scene.trouble("mixed-value", f"{marks[0][:40]} stands beside other keys", fix)
        else:
            yield from _marked(marks[0], value[marks[0]], scene)


def _marked(mark: str, held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    check = MARKS.get(mark)
    if check is None:
        nearest = difflib.get_close_matches(mark, MARKS, n=1)
        fix = f"did you mean {nearest[0]}?" if nearest else "a literal key with $ is written {$map: [[key, value]]}"
        yield scene.trouble("unknown-value", f"{mark[:40]!r} is not a mark", fix)
    elif _ONLY_FOR.get(mark, scene.runtime) != scene.runtime:
        fix = "use null" if mark == "$undefined" else "use a list"
        yield scene.trouble("not-for-this-runtime", f"{mark} is not known in {scene.runtime}", fix)
    else:
        yield from check(held, scene.at(mark))


def _shape(scene: Scene, reason: str, fix: str) -> Trouble:
    return scene.trouble("wrong-value", reason, fix)


def _bytes(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, str):
        yield _shape(scene, "it is not text", "give text whose characters are the bytes")
    elif any(ord(one) > 0xFF for one in held):  # noqa: PLR2004
        yield _shape(scene, "it holds a character beyond one byte", "write the bytes as {$b64: base64}")


def _b64(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    try:
        base64.b64decode(held if isinstance(held, str) else "!", validate=True)
    except (binascii.Error, ValueError):
        yield _shape(scene, "it is not base64", "encode the bytes as standard base64, with padding")


def _repeat(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, list) or len(held) != 2:  # noqa: PLR2004
        yield _shape(scene, "it is not a pair", "write it as [value, count]")
        return
    value, count = held
    if count == SIZE_MARK and speaks_of_size(value):
        fix = "let a value hold $n once, so that it grows as n does: linear work on n times n values is no growth"
        yield scene.at(1).trouble("wrong-value", "$n repeats what $n has repeated, so the input is n times n", fix)
    yield from value_troubles(value, scene.at(0))
    if isinstance(count, bool) or not (count == SIZE_MARK or (isinstance(count, int) and 0 <= count <= LARGEST_REPEAT)):
        yield scene.at(1).trouble(
            "wrong-value", f"{str(count)[:40]!r} is no count", f"use 0 to {LARGEST_REPEAT}, or $n"
        )


def _cat(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, list) or not held:
        yield _shape(scene, "it is not a list of values", "write it as [value, value]")
        return
    for index, one in enumerate(held):
        yield from value_troubles(one, scene.at(index))


def _ref(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if isinstance(held, bool) or not isinstance(held, int) or not 0 <= held < scene.step:
        fix = "give the index of an earlier step, counted from 0"
        yield scene.trouble("unknown-step", f"{str(held)[:40]} is not the index of an earlier step", fix)


def _holds_value(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    yield from value_troubles(held, scene)


def _archive(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    pairs = list(held.items()) if isinstance(held, dict) else held
    if not isinstance(pairs, list) or len(pairs) > ARCHIVE_ENTRIES:
        yield _shape(
            scene, "it is neither a mapping nor a list of pairs, or too long", f"at most {ARCHIVE_ENTRIES} entries"
        )
        return
    for index, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple) or len(pair) != 2:  # noqa: PLR2004
            yield _shape(scene.at(index), "it is not a pair", "write it as [name, content]")
            continue
        yield from value_troubles(pair[0], scene.at(index, 0))
        link = next((one for one in LINKS if isinstance(pair[1], dict) and set(pair[1]) == {one}), None)
        held_here = pair[1][link] if link else pair[1]
        yield from value_troubles(held_here, scene.at(index, 1, *([link] if link else [])))


def _items(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, list):
        yield _shape(scene, "it is not a list", "write it as [value, value]")
        return
    yield from value_troubles(held, scene)


def _map(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, list) or not all(isinstance(one, list) and len(one) == 2 for one in held):  # noqa: PLR2004
        yield _shape(scene, "it is not a list of pairs", "write it as [[key, value]]")
        return
    for index, (key, value) in enumerate(held):
        if scene.runtime == "node" and not isinstance(key, str | dict):
            yield _shape(scene.at(index, 0), "a key of an object is text", "put it in quotes")
        yield from value_troubles(key, scene.at(index, 0))
        yield from value_troubles(value, scene.at(index, 1))


def _path(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, str) or file_name_trouble(held) or held not in scene.files:
        yield scene.trouble(
            "unknown-file", f"{str(held)[:40]!r} is not a file of setup.files", "name one of setup.files"
        )


def _canary(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if held not in _CANARY_FORMS:
        yield _shape(
            scene, f"{str(held)[:40]!r} is no form", f"use {', '.join(_CANARY_FORMS[:-1])} or {_CANARY_FORMS[-1]}"
        )


def _true(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if held is not True:
        yield _shape(scene, "it holds more than true", "write true")


def _target(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    trouble = path_trouble(held, scene.runtime) if isinstance(held, str) else "it is not text"
    if trouble:
        yield scene.trouble("leaves-target", trouble, "name a public class or function of the target")


def _regex(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    right = isinstance(held, list) and 1 <= len(held) <= 2 and all(isinstance(one, str) for one in held)  # noqa: PLR2004
    if not right or (len(held) > 1 and not _FLAGS.match(held[1])):
        yield _shape(scene, "it is not a regular expression", 'write it as ["source", "flags"]')


def _date(held: Any, scene: Scene) -> Iterator[Trouble]:  # noqa: ANN401
    if not isinstance(held, str) or not _DATE.match(held):
        yield _shape(scene, "it is not a date", "write it as 2026-11-23T07:00:00Z")


MARKS: Mapping[str, Callable[[Any, Scene], Iterator[Trouble]]] = {
    "$b64": _b64,
    "$bytes": _bytes,
    "$bytesio": _holds_value,
    "$callback": _true,
    "$canary": _canary,
    "$cat": _cat,
    "$date": _date,
    "$json": _holds_value,
    "$map": _map,
    "$nonce": _true,
    "$path": _path,
    "$ref": _ref,
    "$regex": _regex,
    "$repeat": _repeat,
    "$set": _items,
    "$stringio": _holds_value,
    "$tar": _archive,
    "$target": _target,
    "$tuple": _items,
    "$undefined": _true,
    "$zip": _archive,
}
"""Every mark, and what it may hold."""


def built_bytes(value: Any, size: int) -> int:  # noqa: ANN401
    """Return about how many bytes ``value`` grows to when ``$n`` is ``size``; never less than what it holds."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return 8 + sum(built_bytes(one, size) for one in value)
    if not isinstance(value, dict):
        return 8
    repeated = value.get("$repeat")
    if isinstance(repeated, list) and len(repeated) == 2:  # noqa: PLR2004
        count = size if repeated[1] == SIZE_MARK else repeated[1]
        return built_bytes(repeated[0], size) * (count if isinstance(count, int) else 1)
    return 8 + sum(len(key) + built_bytes(one, size) for key, one in value.items())


def speaks_of_size(value: Any) -> bool:  # noqa: ANN401
    """Say whether ``$n`` stands in ``value`` as the count of a ``$repeat``."""
    if isinstance(value, list):
        return any(speaks_of_size(one) for one in value)
    if not isinstance(value, dict):
        return False
    repeated = value.get("$repeat")
    counted = isinstance(repeated, list) and len(repeated) == 2 and repeated[1] == SIZE_MARK  # noqa: PLR2004
    return counted or any(speaks_of_size(one) for one in value.values())
