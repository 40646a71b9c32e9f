"""What text the target turned into code and ran, told by its form: two templates that differ in their texts look alike.

Names count, for what a name means is up to the code; constants do not, for they are values to it.
"""

from __future__ import annotations

from types import CodeType

from . import origins
from .channel import _sha256
from .identity import nested

_MOST = 200
_DEEP = 400
_sha = _sha256()


class Made:
    """The code objects that were made at run time and run."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._codes = []
        self._seen = set()

    def note(self, code: object, frame: object) -> None:
        """Note code that ``frame`` is about to run, unless it belongs to a module that is being imported."""
        if id(code) in self._seen or len(self._codes) >= _MOST:
            return
        for _ in range(_DEEP):
            if frame is None:
                break
            if origins.by_import(frame):
                return
            frame = frame.f_back
        self._seen.add(id(code))
        self._codes.append(code)

    def record(self) -> dict:
        """Return the record of all that was made: the digests of its forms, and those of the very code."""
        shapes, whole = set(), set()
        for code in self._codes:
            shapes.add(self.digest(code, whole=False))
            whole.update([self.digest(one, whole=True) for one in nested(code)])
        return {"t": "made", "shapes": sorted(shapes), "whole": sorted(whole)[: 3 * _MOST]}

    def digest(self, code: object, *, whole: bool) -> str:
        """Return the digest of a code object's form; ``whole``: of its constants too."""
        text = "\n".join([_said(one, whole=whole) for one in nested(code)])
        return _sha(text.replace(self._token, "<token>").encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _said(code: object, *, whole: bool) -> str:
    """Return what one code object says, as text."""
    operations = code.co_code[::2].hex()
    parts = [operations, repr(code.co_names), repr(code.co_varnames), repr(code.co_freevars)]
    if whole:
        parts.append(repr([_constant(one) for one in code.co_consts if type(one) is not CodeType]))
    return "|".join(parts)


def _constant(value: object) -> str:
    """Return a constant as text; sets in an order of their own."""
    if type(value) is frozenset:
        return repr(sorted([repr(one) for one in value]))
    return repr(value)
