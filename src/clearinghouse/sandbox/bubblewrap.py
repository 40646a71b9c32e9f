"""The bubblewrap tier: user, process, network, IPC, host name and cgroup namespaces, seccomp, limits, no privileges.

How a job is started, so that nothing of it can outlive us:

1. The warden, which has given up root and every group, starts ``bwrap``; it ends all sandboxes when we are gone.
2. The first process inside is a small shell. It says ``up`` and waits for a line from us. Had we died before, it
   would read the end of its input and end.
3. We send the line, and from then on only read, write, count and wait.
4. Everything inside ends with that shell, because it is the first process of its own process namespace.

Source: docs/decisions/0020-bubblewrap-first.md, 0022-warden-and-first-process.md; ``../notes/security.md`` S1.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.sandbox import seccomp
from clearinghouse.sandbox.collector import collected
from clearinghouse.sandbox.pipes import Pipes
from clearinghouse.sandbox.pressure import BUSY, pressure, waited_seconds
from clearinghouse.sandbox.profile import MIB, Ended, Job
from clearinghouse.sandbox.staging import Stage
from clearinghouse.sandbox.streams import Inflow, Outflow, Pump
from clearinghouse.sandbox.walls import (
    ENVIRONMENT,
    MEMORY_FOLDERS,
    file_system,
    memory_folders,
    namespaces,
    processes_flag,
    ulimits,
)
from clearinghouse.sandbox.warden import Warden, told
from clearinghouse.sandbox.watch import Watch

SANDBOX_UID: Final = 61999
"""The user as which root starts sandboxes: in no passwd file, in no group, owner of nothing."""

START_SECONDS: Final = 30.0
"""How long setting up may take on a busy machine; a job's own limit starts afterwards."""
TICK_SECONDS: Final = 0.025
FIRST_TICK_SECONDS: Final = 0.008
DRAIN_SECONDS: Final = 2.0
LEAVE_SECONDS: Final = 10.0
MOST_FILES: Final = 200
STATUS_BYTES: Final = 64 * 1024
COLLECTED_BYTES: Final = 64 * MIB
SIGNAL_BASE: Final = 128
SHELL_IS_SILENT: Final = frozenset({signal.SIGINT, signal.SIGPIPE})
"""Signals that a shell does not tell of when they end its child."""

STDIN, PACKED, STATUS, STDOUT, STDERR, BRIEF, RECORDS, INFO, FILTER, FILES = range(10)
"""The numbers at which the first process finds its descriptors. A shell can close those below ten, so a job sees its
own three, its brief and its records."""

FIRST_PROCESS: Final = """
echo up >&2
read -r go || exit 125
LIMITS || exit 124
collect=$1
shift
(exec "$@") >&3 2>&4 3>&- 4>&-
echo "ended $?" >&2
[ -z "$collect" ] || tar -C /job --hard-dereference -cf - -- "$collect" 2>/dev/null
exit 0
"""
"""What the shell inside does. Its own input is ours (the line, then the job's stdin), its error stream tells us how
the job went, its output carries what is collected; the job's streams are two further pipes."""


class Bubblewrap:
    """Runs jobs behind bubblewrap."""

    tier = "bubblewrap"

    def __init__(self, program: Path, *, disable_userns: bool = True) -> None:
        """Prepare what all jobs have in common.

        Args:
            program: the ``bwrap`` executable.
            disable_userns: whether this ``bwrap`` knows ``--disable-userns`` (0.8.0 and later).

        Raises:
            Unavailable: libseccomp is missing, or no temporary folder can be read by the sandbox's user.
        """
        uid = SANDBOX_UID if os.geteuid() == 0 else os.geteuid()
        self._filter = seccomp.program()
        self._stage = Stage(reader_uid=uid)
        self._warden = Warden(uid=uid)
        self._processes_flag = processes_flag()
        self._opening = (
            str(program),
            *namespaces(disable_userns=disable_userns),
            *file_system(self._stage.etc),
        )

    def run(self, job: Job) -> Ended:
        """Run ``job`` in a fresh sandbox and return how it ended; nothing of it is left afterwards.

        Raises:
            Malformed: the job cannot be put in place: too many files, or a path that leaves its folder.
            Unavailable: the sandbox did not come up, or a mount cannot be read by its user.
        """
        with ExitStack() as cleanup:
            pipes = Pipes(cleanup)
            argv = self._argv(job, pipes)
            line = cleanup.enter_context(self._warden.start(argv, pipes.theirs))
            pipes.close_theirs()
            return _Course(job, line, pipes, cleanup).follow()

    def _argv(self, job: Job, pipes: Pipes) -> list[str]:
        """Return the command, and open the pipes it speaks of."""
        if len(job.files) > MOST_FILES:
            raise Malformed(f"the job brings {len(job.files)} files; at most {MOST_FILES}, mount a folder instead")
        argv = list(self._opening)
        for mount in sorted(job.mounts, key=lambda one: one.inside.count("/")):
            if str(mount.source) == mount.inside and mount.source.is_relative_to("/usr"):
                continue  # every sandbox sees it
            argv += ["--ro-bind", str(self._stage.readable(mount.source)), mount.inside]
        argv += memory_folders(job.limits)
        for place, (name, data) in enumerate(job.files.items(), FILES):
            argv += ["--file", str(pipes.holding(place, data)), f"/job/{_relative(name)}"]
        for name, value in {**ENVIRONMENT, **job.env}.items():
            argv += ["--setenv", name, value]
        argv += ["--seccomp", str(pipes.holding(FILTER, self._filter)), "--info-fd", str(pipes.out(INFO))]
        for place in (PACKED, STATUS, STDOUT, STDERR):
            pipes.out(place)
        pipes.into(STDIN)
        words = "\0".join(job.argv)
        if "{brief}" in words:
            words = words.replace("{brief}", str(pipes.into(BRIEF)))
        if "{records}" in words:
            words = words.replace("{records}", str(pipes.out(RECORDS)))
        script = FIRST_PROCESS.replace("LIMITS", ulimits(job.limits, self._processes_flag))
        folder = _relative(job.collect) if job.collect else ""
        return [*argv, "--", "/bin/sh", "-c", script, "sh", folder, *words.split("\0")]


class _Course:
    """One job from start to end."""

    def __init__(self, job: Job, line: socket.socket, pipes: Pipes, cleanup: ExitStack) -> None:
        self._job = job
        self._line = line
        self._pipes = pipes
        self._cleanup = cleanup
        self._pump = Pump()
        cleanup.callback(self._pump.close)
        limit = job.limits.output_bytes
        sizes = {STATUS: STATUS_BYTES, PACKED: COLLECTED_BYTES if job.collect else 0}
        self._flows = {
            place: Outflow(pipes.take(place), sizes.get(place, limit))
            for place in (PACKED, STATUS, STDOUT, STDERR, RECORDS)
            if place in pipes.ours
        }
        for flow in self._flows.values():
            self._pump.add(flow)
        self._pump.watch(line.fileno())
        self._timed_out = self._out_of_memory = False

    def follow(self) -> Ended:
        """Start the job, feed it, watch it and say how it ended."""
        first = self._come_up()
        began, waited = time.monotonic(), waited_seconds()
        self._let_go()
        watch = self._watch_until_end(first, began)
        wall_seconds = time.monotonic() - began
        busy = pressure(waited, waited_seconds(), wall_seconds)
        cpu_seconds = self._leave()
        exit_code, signal_number = self._outcome()
        return Ended(
            exit_code=exit_code,
            signal=signal_number,
            timed_out=self._timed_out,
            out_of_memory=self._out_of_memory,
            stdout=self._flows[STDOUT].data,
            stderr=self._flows[STDERR].data,
            records=self._flows[RECORDS].data if RECORDS in self._flows else b"",
            cut=tuple(
                name
                for place, name in ((STDOUT, "stdout"), (STDERR, "stderr"), (RECORDS, "records"))
                if place in self._flows and self._flows[place].cut
            ),
            wall_seconds=wall_seconds,
            cpu_seconds=max(watch.cpu_seconds, cpu_seconds),
            peak_bytes=watch.peak_bytes,
            tier=Bubblewrap.tier,
            pressure=busy,
            collected=self._collected(),
        )

    def _come_up(self) -> int:
        """Wait until the first process inside says that it is up; return its number on this machine."""
        until = time.monotonic() + START_SECONDS
        status = self._flows[STATUS]
        while not status.data.endswith(b"up\n"):
            left = until - time.monotonic()
            if left <= 0 or self._pump.turn(wait_seconds=left):
                self._pump.turn(wait_seconds=0)
                said = status.data.decode("utf-8", "replace").strip() or ("it took too long" if left <= 0 else "")
                raise Unavailable(f"the sandbox did not come up: {said or told(self._line)}")
        with os.fdopen(self._pipes.take(INFO), "rb") as info:
            first = int(json.loads(info.read())["child-pid"])
        self._first = os.pidfd_open(first)
        self._cleanup.callback(os.close, self._first)
        return first

    def _let_go(self) -> None:
        self._pump.add(Inflow(self._pipes.take(STDIN), b"go\n" + self._job.stdin))
        if BRIEF in self._pipes.ours:
            self._pump.add(Inflow(self._pipes.take(BRIEF), self._job.brief))

    def _watch_until_end(self, first: int, began: float) -> Watch:
        limits = self._job.limits
        watch = Watch(first, MEMORY_FOLDERS)
        look_at = began + FIRST_TICK_SECONDS
        deadline, waited = began + limits.wall_seconds, waited_seconds()
        last = began + limits.wall_seconds * limits.patience
        while not self._pump.turn(wait_seconds=min(look_at, deadline) - time.monotonic()):
            now = time.monotonic()
            if deadline <= now < last and self._is_starved(watch, waited, now - began):
                deadline = min(last, now + limits.wall_seconds / 4)
            self._timed_out = now >= deadline
            if now >= look_at:
                look_at = now + TICK_SECONDS
                self._out_of_memory = not self._timed_out and watch.exceeds(limits.memory_bytes)
            if self._timed_out or self._out_of_memory:
                watch.read_cpu()  # the kernel forgets it with the namespace
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._first, signal.SIGKILL)
                break
        return watch

    def _is_starved(self, watch: Watch, waited: float | None, wall_seconds: float) -> bool:
        """Say whether the job has hardly had a processor because the machine was busy with others."""
        watch.read_cpu()
        hardly = watch.cpu_seconds < self._job.limits.wall_seconds / 2
        return hardly and (pressure(waited, waited_seconds(), wall_seconds) or 0.0) >= BUSY

    def _leave(self) -> float:
        """Wait until everything inside has ended and was read; return the processor time it used."""
        self._line.settimeout(LEAVE_SECONDS)
        try:
            cpu_seconds = float(told(self._line)["cpu"])
        except TimeoutError:
            raise Unavailable("a sandbox did not end when it was told to") from None
        self._pump.unwatch(self._line.fileno())
        until = time.monotonic() + DRAIN_SECONDS
        while self._pump.flowing_out() and time.monotonic() < until:
            self._pump.turn(wait_seconds=TICK_SECONDS)
        return cpu_seconds

    def _outcome(self) -> tuple[int | None, int | None]:
        """Return exit code and signal, of which one is None."""
        words, _, ended = self._flows[STATUS].data.removeprefix(b"up\n").rpartition(b"ended ")
        if not ended and words:
            raise Unavailable(f"the sandbox could not start the program: {words.decode('utf-8', 'replace').strip()}")
        if self._timed_out or self._out_of_memory or not ended:
            return None, int(signal.SIGKILL)
        code = int(ended)
        number = code - SIGNAL_BASE
        if number > 0 and (words or number in SHELL_IS_SILENT):
            return None, number
        return code, None

    def _collected(self) -> Mapping[str, bytes]:
        if not self._job.collect or self._timed_out or self._out_of_memory:
            return {}
        return collected(self._flows[PACKED].data, self._job.collect, limit_bytes=COLLECTED_BYTES)


def _relative(name: str) -> str:
    parts = name.split("/")
    if not name or "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise Malformed(f"{name!r} is not a path below /job; write it like folder/file, without dots")
    return name
