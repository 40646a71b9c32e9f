"""Writes down the calls that cross from a finder's program into the target, as a ``calls`` document.

The record is a proposal only: whether it shows anything is decided by its replay.
"""

from __future__ import annotations

import sys
import threading
import types

from . import plain
from .literal import Literals, NotData
from .scene import Scene
from .surface import Surface, attribute_of

_TOOL = 4
_STEPS = 400
_SILENT = frozenset(
    (  # noqa: SIM905 - a list of these would fill the page
        "__init__ __new__ __enter__ __exit__ __aenter__ __aexit__ __del__ __hash__ __eq__ __ne__ __repr__ __len__ "
        "__bool__ __init_subclass__ __set_name__ __getattribute__ __getattr__ __instancecheck__ __class_getitem__ "
        "__post_init__ __fspath__ __iter__ __next__ __await__"
    ).split(" ")
)
"""Special methods that Python calls by itself, and whose absence from the record loses nothing that counts."""


class _Entry:
    """A function of the target at its beginning: its code and its arguments."""

    __slots__ = ("code", "first", "names", "skip")

    def __init__(self, code: object, names: dict) -> None:
        self.code = code
        self.names = names
        self.skip = 1 if code.co_argcount else None
        """How many arguments the call does not name: the object of a method."""
        self.first = names.get(code.co_varnames[0]) if code.co_argcount else None

    def member(self) -> tuple | None:
        """Return (name, attribute, function) when the first argument is an object or class with this method."""
        kind = type(self.first)
        if issubclass(kind, type):
            return attribute_of(self.first, self.code, self.names) or attribute_of(kind, self.code, self.names)
        return attribute_of(kind, self.code, self.names)

    def arguments(self, function: object) -> tuple:
        """Return (positional, by name) arguments, without those that are only defaults."""
        code, names = self.code, self.names
        count = code.co_argcount
        positional = code.co_varnames[:count]
        place = count + code.co_kwonlyargcount
        rest = ()
        if code.co_flags & 0x04:
            rest = names.get(code.co_varnames[place], ())
            place += 1
        more = names.get(code.co_varnames[place], {}) if code.co_flags & 0x08 else {}
        defaults = dict(zip(positional[::-1], (function.__defaults__ or ())[::-1]))
        args, named, by_name = [], {}, False
        for index, name in enumerate(positional[self.skip :], self.skip):
            if name not in names:
                continue
            if not rest and name in defaults and names[name] is defaults[name]:
                by_name = index >= code.co_posonlyargcount
            elif by_name:
                named[name] = names[name]
            else:
                args.append(names[name])
        usual = function.__kwdefaults__ or {}
        for name in code.co_varnames[count : count + code.co_kwonlyargcount]:
            if name in names and not (name in usual and names[name] is usual[name]):
                named[name] = names[name]
        return [*args, *rest], dict(named, **more)


class Recorder:
    """Calls of one program."""

    def __init__(self, scene: Scene, send: object, *, elsewhere: bool = False) -> None:
        """``elsewhere``: in a process that the program started, in which all that is not ours is the program's."""
        self._scene = scene
        self._elsewhere = elsewhere
        self._send = send
        self._surface = Surface(scene)
        self._literals = Literals(scene)
        self._steps = []
        self._lossy = []
        self._results = {}
        self._open = {}
        self._typed = None
        """The VALUE of what the program put in the place of standard input."""
        self._busy = set()
        self._inherited = None
        """In a forked child: how many steps are the parent's."""
        self._at_once = elsewhere or scene.detector in ("hang", "crash", "growth")
        self._skipped = (scene.stdlib, scene.deps, "<")

    def watch(self) -> None:
        """Begin to record."""
        frame_of, root = sys._getframe, self._scene.root
        if not hasattr(sys, "monitoring"):

            def profiled(frame: object, event: str, value: object) -> None:
                if frame.f_code.co_filename.startswith(root):
                    if event == "call":
                        self._guarded(self._started, frame)
                    elif event == "return":
                        self._guarded(self._returned, frame, value)

            threading.setprofile(profiled)
            sys.setprofile(profiled)
            return
        monitoring = sys.monitoring

        def started(code: object, _offset: int) -> object:
            if not code.co_filename.startswith(root):
                return monitoring.DISABLE
            return self._guarded(self._started, frame_of(1))

        def returned(code: object, _offset: int, value: object) -> object:
            if not code.co_filename.startswith(root):
                return monitoring.DISABLE
            return self._guarded(self._returned, frame_of(1), value)

        monitoring.use_tool_id(_TOOL, "clearing")
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, started)
        monitoring.register_callback(_TOOL, monitoring.events.PY_RETURN, returned)
        monitoring.set_events(_TOOL, monitoring.events.PY_START | monitoring.events.PY_RETURN)

    def send_all(self) -> None:
        """Send the document as it stands."""
        document = {"steps": self._steps}
        setup = {"files": self._literals.files, "stdin": self._typed}
        setup = {name: value for name, value in setup.items() if value}
        if setup:
            document["setup"] = setup
        record = {"t": "calls", "document": document, "lossy": self._lossy[:50]}
        if self._inherited is not None:
            record["inherited"] = self._inherited
        self._send(record)

    def go_on(self, send: object) -> None:
        """Go on in a forked child, where all that is written down goes elsewhere, at once."""
        if self._inherited is None:
            self._inherited = len(self._steps)
        self._send, self._at_once = send, True

    def _guarded(self, what: object, *args: object) -> None:
        """Do something without recording what it sets off, and let nothing out."""
        thread = threading.get_ident()
        if thread in self._busy:
            return
        self._busy.add(thread)
        try:
            what(*args)
        except BaseException:
            self._lose("a call that could not be written down", args[0].f_code.co_name)
        finally:
            self._busy.discard(thread)

    def _lose(self, what: str, where: str) -> None:
        """Note that the record says less than the program did."""
        one = {"what": what, "where": plain.short(where, 200)}
        if one not in self._lossy:
            self._lossy.append(one)

    def _from_finder(self, frame: object) -> bool:
        """Say whether the nearest caller that is neither library nor dependency is the finder's."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self._scene.proof + "/"):
                return True
            if not file.startswith(self._skipped):
                return False
            frame = frame.f_back
        return self._elsewhere

    def _started(self, frame: object) -> None:
        """A function of the target begins."""
        code = frame.f_code
        if code.co_name in ("<module>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"):
            return
        if id(frame) in self._open or not self._from_finder(frame.f_back) or len(self._steps) >= _STEPS:
            return
        if self._typed is None:
            self._typed = self._literals.typed(sys.stdin)
        made = self._step(_Entry(code, dict(frame.f_locals)))
        if made is None:
            return
        step, first = made
        if code.co_flags & 0x220:  # a generator, or an asynchronous one: it runs only as far as it is asked
            step["drain"] = 1000
        self._steps.append(step)
        self._open[id(frame)] = (frame, len(self._steps) - 1)
        if first is not None:
            self._results.setdefault(id(first), (first, len(self._steps) - 1))
        if self._at_once:
            self.send_all()

    def _returned(self, frame: object, value: object) -> None:
        """A function of the target returns: what it returns may be used again."""
        opened = self._open.get(id(frame))
        if opened is None:
            return
        if not frame.f_code.co_flags & 0x2A0:  # what can be resumed will begin again under a profiler
            del self._open[id(frame)]
        kind = type(value)
        if value is None or kind in (bool, int, float, list, dict, tuple, set):
            return
        if kind in (str, bytes) and len(value) < 4:
            return
        self._results.setdefault(id(value), (value, opened[1]))

    def _step(self, entry: _Entry) -> tuple | None:
        """Return (step, object it makes) for a call, or None when it is none that can be written down."""
        first = entry.first
        member = None if entry.skip is None else entry.member()
        if member is None:
            entry.skip = 0
            found = self._surface.function_of(entry.code, entry.names)
            return self._called(found and found[0], entry, found and found[1], entry.code.co_name)
        name, thing, function = member
        where = type(first).__name__ + "." + name
        if name == "__init__":
            return None if id(first) in self._results else self._constructor(type(first), entry, function, first)
        if name == "__new__" or (name == "__call__" and issubclass(type(first), type)):
            return self._constructor(first, entry, function, None)
        if name.startswith("_"):
            if name not in _SILENT:
                self._lose("a call of a special or private method", where)
            return None
        if type(thing) is classmethod:
            path = self._surface.path_of(first)
            return self._called(path and path + "." + name, entry, function, where)
        return self._method(name, thing, entry, function, where)

    def _method(self, name: str, thing: object, entry: _Entry, function: object, where: str) -> tuple | None:
        """Return the step of a method or property of an object."""
        place = self._object(entry.first)
        if place is None:
            self._lose("an object of unknown making", where)
            return None
        if type(thing) is property:
            return {"get": name, "on": place}, None
        if "$target" in place:
            return self._called(place["$target"] + "." + name, entry, function, where)
        step = {"method": name, "on": place}
        step.update(self._arguments(entry, function, where))
        return step, None

    def _constructor(self, kind: type, entry: _Entry, function: object, made: object) -> tuple | None:
        """Return the step that makes an object."""
        called = self._called(self._surface.path_of(kind), entry, function, kind.__name__)
        return None if called is None else (called[0], made)

    def _called(self, path: object, entry: _Entry, function: object, where: str) -> tuple | None:
        """Return the step of a call by path."""
        if not path:
            self._lose("a call of something without a public name", where)
            return None
        step = {"call": path}
        step.update(self._arguments(entry, function, where))
        return step, None

    def _arguments(self, entry: _Entry, function: object, where: str) -> dict:
        """Return ``args`` and ``kw`` of a call."""
        args, named = entry.arguments(function)
        made = {}
        if args:
            made["args"] = [self._value(one, where) for one in args]
        if named:
            made["kw"] = {name: self._value(one, where) for name, one in named.items()}
        return made

    def _value(self, thing: object, where: str) -> object:
        """Return the VALUE of an argument; what has none becomes null and is noted."""
        known = self._results.get(id(thing))
        if known is not None and known[0] is thing:
            return {"$ref": known[1]}
        try:
            return self._literals.of(thing, self._other)
        except NotData as lost:
            self._lose(lost.what, where)
        except Exception:
            self._lose("a " + type(thing).__name__, where)
        return {"$callback": True} if type(thing) in (types.FunctionType, types.MethodType) else None

    def _other(self, thing: object) -> object:
        """Return the VALUE of something that is no data.

        Raises:
            NotData: there is none.
        """
        place = self._object(thing)
        if place is not None:
            return place
        if type(thing) in (types.FunctionType, types.MethodType):
            raise NotData("a function of the finder as an argument")
        raise NotData("a " + type(thing).__name__ + " as an argument")

    def _object(self, thing: object) -> dict | None:
        """Return the VALUE of an object of the target: a result, something public, or part of a result."""
        known = self._results.get(id(thing))
        if known is not None and known[0] is thing:
            return {"$ref": known[1]}
        path = self._surface.path_of(thing)
        if path is not None:
            return {"$target": path}
        return self._part(thing) or self._rebuilt(thing)

    def _part(self, thing: object) -> dict | None:
        """Return the VALUE of an attribute of a result, with a step that gets it."""
        for result, index in list(self._results.values()):
            space = _space(result)
            for name, one in list(space.items()):
                if one is thing and type(name) is str and not name.startswith("_"):
                    return self._insert({"get": name, "on": {"$ref": index}}, thing)
        return None

    def _rebuilt(self, thing: object) -> dict | None:
        """Return the VALUE of an object whose constructor was written out by a library, made anew from its fields."""
        path = self._surface.path_of(type(thing))
        space = dict(type.__dict__["__dict__"].__get__(type(thing)))
        fields = space.get("__dataclass_fields__") or space.get("__attrs_attrs__")
        if path is None or not fields:
            return None
        chosen = [one for one in (fields.values() if type(fields) is dict else fields) if one.init]
        kept = _space(thing)
        named = {one.name.lstrip("_"): self._value(kept[one.name], path) for one in chosen if one.name in kept}
        return self._insert({"call": path, "kw": named}, thing)

    def _insert(self, step: dict, made: object) -> dict:
        """Add a step of our own before the one being written, and return what refers to it."""
        self._steps.append(step)
        self._results[id(made)] = (made, len(self._steps) - 1)
        return {"$ref": len(self._steps) - 1}


def _space(thing: object) -> dict:
    """Return the attributes in an object's own namespace, without asking its class."""
    try:
        space = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}
    return space if type(space) is dict else {}
