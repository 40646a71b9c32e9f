"""What a step may be expected to do: the closed list of the ``invariant`` detector.

``must_raise`` is broken by a step that returns, whatever type it names: which exception came instead is in the step's
own record. The others speak of a result, so a step that raised breaks none of them. Otherwise a target that raises on
everything would break them all.
"""

from __future__ import annotations

from . import plain
from .values import Values

WORDS = ("must_raise", "must_not_contain", "must_equal", "must_not_inherit")
_DEPTH = 30


def broken(step: dict, result: object, values: Values) -> list:
    """Return (expectation, what was found) for each expectation that a returned result breaks."""
    found = []
    if step.get("must_raise"):
        found.append(("must_raise", "returned " + _shown(result)))
    if "must_not_contain" in step and contains(result, values.build(step["must_not_contain"])):
        found.append(("must_not_contain", _shown(result)))
    if "must_equal" in step and not same(result, values.build(step["must_equal"])):
        found.append(("must_equal", _shown(result)))
    return found


def contains(result: object, part: object, depth: int = 0) -> bool:
    """Say whether ``part`` occurs in ``result``: in a text, or anywhere in a list, set or mapping."""
    if depth > _DEPTH:
        return False
    if same(result, part):
        return True
    if isinstance(result, dict):
        return any(contains(one, part, depth + 1) for pair in dict.items(result) for one in pair)
    if isinstance(result, (list, tuple, set, frozenset)):
        return any(contains(one, part, depth + 1) for one in result)
    if type(part) not in (str, bytes):
        return False
    if isinstance(result, (bytes, bytearray, memoryview)):
        return (part.encode("utf-8", "surrogatepass") if type(part) is str else part) in bytes(result)
    if not isinstance(result, str):
        if result is None or type(result) in (bool, int, float):
            return False
        result = _text_of(result)
    return (part if type(part) is str else part.decode("latin-1")) in str.__str__(result)


def same(one: object, other: object, depth: int = 0) -> bool:
    """Say whether two results are the same data; a tuple is the same as the list of its items."""
    if depth > _DEPTH:
        return False
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b, depth + 1) for a, b in zip(one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(
            key in other and same(value, other[key], depth + 1) for key, value in dict.items(one)
        )
    if (type(one) is bool) is not (type(other) is bool):
        return False
    try:
        return bool(one == other)
    except Exception:
        return False


def _text_of(thing: object) -> str:
    """Return the text of an object that is no data, or an empty text when it has none."""
    try:
        return str(thing)
    except Exception:
        return ""


def _shown(result: object) -> str:
    """Return a short, printable form of a result."""
    try:
        return plain.short(repr(result), 180)
    except Exception:
        return "a " + type(result).__name__
