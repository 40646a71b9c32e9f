"""Patterns of paths inside a package or repository, and whether two of them have a path in common.

``*`` stands for any characters of one name, ``?`` for one of them, ``**`` as a whole name for any number of folders. A
pattern that names a folder holds everything below it: ``src/parser`` holds ``src/parser/lex.c``. Whether two patterns
share a path is decided exactly, on the product of their automata, in time bounded by the product of their lengths.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from clearinghouse.errors import Malformed

LONGEST: Final = 256
MOST_WILDCARDS: Final = 8
_SLASH, _NAME, _ANY = "/", "", "*/"
"""What an edge reads: one character as it is; any but a slash; any at all. No literal is written as the last two."""

type _Edge = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern of paths; the empty one holds every path."""

    pattern: str = ""

    @classmethod
    def read(cls, pattern: str) -> Self:
        """Return the pattern that a text writes.

        Raises:
            Malformed: it is none, or a bomb: too long, too many wildcards, a part that no path has.
        """
        check_pattern(pattern)
        return cls(pattern)

    def __str__(self) -> str:
        return self.pattern

    def under(self, folder: str) -> "Glob":
        """Return the pattern of the same paths inside of ``folder``, which is written literally."""
        if not folder:
            return self
        return Glob(f"{folder}/{self.pattern}" if self.pattern else folder)

    def __contains__(self, path: str) -> bool:
        """Say whether the pattern holds this one path."""
        edges, ends = _automaton(self.pattern)
        return bool(_read(edges, path) & ends)

    @classmethod
    def literal(cls, path: str) -> Self:
        """Return the pattern of one path and what is below it.

        Raises:
            Malformed: the path has a wildcard in it, or is none.
        """
        if set(path) & set("*?"):
            raise Malformed(f"{path!r} has a wildcard where a plain path is needed")
        return cls.read(path)


EVERY_PATH: Final = Glob()


def check_pattern(pattern: str) -> None:
    """Return quietly if this is a pattern that can be decided on in bounded time.

    Raises:
        Malformed: it is not.
    """
    if not pattern:
        return
    if len(pattern) > LONGEST:
        raise Malformed(f"a path pattern of {len(pattern)} characters; at most {LONGEST}")
    wildcards = sum(pattern.count(one) for one in "*?") - pattern.count("**")
    if wildcards > MOST_WILDCARDS:
        raise Malformed(f"a path pattern with {wildcards} wildcards; at most {MOST_WILDCARDS}")
    if not pattern.isprintable() or "\\" in pattern:
        raise Malformed(f"{pattern!r} has a character that no path pattern has; write names, /, *, ? and **")
    for name in pattern.split("/"):
        if name in ("", ".", ".."):
            raise Malformed(f"{pattern!r} has an empty or dotted part; write a relative path such as src/parser/**")
        if "**" in name and name != "**":
            raise Malformed(f"{pattern!r} has ** beside other characters; it stands alone between slashes")


@lru_cache(maxsize=4096)
def _automaton(pattern: str) -> tuple[tuple[tuple[_Edge, ...], ...], frozenset[int]]:
    """Return, for each state, its edges, without empty moves; and the states in which a path may end.

    State 0 is the start. A path that is held may go on below what is named, which the last state reads.
    """
    if not pattern:
        return (((_ANY, 0),),), frozenset({0})
    edges: list[list[_Edge]] = [[]]
    empty: dict[int, int] = {}
    names = pattern.split("/")
    for number, name in enumerate(names):
        last = number == len(names) - 1
        if name == "**":
            _folders(edges, empty, last=last)
            continue
        for character in name:
            here = len(edges) - 1
            if character == "*":
                edges[here].append((_NAME, here))
                edges.append([])
                empty[here] = here + 1
            else:
                edges.append([])
                edges[here].append((_NAME if character == "?" else character, here + 1))
        if not last:
            edges.append([])
            edges[-2].append((_SLASH, len(edges) - 1))
    end = len(edges) - 1
    edges.append([(_ANY, end + 1)])
    edges[end].append((_SLASH, end + 1))
    return _without_empty_moves(edges, empty), frozenset(_with_end(empty, end)) | {end + 1}


def _folders(edges: list[list[_Edge]], empty: dict[int, int], *, last: bool) -> None:
    """Add ``**``: at the end any path, elsewhere any number of names, each with its slash."""
    here = len(edges) - 1
    if last:
        edges[here].append((_ANY, here))
        return
    edges.extend([[], []])
    inside, after = here + 1, here + 2
    edges[here].append((_NAME, inside))
    edges[inside] += [(_ANY, inside), (_SLASH, after)]
    empty[here] = after


def _without_empty_moves(edges: list[list[_Edge]], empty: dict[int, int]) -> tuple[tuple[_Edge, ...], ...]:
    found = []
    for state, own in enumerate(edges):
        every, at = list(own), state
        while at in empty:
            at = empty[at]
            every += edges[at]
        found.append(tuple(dict.fromkeys(every)))
    return tuple(found)


def _with_end(empty: dict[int, int], end: int) -> Iterable[int]:
    """Yield the end, and every state from which nothing more needs to be read."""
    yield end
    for state in empty:
        at = state
        while at in empty:
            at = empty[at]
        if at == end:
            yield state


def shares_a_path(one: Glob, other: Glob, *, inside: str = "") -> bool:
    """Say whether some path is held by both patterns and lies in the folder ``inside``, which is written literally."""
    return _product(one.pattern, other.pattern, inside)


@lru_cache(maxsize=65536)
def _product(one: str, other: str, inside: str) -> bool:
    """Walk both automata at once over well-formed paths: names without empty ones between single slashes."""
    (first, first_ends), (second, second_ends) = _automaton(one), _automaton(other)
    seen = {(0, 0, False)}
    if inside:
        here, there = _read(first, inside), _read(second, inside)
        if here & first_ends and there & second_ends:
            return True
        seen = {(a, b, False) for a in _read(first, inside + "/") for b in _read(second, inside + "/")}
    waiting = deque(seen)
    while waiting:
        a, b, in_a_name = waiting.popleft()
        if in_a_name and a in first_ends and b in second_ends:
            return True
        for read_a, to_a in first[a]:
            for read_b, to_b in second[b]:
                for now_in_a_name in _both(read_a, read_b, may_end_name=in_a_name):
                    state = (to_a, to_b, now_in_a_name)
                    if state not in seen:
                        seen.add(state)
                        waiting.append(state)
    return False


def _read(automaton: tuple[tuple[_Edge, ...], ...], text: str) -> frozenset[int]:
    """Return the states in which an automaton can be after reading a text."""
    states = frozenset({0})
    for character in text:
        reading = {character, _ANY} if character == _SLASH else {character, _NAME, _ANY}
        states = frozenset(to for state in states for read, to in automaton[state] if read in reading)
    return states


def _both(one: str, other: str, *, may_end_name: bool) -> Iterable[bool]:
    """Yield what one character that both edges read can be: True for part of a name, False for a slash."""
    kinds = {one, other}
    literals = kinds - {_NAME, _ANY}
    if len(literals) > 1:
        return
    literal = next(iter(literals), None)
    if literal == _SLASH:
        if may_end_name and _NAME not in kinds:
            yield False
        return
    yield True
    if literal is None and _NAME not in kinds and may_end_name:
        yield False
