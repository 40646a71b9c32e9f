"""The null target: every import of the target's names yields something that does nothing, or always raises.

A proof that still shows itself on both has shown something about itself and nothing about the target.
"""

from __future__ import annotations

import sys
import types

from .scene import Scene

_ERRORS = ("Error", "Exception", "Warning")


class Standin:
    """Whatever the target would have had here; may be called, and has every attribute."""

    def __init__(self, raises: bool) -> None:  # noqa: FBT001
        self.__dict__["_raises"] = raises

    def __call__(self, *_args: object, **_named: object) -> None:
        """Return nothing, or raise."""
        if self.__dict__["_raises"]:
            raise RuntimeError("null target")

    def __getattr__(self, name: str) -> object:
        """Return another stand-in."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _attribute(name, self.__dict__["_raises"])

    def __mro_entries__(self, _bases: tuple) -> tuple:
        """Let a finder's class derive from it: from nothing."""
        return ()


class NullModule(types.ModuleType):
    """A module of the target that has every name and does nothing."""

    def __getattr__(self, name: str) -> object:
        """Return a stand-in for any name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _attribute(name, self.__dict__["_null_raises"])


def _attribute(name: str, raises: bool) -> object:  # noqa: FBT001
    """Return what stands in for an attribute: an exception class where the name promises one."""
    if name.endswith(_ERRORS):
        return type(name, (Exception,), {})
    return Standin(raises)


class NullFinder:
    """Answers imports of the target's names, before anything else does."""

    def __init__(self, scene: Scene) -> None:
        self._names = scene.names
        self._version = scene.version
        self._raises = scene.null == "raises"

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> object:
        """Return a spec for the target's names, None for all others."""
        if name.partition(".")[0] not in self._names:
            return None
        machinery = sys.modules["_frozen_importlib"]
        return machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: object) -> object:
        """Return an empty stand-in module."""
        module = NullModule(spec.name)
        module.__dict__["_null_raises"] = self._raises
        return module

    def exec_module(self, module: object) -> None:
        """Keep the version; there is nothing else to run."""
        module.__version__ = self._version


def install(scene: Scene) -> None:
    """Put the null target before the real one."""
    sys.meta_path.insert(0, NullFinder(scene))
