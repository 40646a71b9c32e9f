"""The audit hook: sees acts, remembers makers of code, notes tampering.

It never calls a method of an object that it was handed, ignores what it sets off itself, and lets no exception out:
an exception would carry its frame to whoever catches it.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from types import CodeType

from . import events, nest, origins, plain
from .blame import Blame
from .identity import DEPENDENCY, FINDER, LIBRARY, TARGET, nested
from .integrity import Integrity
from .made import Made
from .scene import Fault, Scene
from .zone import Zone

_MOST = 50


class Hook:
    """What is watched in this start."""

    def __init__(self, scene: Scene, blame: Blame, send: object) -> None:
        self._scene = scene
        self._blame = blame
        self._send = send
        self._zone = Zone(scene)
        self._program = scene.mode in ("program", "record")
        self._integrity = Integrity(scene, blame.identity, blame.origins) if self._program else None
        self._acts = 0
        self._tampered = set()
        self._code_said = False
        self._made = Made(scene.token)
        self._child_said = False
        self._nest = nest.Nest()
        self._handlers = self._table()
        self._busy = set()
        self._failed = []
        self.seen_in_zone = False

    def _table(self) -> dict:
        """Return event → the method that looks at it."""
        table = {}
        table.update(dict.fromkeys(events.COMMANDS, self._command))
        table.update(dict.fromkeys(events.HOSTS, self._host))
        table.update(dict.fromkeys(events.ADDRESSES, self._host))
        table.update(dict.fromkeys(events.PATHS, self._path))
        table.update(dict.fromkeys(events.STARTS, self._start))
        table.update(dict.fromkeys(events.FORKS, self._fork))
        table.update(dict.fromkeys(events.SIGNALS, self._signal))
        table.update({"open": self._open, "exec": self._exec, "function.__new__": self._function})
        if self._program:
            for event in events.TAMPERING:
                table.setdefault(event, self._tamper)
            table["compile"] = self._compile
        return table

    def install(self) -> None:
        """Add the hook to the interpreter, for good."""
        handlers, busy, failed = self._handlers, self._busy, self._failed
        frame_of, ident = sys._getframe, get_ident

        def innermost() -> object:
            """Return the frame that set the event off; None when no Python code runs, as at the very end."""
            try:
                return frame_of(2)
            except ValueError:
                return None

        def hook(event: str, args: tuple) -> None:
            handler = handlers.get(event) if type(event) is str else None
            if handler is None:
                return
            thread = ident()
            if thread in busy:
                return
            busy.add(thread)
            try:
                handler(event, args, innermost())
            except (RecursionError, MemoryError):
                pass  # the target is at its end; that is not ours to report
            except BaseException as problem:
                failed.append(type(problem).__name__)
            finally:
                busy.discard(thread)

        sys.addaudithook(hook)

    # what is remembered

    def _exec(self, _event: str, args: tuple, frame: object) -> None:
        if frame is None:
            return
        if frame.f_code.co_name == "_call_with_frames_removed" and frame.f_code.co_filename.startswith("<frozen"):
            return
        code = args[0]
        if type(code) is not CodeType:
            return
        self._blame.origins.made(code, frame)
        if self._program:
            return
        if self._blame.behind(frame) in (TARGET, DEPENDENCY):
            self._made.note(code, frame)
        if not self._code_said and self._mentions(code):
            self._code_said = True
            self._send({"t": "code", "origin": "token"})

    def _function(self, event: str, args: tuple, frame: object) -> None:
        self._exec(event, args, frame)
        if self._program:
            self._tamper(event, args, frame)

    def _mentions(self, code: object) -> bool:
        """Say whether our token stands in a code object's names: in a constant it is a value to that code."""
        token = self._scene.token
        texts = (events.text_in((*one.co_names, *one.co_varnames)) for one in nested(code))
        return any(token in text for text in texts)

    def _start(self, _event: str, args: tuple, frame: object) -> None:
        self._blame.origins.started(args[0], frame)

    def _fork(self, event: str, _args: tuple, frame: object) -> None:
        self._nest.open()
        if frame is not None and frame.f_code.co_name == "_spawnvef" and self._blame.direct(frame) == LIBRARY:
            names = frame.f_locals  # os.spawn*: a fork whose child will start this file
            self._command_in(event.replace("fork", "spawn"), (names.get("file"), names.get("args")), frame)

    # what is an act

    def _command(self, event: str, args: tuple, frame: object) -> None:
        self._command_in(event, tuple([args[place] for place in events.COMMANDS[event] if place < len(args)]), frame)

    def _command_in(self, event: str, given: tuple, frame: object) -> None:
        text = events.text_in(given)
        if self._scene.token in text:
            self._act(events.COMMAND, event, text, frame)
        if self._program and not self._child_said and self._blame.frame(frame)[0] == FINDER:
            self._child_said = True  # nobody watches in there
            self._record({"t": "child", "event": event})

    def _host(self, event: str, args: tuple, frame: object) -> None:
        if event in events.ADDRESSES:
            text = events.text_in(args[events.ADDRESSES[event]])
            host = events.host_in(text)
        else:
            given = args[events.HOSTS[event]]
            text = host = events.text_in(given[0] if type(given) in (tuple, list) and given else given)
        if self._scene.token in host.lower():
            self._act(events.NETWORK, event, text, frame)

    def _path(self, event: str, args: tuple, frame: object) -> None:
        for detector, place in events.PATHS[event]:
            found = self._zone.holds(args[place], follow=event in events.FOLLOWED)
            if found:
                self._in_zone(detector, event, found, frame)

    def _open(self, _event: str, args: tuple, frame: object) -> None:
        found = self._zone.holds(args[0], follow=True)
        if found:
            self._in_zone(events.opened_for(args[2]), events.opened_as(args[2]), found, frame)
        elif self._program and type(args[0]) is str and args[0].startswith("/proc/"):
            self._own_process(args[0], frame)

    def _in_zone(self, detector: str, event: str, path: str, frame: object) -> None:
        self.seen_in_zone = True
        self._act(detector, event, path, frame)

    def _act(self, detector: str, event: str, argument: str, frame: object) -> None:
        if self._acts >= _MOST:
            return
        self._acts += 1
        blamed, frames = self._blame.frame(frame)
        if blamed != FINDER:
            self.look_at_modules()
        token = self._scene.token
        self._record(
            {
                "t": "act",
                "detector": detector,
                "event": event,
                "argument": plain.short(argument, around=token),
                "token": token in argument,
                "step": self._scene.step,
                "blamed": blamed,
                "frames": frames,
                "made": [] if self._program else self._acting(frame),
            }
        )

    def _acting(self, frame: object) -> list:
        """Return the digests of the code on the stack that the target made at run time."""
        return self.acting(origins.chain(frame, 400))

    def acting(self, frames: list) -> list:
        """Return the digests of the code in these frames that the target made at run time."""
        codes = [one for one, scope, _line in frames if self._blame.is_made(one, scope)]
        return [self._made.digest(one, whole=True) for one in codes[:40]]

    def send_made(self) -> None:
        """Send what was made code of."""
        if not self._program:
            self._send(self._made.record())

    def _record(self, record: object) -> None:
        """Send a record, or hand it to the parent when this is a forked child."""
        if not self._nest.carried(record):
            self._send(record)

    # what a proof must not do

    def look_at_modules(self) -> None:
        """Say, once each, that a module is no longer what its file says."""
        if self._integrity is None:
            return
        tampered, changed = self._integrity.look()
        if tampered and "module" not in self._tampered:
            self._tampered.add("module")
            self._record({"t": "tamper", "event": "replaced " + tampered[:200], "blamed": FINDER})
        if changed and "data" not in self._tampered:
            self._tampered.add("data")
            self._record({"t": "changed", "what": changed[:200]})

    def _tamper(self, event: str, _args: tuple, frame: object) -> None:
        if event in self._tampered or frame is None:
            return
        owner = self._blame.behind if event.startswith("ctypes.") else self._blame.direct
        if owner(frame) == FINDER:
            self._tampered.add(event)
            self._send({"t": "tamper", "event": event, "blamed": FINDER})

    def _compile(self, event: str, args: tuple, frame: object) -> None:
        name = events.text_in(args[1])
        scene = self._scene
        if name.startswith((scene.root, scene.deps, scene.stdlib, "<frozen ")):
            self._tamper(event, args, frame)

    def _own_process(self, path: str, frame: object) -> None:
        if path.endswith(("/mem", "/maps")) or "/fd" in path:
            self._tamper("open " + ("/proc/*/fd" if "/fd" in path else "/proc/*/mem"), (), frame)

    def _signal(self, event: str, args: tuple, _frame: object) -> None:
        if self._scene.detector == "crash" and type(args[1]) is int and args[1]:
            self._send({"t": "sent", "signal": args[1], "event": event})

    def look_at_end(self) -> None:
        """Look at the modules once more when the program has ended; what we set off meanwhile is not the program's."""
        thread = get_ident()
        self._busy.add(thread)
        try:
            self.look_at_modules()
        finally:
            self._busy.discard(thread)

    # between the steps

    def after_step(self) -> None:
        """Take in what forked children saw, and what the file system shows that no hook saw.

        Raises:
            Fault: the hook itself failed; what it did not see must not count as silence.
        """
        thread = get_ident()
        self._busy.add(thread)
        try:
            self._look_around()
        finally:
            self._busy.discard(thread)
        if self._failed:
            raise Fault("unsupported", "the hook failed: " + self._failed[0])

    def _look_around(self) -> None:
        self._nest.collect(self._send)
        for detector in self._zone.touched():
            if not self.seen_in_zone:
                self._below(detector)
        self.seen_in_zone = False

    def _below(self, detector: str) -> None:
        """Record a change in the zone that was made below Python, by compiled code."""
        callee = self._scene.callee
        ours = not self._program and callee is not None and callee.ours is True
        self._record(
            {
                "t": "act",
                "detector": detector,
                "event": "below-python",
                "argument": self._scene.leaf,
                "token": True,
                "step": self._scene.step,
                "blamed": "target" if ours else "unknown",
                "frames": [callee.shown()] if ours else [],
            }
        )
