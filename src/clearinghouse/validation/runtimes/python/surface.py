"""What the target shows in public: functions, classes and module-level objects, by the shortest path."""

from __future__ import annotations

import sys
import types

from .scene import Scene

_NAMESPACE = types.ModuleType.__dict__["__dict__"].__get__
_SPACE_OF = type.__dict__["__dict__"].__get__
_LINE_OF = type.__dict__["__mro__"].__get__


def function_in(thing: object) -> object:
    """Return the function inside a function, method, static or class method or property; else None."""
    kind = type(thing)
    if kind is types.FunctionType:
        return thing
    if kind in (staticmethod, classmethod, types.MethodType):
        return function_in(thing.__func__)
    if kind is property:
        return function_in(thing.fget)
    return None


def is_running(function: object, code: object, names: dict) -> bool:
    """Say whether a frame with this code and these local names runs just this function.

    Decorators give many functions one code; what they close over tells them apart.
    """
    if function is None or function.__code__ is not code:
        return False
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        try:
            kept = cell.cell_contents
        except ValueError:
            continue
        if name in names and names[name] is not kept:
            return False
    return True


class Surface:
    """The public names of the loaded target."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known = -1
        self._objects = {}
        self._functions = {}

    def path_of(self, thing: object) -> str | None:
        """Return the public path of a class, function or module-level object."""
        self._look()
        found = self._objects.get(id(thing))
        return None if found is None else found[1]

    def function_of(self, code: object, names: dict) -> tuple | None:
        """Return (path, function) of the public function that a frame runs."""
        self._look()
        for path, function in self._functions.get(id(code), ()):
            if is_running(function, code, names):
                return path, function
        return None

    def _look(self) -> None:
        """Read the public names again when modules were loaded since."""
        modules = dict.copy(sys.modules)
        if len(modules) == self._known:
            return
        self._known = len(modules)
        self._objects, self._functions = {}, {}
        public = []
        for name, module in modules.items():
            parts = name.split(".")
            if parts[0] not in self._scene.names or any(part.startswith("_") for part in parts):
                continue
            if issubclass(type(module), types.ModuleType):
                public.append((len(parts), name, _NAMESPACE(module)))
        for _parts, name, space in sorted(public, key=lambda one: one[:2]):
            self._read(name, space)

    def _read(self, module: str, space: dict) -> None:
        """Take in the public names of one module."""
        for name, thing in list(dict.items(space)):
            if type(name) is not str or name.startswith("_") or type(thing) is types.ModuleType:
                continue
            path = module + "." + name
            if issubclass(type(thing), type):
                if self._is_ours(thing):
                    self._objects.setdefault(id(thing), (thing, path))
                    self._read_class(path, thing)
                continue
            function = function_in(thing)
            if function is not None:
                if function.__code__.co_filename.startswith(self._scene.root):
                    self._objects.setdefault(id(thing), (thing, path))
                    self._functions.setdefault(id(function.__code__), []).append((path, function))
            elif self._is_ours(type(thing)):
                self._objects.setdefault(id(thing), (thing, path))

    def _read_class(self, path: str, kind: type) -> None:
        """Take in the static methods of a class; others are found through their object."""
        for name, thing in list(dict.items(dict(_SPACE_OF(kind)))):
            if type(thing) is staticmethod and not name.startswith("_"):
                function = function_in(thing)
                if function is not None:
                    self._functions.setdefault(id(function.__code__), []).append((path + "." + name, function))

    def _is_ours(self, kind: type) -> bool:
        """Say whether a class was made in a module of the target."""
        module = dict(_SPACE_OF(kind)).get("__module__")
        return type(module) is str and module.partition(".")[0] in self._scene.names


def attribute_of(kind: type, code: object, names: dict) -> tuple | None:
    """Return (name, attribute, function) of the member of a class that a frame runs."""
    for one in _LINE_OF(kind):
        space = dict(_SPACE_OF(one))
        first = space.get(code.co_name)
        for name, thing in [(code.co_name, first), *space.items()]:
            function = function_in(thing)
            if type(name) is str and is_running(function, code, names):
                return name, thing, function
    return None
