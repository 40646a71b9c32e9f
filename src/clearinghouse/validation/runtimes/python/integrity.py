"""Says at an act whether the modules are still what their files say: of the target, its dependencies and the library.

A function or class of the finder's in a module that is not his is tampering. A name that holds something else than the
module's own code put there is a change: it may be a documented setting, so a person is asked.
"""

from __future__ import annotations

import sys
import types

from . import identity
from .expected import Expected
from .identity import FINDER, Identity
from .origins import Origins
from .scene import Scene

_NAMESPACE = types.ModuleType.__dict__["__dict__"].__get__
_SPACE_OF = type.__dict__["__dict__"].__get__
_FUNCTION = types.FunctionType
_BUILT_IN = types.BuiltinFunctionType
_MADE_TO_BE_SET = frozenset(["warnings.showwarning", "warnings.formatwarning", "threading.excepthook"])
"""What the library's documentation asks programs to replace."""
_NO_FILES = ("builtins", "posix", "sys", "_io", "time", "marshal", "_imp", "_thread")
"""Modules of compiled code that are there from the start."""


class Integrity:
    """The state of the loaded modules, compared with their files and with the start."""

    def __init__(self, scene: Scene, known: Identity, origins: Origins) -> None:
        self._scene = scene
        self._identity = known
        self._origins = origins
        self._expected = {}
        self._roots = (scene.root, scene.deps, scene.stdlib)
        self._start = {}
        for name in _NO_FILES:
            module = sys.modules.get(name)
            if module is not None:
                space = _NAMESPACE(module)
                self._start[name] = {key: one for key, one in dict.items(space) if type(one) in (_BUILT_IN, _FUNCTION)}

    def look(self) -> tuple:
        """Return (what was tampered with, what was changed), each a name or an empty text."""
        modules = [
            (name, _NAMESPACE(module))
            for name, module in dict.items(dict.copy(sys.modules))
            if type(name) is str and name != "__main__" and issubclass(type(module), types.ModuleType)
        ]
        changed = ""
        seen = set()
        for key, space in modules:
            if id(space) in seen:
                continue
            seen.add(id(space))
            stated = space.get("__name__")
            name = stated if type(stated) is str else key
            file = space.get("__file__")
            filed = type(file) is str and file.startswith(self._roots)
            if not filed and name not in self._start:
                continue
            broken = self._foreign(name, space)
            setting = filed and broken.rpartition(".")[2] in self._expected_of(file).constants
            if broken and not setting:
                return broken, changed
            changed = changed or broken  # where the file has a plain value, a function may be a setting
            changed = changed or self._since_start(name, space) or (self._unlike(name, space, file) if filed else "")
        return "", changed

    def _foreign(self, module: str, space: dict) -> str:
        """Return the name under which something of the finder's stands in a module."""
        for name, thing in list(dict.items(space)):
            if type(name) is not str or module + "." + name in _MADE_TO_BE_SET:
                continue
            if type(thing) is _FUNCTION:
                if self._finders(thing):
                    return module + "." + name
            elif issubclass(type(thing), type):
                inner = self._foreign_in(thing)
                if inner:
                    return module + "." + name + "." + inner
            elif module not in ("sys", "builtins") and self._finders_class(type(thing)):
                return module + "." + name
        return ""

    def _foreign_in(self, kind: type) -> str:
        """Return the name of a member of the finder's in a class that a module holds."""
        space = dict(_SPACE_OF(kind) or ())  # a type of the interpreter may not be ready yet
        for name, thing in space.items():
            function = identity.function_of(thing)
            if function is not None and self._finders(function):
                return str(name)
        return ""

    def _finders(self, function: object) -> bool:
        """Say whether a function's code is the finder's."""
        code = function.__code__
        owner = self._identity.owner_of(code)
        if owner is not None:
            return owner == FINDER
        maker = self._origins.maker(code)
        if maker is None:
            return False
        owners = (self._identity.owner_of(one) for one, _scope, _line in maker)
        return next((one for one in owners if one not in (None, identity.LIBRARY)), None) == FINDER

    def _finders_class(self, kind: type) -> bool:
        """Say whether a class was made in the finder's own code."""
        functions = [identity.function_of(one) for one in dict(_SPACE_OF(kind) or ()).values()]
        return any(one is not None and self._finders(one) for one in functions)

    def _since_start(self, module: str, space: dict) -> str:
        """Return the name of a built-in that is another than when we began."""
        known = self._start.get(module) or (self._start.get("posix", {}) if module == "os" else {})
        for name, thing in known.items():
            now = space.get(name)
            if now is not thing and (type(now) is _BUILT_IN or module in self._start):
                return module + "." + name
        return ""

    def _unlike(self, module: str, space: dict, file: str) -> str:
        """Return a name that holds something else than the module's file says; of the library, functions only."""
        expected = self._expected_of(file)
        for name, code in expected.functions.items():
            thing = space.get(name)
            if module + "." + name in _MADE_TO_BE_SET:
                continue
            if type(thing) is _BUILT_IN or (type(thing) is _FUNCTION and not _runs(thing.__code__, code)):
                return module + "." + name
        if not file.startswith(self._roots[:2]):
            return ""
        unlike = [name for name, value in expected.constants.items() if name in space and not _same(space[name], value)]
        unlike += [name for name in expected.imports if name in space and not _is_module(space[name])]
        settable = self._attributes_set() if unlike else ()
        return next((module + "." + name for name in unlike if name not in settable), "")

    def _expected_of(self, file: str) -> Expected:
        """Return what a file's module must hold, worked out once."""
        known = self._expected.get(file)
        if known is None:
            code = identity.code_of(file) if file.endswith(".py") else None
            known = self._expected[file] = Expected(code if code is not None else _EMPTY)
        return known

    def _attributes_set(self) -> set:
        """Return the attributes that the code of the target and its dependencies sets on anything."""
        found = set()
        for file, known in self._expected.items():
            if file.startswith(self._roots[:2]):
                found |= known.attributes
        return found


def _runs(code: object, wanted: object) -> bool:
    """Say whether code is that of the file, or that of the same function as it is built into the interpreter."""
    frozen = code.co_filename.startswith("<frozen ") and code.co_name == wanted.co_name
    return code == wanted or (frozen and code.co_varnames == wanted.co_varnames)


def _same(thing: object, value: object) -> bool:
    """Say whether a plain value is what it was."""
    return type(thing) is type(value) and thing == value


def _is_module(thing: object) -> bool:
    """Say whether something is a module, lazy ones included."""
    return issubclass(type(thing), types.ModuleType) or any(one is thing for one in dict.copy(sys.modules).values())


_EMPTY = compile("", "", "exec")
