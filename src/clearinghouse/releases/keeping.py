"""A folder of made things: each made once, seen by everybody only when it is whole, by threads and processes alike.

What is made half-way when the process is killed lies under another name, is never believed, and is removed by the
next who makes something here.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

UNFINISHED = ".unfinished-"
LOCKS = ".locks"
LEFT_ALONE_SECONDS = 3600
"""Another container may share this folder, and count its processes otherwise."""


class Keeping:
    """Things under one folder, by key; world-readable, written by us alone."""

    def __init__(self, folder: Path) -> None:
        """Keep things in ``folder``, which is made when it is first needed."""
        self._folder = folder
        self._guard = Lock()
        self._locks: dict[str, Lock] = {}

    def place(self, key: str) -> Path:
        """Return where the thing lies, whether it was made yet or not."""
        return self._folder / key

    def made(self, key: str, make: Callable[[Path], object]) -> Path:
        """Return the folder under ``key``; if it is not there, ``make`` fills a fresh one first."""
        place = self.place(key)
        if place.exists():
            return place
        with self._alone(key):
            if not place.exists():
                unfinished = self._fresh(key)
                try:
                    make(unfinished)
                    _open_for_reading(unfinished)
                    unfinished.rename(place)
                except BaseException:
                    shutil.rmtree(unfinished, ignore_errors=True)
                    raise
        return place

    def file(self, key: str, make: Callable[[Path], object]) -> Path:
        """Return the file under ``key``; if it is not there, ``make`` writes it first."""
        place = self.place(key)
        if not place.exists():
            with self._alone(key):
                if not place.exists():
                    self.write(key, make)
        return place

    def write(self, key: str, make: Callable[[Path], object]) -> Path:
        """Let ``make`` write the file under ``key``, in the place of what was there before."""
        place = self.place(key)
        unfinished = self._fresh(key)
        try:
            file = unfinished / "file"
            make(file)
            file.chmod(0o644)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return place

    def text(self, key: str, make: Callable[[], str]) -> str:
        """Return the text under ``key``; if it is not there, ``make`` gives it first."""
        return self.file(key, lambda file: file.write_text(make())).read_text()

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Hold the key: one thread of one process at a time."""
        with self._guard:
            mine = self._locks.setdefault(key, Lock())
        locks = self._folder / LOCKS
        locks.mkdir(parents=True, exist_ok=True)
        with mine, (locks / key.replace("/", "_")).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _fresh(self, key: str) -> Path:
        """Return an empty folder beside the things, named after this process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        name = key.replace("/", "_")[:60]
        folder = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{os.getpid()}-{name}-", dir=self._folder))
        folder.chmod(0o755)
        return folder

    def _sweep(self) -> None:
        """Remove what processes that no longer live have left."""
        for folder in self._folder.glob(f"{UNFINISHED}*"):
            pid = folder.name.removeprefix(UNFINISHED).partition("-")[0]
            with suppress(OSError):
                if not Path("/proc", pid).exists() and time.time() - folder.stat().st_mtime > LEFT_ALONE_SECONDS:
                    shutil.rmtree(folder)


def _open_for_reading(folder: Path) -> None:
    """Let everybody read what is in ``folder``, and nobody but us write."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            file = Path(parent, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
