"""The descriptors that a job gets, and our ends of them."""

import fcntl
import os
from contextlib import ExitStack, suppress
from pathlib import Path

PIPE_BYTES = 1024 * 1024


class Pipes:
    """The descriptors of one job: theirs by the number they get inside, ours by the same number."""

    def __init__(self, cleanup: ExitStack) -> None:
        """Close everything that nobody took over when ``cleanup`` unwinds."""
        self.theirs: dict[int, int] = {}
        self.ours: dict[int, int] = {}
        cleanup.callback(self.close_theirs)
        cleanup.callback(_close_all, self.ours)

    def into(self, place: int) -> int:
        """Open a pipe that the job reads from."""
        self.theirs[place], self.ours[place] = os.pipe()
        return place

    def out(self, place: int) -> int:
        """Open a pipe that the job writes to."""
        self.ours[place], self.theirs[place] = os.pipe()
        return place

    def named(self, place: int, path: Path, *, into: bool) -> None:
        """Make a named pipe at ``path`` and open our end: to write (``into`` the job), or to read.

        Our end to write is open for reading as well: it waits for no reader, and what we write waits for one.
        """
        os.mkfifo(path)
        self.ours[place] = os.open(path, (os.O_RDWR if into else os.O_RDONLY) | os.O_NONBLOCK | os.O_CLOEXEC)
        self.widen(place)

    def widen(self, place: int) -> None:
        """Let a pipe hold more, where the system allows: some readers and writers inside stop where it is full."""
        with suppress(OSError):
            fcntl.fcntl(self.ours[place], fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def holding(self, place: int, data: bytes) -> int:
        """Open a file in memory that holds ``data``."""
        self.theirs[place] = os.memfd_create("clearinghouse")
        with os.fdopen(os.dup(self.theirs[place]), "wb") as file:
            file.write(data)
        os.lseek(self.theirs[place], 0, os.SEEK_SET)
        return place

    def take(self, place: int) -> int:
        """Hand over our end, and with it the duty to close it."""
        return self.ours.pop(place)

    def close_theirs(self) -> None:
        """Close the ends of the sandbox in our process."""
        _close_all(self.theirs)


def _close_all(descriptors: dict[int, int]) -> None:
    for descriptor in descriptors.values():
        with suppress(OSError):
            os.close(descriptor)
    descriptors.clear()
