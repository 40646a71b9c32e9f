"""The files that a patch changes, before and after, and what stands in them; foreign text is parsed in the sandbox."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from clearinghouse.errors import Refused
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Job, Limits, Mount
from clearinghouse.strict import load_json
from clearinghouse.validation.diffs import FileDiff, apply_diff
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.patches.looking import PROBES
from clearinghouse.validation.variants import read_tree

PYTHON_SUFFIXES = (".py", ".pyw")
NODE_SUFFIXES = (".js", ".cjs", ".mjs")
CODE_SUFFIXES = (*PYTHON_SUFFIXES, *NODE_SUFFIXES)
_DEFINES = re.compile(r"^\s*(?:async\s+)?(?:def|class|function)\b|\bfunction\b[^;]*\{\s*$|=>\s*\{\s*$")
TRIES = 2
"""A busy machine may cut the parser off once."""
type _Opcode = tuple[str, int, int, int, int]
_NOTES = ("//", "/*", "*/", "* ")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file asks for in its conditions, and what it keeps between calls."""

    asks: Sequence[tuple[str | int, str, int]] = ()
    """A text, number or name that a condition asks for, which of them it is, and the line."""
    keeps: Sequence[tuple[str, int]] = ()
    """What a function writes to that outlives its call, and the line."""
    known: frozenset[str] = frozenset()
    """Names of the language itself."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands in one Python file."""

    names: Mapping[str, Sequence[Sequence[Any]] | None] = field(default_factory=dict)
    """Public name → its parameters, or None for what is no function."""
    handlers: Sequence[tuple[Sequence[str], bool, int]] = ()
    """The types it takes, whether it may swallow them, the line."""
    literals: Sequence[str | int] = ()
    lines: frozenset[int] = frozenset()
    """Lines with code."""
    inner: frozenset[int] = frozenset()
    """Those of them inside functions."""
    shape: str = ""
    """Digest of the code without comments, docstrings and version numbers."""
    broken: str = ""
    """Why it cannot be read; empty when it can."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that stand near each other and differ: a hunk, as it lies in the two files. Lines count from 1."""

    path: str
    removed: tuple[tuple[int, str], ...]
    added: tuple[tuple[int, str], ...]

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        number = (self.added or self.removed)[0][0]
        return f"{self.path}:{number}"


@dataclass(frozen=True, slots=True)
class Change:
    """One file of the product, before and after; None: it is not there."""

    path: str
    before: bytes | None
    after: bytes | None
    was: Survey | None = None
    now: Survey | None = None
    read_before: Reading | None = None
    read_after: Reading | None = None
    """None: it could not be read, or is no code."""

    @property
    def is_code(self) -> bool:
        """Whether an interpreter runs it."""
        return self.path.endswith(CODE_SUFFIXES)

    def regions(self) -> tuple[Region, ...]:
        """Return the hunks of this file."""
        skip, old, new, matcher = _compared(self.before, self.after)
        found = []
        for group in (part for whole in matcher.get_grouped_opcodes(3) for part in _by_definition(whole, old)):
            removed = tuple((skip + i + 1, old[i]) for tag, a, b, _, _ in group if tag != "equal" for i in range(a, b))
            added = tuple((skip + j + 1, new[j]) for tag, _, _, c, d in group if tag != "equal" for j in range(c, d))
            if removed or added:
                found.append(Region(self.path, removed, added))
        return tuple(found)

    def span(self, region: Region, *, after: bool = True) -> tuple[int, int]:
        """Return where a hunk lies after the patch, or before it: from which line, counted from 0, up to which."""
        skip, _, _, matcher = _compared(self.before, self.after)
        of_region = [one for one in matcher.get_opcodes() if _is_of(region, one, skip)]
        spans = [((a, b), (c, d))[after] for _, a, b, c, d in of_region]
        return skip + min(begin for begin, _ in spans), skip + max(end for _, end in spans)

    def code_around(self, region: Region) -> tuple[list[str], list[str], list[str]]:
        """Return the lines with code before a hunk, in it and behind it, as they stood before the patch."""
        begin, end = self.span(region, after=False)
        lines = lines_of_file(self.before)
        parts = (lines[:begin], lines[begin:end], lines[end:])
        before, inside, behind = ([one.strip() for one in part if runs(self.path, one)] for part in parts)
        return before, inside, behind

    def without(self, region: Region) -> bytes:
        """Return the file after the patch with one of its hunks taken back."""
        skip, old, new, matcher = _compared(self.before, self.after)
        middle: list[str] = []
        for opcode in matcher.get_opcodes():
            _, a, b, c, d = opcode
            middle += old[a:b] if _is_of(region, opcode, skip) else new[c:d]
        whole = lines_of_file(self.after)
        return "\n".join([*whole[:skip], *middle, *whole[skip + len(new) :]]).encode("utf-8", "replace")


@lru_cache(maxsize=16)  # each check asks for the hunks of the same few files, and two that lie far apart take long
def _compared(
    before: bytes | None, after: bytes | None
) -> tuple[int, list[str], list[str], difflib.SequenceMatcher[str]]:
    """Return how many first lines are alike, the lines that differ before and after, and how they do."""
    old, new = (lines_of_file(one) for one in (before, after))
    skip = 0
    while skip < min(len(old), len(new)) and old[skip] == new[skip]:
        skip += 1
    end = 0
    while end < min(len(old), len(new)) - skip and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[skip : len(old) - end], new[skip : len(new) - end]
    return skip, old, new, difflib.SequenceMatcher(None, old, new, autojunk=False)


def _is_of(region: Region, opcode: _Opcode, skip: int) -> bool:
    """Say whether a piece of the comparison, which leaves out ``skip`` first lines, belongs to a hunk."""
    _, a, b, c, d = opcode
    return any(a < number - skip <= b for number, _ in region.removed) or any(
        c < number - skip <= d for number, _ in region.added
    )


def _by_definition(group: Sequence[_Opcode], old: Sequence[str]) -> Iterator[list[_Opcode]]:
    """Yield a group of changes, cut where a function or class begins between two of them."""
    part: list[_Opcode] = []
    for opcode in group:
        tag, begin, end = opcode[:3]
        if tag == "equal" and any(_DEFINES.search(line) for line in old[begin:end]):
            yield part
            part = []
        part.append(opcode)
    yield part


def lines_of_file(data: bytes | None) -> list[str]:
    """Return the lines of a file, however they end."""
    return [one.rstrip("\r") for one in (data or b"").decode("utf-8", "replace").split("\n")]


def changes_of(diffs: Sequence[FileDiff], base: Environment, lab: Lab) -> tuple[Change, ...]:
    """Return the files of the installed release that a patch changes, with what stands in them."""
    tree = read_tree(base.target)
    changed, _ = apply_diff(diffs, tree)
    aside = {one.path for one in diffs if one.aside() or one.builds()}
    found = [
        Change(path, tree.get(path), after)
        for path, after in sorted(changed.items())
        if not any(one == path or one.endswith(f"/{path}") for one in aside) and tree.get(path) != after
    ]
    return _surveyed(found, base, lab)


def _surveyed(found: Sequence[Change], base: Environment, lab: Lab) -> tuple[Change, ...]:
    """Return the changes with what a parser says of each file, on the target's own interpreter in the sandbox."""
    node = base.interpreter.runtime is Runtime.NODE
    files: dict[str, bytes] = {}
    for index, one in enumerate(found):
        if one.path.endswith(NODE_SUFFIXES if node else PYTHON_SUFFIXES):
            suffix = PurePosixPath(one.path).suffix if node else ".py"
            sides = (("was", one.before), ("now", one.after))
            files |= {f"{when}/{index}{suffix}": data for when, data in sides if data}
    if not files:
        return tuple(found)
    said = next((one for one in (_asked(files, base, lab) for _ in range(TRIES)) if one), {})
    by_place = {str(PurePosixPath(name).with_suffix("")): one for name, one in said.items()}
    known = frozenset(map(str, said.get("known", ())))
    return tuple(
        _told(one, by_place.get(f"was/{index}"), by_place.get(f"now/{index}"), known, python=not node)
        for index, one in enumerate(found)
    )


def _asked(files: Mapping[str, bytes], base: Environment, lab: Lab) -> dict[str, Any]:
    """Return what the parser of the target's interpreter says of files; nothing where it did not come to its end."""
    node = base.interpreter.runtime is Runtime.NODE
    options = ("--expose-internals", "--no-warnings") if node else ("-I", "-B", "-S", "-W", "ignore")
    ended = lab.sandbox.run(
        Job(
            argv=(base.interpreter.program, *options, f"/probe/survey.{'js' if node else 'py'}", *sorted(files)),
            mounts=(
                Mount(base.interpreter.root, base.interpreter.inside_root),
                Mount(PROBES / ("node" if node else "python"), "/probe"),
            ),
            files=files,
            limits=Limits(wall_seconds=90),
        )
    )
    try:
        said = load_json(ended.stdout)
    except Refused:
        return {}
    return said if isinstance(said, dict) else {}


def _told(
    change: Change, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, known: frozenset[str], *, python: bool
) -> Change:
    surveys = (_survey(was), _survey(now)) if python else (None, None)
    before, after = (_reading(one, known) for one in (was, now))
    return replace(change, was=surveys[0], now=surveys[1], read_before=before, read_after=after)


def _reading(said: Mapping[str, Any] | None, known: frozenset[str]) -> Reading | None:
    if said is None or "broken" in said:
        return None
    asks = tuple((one if isinstance(one, int) else str(one), str(kind), int(line)) for one, kind, line in said["asks"])
    return Reading(asks, tuple((str(name), int(line)) for name, line in said["keeps"]), known)


def _survey(said: Mapping[str, Any] | None) -> Survey | None:
    if said is None:
        return None
    if "broken" in said:
        return Survey(broken=str(said["broken"]))
    return Survey(
        names=said["names"],
        handlers=[(takes, swallows, line) for takes, swallows, line in said["handlers"]],
        literals=said["literals"],
        lines=frozenset(said["lines"]),
        inner=frozenset(said["inner"]),
        shape=said["shape"],
    )


def runs(path: str, line: str) -> bool:
    """Say whether a line of a file without a survey is more than a comment or a bracket."""
    text = line.strip()
    return bool(text.strip("{}()[];, ")) and not (path.endswith(NODE_SUFFIXES) and text.startswith(_NOTES))
