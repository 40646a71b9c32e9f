"""Brings home what a forked child of the target saw: only one process may number the records."""

from __future__ import annotations

import posix

from . import plain

_MOST = 1 << 20


class Nest:
    """A pipe from forked children to the process that writes records, made when something forks."""

    def __init__(self) -> None:
        self._home = posix.getpid()
        self._ends = None
        self._left = b""

    def open(self) -> None:
        """Make the pipe; called before the fork."""
        if self._ends is None and posix.getpid() == self._home:
            self._ends = posix.pipe2(posix.O_CLOEXEC | posix.O_NONBLOCK)

    def carried(self, record: dict) -> bool:
        """Put a record into the pipe when this is a child, and say so."""
        if posix.getpid() == self._home:
            return False
        if self._ends is not None:
            posix.write(self._ends[1], (plain.dump(record) + "\n").encode("ascii"))
        return True

    def collect(self, send: object) -> None:
        """Send what children put into the pipe so far."""
        if self._ends is None or posix.getpid() != self._home:
            return
        data = self._left
        try:
            while len(data) < _MOST:
                part = posix.read(self._ends[0], 65536)
                if not part:
                    break
                data += part
        except BlockingIOError:
            pass
        lines = data.split(b"\n")
        self._left = lines.pop()
        for line in lines:
            try:
                record = plain.load(line)
            except Exception:
                continue
            if type(record) is dict and record.get("t") == "act":
                send(record)
