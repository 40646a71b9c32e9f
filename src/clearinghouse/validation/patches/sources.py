"""The files that a patch changes, before and after, and what stands in them; foreign text is parsed in the sandbox."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
_DEFINES = re.compile(r"^\s*(?:async\s+)?(?:def|class|function)\b|\bfunction\b[^;]*\{\s*$|=>\s*\{\s*$")
type _Opcode = tuple[str, int, int, int, int]
_NOTES = ("//", "/*", "*/", "* ")


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

    @property
    def is_code(self) -> bool:
        """Whether an interpreter runs it."""
        return self.path.endswith((*PYTHON_SUFFIXES, *NODE_SUFFIXES))

    def regions(self) -> tuple[Region, ...]:
        """Return the hunks of this file."""
        skip, old, new, matcher = self._compared()
        found = []
        for group in (part for whole in matcher.get_grouped_opcodes(3) for part in _by_definition(whole, old)):
            removed = tuple((skip + i + 1, old[i]) for tag, a, b, _, _ in group if tag != "equal" for i in range(a, b))
            added = tuple((skip + j + 1, new[j]) for tag, _, _, c, d in group if tag != "equal" for j in range(c, d))
            if removed or added:
                found.append(Region(self.path, removed, added))
        return tuple(found)

    def without(self, region: Region) -> bytes:
        """Return the file after the patch with one of its hunks taken back."""
        skip, old, new, matcher = self._compared()
        removed, added = ({number - skip - 1 for number, _ in lines} for lines in (region.removed, region.added))
        middle: list[str] = []
        for _, a, b, c, d in matcher.get_opcodes():
            of_region = not removed.isdisjoint(range(a, b)) or not added.isdisjoint(range(c, d))
            middle += old[a:b] if of_region else new[c:d]
        whole = _lines(self.after)
        return "\n".join([*whole[:skip], *middle, *whole[skip + len(new) :]]).encode("utf-8", "replace")

    def _compared(self) -> tuple[int, list[str], list[str], difflib.SequenceMatcher[str]]:
        """Return how many first lines are alike, the lines that differ before and after, and how they do."""
        old, new = (_lines(one) for one in (self.before, self.after))
        skip = 0
        while skip < min(len(old), len(new)) and old[skip] == new[skip]:
            skip += 1
        end = 0
        while end < min(len(old), len(new)) - skip and old[-1 - end] == new[-1 - end]:
            end += 1
        old, new = old[skip : len(old) - end], new[skip : len(new) - end]
        return skip, old, new, difflib.SequenceMatcher(None, old, new, autojunk=False)


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


def _lines(data: bytes | None) -> list[str]:
    return [one.rstrip("\r") for one in (data or b"").decode("utf-8", "replace").split("\n")]


def changes_of(diffs: Sequence[FileDiff], base: Environment, lab: Lab) -> tuple[Change, ...]:
    """Return the files of the installed release that a patch changes, with what stands in the Python ones."""
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
    files: dict[str, bytes] = {}
    for index, one in enumerate(found):
        if base.interpreter.runtime is Runtime.PYTHON and one.path.endswith(PYTHON_SUFFIXES):
            files |= {f"{when}/{index}.py": data for when, data in (("was", one.before), ("now", one.after)) if data}
    if not files:
        return tuple(found)
    ended = lab.sandbox.run(
        Job(
            argv=(base.interpreter.program, "-I", "-B", "-S", "-W", "ignore", "/probe/survey.py", *sorted(files)),
            mounts=(
                Mount(base.interpreter.root, base.interpreter.inside_root),
                Mount(PROBES / "python", "/probe"),
            ),
            files=files,
            limits=Limits(wall_seconds=90),
        )
    )
    try:
        said = load_json(ended.stdout)
    except Refused:
        said = {}
    return tuple(
        Change(one.path, one.before, one.after, *(_survey(said.get(f"{when}/{index}.py")) for when in ("was", "now")))
        for index, one in enumerate(found)
    )


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
