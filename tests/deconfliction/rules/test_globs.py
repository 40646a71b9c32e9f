"""Patterns of paths against every short path there is: another matcher, by regular expressions."""

import re
import time
from functools import cache
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.globs import Glob, shares_a_path
from clearinghouse.errors import Malformed

_NAMES = ["".join(letters) for size in (1, 2) for letters in product("ab", repeat=size)]
PATHS = ["/".join(names) for size in range(1, 6) for names in product(_NAMES, repeat=size)]
"""Long enough for patterns of three short names: what two of those share, they share in one of these."""

names = st.text("ab*?", min_size=1, max_size=2).filter(lambda name: "**" not in name) | st.just("**")
patterns = st.lists(names, max_size=3).map("/".join)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Return a pattern as a regular expression, written without looking at the automaton."""
    if not pattern:
        return re.compile(r".*\Z")
    parts = pattern.split("/")
    text = ""
    for number, name in enumerate(parts):
        last = number == len(parts) - 1
        if name == "**":
            text += ".+" if last else "(?:[^/]+/)*"
            continue
        text += "".join({"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)) for letter in name)
        text += "" if last else "/"
    return re.compile(text + r"(?:/.+)?\Z")


@cache
def _held(pattern: str) -> set[str]:
    return {path for path in PATHS if _expression(pattern).match(path)}


@given(patterns)
@example("**/a")
@example("a/**")
def test_a_pattern_holds_the_paths_that_a_regular_expression_says(pattern: str) -> None:
    read = Glob.read(pattern)
    sample = [*PATHS[:50], *PATHS[50 :: len(PATHS) // 50]]
    assert [path in read for path in sample] == [bool(_expression(pattern).match(path)) for path in sample]


@given(patterns, patterns)
def test_two_patterns_share_a_path_exactly_when_one_can_be_found(one: str, other: str) -> None:
    assert shares_a_path(Glob.read(one), Glob.read(other)) == bool(_held(one) & _held(other))


@given(patterns, patterns, st.sampled_from(["a", "ab", "a/b"]))
def test_inside_of_a_folder_they_share_what_lies_there(one: str, other: str, folder: str) -> None:
    inside = {path for path in PATHS if path == folder or path.startswith(f"{folder}/")}
    found = shares_a_path(Glob.read(one), Glob.read(other), inside=folder)
    assert found or not (_held(one) & _held(other) & inside)
    assert not found or shares_a_path(Glob.read(one), Glob.read(other))


@given(patterns, st.sampled_from(["b", "a/a"]))
def test_a_pattern_under_a_folder_holds_the_same_paths_there(pattern: str, folder: str) -> None:
    moved = Glob.read(pattern).under(folder)
    for path in PATHS[:40]:
        assert (f"{folder}/{path}" in moved) == (path in Glob.read(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        "/a",
        "a/",
        "a//b",
        "..",
        "a/./b",
        "a**",
        "**a",
        "a\\b",
        "a\nb",
        "x" * 257,
        "*a" * 9,
        "*/" * 9 + "a",
        "**/" * 20 + "a",
    ],
)
def test_what_is_no_pattern_or_a_bomb_is_refused(pattern: str) -> None:
    with pytest.raises(Malformed):
        Glob.read(pattern)


def test_the_worst_that_is_let_in_is_decided_soon() -> None:
    one = "*a" * 8 + "a" * 240
    other = "*" + "a" * 200 + "*b"
    began = time.process_time()
    shares_a_path(Glob.read(one), Glob.read(other))
    shares_a_path(Glob.read("**/" * 8 + "a" * 200), Glob.read("**/" * 7 + "*" + "a" * 200))
    assert time.process_time() - began < 5


def test_a_plain_path_has_no_wildcards() -> None:
    with pytest.raises(Malformed, match="wildcard"):
        Glob.literal("a*")
