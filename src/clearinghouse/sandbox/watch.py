"""What a sandbox uses while it runs, read from ``/proc`` of this machine."""

import os
from contextlib import suppress
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
NANOSECONDS = 1_000_000_000
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KIB = 1024
MOST_INODES = 200_000
"""Files that may lie in one of a sandbox's folders in memory; the kernel's part of each counts nowhere else."""


SENTRY_MEMORY = "memfd:runsc-memory"
BLOCK_BYTES = 512
"""The unit in which ``stat`` tells how much of a file is there."""
HOST_PROCESSES_EACH = 2
"""How many processes of this machine stand for one of a job, at most."""


class Watch:
    """Reads the memory of the processes under one process."""

    def __init__(self, pid: int, folders: tuple[str, ...] = ()) -> None:
        """Watch the tree under ``pid``, which must not be reaped before the watch ends.

        Args:
            pid: the first process of the sandbox, as this machine counts.
            folders: folders inside, held in memory, whose files are counted.
        """
        self._pid = pid
        self._folders = tuple(f"/proc/{pid}/root{folder}" for folder in folders)
        self.peak_bytes = 0
        self.cpu_seconds = 0.0
        self.waited_seconds: float | None = None
        """For how long the processes have waited for a processor; None: not read, or the kernel does not say."""
        self.cpu_before = 0.0
        """Processor time that the sandbox took to come up, where it is more than nothing."""

    def exceeds(self, limit_bytes: int) -> bool:
        """Look once; say whether the processes together hold more memory than ``limit_bytes``."""
        pids = self._pids()
        resident = sum(_resident_bytes(pid) for pid in pids)
        if resident > limit_bytes:  # pages that processes share were counted in each: count again, exactly
            resident = sum(_proportional_bytes(pid) for pid in pids)
        self.peak_bytes = max(self.peak_bytes, resident)
        return resident > limit_bytes or any(_inodes(folder) > MOST_INODES for folder in self._folders)

    def read_cpu(self) -> None:
        """Read the processor time that the processes, and those they have waited for, have used, and waited for."""
        pids = self._pids()
        self.cpu_seconds = sum(_cpu_ticks(pid) for pid in pids) / TICKS_PER_SECOND
        waited = [_waited_nanoseconds(pid) for pid in pids]
        self.waited_seconds = None if None in waited else sum(one or 0 for one in waited) / NANOSECONDS

    def used_up(self, limit_seconds: float) -> bool:
        """Say whether the job has used more processor time than it may, where the kernel does not see to it itself."""
        del limit_seconds
        return False

    def _pids(self) -> list[int]:
        found = [self._pid]
        for pid in found:  # grows while it is walked
            with suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 called every few milliseconds
                    with suppress(OSError):
                        found.extend(int(child) for child in _read(f"/proc/{pid}/task/{task}/children").split())
        return found


class SentryWatch(Watch):
    """Reads what a gVisor sandbox holds beyond what it held when it came up.

    The memory of the job, its files in memory too, is one file in memory that the sandbox's kernel (the sentry) holds;
    what that kernel needs to keep track of the job is memory of its own.
    """

    def __init__(self, pid: int, *, most_processes: int) -> None:
        """Watch the sandbox under ``pid``, which came up and waits.

        Args:
            pid: the ``runsc`` that was started.
            most_processes: how many processes the job may have at once.
        """
        super().__init__(pid)
        pids = self._pids()
        self._file = next((file for one in pids if (file := _memory_file(one))), "")
        self._before = self._held(pids)
        self._most = len(pids) + HOST_PROCESSES_EACH * most_processes
        self.read_cpu()
        self.cpu_before, self.cpu_seconds = self.cpu_seconds, 0.0

    def exceeds(self, limit_bytes: int) -> bool:
        """Look once; say whether the job holds more memory than ``limit_bytes``, or has too many processes."""
        pids = self._pids()
        held = self._held(pids) - self._before
        self.peak_bytes = max(self.peak_bytes, held)
        return held > limit_bytes or len(pids) > self._most

    def read_cpu(self) -> None:
        """Read the processor time that the sandbox has used since it came up."""
        super().read_cpu()
        self.cpu_seconds -= self.cpu_before
        self.waited_seconds = None  # the kernel inside has its own idea of who waits

    def used_up(self, limit_seconds: float) -> bool:
        """Say whether the job has used more than ``limit_seconds``; the sentry does not hold every process to it."""
        self.read_cpu()
        return self.cpu_seconds > limit_seconds

    def _held(self, pids: list[int]) -> int:
        held = sum(_own_bytes(pid) for pid in pids)
        with suppress(OSError):
            held += os.stat(self._file).st_blocks * BLOCK_BYTES  # noqa: PTH116 called every few milliseconds
        return held


def _memory_file(pid: int) -> str:
    """Return the path of the file in memory from which process ``pid`` gives memory to jobs; empty when it has none."""
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if SENTRY_MEMORY in str(descriptor.readlink()):
                    return str(descriptor)
    return ""


def _own_bytes(pid: int) -> int:
    """Return the memory of process ``pid`` that is no file's and no other process's."""
    with suppress(OSError):
        for line in _read(f"/proc/{pid}/status").splitlines():
            if line.startswith(b"RssAnon:"):
                return int(line.split()[1]) * KIB
    return 0


def _resident_bytes(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(_read(f"/proc/{pid}/statm").split()[1]) * PAGE_BYTES
    return 0


def _cpu_ticks(pid: int) -> int:
    with suppress(OSError, IndexError):
        # After the name, which may hold anything, the third field: user and system time, own and of children.
        return sum(int(field) for field in _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[11:15])
    return 0


def _waited_nanoseconds(pid: int) -> int | None:
    """Return for how long the threads of a process have waited for a processor; None where the kernel does not say."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 as above
    except OSError:
        return 0  # it is gone
    waited = 0
    for task in tasks:
        try:
            waited += int(_read(f"/proc/{pid}/task/{task}/schedstat").split()[1])
        except FileNotFoundError:
            if Path(f"/proc/{pid}/task/{task}").exists():
                return None
        except (OSError, IndexError, ValueError):
            continue
    return waited


def _proportional_bytes(pid: int) -> int:
    with suppress(OSError):
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * KIB
    return _resident_bytes(pid)


def _inodes(folder: str) -> int:
    with suppress(OSError):
        info = os.statvfs(folder)
        return info.f_files - info.f_ffree
    return 0


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
