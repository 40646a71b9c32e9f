"""What an attempt to leave the sandbox is made of.

An attempt passes when its *effect* is seen from this side: the secret is in our hands, our server was met, our file
was written. What the attempt itself says of its success counts only where the effect is inside by nature.
"""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from clearinghouse.sandbox.profile import Limits

TREE_SECONDS = 0.02
LIBC = "import ctypes,os,sys,time\nc=ctypes.CDLL(None,use_errno=True)\n"
"""How most attempts begin."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One attempt, set up on this side."""

    arguments: tuple[str, ...]
    passed: Callable[[bytes], bool]
    """Whether its effect is seen; given what the attempt wrote."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way out, as a program, and the scene by which it is judged."""

    name: str
    code: str
    scene: Callable[["Side"], AbstractContextManager[Scene]]
    control_needs_root: bool = False
    limits: Limits = field(default_factory=lambda: Limits(wall_seconds=30))
    own_network: bool = False
    """Whether the whole scene, wall and control too, is set in a network of its own."""
    exposed_by: tuple[str, ...] = ()
    """A command before the program that makes the control weak where bare is not enough."""


class Side:
    """This side of the wall: a token nobody inside can guess, and a folder of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = secrets.token_hex(12)

    def secret(self) -> Path:
        """Return a file that everybody on this machine may read, and that holds the token."""
        path = self.folder / "secret"
        path.write_text(self.token)
        path.chmod(0o644)
        return path

    def says_token(self, said: bytes) -> bool:
        """Say whether the token came out."""
        return self.token.encode() in said


@contextmanager
def a_process(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python code as a process of this machine, until the scene ends; it first says that it is up."""
    argv = (sys.executable, "-I", "-S", "-c", code, *arguments)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            if process.stdout.readline() != b"up\n":
                pytest.skip(f"this machine has no such thing: {process.stderr.read().decode().splitlines()[-1]}")
            yield process
        finally:
            process.kill()


@contextmanager
def by_word(side: Side) -> Iterator[Scene]:
    """Set up what only the attempt itself can tell: it says the token."""
    yield Scene((side.token,), lambda said: b"made " + side.token.encode() in said)


def with_argument(marker: str) -> list[int]:
    """Return the processes of this machine that have ``marker`` among their arguments, in a sandbox too."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


class Highest:
    """The highest number that something had while a scene was played."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.seen = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.seen = max(self.seen, self._look())
            time.sleep(TREE_SECONDS)
