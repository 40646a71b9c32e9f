"""Unified diffs laid onto a release as it is installed: paths by their tails, hunks by their context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ReadHunk
from unidiff.patch import PatchSet

from clearinghouse.errors import Malformed

ASIDE = ("test", "tests", "doc", "docs", "testing", "__tests__", "spec", "changelog", "changes", "news")
"""Folder and file stems that hold no code of the product."""
BUILDS = frozenset(
    {
        "setup.py", "setup.cfg", "pyproject.toml", "tox.ini", "noxfile.py", "conftest.py", "manifest.in", "makefile",
        "pkg-info", "sitecustomize.py", "usercustomize.py", "package.json", "package-lock.json",
        "yarn.lock", "gruntfile.js", "gulpfile.js", "binding.gyp", ".npmrc", ".npmignore", ".travis.yml", ".babelrc",
        "_version.py", "__about__.py", "version.txt",
    }
)  # fmt: skip
"""Names of files that build, describe or start a package, and hold no code of the product."""
BUILD_PARTS = (".github", ".circleci", ".azure-pipelines")
BUILD_SUFFIXES = (".pth", ".gyp", ".gypi", ".dist-info", ".egg-info")
MAX_DRIFT_LINES = 400


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand in the file now and those that replace them."""

    start: int
    """Line in the old file, from 1."""
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The change of one file; ``old_path`` empty: a new file; ``new_path`` empty: removed."""

    old_path: str
    new_path: str
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """The path that counts."""
        return self.new_path or self.old_path

    def aside(self) -> bool:
        """Say whether the file is a test, documentation or a change log."""
        parts = PurePosixPath(self.path.lower()).parts
        stems = {*parts[:-1], PurePosixPath(parts[-1]).stem} if parts else set()
        return any(one in ASIDE or one.startswith("test_") or one.endswith((".test", ".spec")) for one in stems)

    def builds(self) -> bool:
        """Say whether the file builds, describes or starts the package."""
        parts = PurePosixPath(self.path.lower()).parts
        odd = any(one in BUILD_PARTS or one.endswith(BUILD_SUFFIXES) for one in parts)
        return odd or (bool(parts) and parts[-1] in BUILDS)


def parse_diff(text: str) -> tuple[FileDiff, ...]:
    """Return the files that a unified diff changes.

    Raises:
        Malformed: nothing in it is a unified diff, or a path leaves the tree.
    """
    try:
        patches = PatchSet(text)
    except UnidiffParseError as failure:
        raise Malformed(f"the patch is no well-formed unified diff: {failure}") from None
    found = [
        FileDiff(_path(one.source_file), _path(one.target_file), tuple(_hunk(each) for each in one)) for one in patches
    ]
    if not any(one.hunks for one in found):
        raise Malformed("the patch holds no unified diff; write it with `git diff` or `diff -u`")
    return tuple(found)


def _path(raw: str | None) -> str:
    name = (raw or "").strip()
    if name in ("", "/dev/null"):
        return ""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        raise Malformed(f"the patch names {name!r}, which leaves the tree; paths must be relative to its root")
    return str(PurePosixPath(*parts[1:])) if len(parts) > 1 and parts[0] in ("a", "b") else name


def _hunk(read: ReadHunk) -> Hunk:
    lines = [(one, one.value.rstrip("\r\n")) for one in read if one.line_type in (" ", "+", "-")]
    return Hunk(
        start=read.source_start,
        old=tuple(text for one, text in lines if not one.is_added),
        new=tuple(text for one, text in lines if not one.is_removed),
    )


def place(path: str, tree: Mapping[str, bytes] | frozenset[str]) -> str | None:
    """Return the file of ``tree`` whose path ends like ``path``; leading folders such as ``src/`` may be missing."""
    parts = PurePosixPath(path).parts
    for cut in range(len(parts)):
        tail = "/".join(parts[cut:])
        if tail in tree:
            return tail
    return None


def apply_diff(diffs: Sequence[FileDiff], tree: Mapping[str, bytes]) -> tuple[dict[str, bytes | None], tuple[str, ...]]:
    """Return the files that change (None: removed) and the paths that this tree does not have.

    Raises:
        Malformed: a hunk does not fit the file.
    """
    changed: dict[str, bytes | None] = {}
    absent: list[str] = []
    for diff in diffs:
        if not diff.old_path:
            changed[_new_place(diff.new_path, tree)] = "\n".join(_added(diff)).encode() + b"\n"
            continue
        where = place(diff.old_path, frozenset(tree))
        if where is None:
            absent.append(diff.old_path)
        elif not diff.new_path:
            changed[where] = None
        else:
            data = changed.get(where, tree[where])
            changed[where] = _rewrite(data or b"", diff, where)
    return changed, tuple(absent)


def _added(diff: FileDiff) -> list[str]:
    return [line for hunk in diff.hunks for line in hunk.new]


def _new_place(path: str, tree: Mapping[str, bytes]) -> str:
    """Return where a new file goes: beside the files whose folder has the longest common tail."""
    folders = {str(PurePosixPath(one).parent) for one in tree}
    parts = PurePosixPath(path).parts
    for cut in range(len(parts) - 1):
        if "/".join(parts[cut:-1]) in folders:
            return "/".join(parts[cut:])
    return path


def _rewrite(data: bytes, diff: FileDiff, where: str) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(ending)
    drift = 0
    for number, hunk in enumerate(diff.hunks, 1):
        at = _find(lines, hunk, hunk.start - 1 + drift)
        if at is None:
            raise Malformed(f"hunk {number} does not fit {where}: its lines do not stand there")
        lines[at : at + len(hunk.old)] = hunk.new
        drift += len(hunk.new) - len(hunk.old)
    return ending.join(lines).encode("utf-8", "surrogateescape")


def _find(lines: list[str], hunk: Hunk, expected: int) -> int | None:
    """Return where the hunk's old lines stand, nearest to where they should."""
    old = [one.rstrip("\r") for one in hunk.old]
    for distance in range(MAX_DRIFT_LINES):
        for at in {expected - distance, expected + distance}:
            if 0 <= at <= len(lines) - len(old) and [one.rstrip("\r") for one in lines[at : at + len(old)]] == old:
                return at
    return None
