"""What was handed in: report folders, archives, foreign files, and folders of many of these."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.errors import Malformed
from clearinghouse.findings.folders import passed_over
from clearinghouse.findings.report.loading import REPORT_FILES

MOST_THINGS = 100_000
FOLDER_DEPTH = 6

_ABOUT_THE_FOLDER = frozenset({"readme", "license", "licence", "notice", "changelog"})


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing to take in: a report folder, an archive or a file, and the name it is spoken of by."""

    name: str
    path: Path

    def digest(self) -> str:
        """Return the digest of the file; empty for what is not a regular file."""
        if self.path.is_symlink() or not self.path.is_file():
            return ""
        with self.path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def discover(paths: Sequence[Path]) -> list[Handed]:
    """Return what lies at ``paths``, in the order of names.

    A folder with ``report.yaml`` or ``report.json`` is a report; any other folder holds reports, archives, foreign
    files and further folders. What begins with a dot, and README and LICENSE beside the reports, is passed over. Names
    say nothing of where on the machine a thing lies, so that the same reports give the same output anywhere.

    Raises:
        Malformed: there is nothing at one of the paths, or far too much.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise Malformed(
                f"there is nothing at {path}; name a report folder, an archive, a file, or a folder of them"
            )
        for thing in _things(Path(os.path.abspath(path)), FOLDER_DEPTH):  # noqa: PTH100 - links stay as they are
            found[thing] = None
            if len(found) > MOST_THINGS:
                raise Malformed(f"more than {MOST_THINGS} reports; hand them in part by part")
    return _named(list(found))


def is_report_folder(path: Path) -> bool:
    """Say whether a folder holds ``report.yaml`` or ``report.json`` at its top."""
    return any((path / name).is_file() or (path / name).is_symlink() for name in REPORT_FILES)


def _things(path: Path, depth: int) -> Iterator[Path]:
    if not stat.S_ISDIR(path.lstat().st_mode) or is_report_folder(path) or depth == 0:
        yield path
        return
    with os.scandir(path) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        if not passed_over(name) and name.partition(".")[0].lower() not in _ABOUT_THE_FOLDER:
            yield from _things(path / name, depth - 1)


def _named(found: list[Path]) -> list[Handed]:
    """Give each thing a name of its own: its last part, and as many folders before it as tell it from the others."""
    parts = dict.fromkeys(found, 1)
    while True:
        names: dict[str, list[Path]] = {}
        for path, count in parts.items():
            names.setdefault("/".join(path.parts[-count:]), []).append(path)
        clashes = [path for same in names.values() if len(same) > 1 for path in same]
        if not clashes:
            return sorted((Handed(_shown(name), paths[0]) for name, paths in names.items()), key=lambda one: one.name)
        for path in clashes:
            parts[path] += 1


def _shown(name: str) -> str:
    shown = "".join(one if one.isprintable() else "\ufffd" for one in name)
    return shown if len(shown) <= 300 else f"{shown[:220]}…{hashlib.sha256(name.encode()).hexdigest()[:16]}"  # noqa: PLR2004
