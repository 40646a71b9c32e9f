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
    ["__init__", "__new__", "__enter__", "__exit__", "__aenter__", "__aexit__", "__del__", "__hash__", "__eq__", "__ne__", "__repr__", "__len__", "__bool__", "__init_subclass__", "__set_name__", "__getattribute__", "__getattr__", "__instancecheck__", "__class_getitem__", "__post_init__", "__fspath__", "__iter__", "__next__", "__await__"]
)
"""Special methods that Python calls by itself, and whose absence from the record loses nothing that counts."""


class Recorder:
    """Calls of one program."""

    def __init__(self, scene: Scene, send: object) -> None:
        self._scene = scene
        self._send = send
        self._surface = Surface(scene)
        self._literals = Literals(scene)
        self._steps = []
        self._lossy = []
        self._results = {}
        self._open = {}
        self._busy = set()
        self._at_once = scene.detector in ("hang", "crash", "growth")
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
        setup = {"files": self._literals.files} if self._literals.files else {}
        document = {"steps": self._steps}
        if setup:
            document["setup"] = setup
        self._send({"t": "calls", "document": document, "lossy": self._lossy[:50]})

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
        return False

    def _started(self, frame: object) -> None:
        """A function of the target begins."""
        code = frame.f_code
        if code.co_name in ("<module>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"):
            return
        if id(frame) in self._open or not self._from_finder(frame.f_back) or len(self._steps) >= _STEPS:
            return
        names = dict(frame.f_locals)
        made = self._step(code, names)
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

    def _step(self, code: object, names: dict) -> tuple | None:
        """Return (step, object it makes) for a call, or None when it is none that can be written down."""
        first = names.get(code.co_varnames[0]) if code.co_argcount else None
        member = None
        if code.co_argcount:
            made = type(first)
            if issubclass(made, type):
                member = attribute_of(first, code, names) or attribute_of(made, code, names)
            else:
                member = attribute_of(made, code, names)
        if member is None:
            return self._function(code, names)
        name, thing, function = member
        where = type(first).__name__ + "." + name
        if name == "__init__":
            return self._constructor(type(first), function, code, names, first)
        if name == "__new__" or (name == "__call__" and issubclass(type(first), type)):
            return self._constructor(first, function, code, names, None)
        if name.startswith("_"):
            if name not in _SILENT:
                self._lose("a call of a special or private method", where)
            return None
        if type(thing) is classmethod:
            path = self._surface.path_of(first)
            return self._called(path and path + "." + name, function, code, names, 1, where)
        place = self._object(first)
        if place is None:
            self._lose("an object of unknown making", where)
            return None
        if type(thing) is property:
            return {"get": name, "on": place}, None
        if "$target" in place:
            return self._called(place["$target"] + "." + name, function, code, names, 1, where)
        step = {"method": name, "on": place}
        step.update(self._arguments(function, code, names, 1, where))
        return step, None

    def _function(self, code: object, names: dict) -> tuple | None:
        """Return the step of a module-level function or static method."""
        found = self._surface.function_of(code, names)
        if found is None:
            self._lose("a call of something without a public name", code.co_name)
            return None
        return self._called(found[0], found[1], code, names, 0, found[0])

    def _constructor(self, kind: type, function: object, code: object, names: dict, made: object) -> tuple | None:
        """Return the step that makes an object; None when ``__new__`` has made it already."""
        if made is not None and id(made) in self._results:
            return None
        path = self._surface.path_of(kind)
        return self._called(path, function, code, names, 1, kind.__name__, made)

    def _called(
        self, path: object, function: object, code: object, names: dict, skip: int, where: str, made: object = None
    ) -> tuple | None:
        """Return the step of a call by path."""
        if not path:
            self._lose("a call of something without a public name", where)
            return None
        step = {"call": path}
        step.update(self._arguments(function, code, names, skip, where))
        return step, made

    def _arguments(self, function: object, code: object, names: dict, skip: int, where: str) -> dict:
        """Return ``args`` and ``kw``, without those that are only defaults."""
        count = code.co_argcount
        plain_names = code.co_varnames[:count]
        keyword_names = code.co_varnames[count : count + code.co_kwonlyargcount]
        place = count + code.co_kwonlyargcount
        rest = ()
        if code.co_flags & 0x04:
            rest = names.get(code.co_varnames[place], ())
            place += 1
        more = names.get(code.co_varnames[place], {}) if code.co_flags & 0x08 else {}
        defaults = dict(zip(plain_names[::-1], (function.__defaults__ or ())[::-1]))
        args, named, by_name = [], {}, False
        for index, name in enumerate(plain_names[skip:], skip):
            if name not in names:
                continue
            value = names[name]
            if not rest and name in defaults and value is defaults[name]:
                by_name = index >= code.co_posonlyargcount
                continue
            if by_name:
                named[name] = self._value(value, where)
            else:
                args.append(self._value(value, where))
        args.extend(self._value(one, where) for one in rest)
        for name in keyword_names:
            if name in names and names[name] is not (function.__kwdefaults__ or {}).get(name, self):
                named[name] = self._value(names[name], where)
        named.update({name: self._value(one, where) for name, one in more.items()})
        made = {}
        if args:
            made["args"] = args
        if named:
            made["kw"] = named
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
