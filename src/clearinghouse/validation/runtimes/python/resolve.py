"""Finds what a path names, inside the target only.

No part begins with an underscore, every owner on the way is the target's, and what is found in the end is the
target's own: its code or its extension module lies under the target's root. A standard library function that the
target imported is not.
"""

from __future__ import annotations

import sys
import types

from .scene import Fault, Scene

_PLAIN = (str, bytes, int, float, bool, type(None), tuple, frozenset, list, dict)
_NATIVE = (types.BuiltinFunctionType, type(str.join), type(str.__add__), type(dict.__dict__["fromkeys"]))
_DATA_METHODS = (str, bytes, bytearray, list, tuple, dict, set, frozenset)


class Missing(Exception):
    """The target has nothing of that name (yet)."""


class Callee:
    """What a step calls: its name, and whether its code is the target's."""

    __slots__ = ("file", "function", "module", "native", "ours")

    def __init__(self, name: str, thing: object, resolver: Resolver) -> None:
        module = resolver.module_of(thing)
        self.module = module or ""
        self.function = name.rpartition(".")[2]
        self.file = resolver.scene_file(module)
        self.native = resolver.is_native(thing)
        self.ours = resolver.implements(thing)

    def shown(self) -> dict:
        """Return it as a frame in a record."""
        return {"owner": "target", "module": self.module, "function": self.function, "file": self.file, "line": 0}


class Resolver:
    """Resolves paths of ``calls`` documents against the imported target."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def find(self, path: object) -> object:
        """Return the object that ``path`` names.

        Raises:
            Fault: the path leaves the target, or the target cannot be imported.
            Missing: the target has no such thing.
        """
        if type(path) is not str or not path:
            raise Fault("bad-document", "a path is text: " + repr(path)[:80])
        parts = path.split(".")
        for part in parts:
            if not part.isidentifier():
                raise Fault("bad-document", "not a path: " + repr(path)[:200])
            if part.startswith("_"):
                raise Fault("leaves-target", path + ": names with a leading underscore are not public")
        if parts[0] not in self._scene.names:
            raise Fault("leaves-target", path + ": the target has no module " + parts[0])
        found = self._import(parts[0], path)
        if self._scene.null is not None:
            for part in parts[1:]:
                found = getattr(found, part)
            return found
        for place, part in enumerate(parts[1:], 1):
            found = self._step_in(found, part, path, last=place == len(parts) - 1)
        if not self._may_end(found):
            raise Fault("leaves-target", path + " is not the target's own")
        return found

    def _step_in(self, owner: object, part: str, path: str, *, last: bool) -> object:
        """Return ``owner.part``, or the submodule of that name."""
        if not isinstance(owner, types.ModuleType):
            return self._member(owner, part, path, last=last)
        try:
            found = getattr(owner, part)
        except AttributeError:
            found = self._submodule(owner, part, path)
            if found is None:
                raise Missing(path + ": " + owner.__name__ + " has no " + part) from None
            return found
        except Exception as problem:
            raise Fault("import-failed", "%s: %s: %s" % (path, type(problem).__name__, problem)) from None
        if not last and not self._may_pass(found):
            return self._submodule(owner, part, path) or self._refused(path)
        return found

    def _member(self, owner: object, part: str, path: str, *, last: bool) -> object:
        """Return an attribute of a class or of an instance of a class of the target."""
        try:
            found = getattr(owner, part)
        except AttributeError:
            raise Missing(path + ": no " + part) from None
        except Exception as problem:
            raise Missing("%s: %s: %s" % (path, type(problem).__name__, problem)) from None
        if not last and not self._may_pass(found):
            self._refused(path)
        return found

    def _refused(self, path: str) -> None:
        raise Fault("leaves-target", path + " goes through something that is not the target's own")

    def _import(self, name: str, path: str) -> object:
        try:
            __import__(name)
        except BaseException as problem:
            raise Fault("import-failed", "import %s: %s: %s" % (name, type(problem).__name__, problem)) from None
        module = sys.modules[name]
        if self._scene.null is None and not self.is_target_module(module):
            raise Fault("leaves-target", path + ": " + name + " does not lie in the target")
        return module

    def _submodule(self, owner: object, part: str, path: str) -> object:
        """Import a submodule; None when there is none of that name."""
        name = owner.__name__ + "." + part
        try:
            __import__(name)
        except ImportError as problem:
            if problem.name == name or not hasattr(owner, "__path__"):
                return None
            raise Fault("import-failed", "%s: %s" % (path, problem)) from None
        except BaseException as problem:
            raise Fault("import-failed", "%s: %s: %s" % (path, type(problem).__name__, problem)) from None
        module = sys.modules[name]
        if not self.is_target_module(module):
            self._refused(path)
        return module

    def is_target_module(self, module: object) -> bool:
        """Say whether a module's file, or a namespace package's folder, lies under the target's root."""
        if not isinstance(module, types.ModuleType):
            return False
        places = module.__dict__
        file = places.get("__file__")
        if type(file) is str:
            return file.startswith(self._scene.root)
        try:
            return any(str(one).startswith(self._scene.root) for one in places.get("__path__") or ())
        except Exception:
            return False

    def _is_target_name(self, name: object) -> bool:
        """Say whether a module name is the target's."""
        if type(name) is not str:
            return False
        module = sys.modules.get(name)
        if module is None:
            return name.partition(".")[0] in self._scene.names
        return self.is_target_module(module)

    def module_of(self, thing: object) -> str:
        """Return the name of the module that something was made in, or an empty text."""
        if isinstance(thing, types.MethodType):
            return self.module_of(thing.__func__)
        if isinstance(thing, types.ModuleType):
            return thing.__name__
        holder = thing if isinstance(thing, (type, types.FunctionType, *_NATIVE)) else None
        name = getattr(holder if holder is not None else thing, "__module__", None)
        if isinstance(thing, _NATIVE):
            bound = getattr(thing, "__self__", None)
            owner = getattr(thing, "__objclass__", None)
            if isinstance(bound, types.ModuleType):
                return bound.__name__
            if owner is None and isinstance(bound, type):
                owner = next((one for one in bound.__mro__ if thing.__name__ in one.__dict__), type(bound))
            elif owner is None and bound is not None:
                owner = type(bound)
            if owner is not None and name is None:
                name = owner.__module__
        return name if type(name) is str else ""

    def owns(self, thing: object) -> bool:
        """Say whether a class, function or other callable is the target's own."""
        if isinstance(thing, types.MethodType):
            if self.owns(thing.__func__):
                return True
            bound = thing.__self__
            return self.owns_class(bound if isinstance(bound, type) else type(bound))
        if isinstance(thing, type):
            return self.owns_class(thing)
        if isinstance(thing, types.FunctionType):
            return thing.__code__.co_filename.startswith(self._scene.root) or self._is_target_name(thing.__module__)
        if isinstance(thing, _NATIVE):
            return self._is_target_name(self.module_of(thing))
        inner = getattr(thing, "func", None)
        if type(thing).__module__ == "functools" and type(thing).__name__ == "partial":
            return self.owns(inner)
        return self.owns_class(type(thing)) or (callable(thing) and self._is_target_name(self.module_of(thing)))

    def owns_class(self, kind: type) -> bool:
        """Say whether a class is the target's."""
        return self._is_target_name(kind.__module__)

    def _may_pass(self, thing: object) -> bool:
        """Say whether a path may go on from here: a module, a class or an instance of the target."""
        if isinstance(thing, types.ModuleType):
            return self.is_target_module(thing)
        if isinstance(thing, type):
            return self.owns_class(thing)
        return self.owns_class(type(thing))

    def _may_end(self, thing: object) -> bool:
        """Say whether a path may end here."""
        if isinstance(thing, types.ModuleType):
            return False
        return type(thing) in _PLAIN or self.owns(thing)

    def takes_methods(self, thing: object) -> bool:
        """Say whether a step may call a method of ``thing``."""
        kind = type(thing)
        if self._scene.null is not None or kind in _DATA_METHODS:
            return True
        if isinstance(thing, types.ModuleType):
            return False
        if isinstance(thing, type):
            return self.owns_class(thing)
        if any(self.owns_class(one) for one in kind.__mro__):
            return True
        if kind.__module__ == "re" and kind.__name__ in ("Pattern", "Match"):
            return True
        if kind.__module__ == "_io" and kind.__name__ in ("StringIO", "BytesIO"):
            return True
        return kind.__module__ == "builtins" and hasattr(kind, "__next__") and not hasattr(kind, "connect")

    def method(self, thing: object, name: object) -> object:
        """Return a public method of ``thing``.

        Raises:
            Fault: it is not public, or ``thing`` is none that a step may touch.
            AttributeError: it has no such method.
        """
        found = self.member(thing, name)
        if self._scene.null is None and not self._belongs(found, thing):
            raise Fault("leaves-target", "%s of a %s is not its own" % (name, type(thing).__name__))
        return found

    def member(self, thing: object, name: object) -> object:
        """Return a public attribute of ``thing``; raises as ``method`` does."""
        if type(name) is not str or not name.isidentifier():
            raise Fault("bad-document", "not a name: " + repr(name)[:80])
        if name.startswith("_"):
            raise Fault("leaves-target", name + ": names with a leading underscore are not public")
        if not self.takes_methods(thing):
            raise Fault("leaves-target", "a %s.%s is not the target's" % (type(thing).__module__, type(thing).__name__))
        return getattr(thing, name)

    def _belongs(self, found: object, thing: object) -> bool:
        """Say whether a member is a method of ``thing`` itself or of the target, not something it keeps."""
        bound = getattr(found, "__self__", None)
        if bound is thing or (isinstance(bound, type) and isinstance(thing, bound)):
            return True
        return self.owns(found)

    def is_native(self, thing: object) -> bool:
        """Say whether calling this runs compiled code of the target and leaves no Python frame."""
        if self._scene.null is not None or isinstance(thing, (types.FunctionType, types.MethodType)):
            return False
        module = sys.modules.get(self.module_of(thing))
        file = getattr(module, "__file__", None)
        return type(file) is str and file.endswith((".so", ".pyd")) and file.startswith(self._scene.root)

    def implements(self, thing: object) -> bool:
        """Say whether the code that a call runs first is the target's, not inherited from elsewhere."""
        if self._scene.null is not None:
            return False
        if isinstance(thing, types.MethodType):
            return self.owns(thing.__func__)
        if isinstance(thing, type):
            for kind in thing.__mro__:
                if kind is not object and ("__init__" in kind.__dict__ or "__new__" in kind.__dict__):
                    return self.owns_class(kind)
            return False
        return self.owns(thing)

    def scene_file(self, module: str) -> str:
        """Return the file of a module, relative to the target's root."""
        file = getattr(sys.modules.get(module), "__file__", None) or ""
        return file[len(self._scene.root) :] if file.startswith(self._scene.root) else ""
