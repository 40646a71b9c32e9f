"""Folders read into memory under limits: regular files only, no link that leaves the folder, nothing followed."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.report.fields import file_name_trouble

IGNORED_FOLDERS = frozenset({"__pycache__", "node_modules", "__MACOSX"})


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """How much one report may hold."""

    files: int = 256
    file_bytes: int = 8 * 1024 * 1024
    total_bytes: int = 32 * 1024 * 1024
    depth: int = 8


LIMITS = FolderLimits()


def read_folder(folder: Path, *, limits: FolderLimits = LIMITS) -> dict[str, bytes]:
    """Return every file of a report's folder by its name.

    Names that begin with a dot and what tools leave behind are passed over.

    Raises:
        Refused: a link, a device, an unsafe name, or more than the limits allow.
    """
    found: dict[str, bytes] = {}
    folded: dict[str, str] = {}
    total = 0
    for name, path in _files(folder, "", limits.depth):
        check_name(name, folded)
        if len(found) == limits.files:
            raise refusal("too-many-files", name, f"more than {limits.files} files", "send only what the report names")
        data = _read(path, name, min(limits.file_bytes, limits.total_bytes - total))
        total += len(data)
        found[name] = data
    return found


def passed_over(name: str) -> bool:
    """Say whether a file is hidden or left behind by a tool, and so no part of a report."""
    return any(part.startswith(".") or part in IGNORED_FOLDERS for part in name.split("/"))


def check_name(name: str, folded: dict[str, str]) -> None:
    """Refuse a file name that is unsafe, stands twice, or differs from another only by case; remember it in ``folded``.

    Raises:
        Refused: ``unsafe-path``, ``duplicate-name`` or ``case-collision``.
    """
    trouble = file_name_trouble(name)
    if trouble:
        raise refusal("unsafe-path", name, trouble, "use plain relative names, as proof.yaml")
    other = folded.setdefault(name.casefold(), name)
    if other == name and folded.get(f"/{name}"):
        raise refusal("duplicate-name", name, "it stands twice", "keep one of the two")
    if other != name:
        raise refusal("case-collision", name, f"it differs from {other} only by case", "rename one of the two")
    folded[f"/{name}"] = name


def refusal(code: str, field: str, reason: str, fix: str) -> Refused:
    """Return a refusal with one problem; unprintable characters of ``field`` are replaced."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in field[:200])
    return Refused((Problem(code, shown, reason, fix),))


def _files(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        sorted_entries = sorted(entries, key=lambda one: one.name)
    for entry in sorted_entries:
        if passed_over(entry.name):
            continue
        name = prefix + entry.name
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            if depth == 0:
                raise refusal("too-deep", name, "folders lie too deep inside each other", "put the files higher")
            yield from _files(Path(entry.path), f"{name}/", depth - 1)
        elif stat.S_ISREG(mode):
            yield name, Path(entry.path)
        else:
            kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"
            raise refusal("not-a-regular-file", name, f"it is {kind}", "put the file itself there")


def _read(path: Path, name: str, room: int) -> bytes:
    """Return the file's content; opened without following a link, and looked at again once open."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise refusal("unreadable", name, f"it cannot be opened: {error.strerror}", "make it readable") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise refusal("not-a-regular-file", name, "it is not a regular file", "put the file itself there")
        data = file.read(room + 1)
    if len(data) > room:
        raise refusal("too-large", name, "it, or all files together, are too large", "send less")
    return data
