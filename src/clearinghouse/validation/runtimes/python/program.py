"""Runs the finder's program.

Nothing of ours may be reachable from below it: the one function there has a namespace of its own, the entry's is
emptied, our modules leave ``sys.modules``, and what is left to do hangs on the interpreter's exit.
"""

from __future__ import annotations

import atexit
import builtins
import posix
import sys
import types

from . import offspring
from .scene import Fault, Scene

_LARGEST = 4 << 20
_NAME_OF = type.__dict__["__name__"].__get__
_ARGS_OF = BaseException.__dict__["args"].__get__
_TRACE_OF = BaseException.__dict__["__traceback__"].__get__
_BEFORE = [BaseException.__dict__[name].__get__ for name in ("__cause__", "__context__")]
_PATH_OF = ImportError.__dict__["path"].__get__
_MOST_BEFORE = 20


def prepare(scene: Scene, brief: dict, send: object) -> object:
    """Return the function that runs the program."""
    path = scene.proof + "/" + brief["program"]
    _fill(scene, scene.proof)
    if scene.null is None:
        offspring.lead(scene, brief["target"])
    bare = {"__builtins__": builtins, "__name__": "proof"}
    ending = _Ending(scene, send)
    if scene.mode == "record":
        from . import recorder

        ending.recorder = recorder.Recorder(scene, send)
        offspring.follow_forks(scene, ending.recorder)
    elif scene.detector not in ("growth", "hang"):
        _watch(scene, send, ending, bare)
    space, code = _main(path)
    if scene.detector == "crash":
        send(scene.whereabouts())
    send({"t": "ready", "interpreter": "%d.%d.%d" % sys.version_info[:3]})
    atexit.register(ending.send_all)
    for name in [one for one in sys.modules if one.startswith("_clearing")]:
        del sys.modules[name]
    ending.begin()
    return types.FunctionType(_run.__code__, bare, "proof", (code, space))


def _run(code: object, space: dict) -> None:
    """Run the program; both names are the finder's own."""
    exec(code, space)


def _watch(scene: Scene, send: object, ending: _Ending, bare: dict) -> None:
    """Set up the hook, and the watch on exceptions where that is the detector."""
    from . import blame, hook, raises

    blamer = blame.Blame(scene, [*blame.namespaces_of_runner(), bare])
    ending.hook = hook.Hook(scene, blamer, send)
    if scene.detector == "exception":
        ending.raises = raises.Raises(scene, blamer, send)
    ending.hook.install()


def _main(path: str) -> tuple:
    """Put the program in the place of the entry and return its namespace and code."""
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    sys.modules["__main__"].__dict__.clear()
    sys.modules["__main__"] = main
    sys.argv = [path]
    sys.path.insert(0, path.rpartition("/")[0])
    try:
        from _sitebuiltins import Quitter

        builtins.exit = Quitter("exit", "Ctrl-D (i.e. EOF)")
        builtins.quit = Quitter("quit", "Ctrl-D (i.e. EOF)")
    except ImportError:
        pass
    return main.__dict__, code


def _fill(scene: Scene, folder: str) -> None:
    """Replace the placeholders in every file of the finder's."""
    for name in posix.listdir(folder):
        path = folder + "/" + name
        kind = posix.lstat(path).st_mode & 0o170000
        if kind == 0o040000:
            _fill(scene, path)
        elif kind == 0o100000 and posix.stat(path).st_size <= _LARGEST:
            with open(path, "rb") as kept:
                data = kept.read()
            filled = scene.filled(data)
            if filled != data:
                posix.unlink(path)
                scene.write(path, filled)


class _Ending:
    """What is sent when the program has ended."""

    def __init__(self, scene: Scene, send: object) -> None:
        self._scene = scene
        self._send = send
        self._home = posix.getpid()
        self._begun = 0.0
        self.hook = self.raises = self.recorder = None

    def begin(self) -> None:
        """Begin to watch and to count time."""
        if self.recorder is not None:
            self.recorder.watch()
        if self.raises is not None:
            self.raises.watch()
        self._begun = _cpu()

    def send_all(self) -> None:
        """Send how the program ended, and the end."""
        if posix.getpid() != self._home:
            return
        spent = _cpu() - self._begun
        try:
            self._send_findings()
        finally:
            self._send({"t": "end", "cpu": round(spent, 6)})

    def _send_findings(self) -> None:
        """Send what the recorder, the hook and the watch on exceptions still have to say."""
        if self.recorder is not None:
            self.recorder.send_all()
            for text in offspring.left(self._scene):
                self._send({"t": "calls-elsewhere", "text": text})
        if self.hook is not None:
            try:
                self.hook.look_at_end()
                self.hook.after_step()
            except Fault as fault:
                self._send({"t": "fault", "code": fault.code, "detail": fault.detail})
        kind = sys.__dict__.get("last_type")
        if kind is None:
            self._send({"t": "step", "index": 0, "ok": True})
            return
        if self.raises is not None and type(kind) is type:
            self.raises.after_step(0, sys.last_value)
        named = _NAME_OF(kind) if issubclass(type(kind), type) else "Exception"
        said = {"raised": str.__str__(named), "text": _text(sys.__dict__.get("last_value")), "at": self._last_line()}
        if self._scene.null is None and self._is_of_an_import(sys.__dict__.get("last_value")):
            said["importing"] = True
        self._send({"t": "step", "index": 0, "ok": False, **said})

    def _is_of_an_import(self, raised: object) -> bool:
        """Say whether the target, or what it depends on, could not be imported: another interpreter may do it.

        An exception counts that came out of a module's own code, or stood before such a one; and one that says that
        a module of the target lacks a name, for behind a module that imports lazily Python forgets the true reason.
        """
        waiting, looked = [raised], 0
        while waiting and looked < _MOST_BEFORE:
            one, looked = waiting.pop(), looked + 1
            if not issubclass(type(one), BaseException):
                continue
            if issubclass(type(one), ImportError) and self._is_foreign(_PATH_OF(one)):
                return True
            place = _TRACE_OF(one)
            while type(place) is types.TracebackType:
                code, name = place.tb_frame.f_code, dict.get(place.tb_frame.f_globals, "__name__")
                is_run = name in ("__main__", "<run_path>")  # by ``runpy``: as a program, not for an import
                if code.co_name == "<module>" and self._is_foreign(code.co_filename) and not is_run:
                    return True
                place = place.tb_next
            waiting += [before(one) for before in _BEFORE]
        return False

    def _is_foreign(self, path: object) -> bool:
        return type(path) is str and path.startswith((self._scene.root, self._scene.deps))

    def _last_line(self) -> str:
        """Return where in the finder's own files the program died, ``name, line 7``; empty when nowhere there."""
        place, found = sys.__dict__.get("last_traceback"), ""
        root = self._scene.proof + "/"
        while type(place) is types.TracebackType:
            file = place.tb_frame.f_code.co_filename
            if type(file) is str and file.startswith(root):
                found = "%s, line %d" % (file[len(root) :][:100], place.tb_lineno)
            place = place.tb_next
        return found


def _text(raised: object) -> str:
    """Return what an exception says; none of its own methods is called, they may be the finder's."""
    if not issubclass(type(raised), BaseException):
        return ""
    return ", ".join([one[:200] for one in _ARGS_OF(raised) if type(one) is str])[:200]


def _cpu() -> float:
    """Return the CPU seconds of this process."""
    spent = posix.times()
    return spent.user + spent.system
