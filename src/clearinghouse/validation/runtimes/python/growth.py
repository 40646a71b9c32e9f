"""Measures CPU time against size, with no hook in the process.

Warm up at half the first size, then the best of three at each. Where the first of the three is far slower than the
others the target remembers its input, and the first is the measure.
"""

from __future__ import annotations

import gc
import time

from .steps import Replay

_RUNS = 3
_REMEMBERED = 4.0
_TICKS = 0.02
_COARSE = 0.003
"""A clock of CPU time that moves by more than this at once cannot time a short call."""
_SHARE = 0.9
"""The part of the limit that may be planned for."""


def measure(replay: Replay, sizes: list, limit_seconds: float, send: object) -> None:
    """Send a ``time`` record for each size, or ``cut`` where the next would pass the limit."""
    begun = time.monotonic()
    replay.clock = _Clock().read
    outcome = _Outcome()
    _once(replay, max(1, sizes[0] // 2), outcome)
    points = []
    for n in sizes:
        left = limit_seconds * _SHARE - (time.monotonic() - begun)
        expected = _expected(points, n)
        if left <= 0 or expected > left:
            send({"t": "cut", "n": n})
            return
        spent = []
        while len(spent) < _RUNS:
            spent.append(_once(replay, n, outcome))
            left = limit_seconds * _SHARE - (time.monotonic() - begun)
            if spent[-1] * 2 > left:
                break
        best = spent[0] if spent[0] > _REMEMBERED * min(spent) else min(spent)
        points.append((n, best))
        send({"t": "time", "n": n, "seconds": round(best, 7)})
        if n == sizes[0]:
            outcome.report(replay)


class _Clock:
    """CPU time of this process, as fine as of a thread.

    Under a limit of CPU time the kernel counts a process by ticks (4 ms here) but a thread exactly; what other threads
    took is added as soon as it is more than that error. Where the kernel counts
    threads by ticks too (gVisor's: 10 ms), time on the wall stands for it, as far as one tick more would explain it.
    """

    def __init__(self) -> None:
        self._others = 0.0
        self._tick = _moves_by(time.thread_time)
        self._last = (time.perf_counter(), time.process_time())
        self._sum = 0.0

    def read(self) -> float:
        """Return the CPU seconds so far."""
        if self._tick > _COARSE:
            now = (time.perf_counter(), time.process_time())
            self._sum += min(now[0] - self._last[0], now[1] - self._last[1] + self._tick)
            self._last = now
            return self._sum
        own = time.thread_time()
        others = time.process_time() - own
        if others > self._others + _TICKS:
            self._others = others
        return own + self._others


def _moves_by(clock: object) -> float:
    """Return by how much a clock of CPU time moves when it moves; what it says of itself is not to be relied on."""
    begun = clock()
    first = begun
    while first == begun:
        first = clock()
    second = first
    while second == first:
        second = clock()
    return second - first


class _Outcome:
    """How the steps of the last run ended."""

    def __init__(self) -> None:
        self.problems = {}

    def note(self, index: int, problem: object) -> None:
        """Keep how a step ended."""
        self.problems[index] = problem

    def report(self, replay: Replay) -> None:
        """Send the records of the steps, once."""
        for index in sorted(self.problems):
            replay.report(index, self.problems[index])


def _once(replay: Replay, n: int, outcome: _Outcome) -> float:
    """Run all steps at size ``n`` and return the CPU seconds that its calls took."""
    replay.values.n = n
    replay.spent = 0.0
    gc.collect()
    replay.run(outcome.note)
    return replay.spent


def _expected(points: list, n: int) -> float:
    """Return the seconds that one run at ``n`` may take, going by the last two points."""
    if not points:
        return 0.0
    last, seconds = points[-1]
    ratio = n / last
    if len(points) < 2 or points[-2][1] <= 0.001:
        return seconds * ratio**2
    grown = (seconds / points[-2][1]) ** 1.0
    steps = ratio / (last / points[-2][0]) if last > points[-2][0] else 1.0
    return seconds * max(ratio, grown * max(1.0, steps))
