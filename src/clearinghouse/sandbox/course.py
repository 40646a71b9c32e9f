"""One job from its order to its end, whatever the wall: wait until it is up, feed it, watch it, say how it ended.

1. The warden, which has given up root and every group, starts the sandbox; it ends all sandboxes when we are gone.
2. The first process inside is a small shell. It says ``up`` and waits for a line from us. Had we died before, it
   would read the end of its input and end.
3. We send the line, and from then on only read, write, count and wait.
4. Everything inside ends with that shell, because it is the first process of its own process namespace.

Source: docs/decisions/0022-warden-and-first-process.md.
"""

import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, Final, Protocol

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox import observing
from clearinghouse.sandbox.collector import collected
from clearinghouse.sandbox.first_process import BRIEF, ENDED, OVER, PACKED, RECORDS, STATUS, STDERR, STDIN, STDOUT, UP
from clearinghouse.sandbox.pipes import Pipes
from clearinghouse.sandbox.pressure import is_starved, pressure, waited_seconds
from clearinghouse.sandbox.profile import MIB, Ended, Job
from clearinghouse.sandbox.streams import Inflow, Outflow, Pump
from clearinghouse.sandbox.warden import told
from clearinghouse.sandbox.watch import Watch

SANDBOX_UID: Final = 61999
"""The user as which root starts sandboxes: in no passwd file, in no group, owner of nothing."""

START_SECONDS: Final = 30.0
"""How long setting up may take on a busy machine; a job's own limit starts afterwards."""
TICK_SECONDS: Final = 0.025
IDLE_SHARE: Final = 0.02
"""A job that uses a smaller part of a processor is asleep, or looks from time to time whether something has come."""
FIRST_TICK_SECONDS: Final = 0.008
DRAIN_SECONDS: Final = 2.0
LEAVE_SECONDS: Final = 10.0
FLOOD_BYTES: Final = 64 * MIB
"""A job that writes so much beyond what is kept is ended: reading on would only cost us the processor."""
STATUS_BYTES: Final = 64 * 1024
COLLECTED_BYTES: Final = 64 * MIB
SIGNAL_BASE: Final = 128
SHELL_IS_SILENT: Final = frozenset({signal.SIGINT, signal.SIGPIPE})
"""Signals that a shell does not tell of when they end its child."""


class Wall(Protocol):
    """What differs from tier to tier once a job was ordered."""

    @property
    def tier(self) -> str:
        """Name of the tier."""
        ...

    @property
    def ends_slowly(self) -> bool:
        """Whether a sandbox whose first process has ended is worth killing, because it takes its time to leave."""
        ...

    def came_up(self, pipes: Pipes) -> int:
        """Return the process, as this machine counts, with which all of the sandbox ends; called once it is up."""
        ...

    def watch(self, first: int) -> Watch:
        """Return what reads the use of the sandbox that ends with process ``first``."""
        ...


class Course:
    """One job from order to end."""

    def __init__(
        self,
        job: Job,
        line: socket.socket,
        pipes: Pipes,
        cleanup: ExitStack,
        wall: Wall,
        *,
        told: socket.socket | None = None,
    ) -> None:
        """Follow a job that was ordered.

        Args:
            job: what was ordered.
            line: the line on which the warden tells its end.
            pipes: our ends of its streams, by number.
            cleanup: what closes everything afterwards.
            wall: the wall it runs behind.
            told: the line over which an observer outside tells what it sees; None: nobody looks.
        """
        self._job = job
        self._wall = wall
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
        self._sightings = observing.Sightings(told, self._flows.get(RECORDS)) if told else None
        if self._sightings:
            self._pump.add(self._sightings)
        self._pump.watch(line.fileno())
        self._timed_out = self._out_of_memory = False
        self._awake = time.monotonic(), 0.0
        """When it was last looked whether the job uses a processor, and how many seconds it had used by then."""
        self._passed: signal.Signals | None = None
        """The signal that stands for another limit which the job passed."""

    def follow(self) -> Ended:
        """Start the job, feed it, watch it and say how it ended."""
        watch = self._wall.watch(self._come_up())
        began, waited = time.monotonic(), waited_seconds()
        self._let_go()
        self._watch_until_end(watch, began)
        wall_seconds = time.monotonic() - began
        busy = pressure(waited, waited_seconds(), wall_seconds)
        said = self._leave()
        self._out_of_memory = self._out_of_memory or bool(said.get("out_of_memory"))
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
            cpu_seconds=max(watch.cpu_seconds, float(said["cpu"]) - watch.cpu_before),
            peak_bytes=watch.peak_bytes,
            tier=self._wall.tier,
            pressure=busy,
            waited_seconds=watch.waited_seconds,
            collected=self._collected(),
            observed=self._sightings.observed(said.get("observed")) if self._sightings else None,
        )

    def _come_up(self) -> int:
        """Wait until the first process inside says that it is up; return its number on this machine."""
        until = time.monotonic() + START_SECONDS
        status = self._flows[STATUS]
        while not status.data.endswith(UP):
            left = until - time.monotonic()
            if left <= 0 or self._pump.turn(wait_seconds=left):
                self._pump.turn(wait_seconds=0)
                words = status.data or self._flows[STDERR].data
                said = words.decode("utf-8", "replace").strip() or ("it took too long" if left <= 0 else "")
                raise Unavailable(f"the sandbox did not come up: {said or told(self._line)}")
        first = self._wall.came_up(self._pipes)
        self._first = os.pidfd_open(first)
        self._cleanup.callback(os.close, self._first)
        return first

    def _let_go(self) -> None:
        self._pump.add(Inflow(self._pipes.take(STDIN), b"go\n" + self._job.stdin))
        if BRIEF in self._pipes.ours:
            self._pump.add(Inflow(self._pipes.take(BRIEF), self._job.brief))

    def _watch_until_end(self, watch: Watch, began: float) -> None:
        limits = self._job.limits
        look_at = began + FIRST_TICK_SECONDS
        self._awake = began, 0.0
        deadline, waited = began + limits.wall_seconds, waited_seconds()
        last = began + limits.wall_seconds * limits.patience
        while not self._pump.turn(wait_seconds=min(look_at, deadline) - time.monotonic()):
            now = time.monotonic()
            if self._wall.ends_slowly and self._flows[STATUS].data.endswith(OVER):
                self._kill()
                break
            if deadline <= now < last and self._is_starved(watch, waited, now - began):
                deadline = min(last, now + limits.wall_seconds / 4)
            self._timed_out = now >= deadline
            if now >= look_at:
                look_at = now + TICK_SECONDS
                self._out_of_memory = not self._timed_out and watch.exceeds(limits.memory_bytes)
                if watch.used_up(limits.cpu_seconds):
                    self._passed = signal.SIGXCPU
            if limits.idle_seconds is not None and self._is_asleep(watch, now, limits.idle_seconds):
                self._timed_out = True
            if any(flow.dropped_bytes > FLOOD_BYTES for flow in self._flows.values()):
                self._passed = signal.SIGXFSZ
            if self._was_ended():
                watch.read_cpu()  # the kernel forgets it with the namespace
                self._kill()
                break

    def _is_asleep(self, watch: Watch, now: float, idle_seconds: float) -> bool:
        """Say whether the job has used next to no processor time for so long."""
        before, used = self._awake
        if now - before < idle_seconds:
            return False
        watch.read_cpu()
        if watch.cpu_seconds - used < (now - before) * IDLE_SHARE:
            return True
        self._awake = now, watch.cpu_seconds
        return False

    def _was_ended(self) -> bool:
        """Say whether the job passed one of its limits."""
        return self._timed_out or self._out_of_memory or self._passed is not None

    def _is_starved(self, watch: Watch, waited: float | None, wall_seconds: float) -> bool:
        """Say whether the job has not had its time because the machine was busy with others; not known is no."""
        share = pressure(waited, waited_seconds(), wall_seconds)
        watch.read_cpu()
        return share is not None and is_starved(
            watch.cpu_seconds, self._job.limits.wall_seconds, share, waited_seconds=watch.waited_seconds
        )

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def _leave(self) -> dict[str, Any]:
        """Wait until everything inside has ended and was read; return what the warden says of it."""
        self._line.settimeout(LEAVE_SECONDS)
        try:
            said = told(self._line)
        except TimeoutError:
            raise Unavailable("a sandbox did not end when it was told to") from None
        self._pump.unwatch(self._line.fileno())
        until = time.monotonic() + DRAIN_SECONDS
        while self._pump.flowing_out() and time.monotonic() < until:
            self._pump.turn(wait_seconds=TICK_SECONDS)
        return said

    def _outcome(self) -> tuple[int | None, int | None]:
        """Return exit code and signal, of which one is None."""
        words, _, ended = self._flows[STATUS].data.partition(UP)[2].rpartition(ENDED)
        if not ended and words:
            raise Unavailable(f"the sandbox could not start the program: {words.decode('utf-8', 'replace').strip()}")
        if self._was_ended() or not ended:
            return None, int(self._passed or signal.SIGKILL)
        code = int(ended.split()[0])
        number = code - SIGNAL_BASE
        if number > 0 and (words or number in SHELL_IS_SILENT):
            return None, number
        return code, None

    def _collected(self) -> Mapping[str, bytes]:
        if not self._job.collect or self._was_ended():
            return {}
        return collected(self._flows[PACKED].data, self._job.collect, limit_bytes=COLLECTED_BYTES)


def sandbox_uid() -> int:
    """Return the user as which sandboxes are started: never root."""
    return SANDBOX_UID if os.geteuid() == 0 else os.geteuid()
