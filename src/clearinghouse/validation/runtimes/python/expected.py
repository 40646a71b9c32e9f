"""What a module's own code says its namespace holds, read off the byte code of its file; nothing is run for it.

Only what cannot be meant otherwise counts: names stored once, by a plain ``def``, an ``import`` or a constant, that no
function of the module stores again.
"""

from __future__ import annotations

import opcode
import types

_CODE = types.CodeType
_DATA = (str, bytes, int, float, bool, type(None))
_NUMBER = dict(opcode.opmap)
_STORE, _DELETE, _STAR = (_NUMBER.get(name) for name in ("STORE_NAME", "DELETE_NAME", "IMPORT_STAR"))
_CONSTANT, _FUNCTION, _IMPORT = (_NUMBER.get(name) for name in ("LOAD_CONST", "MAKE_FUNCTION", "IMPORT_NAME"))
_GLOBAL, _ATTRIBUTE = _NUMBER.get("STORE_GLOBAL"), _NUMBER.get("STORE_ATTR")
_INTRINSIC = _NUMBER.get("CALL_INTRINSIC_1")
_STAR_INTRINSIC = 2
_QUIET = {_NUMBER.get(name) for name in ("CACHE", "NOP", "RESUME", "SET_FUNCTION_ATTRIBUTE")}
_EXTENDED = _NUMBER["EXTENDED_ARG"]
_WRITERS = frozenset(["vars", "locals", "setattr", "exec", "__dict__"])
"""Names by whose use a module's own code, as it loads, may write its namespace in ways that it does not show."""


class Expected:
    """What one module's namespace must hold."""

    __slots__ = ("attributes", "constants", "functions", "imports")

    def __init__(self, code: object) -> None:
        """``code``: of the whole module."""
        self.functions, self.constants, self.imports, self.attributes = {}, {}, set(), set()
        stored, unsure = _stores(code)
        every = _nested(code)
        for one in every:
            for number, argument in _instructions(one):
                if number == _GLOBAL:
                    unsure.add(one.co_names[argument])
                elif number == _ATTRIBUTE:
                    self.attributes.add(one.co_names[argument])
        if _WRITERS.isdisjoint(code.co_names) and not any("globals" in one.co_names for one in every):
            self._take(stored, unsure)

    def _take(self, stored: dict, unsure: set) -> None:
        """Take what was stored once and cannot be meant otherwise."""
        for name, found in stored.items():
            if len(found) != 1 or name in unsure or found[0] is None:
                continue
            kind, value = found[0]
            if kind == "function":
                self.functions[name] = value
            elif kind == "import":
                self.imports.add(name)
            elif type(value) in _DATA:
                self.constants[name] = value


def _stores(code: object) -> tuple:
    """Return what a module's code stores under each name, in order, and the names that it may lose again."""
    stored, unsure = {}, set()
    last = inner = None
    for number, argument in _instructions(code):
        if number in _QUIET:
            continue
        if number == _STORE:
            stored.setdefault(code.co_names[argument], []).append(last)
            last = None
        elif number == _CONSTANT:
            value = code.co_consts[argument]
            inner = value if type(value) is _CODE else inner
            last = ("constant", value)
        elif number == _FUNCTION:
            last = ("function", inner)
        elif number == _IMPORT:
            last = ("import", None)
        else:
            if number == _DELETE:
                unsure.add(code.co_names[argument])
            elif number == _STAR or (number == _INTRINSIC and argument == _STAR_INTRINSIC):
                unsure.update(stored)
            last = None
    return stored, unsure


def _instructions(code: object) -> object:
    """Yield (number, argument) of each instruction."""
    raw = code.co_code
    high = 0
    for place in range(0, len(raw) - 1, 2):
        number, argument = raw[place], raw[place + 1] | high
        high = argument << 8 if number == _EXTENDED else 0
        if number != _EXTENDED:
            yield number, argument


def _nested(code: object) -> list:
    """Return a code object and all that lie in it."""
    found = [code]
    for one in found:
        found.extend(inner for inner in one.co_consts if type(inner) is _CODE)
    return found
