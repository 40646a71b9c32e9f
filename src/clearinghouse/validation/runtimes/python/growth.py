"""Measures CPU time against size, with no hook in the process, and the harmless form beside it.

Warm up at half the first size, then go through all sizes, the proof and its harmless form one after the other at each;
then again, twice. A burst of other work so meets all sizes and both forms alike, and the best of three leaves it out.
Where the first of the three is far slower than the others the target remembers its input, and the first is the measure.
"""

from __future__ import annotations

import gc
import time

from .scene import Fault
from .steps import Replay

_RUNS = 3
_REMEMBERED = 4.0
_TICKS = 0.02
_COARSE = 0.003
"""A clock of CPU time that moves by more than this at once cannot time a short call."""
_SHARE = 0.9
"""The part of the limit that may be planned for."""
_LEAP = 4
"""From so many times the last size on, sizes between are measured where nobody knows what the next will take."""
_FAINT, _CLEAR = 0.001, 0.01
"""Seconds: less than the first shows nothing, and the last two sizes have to take the second to be told apart."""
_FURTHER = 4
"""So many sizes are added at most where those of the finder take too little time on this machine."""
_MOST = 10_000_000
"""The largest size there is."""


def measure(replay: Replay, beside: Replay | None, sizes: list, limit_seconds: float, send: object) -> None:
    """Send a ``time`` record for each size and a ``beside`` one for the harmless form, the last of each size counts.

    ``cut`` stands where the next size would pass the limit.
    """
    until = time.monotonic() + limit_seconds * _SHARE
    curves = [_Curve("time", replay)]
    warm_up = max(1, sizes[0] // 2)
    curves[0].once(warm_up)
    if beside is not None:
        curves += _ready(_Curve("beside", beside), warm_up)
    if _rise(curves, sizes, until, send):
        _further(curves, until, send)
    _again(curves, until)
    for curve in curves:
        for n in curve.spent:
            curve.send(n, send)


def _rise(curves: list, sizes: list, until: float, send: object) -> bool:
    """Measure every size once, smallest first, until the next would pass the limit; say whether all were measured.

    Before a leap that may pass it, the sizes between tell what it will really take.
    """
    for n in sizes:
        while not _fits(curves, n, until) and curves[0].spent and n > _LEAP * max(curves[0].spent):
            between = 2 * max(curves[0].spent)
            if not _fits(curves, between, until):
                break
            _take(curves, between, send)
        if not _fits(curves, n, until):
            send({"t": "cut", "n": n})
            return False
        _take(curves, n, send)
        if n == sizes[0]:
            curves[0].outcome.report(curves[0].replay)
    return True


def _further(curves: list, until: float, send: object) -> None:
    """Go on with larger sizes where the last two take too little time to be told apart, but not nothing."""
    for _ in range(_FURTHER):
        points = curves[0].points()
        if len(points) < 2 or points[-1][1] < _FAINT or points[-2][1] >= _CLEAR:
            return
        (before, _), (last, _) = points[-2:]
        n = last + max(1, min(last, last - before, _MOST - last))
        if n > _MOST or not _fits(curves, n, until):
            return
        _take(curves, n, send)


def _fits(curves: list, n: int, until: float) -> bool:
    """Say whether size ``n`` may be measured in what is left of the time."""
    left = until - time.monotonic()
    return left > 0 and sum(_expected(curve.points(), n) for curve in curves) <= left


def _take(curves: list, n: int, send: object) -> None:
    """Measure one size of every form, by turns."""
    for curve in curves:
        curve.take(n)
        curve.send(n, send)


def _again(curves: list, until: float) -> None:
    """Measure the sizes again by turns, as long as the time lasts."""
    for _ in range(_RUNS - 1):
        for n in list(curves[0].spent):
            if sum(curve.spent[n][-1] for curve in curves) * 2 <= until - time.monotonic():
                for curve in curves:
                    curve.take(n)


def _ready(curve: _Curve, warm_up: int) -> list:
    """Return the harmless form, warm; nothing where it cannot be replayed: its own runs say why."""
    try:
        curve.replay.prepare()
        curve.once(warm_up)
    except Fault:
        return []
    return [curve]


class _Curve:
    """The CPU times of one form by size."""

    def __init__(self, kind: str, replay: Replay) -> None:
        self.kind = kind
        self.replay = replay
        self.spent = {}
        self.outcome = _Outcome()
        replay.clock = _Clock().read

    def once(self, n: int) -> float:
        """Run all steps at size ``n`` and return the CPU seconds that its calls took."""
        self.replay.values.n = n
        self.replay.spent = 0.0
        gc.collect()
        self.replay.run(self.outcome.note)
        return self.replay.spent

    def take(self, n: int) -> None:
        """Measure once at size ``n``."""
        self.spent.setdefault(n, []).append(self.once(n))

    def points(self) -> list:
        """Return (n, seconds) for each size so far."""
        return [(n, self.best(n)) for n in self.spent]

    def best(self, n: int) -> float:
        """Return what size ``n`` takes."""
        spent = self.spent[n]
        return spent[0] if spent[0] > _REMEMBERED * min(spent) else min(spent)

    def send(self, n: int, send: object) -> None:
        """Send what size ``n`` takes, as far as it is known."""
        send({"t": self.kind, "n": n, "seconds": round(self.best(n), 7)})


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
