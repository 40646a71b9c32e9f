"""What the walls of a bubblewrap sandbox are made of: its command-line arguments and the shell's limits."""

import os
import resource
import subprocess
from pathlib import Path
from typing import Final

from clearinghouse.sandbox.profile import MIB, Limits

KIB: Final = 1024
INSIDE_ID: Final = 1000
SPARE_ADDRESS_BYTES: Final = 2048 * MIB
MEMORY_FOLDERS: Final = ("/job", "/tmp", "/dev/shm")  # noqa: S108 folders inside
"""The only writable places; each in memory and of limited size."""

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
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        place = Path("/", name)
        if place.is_symlink():
            argv += ["--symlink", str(place.readlink()), str(place)]
        elif place.is_dir():
            argv += ["--ro-bind", str(place), str(place)]
    return tuple(argv)


def memory_folders(limits: Limits) -> list[str]:
    """Return the writable places, each of limited size and in memory; everything else becomes read-only."""
    argv = []
    for folder in MEMORY_FOLDERS:
        argv += ["--perms", "0755", "--size", str(limits.work_bytes), "--tmpfs", folder]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/job"]


def ulimits(limits: Limits, processes_flag: str) -> str:
    """Return the shell commands that set what the kernel itself holds a job to; its children inherit it."""
    rules = [
        ("c", resource.RLIMIT_CORE, 0, 512),
        ("d", resource.RLIMIT_DATA, 2 * limits.memory_bytes + SPARE_ADDRESS_BYTES, KIB),
        ("f", resource.RLIMIT_FSIZE, limits.work_bytes, 512),
        ("l", resource.RLIMIT_MEMLOCK, MIB, KIB),
        ("n", resource.RLIMIT_NOFILE, 1024, 1),
        (processes_flag, resource.RLIMIT_NPROC, limits.processes, 1),
        ("s", resource.RLIMIT_STACK, 8 * MIB, KIB),
    ]
    if limits.cpu_seconds < limits.wall_seconds * (os.cpu_count() or 1):
        # Only where it could be reached: under this limit the kernel counts a process's time in ticks of 4 ms.
        rules.append(("t", resource.RLIMIT_CPU, limits.cpu_seconds, 1))
    commands = []
    for flag, kind, most, unit in rules:
        hard = resource.getrlimit(kind)[1]
        commands.append(f"ulimit -{flag} {(most if hard == resource.RLIM_INFINITY else min(most, hard)) // unit}")
    return " && ".join(commands)


def processes_flag() -> str:
    """Return the letter by which this machine's shell limits processes: ``u`` in bash, ``p`` in dash and busybox."""
    known = subprocess.run(("/bin/sh", "-c", "ulimit -u"), capture_output=True, check=False, env={})
    return "p" if known.returncode else "u"
