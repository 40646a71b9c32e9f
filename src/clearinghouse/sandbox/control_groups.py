"""Control groups (version 2), where this machine has given us some: the kernel itself holds a sandbox to its limits.

The walls count memory every few milliseconds and end what takes too much. Where a control group is *delegated* to us,
each sandbox also gets a group of its own with ``memory.max`` and ``pids.max``, so that nothing can outrun the count.

Delegated means: whoever rules the groups of this machine said so. systemd marks such a group (``Delegate=yes``); for
a user who is not root it is enough that the group is theirs. A group that nobody gave us is never touched.

Lives in the warden (``warden_process.py``) and is loaded beside it: the standard library only.

Source: docs/decisions/0091-control-groups.md; cgroups(7); systemd's CGROUP_DELEGATION document.
"""

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WANTED = ("memory", "pids")
"""Controllers that hold a sandbox."""
PREFIX = "clearinghouse-"
MARKS = ("trusted.delegate", "user.delegate")
JOINER = ("/bin/sh", "-c", 'echo 0 > "$0" && exec "$@"')
"""Puts itself into the group whose ``cgroup.procs`` is named first, then becomes the program."""
OWNED = ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")
OUT_OF_MEMORY = b"oom_kill "


class Groups:
    """The groups of one warden's sandboxes, all below one group."""

    def __init__(self, folder: str, controllers: "tuple[str, ...]") -> None:
        """Put groups below ``folder``, which has these controllers for them."""
        self.folder = folder
        self.controllers = controllers
        self._made = 0

    def make(self, limits: "Mapping[str, str]") -> str:
        """Return a new group that holds what is in it to ``limits``: file of a controller of ours → what to write."""
        self._made += 1
        group = f"{self.folder}/{self._made}"
        os.mkdir(group)
        for name, value in limits.items():
            if name.partition(".")[0] in self.controllers and os.path.exists(f"{group}/{name}"):
                write(f"{group}/{name}", value)
        return group

    def end(self, group: str) -> bool:
        """End everything in ``group`` and take it away; return whether the kernel ended something for its memory."""
        killed = False
        with contextlib.suppress(OSError):
            for line in read(f"{group}/memory.events").splitlines():
                if line.startswith(OUT_OF_MEMORY):
                    killed = int(line.split()[1]) > 0
        with contextlib.suppress(OSError):
            write(f"{group}/cgroup.kill", "1")
        with contextlib.suppress(OSError):  # where something is still dying, the next warden takes it away
            os.rmdir(group)
        return killed


def joined(group: str, argv: "list[str]") -> "list[str]":
    """Return a command that runs ``argv`` (by path) inside ``group`` from its first instruction."""
    return [*JOINER, f"{group}/cgroup.procs", *argv]


def delegated(uid: int, *, wanted: "tuple[str, ...]" = WANTED) -> "tuple[Groups | None, str]":
    """Return groups for the sandboxes that user ``uid`` starts, or None and the reason.

    The caller is moved into a group of its own beside them, since a process may be moved only by who owns the nearest
    group above both places.

    Args:
        uid: who will start sandboxes; the groups become theirs.
        wanted: controllers that would be of use.
    """
    try:
        own = own_folder()
        if not own:
            return None, "this machine has no control groups of version 2"
        for base in (own, os.path.dirname(own)):
            if is_ours(base):
                return _below(base, wanted, uid)
    except OSError as error:
        return None, f"the control group that was delegated to us cannot be used: {error}"
    return None, "no control group is delegated to us (systemd: Delegate=yes and DelegateSubgroup=main)"


def _below(base: str, wanted: "tuple[str, ...]", uid: int) -> "tuple[Groups | None, str]":
    there = [one for one in wanted if one.encode() in read(f"{base}/cgroup.controllers").split()]
    if not there:
        return None, f"the control group that was delegated to us has none of: {', '.join(wanted)}"
    switch = " ".join(f"+{one}" for one in there)
    write(f"{base}/cgroup.subtree_control", switch)
    _take_away_left(base)
    folder = f"{base}/{PREFIX}{os.getpid()}"
    os.mkdir(folder)
    os.mkdir(f"{folder}/warden")
    write(f"{folder}/warden/cgroup.procs", "0")
    write(f"{folder}/cgroup.subtree_control", switch)
    for place in (folder, f"{folder}/warden"):
        os.chown(place, uid, -1)
        for file in OWNED:
            os.chown(f"{place}/{file}", uid, -1)
    return Groups(folder, tuple(there)), ""


def _take_away_left(base: str) -> None:
    """Take away what wardens left that are gone; a group that still holds something cannot be taken away."""
    for name in os.listdir(base):
        if not name.startswith(PREFIX) or os.path.exists(f"/proc/{name.removeprefix(PREFIX)}"):
            continue
        with contextlib.suppress(OSError):
            for one in os.scandir(f"{base}/{name}"):
                if one.is_dir(follow_symlinks=False):
                    os.rmdir(one.path)
            os.rmdir(f"{base}/{name}")


def is_ours(folder: str) -> bool:
    """Say whether whoever rules the groups has given us ``folder``."""
    for mark in MARKS:
        with contextlib.suppress(OSError):
            return os.getxattr(folder, mark) == b"1"
    return os.geteuid() != 0 and os.stat(folder).st_uid == os.geteuid() and os.access(folder, os.W_OK)


def own_folder() -> str:
    """Return the folder of our own group; empty where there are no groups of version 2."""
    lines = read("/proc/self/cgroup").decode().splitlines()
    path = next((line[3:] for line in lines if line.startswith("0::")), None)
    if path is None:
        return ""
    for line in read("/proc/self/mountinfo").decode().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            root, mount = before.split()[3:5]
            inside = path if root == "/" else path.removeprefix(root)
            return os.path.normpath(f"{mount}/{inside}")
    return ""


def read(path: str) -> bytes:
    """Return what a small file of the kernel says."""
    with open(path, "rb") as file:
        return file.read()


def write(path: str, text: str) -> None:
    """Tell the kernel something by a file of its."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
