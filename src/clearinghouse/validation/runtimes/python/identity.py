"""Says whose code a frame runs, by the code itself and not by the names it gives.

A file of the target, of a dependency or of the library is compiled once, when a frame claims to come from it, with
the interpreter that runs the proof; the frame's code must be equal to one of the code objects in it (equality ignores
the file name) and must run in the namespace of the module of that file.
"""

from __future__ import annotations

import marshal
import posix
import sys
import types

TARGET = "target"
DEPENDENCY = "dependency"
LIBRARY = "library"
FINDER = "finder"
RUNNER = "runner"
UNKNOWN = "unknown"

_BY_TIME = b"\0\0\0\0"
_UNCHECKED = b"\1\0\0\0"
"""How byte code says whether it belongs to a source: by time and size, or without asking."""

_NAMESPACE = types.ModuleType.__dict__["__dict__"].__get__
_CODE = types.CodeType


class Place:
    """Whose code it is, and where it stands."""

    __slots__ = ("dynamic", "file", "function", "module", "owner")

    def __init__(self, owner: str, module: str, function: str, file: str, *, dynamic: bool = False) -> None:
        self.owner = owner
        self.module = module
        self.function = function
        self.file = file
        self.dynamic = dynamic


class Identity:
    """Tells owners of code; verified files are kept."""

    def __init__(self, roots: list, runner: frozenset, *, strict: bool) -> None:
        """``roots``: (owner, folder ending in a slash), the most specific first; ``runner``: ids of our namespaces."""
        self._roots = roots
        self._runner = runner
        self._strict = strict
        self._files = {}

    def of(self, code: object, scope: object) -> Place | None:
        """Return the place of a frame's code when it can be verified, else None."""
        if id(scope) in self._runner:
            return Place(RUNNER, "", code.co_name, "")
        file = code.co_filename
        if type(file) is not str:
            return None
        if file.startswith("<frozen "):
            return self._frozen(code, scope, file)
        for owner, root in self._roots:
            if file.startswith(root):
                if owner == FINDER:
                    return Place(FINDER, "", code.co_name, file[len(root) :])
                return self._filed(code, scope, owner, file, file[len(root) :])
        return None

    def owner_of(self, code: object) -> str | None:
        """Return whose file holds just this code, whatever namespace it runs in; None when no file does."""
        file = code.co_filename
        if type(file) is not str:
            return None
        if file.startswith("<frozen "):
            known = self._files.get(file)
            if known is None:
                known = self._files[file] = _frozen_names(file[8:-1])
            return LIBRARY if code in known else None
        for owner, root in self._roots:
            if file.startswith(root):
                if owner == FINDER:
                    return FINDER
                known = self._files.get(file)
                if known is None:
                    known = self._files[file] = _names_in(code_of(file))
                return owner if code in known else None
        return None

    def _frozen(self, code: object, scope: object, file: str) -> Place | None:
        """Verify code of a module that is built into the interpreter."""
        name = file[8:-1]
        known = self._files.get(file)
        if known is None:
            known = self._files[file] = _frozen_names(name)
        function = known.get(code)
        if function is None or not self._runs_in(scope, [name, "_frozen_" + name.replace("._bootstrap", "lib")]):
            return None
        return Place(LIBRARY, name, function, name.replace(".", "/") + ".py")

    def _filed(self, code: object, scope: object, owner: str, file: str, inside: str) -> Place | None:
        """Verify code that claims to come from ``file``."""
        known = self._files.get(file)
        if known is None:
            known = self._files[file] = _names_in(code_of(file))
        function = known.get(code)
        if function is None:
            return None
        module = _module_name(inside)
        if self._strict and not self._runs_in(scope, [module]):
            return None
        return Place(owner, module, function, inside)

    def _runs_in(self, scope: object, names: list) -> bool:
        """Say whether ``scope`` is the namespace of a loaded module of one of these names."""
        if not self._strict:
            return True
        for name in (*names, "_frozen_importlib", "_frozen_importlib_external"):
            module = sys.modules.get(name)
            if issubclass(type(module), types.ModuleType) and _NAMESPACE(module) is scope:
                return True
        return False


def _module_name(inside: str) -> str:
    """Return the dotted name of the module in a file, given relative to its root."""
    name = inside[:-3] if inside.endswith(".py") else inside
    if name.endswith("/__init__"):
        name = name[:-9]
    return name.replace("/", ".")


def _frozen_names(name: str) -> dict:
    """Return the code objects of a frozen module."""
    import _imp

    for candidate in (name, "_frozen_importlib_external" if name.endswith("external") else "_frozen_importlib"):
        try:
            return _names_in(_imp.get_frozen_object(candidate))
        except ImportError:
            continue
    return {}


def code_of(file: str) -> object:
    """Return the module code of a file: its cached byte code if that belongs to the source, else compiled."""
    try:
        kept = _cached(file)
        if kept is not None:
            return kept
        return compile(_read(file), file, "exec", dont_inherit=True)
    except Exception:
        return None


def _cached(file: str) -> object:
    """Return the code in ``__pycache__`` when it was made from this source, else None."""
    folder, _, name = file.rpartition("/")
    path = folder + "/__pycache__/" + name[:-3] + "." + sys.implementation.cache_tag + ".pyc"
    try:
        data = _read(path)
        source = posix.stat(file)
    except OSError:
        return None
    if data[:4] != sys.modules["_frozen_importlib_external"].MAGIC_NUMBER:
        return None
    made_of = _four(source.st_mtime) + _four(source.st_size)
    if not (data[4:8] == _UNCHECKED or (data[4:8] == _BY_TIME and data[8:16] == made_of)):
        return None
    return marshal.loads(data[16:])  # noqa: S302 - mounted read-only, and what the import system itself reads


def _four(number: float) -> bytes:
    """Return a number as byte code keeps it."""
    return (int(number) & 0xFFFFFFFF).to_bytes(4, "little")


def _read(path: str) -> bytes:
    """Return the content of a file by system calls alone."""
    place = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        parts = []
        while True:
            part = posix.read(place, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        posix.close(place)


def _names_in(module: object) -> dict:
    """Return the qualified name of each code object in a module's code."""
    found = {}
    if module is None:
        return found
    waiting = [(module, "")]
    while waiting:
        code, inside = waiting.pop()
        found.setdefault(code, (inside or code.co_name))
        prefix = ""
        if inside:
            prefix = inside + "." if not code.co_flags & 0x2 else inside + ".<locals>."
        waiting.extend((one, prefix + one.co_name) for one in code.co_consts if type(one) is _CODE)
    return found


def function_of(thing: object) -> object:
    """Return the function inside a function, static or class method or property; else None."""
    kind = type(thing)
    if kind is types.FunctionType:
        return thing
    if kind in (staticmethod, classmethod):
        return function_of(thing.__func__)
    return function_of(thing.fget) if kind is property else None


def nested(code: object) -> list:
    """Return a code object and all that lie in it."""
    found = [code]
    for one in found:
        found.extend(inner for inner in one.co_consts if type(inner) is _CODE)
    return found
