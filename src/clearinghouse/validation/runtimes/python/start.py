"""Reads the brief, sets the scene and chooses what runs."""

from __future__ import annotations

import posix
import sys
from time import monotonic

from . import channel, plain
from .scene import Fault, Scene

_NO_HOOKS = ("growth", "hang")
_SETTLE_SECONDS = 0.5


def prepare(brief_from: int, records_to: int) -> object:
    """Return what the entry is to call; everything the run needs is loaded and set up by then."""
    brief = plain.load(_read(brief_from))
    send = channel.keyed(records_to, bytes.fromhex(brief.pop("key")))
    if brief.get("detector") == "crash":
        from . import crash

        inside = crash.divide(send)
        if inside is None:
            return _nothing
        posix.close(records_to)
        send = channel.unkeyed(inside[0])
    scene = Scene(brief)
    scene.lay()
    if scene.null is not None:
        from . import nulls

        nulls.install(scene)
    if scene.mode in ("program", "record"):
        from . import program

        return program.prepare(scene, brief, send)
    return _Data(scene, brief, send).run


def _silent(record: object) -> None:
    """Say nothing: of the harmless form beside the proof only its times are told."""


class _Data:
    """A start in which no code of the finder runs: ``calls`` and ``input``."""

    def __init__(self, scene: Scene, brief: dict, send: object) -> None:
        from . import harness, steps

        self._scene = scene
        self._send = send
        self._sizes = brief.get("sizes")
        self._hook = self._raises = None
        if scene.mode == "input":
            self._replay = harness.Harness(scene, brief, send)
        else:
            self._replay = steps.Replay(scene, brief.get("document") or {}, brief.get("hold") or {}, send)
        beside = brief.get("beside")
        self._beside = steps.Replay(scene, beside, {}, _silent) if beside and scene.mode == "calls" else None
        if scene.detector == "crash":
            self._replay.before_call = self._announce
        if scene.detector not in _NO_HOOKS:
            self._watch()
        else:
            from . import growth

            self._growth = growth
        for name in [one for one in sys.modules if one.startswith("_clearing")]:
            del sys.modules[name]
        sys.argv = ["proof"]

    def _watch(self) -> None:
        """Set up the hook, and the watch on exceptions where that is the detector."""
        from . import blame, hook, raises

        blamer = blame.Blame(self._scene, blame.namespaces_of_runner())
        self._hook = hook.Hook(self._scene, blamer, self._send)
        if self._scene.detector == "exception":
            self._raises = raises.Raises(self._scene, blamer, self._send, self._hook.acting)
        self._hook.install()

    def run(self) -> None:
        """Run everything and send the end."""
        begun = _cpu()
        try:
            self._replay.prepare()
            self._send({"t": "ready", "interpreter": "%d.%d.%d" % sys.version_info[:3]})
            begun = _cpu()
            if self._scene.detector == "growth":
                self._growth.measure(
                    self._replay, self._beside, self._checked_sizes(), self._scene.limit_seconds, self._send
                )
            else:
                if self._raises is not None:
                    self._raises.watch()
                self._replay.run(self._after)
                self._settle()
        except Fault as fault:
            self._send({"t": "fault", "code": fault.code, "detail": fault.detail})
        spent = round(_cpu() - begun, 6)
        if self._hook is not None:
            self._hook.send_made()
        self._send({"t": "end", "cpu": spent})
        sys.stdout.flush()
        sys.stderr.flush()
        posix._exit(0)  # what the target does at exit is none of our business, and may take for ever

    def _settle(self) -> None:
        """Give threads that the target started a moment to do what they are about to do."""
        threading = sys.modules.get("threading")
        if threading is None or self._hook is None:
            return
        left = _SETTLE_SECONDS
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon and left > 0:
                begun = monotonic()
                thread.join(left)
                left -= monotonic() - begun
        self._hook.after_step()

    def _checked_sizes(self) -> list:
        """Return the sizes to measure at.

        Raises:
            Fault: there are none, or they do not grow.
        """
        sizes = self._sizes
        if type(sizes) is not list or not sizes or any(type(one) is not int or one < 1 for one in sizes):
            raise Fault("bad-document", "growth wants sizes: a list of whole numbers")
        if sorted(set(sizes)) != sizes:
            raise Fault("bad-document", "the sizes of growth must grow")
        return sizes

    def _announce(self, callee: object) -> None:
        """Tell the supervisor what is about to be called: if this process dies, only it can say so."""
        self._send(dict(self._scene.whereabouts(), callee=callee.shown() if callee.ours else None))

    def _after(self, index: int, problem: object) -> None:
        """Say how a step ended, after all that it did."""
        if self._hook is not None:
            self._hook.after_step()
        if self._raises is not None:
            self._raises.after_step(index, problem)
        self._replay.report(index, problem)


def _nothing() -> None:
    """Do nothing: all was done by another process."""


def _cpu() -> float:
    """Return the CPU seconds of this process."""
    spent = posix.times()
    return spent.user + spent.system


def _read(descriptor: int) -> bytes:
    """Return all that comes from a descriptor, and close it."""
    parts = []
    while True:
        part = posix.read(descriptor, 1 << 20)
        if not part:
            posix.close(descriptor)
            return b"".join(parts)
        parts.append(part)
