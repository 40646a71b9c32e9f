"""What the code said before a patch, and what the project's own fix says: what a patch may repeat unasked.

Pure, once the two trees are read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clearinghouse.releases.rules import Environment
from clearinghouse.validation.patches.sources import CODE_SUFFIXES, Change, Region, lines_of_file, runs
from clearinghouse.validation.variants import read_tree

BESIDE = 2
"""So many lines with code before and behind a hunk must stand as in the project's own fix, too."""
EDGE = "\0"
"""Stands before the first line of a file and behind the last."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*|\d+")
_PARTS = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)  # without slots: what the trees say is worked out once
class Background:
    """The code of the release that a patch was made for, and of the one with the project's own fix, if there is one."""

    before: Mapping[str, bytes]
    fixed: Mapping[str, bytes] | None = None

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
        there, before = (len(list(places(wanted, _between_edges(one)))) for one in (fixed, change.before))
        return there > before  # what stood there before as well, the fix need not have done

    def own(self, change: Change) -> tuple[Region, ...]:
        """Return the hunks of a file that are not the project's own."""
        return tuple(one for one in change.regions() if not self.has(change, one))

    def own_lines(self, change: Change) -> dict[int, str]:
        """Return the lines that a file gains by hunks that are not the project's own: number → line."""
        return {number: line for region in self.own(change) for number, line in region.added}


def _code_of(environment: Environment) -> dict[str, bytes]:
    suffixes = (*CODE_SUFFIXES, ".cts", ".mts", ".ts")
    return {path: data for path, data in read_tree(environment.target).items() if path.endswith(suffixes)}


def _around(change: Change, region: Region) -> list[str]:
    """Return how a hunk reads after the patch, with some lines before it and behind it, or the edge of the file."""
    after = _between_edges(change.after)
    begin, end = (1 + at for at in change.span(region))
    for _ in range(BESIDE):
        begin = next((at for at in range(begin - 1, -1, -1) if runs(change.path, after[at])), 0)
        end = next((at for at in range(end, len(after)) if runs(change.path, after[at])), len(after) - 1) + 1
    return after[begin:end]


def _between_edges(data: bytes | None) -> list[str]:
    """Return the lines of a file between two marks, so that its first and last lines are told from those within."""
    return [EDGE, *(one.rstrip() for one in lines_of_file(data)), EDGE]


def places(piece: Sequence[str], lines: Sequence[str]) -> Iterator[int]:
    """Yield where a piece of code begins among lines, counted from 0."""
    for at, line in enumerate(lines):
        if line == piece[0] and list(lines[at : at + len(piece)]) == list(piece):
            yield at
