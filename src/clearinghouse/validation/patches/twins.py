"""Whether what a patch changes stands unchanged elsewhere in the release, where the project's own fix changes it.

Releases carry the same function twice: a build for ES modules beside the one for CommonJS, a copy in a sibling. A patch
of one of them stops the proof, which calls that one. Pure, once the trees are read.
"""

from collections.abc import Iterator, Mapping, Sequence

from clearinghouse.releases.rules import Environment
from clearinghouse.validation.diffs import FileDiff
from clearinghouse.validation.patches.published import BESIDE, Background, places
from clearinghouse.validation.patches.sources import CODE_SUFFIXES, Change, Region, lines_of_file, runs
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said
from clearinghouse.validation.variants import read_tree

FEWEST_LINES = 3
FEWEST_CHARACTERS = 60
"""Shorter pieces of code are alike by chance."""
BUNDLED = (
    b"webpackBootstrap",
    b'"function"==typeof require&&require',
    b'typeof require=="function"&&require',
    b"@generated",
)
"""Marks of files that a tool puts together from the others: whoever publishes the next release makes them anew."""


def twins(changes: Sequence[Change], patched: Environment, background: Background) -> PatchCheck:
    """Return whether the lines that a patch changes stand unpatched in no other place that the fix concerns."""
    tree = {path: data for path, data in read_tree(patched.target).items() if path.endswith(CODE_SUFFIXES)}
    found = list(dict.fromkeys(left_over(changes, tree, background)))
    if found:
        known = " and are changed by the project's own fix" if background.fixed is not None else ""
        detail = f"lines that it changes stand unpatched elsewhere{known}: {', '.join(found[:3])}"
        return PatchCheck(CheckName.TWINS, Said.FAILED, detail, tuple(found[:50]))
    return PatchCheck(CheckName.TWINS, Said.PASSED, f"what it changes stands in no other of {len(tree)} files of code")


def left_over(changes: Sequence[Change], tree: Mapping[str, bytes], background: Background) -> Iterator[str]:
    """Yield the places of a patched ``tree`` where lines stand that a patch changes elsewhere."""
    code = {path: _code(path, data) for path, data in tree.items() if _is_written(path, data)}
    for change in changes:
        if not change.is_code or change.before is None:
            continue
        for region in change.regions():
            piece = _piece(change, region)
            if len(piece) < FEWEST_LINES or sum(map(len, piece)) < FEWEST_CHARACTERS:
                continue
            for path, lines in code.items():
                left = _places(piece, lines)
                if left and _is_concerned(piece, path, len(left), change, background):
                    yield from (f"{path}:{number}" for number in left)


def _is_written(path: str, data: bytes) -> bool:
    """Say whether people write a file of the product, and no tool does."""
    return not FileDiff(path, path, ()).aside() and not any(mark in data for mark in BUNDLED)


def _piece(change: Change, region: Region) -> list[str]:
    """Return the lines with code that a hunk changes, with those around them, as they stood before."""
    before, inside, behind = change.code_around(region)
    return [*before[-BESIDE:], *inside, *behind[: 1 if inside else BESIDE]]


def _code(path: str, data: bytes) -> list[tuple[int, str]]:
    return [(number, one.strip()) for number, one in enumerate(lines_of_file(data), 1) if runs(path, one)]


def _places(piece: Sequence[str], code: Sequence[tuple[int, str]]) -> list[int]:
    """Return the lines at which a piece of code begins."""
    return [code[at][0] for at in places(piece, [line for _, line in code])]


def _is_concerned(piece: Sequence[str], path: str, left: int, change: Change, background: Background) -> bool:
    """Say whether the project's own fix leaves fewer such places; without one, any other file counts."""
    if background.fixed is None:
        return path != change.path
    return left > len(_places(piece, _code(path, background.fixed.get(path, b""))))
