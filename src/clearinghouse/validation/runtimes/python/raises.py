"""Where an exception was first raised, as the interpreter saw it: a traceback can be borrowed, this cannot.

From 3.12 on by ``sys.monitoring``; before, the innermost frame of the traceback has to do.
"""

from __future__ import annotations

import sys

from .blame import Blame
from .scene import Scene

_TOOL = 4
_KEPT = 32
_DEEP = 60


class Raises:
    """The first raise of every exception object of the running step."""

    def __init__(self, scene: Scene, blame: Blame, send: object, digests: object = None) -> None:
        self._scene = scene
        self._blame = blame
        self._send = send
        self._digests = digests
        self._seen = []
        self._watching = hasattr(sys, "monitoring")

    def watch(self) -> None:
        """Begin to watch, where the interpreter can."""
        if not self._watching:
            return
        seen, frame_of = self._seen, sys._getframe

        def raised(_code: object, _offset: int, problem: object) -> None:
            # One level deep and no more: a RecursionError is raised where hardly a frame is left.
            for one in seen:
                if one[0] is problem:
                    return
            frames = []
            frame = frame_of(1)
            while frame is not None and len(frames) < _DEEP:
                frames.append((frame.f_code, frame.f_globals, frame.f_lineno))
                frame = frame.f_back
            seen.append((problem, frames))
            if len(seen) > _KEPT:
                del seen[0]

        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "clearing")
        monitoring.register_callback(_TOOL, monitoring.events.RAISE, raised)
        monitoring.set_events(_TOOL, monitoring.events.RAISE)

    def after_step(self, index: int, problem: object) -> None:
        """Send the first raise of the exception that left a step, and forget the others."""
        if problem is not None:
            raised = self._frames(problem)
            blamed, frames = self._blame.chain(raised, native_only=True)
            kind = type(problem)
            self._send(
                {
                    "t": "raise",
                    "type": kind.__name__,
                    "module": str(kind.__module__),
                    "step": index,
                    "blamed": blamed,
                    "frames": frames,
                    "leaves": True,
                    "made": self._digests(raised) if self._digests is not None else [],
                }
            )
        del self._seen[:]

    def _frames(self, problem: object) -> list:
        """Return the frames at the first raise, innermost first."""
        for one, frames in self._seen:
            if one is problem:
                return frames
        frames = []
        trace = problem.__traceback__
        while trace is not None:
            frames.append((trace.tb_frame.f_code, trace.tb_frame.f_globals, trace.tb_lineno))
            trace = trace.tb_next
        return frames[::-1]
