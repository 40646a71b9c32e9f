"""Attempts to hand something over that is no plain file."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.sandbox.profile import Job, Sandbox
from tests.sandbox.escapes.table import Side


@dataclass(frozen=True, slots=True)
class File:
    """What came over under one name."""

    data: bytes
    mode: int = stat.S_IFREG | 0o644


@dataclass(frozen=True, slots=True)
class Output:
    """One odd thing, how it is made, and how it is seen among what came over."""

    name: str
    script: str
    came_over: Callable[[Mapping[str, File], Side], bool]
    ends_it: bool = False
    """Whether nothing is read beyond it: an archive with such a name is not trusted any further."""


def copied(folder: Path) -> dict[str, File]:
    """Return what a collector brings that thinks no evil: each name, as it is, what it leads to, with its rights."""
    found = {}
    for name in os.listdir(folder):  # noqa: PTH208 names that are no text, too
        path = folder / name
        mode = path.stat().st_mode
        found[name] = File(path.read_bytes() if stat.S_ISREG(mode) else b"", mode)
    return found


def collected(sandbox: Sandbox, script: str, secret: str) -> dict[str, File]:
    """Return what our own collector brings."""
    ended = sandbox.run(Job(argv=("/bin/sh", "-c", f"mkdir out; cd out; {script}", "sh", secret), collect="out"))
    return {name: File(data) for name, data in ended.collected.items()}


def is_odd(name: str) -> bool:
    return not name.isprintable() or name.startswith(("-", "..", "/"))


PLAIN = "echo plain >plain; "
ATTEMPTS = (
    Output(
        "a symbolic link to a secret",
        PLAIN + 'ln -s "$1" link',
        lambda found, side: any(side.token.encode() in one.data for one in found.values()),
    ),
    Output(
        "a program with the right of its owner",
        PLAIN + "echo x >tool; chmod 4755 tool",
        lambda found, _: any(one.mode & (stat.S_ISUID | stat.S_ISGID) for one in found.values()),
    ),
    Output(
        "a pipe that never ends",
        PLAIN + "mkfifo pipe",
        lambda found, _: any(not stat.S_ISREG(one.mode) for one in found.values()) or "pipe" in found,
    ),
    Output(
        "a name that does something where it is shown",
        PLAIN + """echo x >"$(printf 'a\\nb\\033[2J')"; echo x >"$(printf 'c\\377')" """,
        lambda found, _: any(is_odd(name) for name in found),
        ends_it=True,
    ),
)
