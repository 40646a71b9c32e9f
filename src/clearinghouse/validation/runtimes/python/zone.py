"""Says whether a path lies in the zone of the canary, whatever links lead there, by system calls alone."""

from __future__ import annotations

import posix

from . import events
from .scene import Scene

_LINKS = 40


class Zone:
    """The folder with the canary."""

    def __init__(self, scene: Scene) -> None:
        self._getcwd, self._readlink, self._stat, self._listdir = (
            posix.getcwd,
            posix.readlink,
            posix.stat,
            posix.listdir,
        )
        self._zone = real(scene.zone, self._readlink)
        self._leaf = scene.leaf
        self._calm = tuple(root for root in (scene.stdlib, scene.root, scene.deps))
        self._content = self._state()

    def holds(self, value: object, *, follow: bool) -> str:
        """Return the resolved path when ``value`` is a path in the zone, else an empty text."""
        path = events.text_in(value)
        if not path or "\0" in path or (path.startswith(self._calm) and ".." not in path):
            return ""
        if not path.startswith("/"):
            path = self._getcwd() + "/" + path
        if not follow:
            head, _, tail = path.rstrip("/").rpartition("/")
            path = real(head, self._readlink) + "/" + tail
        found = real(path, self._readlink) if follow else path
        return found if (found + "/").startswith(self._zone + "/") else ""

    def touched(self) -> tuple:
        """Return the detectors whose canary was touched since the last time, as the file system shows it."""
        now = self._state()
        if now == self._content:
            return ()
        before, self._content = self._content, now
        found = []
        if before[0] != now[0]:
            found.append(events.FILE_WRITE)
        if before[1] != now[1] and now[1] is not None:
            found.append(events.FILE_READ)
        return tuple(found)

    def _state(self) -> tuple:
        """Return what lies in the zone, and when the canary was last read."""
        try:
            names = sorted(self._listdir(self._zone))
        except OSError:
            names = []
        try:
            leaf = self._stat(self._leaf)
        except OSError:
            return (names, None)
        return ([*names, leaf.st_size, leaf.st_mtime], leaf.st_atime)


def real(path: str, readlink: object) -> str:
    """Return an absolute path with ``.``, ``..`` and every link resolved; parts that do not exist stay."""
    waiting = path.split("/")[::-1]
    done = ""
    links = 0
    while waiting:
        part = waiting.pop()
        if part in ("", "."):
            continue
        if part == "..":
            done = done.rpartition("/")[0]
            continue
        try:
            link = readlink(done + "/" + part)
        except (OSError, ValueError):
            done += "/" + part
            continue
        links += 1
        if links > _LINKS:
            return done + "/" + part
        if link.startswith("/"):
            done = ""
        waiting.extend(link.split("/")[::-1])
    return done or "/"
