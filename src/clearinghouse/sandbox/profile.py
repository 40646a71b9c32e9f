"""What crosses the wall: the job going in and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine, read-only inside at ``inside``."""

    source: Path
    inside: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may use; all in seconds or bytes."""

    wall_seconds: float = 20.0
    patience: float = 6.0
    """How many times as long a job may take while others have the processors and it has hardly had one."""
    cpu_seconds: int = 120
    idle_seconds: float | None = None
    """How long a job may go on without using a processor; then it waits for something that will not come."""
    memory_bytes: int = 1024 * MIB
    work_bytes: int = 64 * MIB
    """Size of the fresh, writable ``/job``."""
    output_bytes: int = 4 * MIB
    """For each of stdout, stderr and the records; more is cut off and said."""
    processes: int = 64


class Kind(StrEnum):
    """What an observer outside can be asked to look at."""

    EXEC = "exec"
    """Programs that are started."""
    READS = "reads"
    """Files that are opened to be read."""
    WRITES = "writes"
    """Files that are opened to be written, made, changed or removed."""
    NETWORK = "network"
    """Sockets that are connected or written to."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What an observer outside the job is to tell of: calls that hold ``needle``, or a path below ``folder``."""

    kinds: frozenset[Kind]
    needle: str
    folder: str


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that an observer outside saw; it had not been carried out yet, and may have failed."""

    kind: str
    """``exec``, ``read``, ``write`` or ``connect``."""
    name: str
    text: str
    """The program and its arguments, the path with every link followed, or the bytes."""
    after: int
    """How many bytes of records the job had written by then."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What an observer outside saw of a job."""

    calls: tuple[Call, ...] = ()
    looked: int = 0
    """At how many calls it looked."""
    blind: int = 0
    """Of how many it could not tell what they were given."""
    left_out: int = 0
    """How many concerned us but are not among ``calls``: there were too many."""
    why: str = ""
    """Why it could not look at all; empty when it did."""


@dataclass(frozen=True, slots=True)
class Job:
    """One program to start in a fresh sandbox.

    ``argv`` may hold ``{brief}`` and ``{records}``: they become the numbers of a pipe to read (``brief`` lies in it)
    and a pipe to write. ``/job`` is the working directory: empty, writable, gone afterwards. ``files`` are put into
    ``/job`` first (relative POSIX paths).
    """

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    brief: bytes = b""
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: str = ""
    """Folder under ``/job`` whose regular files are brought back in ``Ended.collected``; empty: none."""
    limits: Limits = field(default_factory=Limits)
    watching: Watching | None = None
    """What to look at from outside while it runs; where a tier cannot, ``Ended.observed`` says why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended."""

    exit_code: int | None
    """None when a signal ended it."""
    signal: int | None
    timed_out: bool
    out_of_memory: bool
    stdout: bytes
    stderr: bytes
    records: bytes
    cut: tuple[str, ...]
    """Which of ``stdout``, ``stderr``, ``records`` were longer than allowed."""
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    tier: str
    pressure: float | None = None
    """Share of the time in which some program of this machine waited for a processor; None: not known."""
    waited_seconds: float | None = None
    """For how long the processes that were alive when it was ended had waited for a processor; None: not known."""
    collected: Mapping[str, bytes] = field(default_factory=dict)
    observed: Observed | None = None
    """None: nobody was asked to look, or this tier has no observer."""


class Sandbox(Protocol):
    """A way to run a job behind a wall."""

    tier: str

    def run(self, job: Job) -> Ended:
        """Run ``job`` in a fresh sandbox and return how it ended; nothing of it is left afterwards."""
        ...
