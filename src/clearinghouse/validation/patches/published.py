"""What the code said before a patch, and what the project's own fix says: what a patch may repeat unasked.

Pure, once the two trees are read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from clearinghouse.releases.rules import Environment
from clearinghouse.validation.patches.sources import NODE_SUFFIXES, PYTHON_SUFFIXES, Change, Region, lines_of_file, runs
from clearinghouse.validation.variants import read_tree

BESIDE = 2
"""So many lines with code before and behind a hunk must stand as in the project's own fix, too."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*|\d+")
_PARTS = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class Background:
    """The code of the release that a patch was made for, and of the one with the project's own fix, if there is one."""

    before: Mapping[str, bytes]
    fixed: Mapping[str, bytes] | None = None
    _lines: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: Environment, fixed: Environment | None) -> "Background":
        """Return the code of two releases."""
        return cls(_code_of(base), _code_of(fixed) if fixed is not None else None)

    @cached_property
    def _text(self) -> str:
        trees = (self.before, self.fixed or {})
        return "\n".join(data.decode("utf-8", "replace") for tree in trees for data in tree.values())

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name and number in the code."""
        return frozenset(_WORD.findall(self._text))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every run of letters and digits in the code, in small letters."""
        return frozenset(one.lower() for one in _PARTS.findall(self._text))

    def quotes(self, text: str) -> bool:
        """Say whether the code holds exactly this text between quotes."""
        return any(f"{quote}{text}{quote}" in self._text for quote in "'\"`")

    def has(self, change: Change, region: Region) -> bool:
        """Say whether a hunk stands the same in the project's own fix, with the lines around it."""
        fixed = (self.fixed or {}).get(change.path)
        if fixed is None or change.before is None or change.after is None:
            return False
        wanted = _around(change, region)
        lines = self._lines.setdefault(change.path, [one.rstrip() for one in lines_of_file(fixed)])
        return _stands(wanted, lines)

    def own(self, change: Change) -> tuple[Region, ...]:
        """Return the hunks of a file that are not the project's own."""
        return tuple(one for one in change.regions() if not self.has(change, one))


def _code_of(environment: Environment) -> dict[str, bytes]:
    suffixes = (*PYTHON_SUFFIXES, *NODE_SUFFIXES, ".cts", ".mts", ".ts")
    return {path: data for path, data in read_tree(environment.target).items() if path.endswith(suffixes)}


def _around(change: Change, region: Region) -> list[str]:
    """Return how a hunk reads after the patch, with some lines before it and behind it."""
    after = [one.rstrip() for one in lines_of_file(change.after)]
    begin, end = change.span(region)
    for _ in range(BESIDE):
        begin = next((at for at in range(begin - 1, -1, -1) if runs(change.path, after[at])), 0)
        end = next((at for at in range(end, len(after)) if runs(change.path, after[at])), len(after) - 1) + 1
    return after[begin:end]


def _stands(wanted: Sequence[str], lines: Sequence[str]) -> bool:
    """Say whether some lines stand together in others."""
    first = wanted[0] if wanted else ""
    size = len(wanted)
    return any(one == first and list(lines[at : at + size]) == list(wanted) for at, one in enumerate(lines))
