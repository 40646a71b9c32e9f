"""What the walls of a sandbox are made of: what a job sees, bubblewrap's arguments, and the limits."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clearinghouse.errors import Malformed
from clearinghouse.sandbox.profile import MIB, Job, Limits, Mount

KIB: Final = 1024
INSIDE_ID: Final = 1000
SPARE_ADDRESS_BYTES: Final = 2048 * MIB
MEMORY_FOLDERS: Final = ("/job", "/tmp", "/dev/shm")  # noqa: S108 folders inside
"""The only writable places; each in memory and of limited size."""

MOST_FILES: Final = 200
SPARE_MEMORY_BYTES: Final = 64 * MIB
"""What the wall itself and files that are only read may hold of a control group's memory, beyond the job's own."""
SPARE_PROCESSES: Final = 8

ULIMIT_FLAGS: Final = {
    "RLIMIT_CORE": ("c", 512),
    "RLIMIT_CPU": ("t", 1),
    "RLIMIT_DATA": ("d", KIB),
    "RLIMIT_FSIZE": ("f", 512),
    "RLIMIT_MEMLOCK": ("l", KIB),
    "RLIMIT_NOFILE": ("n", 1),
    "RLIMIT_NPROC": ("", 1),
    "RLIMIT_STACK": ("s", KIB),
}
"""By the name of the limit, the shell's letter for it (see ``processes_flag`` for the empty one) and its unit."""

ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/job", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108


def namespaces(*, disable_userns: bool) -> tuple[str, ...]:
    """Return what is separated from this machine, and that no privilege is left."""
    return (
        "--unshare-user",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        *(("--disable-userns",) if disable_userns else ()),
        *("--uid", str(INSIDE_ID), "--gid", str(INSIDE_ID), "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL"),
    )


def file_system(etc: Path) -> tuple[str, ...]:
    """Return what every sandbox sees: the system's programs and libraries, our ``/etc``, new ``/proc``, ``/dev``."""
    argv = ["--ro-bind", "/usr", "/usr", "--ro-bind", str(etc), "/etc", "--proc", "/proc", "--dev", "/dev"]
    for place in system_folders():
        if place.is_symlink():
            argv += ["--symlink", str(place.readlink()), str(place)]
        else:
            argv += ["--ro-bind", str(place), str(place)]
    return tuple(argv)


def system_folders() -> Iterator[Path]:
    """Yield the folders beside ``/usr`` that programs look in: links into it on most systems, folders on others."""
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        place = Path("/", name)
        if place.is_dir():
            yield place


def mounts_of(job: Job) -> Iterator[Mount]:
    """Yield what is mounted for ``job`` beside what every sandbox sees, the outer before the inner."""
    for mount in sorted(job.mounts, key=lambda one: one.inside.count("/")):
        if str(mount.source) != mount.inside or not mount.source.is_relative_to("/usr"):
            yield mount


def files_of(job: Job) -> Iterator[tuple[str, bytes]]:
    """Yield the files that are put into ``/job``: path below it and content.

    Raises:
        Malformed: they are too many, or one would not lie below ``/job``.
    """
    if len(job.files) > MOST_FILES:
        raise Malformed(f"the job brings {len(job.files)} files; at most {MOST_FILES}, mount a folder instead")
    for name, data in job.files.items():
        yield below_job(name), data


def below_job(name: str) -> str:
    """Return ``name``, which must be a plain path below ``/job``.

    Raises:
        Malformed: it is not.
    """
    parts = name.split("/")
    if not name or "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise Malformed(f"{name!r} is not a path below /job; write it like folder/file, without dots")
    return name


def memory_folders(limits: Limits) -> list[str]:
    """Return the writable places, each of limited size and in memory; everything else becomes read-only."""
    argv = []
    for folder in MEMORY_FOLDERS:
        argv += ["--perms", "0755", "--size", str(limits.work_bytes), "--tmpfs", folder]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/job"]


def resource_limits(limits: Limits) -> dict[str, int]:
    """Return what the kernel itself holds each process of a job to, by the name of the limit."""
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_DATA": 2 * limits.memory_bytes + SPARE_ADDRESS_BYTES,
        "RLIMIT_FSIZE": limits.work_bytes,
        "RLIMIT_MEMLOCK": MIB,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_STACK": 8 * MIB,
    }
    if limits.cpu_seconds < limits.wall_seconds * (os.cpu_count() or 1):
        # Only where it could be reached: under this limit the kernel counts a process's time in ticks of 4 ms.
        wanted["RLIMIT_CPU"] = limits.cpu_seconds
    hard = {name: resource.getrlimit(getattr(resource, name))[1] for name in wanted}
    return {
        name: most if hard[name] == resource.RLIM_INFINITY else min(most, hard[name]) for name, most in wanted.items()
    }


def ulimits(limits: Limits, processes_flag: str) -> str:
    """Return the shell commands that set what the kernel itself holds a job to; its children inherit it."""
    commands = []
    for name, most in resource_limits(limits).items():
        flag, unit = ULIMIT_FLAGS[name]
        commands.append(f"ulimit -{flag or processes_flag} {most // unit}")
    return " && ".join(commands)


def processes_flag() -> str:
    """Return the letter by which this machine's shell limits processes: ``u`` in bash, ``p`` in dash and busybox."""
    known = subprocess.run(("/bin/sh", "-c", "ulimit -u"), capture_output=True, check=False, env={})
    return "p" if known.returncode else "u"


def group_limits(limits: Limits) -> dict[str, str]:
    """Return what a control group of the sandbox's own is told: files of version 2 → what to write.

    Looser than the count in ``watch.py``, whose word a verdict hears: this is the net below it.
    """
    return {
        "memory.max": str(limits.memory_bytes + limits.work_bytes + SPARE_MEMORY_BYTES),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": str(limits.processes + SPARE_PROCESSES),
    }
