"""Folders of ours that a sandbox needs: a tiny ``/etc``, and copies of what its user may not read in place.

Everything lies in one folder per process, beside a lock that the kernel lets go when the process ends, however it
ends; the next process removes folders whose lock is free.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from clearinghouse.errors import Unavailable

PREFIX = "clearinghouse-stage-"
MOST_FILES = 4096
MOST_BYTES = 64 * 1024 * 1024

ETC = {
    "passwd": "root:x:0:0:root:/:/bin/false\nbox:x:1000:1000:box:/job:/bin/sh\n",
    "group": "root:x:0:\nbox:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


class Stage:
    """This process's folder of staged files, world-readable and writable by us alone."""

    def __init__(self, *, reader_uid: int) -> None:
        """Make the folder.

        Args:
            reader_uid: the user as which sandboxes are started.

        Raises:
            Unavailable: there is no temporary folder that this user can read.
        """
        self._uid = reader_uid
        self._made_by = os.getpid()
        self._guard = Lock()
        self._copies: dict[Path, tuple[str, Path]] = {}
        parent = _readable_parent(reader_uid)
        _sweep(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.folder.chmod(0o755)
        self.etc = self._make_etc()
        atexit.register(self.remove)

    def remove(self) -> None:
        """Remove the folder, unless it is that of the process we were forked from."""
        if os.getpid() == self._made_by:
            shutil.rmtree(self.folder, ignore_errors=True)

    def readable(self, source: Path) -> Path:
        """Return ``source`` where the sandbox's user can read it: itself, or a copy.

        Raises:
            Unavailable: it is absent, or too large to be copied.
        """
        if not source.exists():
            raise Unavailable(f"{source} does not exist; it cannot be mounted into a sandbox")
        real = source.resolve()
        return real if reachable(real, self._uid) else self._copy(real)

    def fresh(self) -> Path:
        """Make and return a folder for one run, which only the sandbox's user (and root) may enter."""
        return self.given(Path(tempfile.mkdtemp(prefix="run-", dir=self.folder)))

    def given(self, folder: Path) -> Path:
        """Make ``folder`` where it is not there yet, hand it to the sandbox's user and return it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._uid != os.geteuid():
            os.chown(folder, self._uid, self._uid)
        return folder

    def rootfs(self, links: Mapping[str, str], places: frozenset[tuple[str, bool]]) -> Path:
        """Return a folder that holds ``links`` and, for each of ``places``, something to mount upon.

        Args:
            links: name in the root folder, and where it leads.
            places: absolute path, and whether it is a folder rather than a file.
        """
        key = hashlib.sha256(repr((sorted(links.items()), sorted(places))).encode()).hexdigest()[:32]
        goal = self.folder / f"rootfs-{key}"
        with self._guard:
            if not goal.is_dir():
                made = Path(tempfile.mkdtemp(dir=self.folder))
                for name, target in links.items():
                    (made / name).symlink_to(target)
                for inside, is_folder in sorted(places):
                    place = made / inside.lstrip("/")
                    (place if is_folder else place.parent).mkdir(parents=True, exist_ok=True)
                    if not is_folder:
                        place.touch()
                open_up(made)
                made.rename(goal)
        return goal

    def _copy(self, source: Path) -> Path:
        found = tuple(_tree(source))
        if len(found) > MOST_FILES or sum(info.st_size for _, info in found) > MOST_BYTES:
            raise Unavailable(
                f"{source} cannot be read by the sandbox's user {self._uid} and is too large to copy for each process; "
                "keep it under a folder that everybody may enter"
            )
        listing = "\n".join(f"{name} {info.st_size} {info.st_mtime_ns}" for name, info in found)
        key = hashlib.sha256(f"{source}\n{listing}".encode()).hexdigest()[:32]
        with self._guard:
            known = self._copies.get(source)
            if known and known[0] == key:
                return known[1]
            goal = self.folder / key
            for name, _ in found:
                place = goal / name if name else goal
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
                shutil.copyfile(source / name if name else source, place, follow_symlinks=False)
            if not found:
                goal.mkdir(exist_ok=True)
            open_up(goal)
            self._copies[source] = (key, goal)
            return goal

    def _make_etc(self) -> Path:
        etc = self.folder / "etc"
        etc.mkdir(mode=0o755)
        for name, text in ETC.items():
            (etc / name).write_text(text)
        for name in ("ld.so.cache", "localtime"):
            with suppress(OSError):
                shutil.copyfile(Path("/etc") / name, etc / name)
        for file in etc.iterdir():
            file.chmod(0o644)
        alternatives = etc / "alternatives"
        alternatives.mkdir(mode=0o755)
        with suppress(OSError):
            for link in Path("/etc/alternatives").iterdir():
                if link.is_symlink():
                    (alternatives / link.name).symlink_to(link.readlink())
        etc.chmod(0o755)
        alternatives.chmod(0o755)
        return etc


def open_up(place: Path) -> None:
    """Let everybody read ``place`` and what lies under it, and write into the named pipes."""
    for one in (place, *(place.rglob("*") if place.is_dir() else ())):
        if not one.is_symlink():
            one.chmod(0o755 if one.is_dir() else 0o666 if one.is_fifo() else 0o644)


def reachable(path: Path, uid: int) -> bool:
    """Say whether user ``uid``, in no group of ours, can enter every folder above ``path`` and read it."""
    if uid == os.geteuid():
        return os.access(path, os.R_OK)
    for parent in path.parents:
        if not _may(parent.stat(), uid, stat.S_IXOTH):
            return False
    info = path.stat()
    return _may(info, uid, stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(info.st_mode) else 0))


def _may(info: os.stat_result, uid: int, bits: int) -> bool:
    mode = info.st_mode >> 6 if info.st_uid == uid else info.st_mode
    return mode & bits == bits


def _tree(source: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the regular files under ``source``, or ``source`` itself under an empty name."""
    if source.is_file():
        yield "", source.stat()
        return
    count = 0
    for folder, names, files in os.walk(source):
        names.sort()
        for name in sorted(files):
            path = Path(folder, name)
            info = path.lstat()
            if stat.S_ISREG(info.st_mode):
                count += 1
                yield str(path.relative_to(source)), info
            if count > MOST_FILES:
                return


def _readable_parent(uid: int) -> Path:
    for parent in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp")):  # noqa: S108 mkdtemp makes it ours
        if parent.is_dir() and os.access(parent, os.W_OK) and reachable(parent.resolve(), uid):
            return parent
    raise Unavailable(f"no temporary folder can be read by the sandbox's user {uid}; make /tmp mode 1777")


def _sweep(parent: Path) -> None:
    """Remove what processes that no longer live have left."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
