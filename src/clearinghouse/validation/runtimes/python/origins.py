"""Remembers who made code while the program ran, and who started a thread.

At an ``exec`` the frames that led to it are noted as they are; whose they are is asked only when a frame of that code
stands at an act.
"""

from __future__ import annotations

from .identity import nested

_DEEP = 60
_MOST = 20000
_IMPORT = "<frozen importlib"


def chain(frame: object, limit: int = _DEEP) -> list:
    """Return (code, namespace, line) of a frame and its callers, innermost first."""
    found = []
    while frame is not None and len(found) < limit:
        found.append((frame.f_code, frame.f_globals, frame.f_lineno))
        frame = frame.f_back
    return found


def by_import(frame: object) -> bool:
    """Say whether a frame is the import system's own."""
    file = frame.f_code.co_filename
    return type(file) is str and file.startswith(_IMPORT)


class Origins:
    """Makers of code and starters of threads."""

    def __init__(self) -> None:
        self._made = []
        self._indexed = 0
        self._by_code = {}
        self._started = []

    def made(self, code: object, frame: object) -> None:
        """Note that ``frame`` is about to run, or made a function of, ``code``."""
        if len(self._made) < _MOST:
            self._made.append((code, until_import(frame)))

    def started(self, function: object, frame: object) -> None:
        """Note that ``frame`` starts a thread with ``function``."""
        if len(self._started) < _MOST:
            self._started.append((function, chain(frame)))

    def maker(self, code: object) -> list | None:
        """Return the frames that led to dynamic code, or None when it is unknown."""
        while self._indexed < len(self._made):
            root, frames = self._made[self._indexed]
            self._indexed += 1
            for one in nested(root):
                self._by_code.setdefault(id(one), (one, frames))
        found = self._by_code.get(id(code))
        return None if found is None else found[1]

    def starter(self, bottom: object) -> list:
        """Return the frames that started the thread whose outermost frame is ``bottom``; empty when unknown."""
        for function, frames in reversed(self._started if bottom is not None else ()):
            owner = getattr(function, "__self__", None) if type(function) is _METHOD else None
            if owner is not None:
                if _first_local(bottom) is owner:
                    return frames
            elif getattr(function, "__code__", None) is bottom.f_code:
                return frames
        return []


_METHOD = type(Origins().made)


def _first_local(frame: object) -> object:
    """Return the first argument of a frame."""
    names = frame.f_code.co_varnames
    return frame.f_locals.get(names[0]) if names else None


def until_import(frame: object) -> list:
    """Return the frames up to the import that they belong to: importing a module makes nobody its maker."""
    found = []
    while frame is not None and len(found) < _DEEP and not by_import(frame):
        found.append((frame.f_code, frame.f_globals, frame.f_lineno))
        frame = frame.f_back
    return found
