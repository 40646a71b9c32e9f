"""Pipes to and from a sandbox: written and read together in one thread, so that no full pipe can stop either side."""

import os
import select
from contextlib import suppress
from typing import Protocol

CHUNK = 64 * 1024
READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Flow(Protocol):
    """What is moved when its descriptor is ready."""

    descriptor: int

    def move(self) -> bool:
        """Move what can be moved; return False at the end."""
        ...


class Inflow:
    """Bytes on their way into a pipe, which is closed when the last is written."""

    def __init__(self, descriptor: int, data: bytes) -> None:
        self.descriptor = descriptor
        self._rest = memoryview(data)
        os.set_blocking(descriptor, False)

    def move(self) -> bool:
        """Write what fits; return False when nothing is left to write or nobody reads."""
        try:
            while self._rest:
                self._rest = self._rest[os.write(self.descriptor, self._rest[:CHUNK]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return False


class Outflow:
    """Bytes that come out of a pipe: kept up to a limit, then read and dropped."""

    def __init__(self, descriptor: int, limit_bytes: int) -> None:
        self.descriptor = descriptor
        self.cut = False
        self.dropped_bytes = 0
        self._limit = limit_bytes
        self._kept = bytearray()
        self._at_end = False
        os.set_blocking(descriptor, False)

    @property
    def data(self) -> bytes:
        """What was kept."""
        return bytes(self._kept)

    def move(self) -> bool:
        """Read what is there; return False at the end of the stream."""
        try:
            chunk = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return True
        room = self._limit - len(self._kept)
        self._kept += chunk[:room]
        self.dropped_bytes += max(0, len(chunk) - room)
        self.cut = self.dropped_bytes > 0
        self._at_end = not chunk
        return bool(chunk)

    def length_now(self) -> int:
        """Read all that was written so far; return how much of the stream is kept then."""
        before: tuple[int, bool] | None = None
        while not self._at_end and (len(self._kept), self.cut) != before:
            before = (len(self._kept), self.cut)
            self.move()
        return len(self._kept)


class Pump:
    """Moves every flow whose pipe is ready."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._flows: dict[int, Flow] = {}

    def add(self, flow: Flow) -> None:
        """Take ``flow`` over; its descriptor is closed when it has ended."""
        self._flows[flow.descriptor] = flow
        self._poll.register(flow.descriptor, select.POLLOUT if isinstance(flow, Inflow) else READABLE)

    def watch(self, descriptor: int) -> None:
        """Also wake up when ``descriptor`` becomes readable."""
        self._poll.register(descriptor, READABLE)

    def turn(self, *, wait_seconds: float) -> set[int]:
        """Wait until something is ready, at most so long, and move it; return which watched descriptors are ready."""
        ready = set()
        for descriptor, _ in self._poll.poll(max(0, wait_seconds) * 1000):
            flow = self._flows.get(descriptor)
            if flow is None:
                ready.add(descriptor)
            elif not flow.move():
                self._end(descriptor)
        return ready

    def flowing_out(self) -> bool:
        """Say whether any stream that comes out is still open."""
        return any(isinstance(flow, Outflow) for flow in self._flows.values())

    def unwatch(self, descriptor: int) -> None:
        """No longer wake up for ``descriptor``."""
        self._poll.unregister(descriptor)

    def close(self) -> None:
        """Close what is still open."""
        for descriptor in tuple(self._flows):
            self._end(descriptor)

    def _end(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        del self._flows[descriptor]
        with suppress(OSError):
            os.close(descriptor)
