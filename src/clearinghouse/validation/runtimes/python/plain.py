"""JSON in and out, without importing ``json``: its import takes longer than an empty interpreter's start.

The C scanner of the standard library does the reading; what we write is our own records, built of exact types only.
"""

from __future__ import annotations

import binascii

TEXT_LIMIT = 500
_INFINITE = float("inf")
_COLLECTIONS = {list: "", tuple: "$tuple", set: "$set", frozenset: "$set"}


class _Reading:
    """What the C scanner wants to know."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None


def load(data: bytes) -> object:
    """Return the value of a JSON text that our own side wrote."""
    text = data.decode("utf-8")
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)
    return make_scanner(_Reading)(text, 0)[0]


def dump(value: object) -> str:
    """Return ``value`` as compact ASCII JSON; only exact plain types have one.

    Raises:
        TypeError: something in ``value`` is no plain data.
    """
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        if not -_INFINITE < value < _INFINITE:
            raise TypeError("no JSON number")
        return repr(value)
    if kind is list or kind is tuple:
        return "[" + ",".join([dump(one) for one in value]) + "]"
    if kind is dict:
        return "{" + ",".join([_quoted(key) + ":" + dump(one) for key, one in value.items()]) + "}"
    raise TypeError("no plain data")


def _quoted(text: object) -> str:
    """Return an exact text as a JSON string."""
    if type(text) is not str:
        raise TypeError("no plain text")
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        from json.encoder import encode_basestring_ascii
    return encode_basestring_ascii(text)


def as_document(value: object, depth: int = 0) -> object:
    """Return plain data as a VALUE of the ``calls`` document, from which it can be built again.

    Raises:
        TypeError: something in it is no plain data, or it is nested too deep.
    """
    kind = type(value)
    if depth > 50:
        raise TypeError("nested too deep")
    if value is None or kind in (bool, int):
        return value
    if kind is float:
        dump(value)
        return value
    if kind is str:
        value.encode("utf-8")  # a lone surrogate has no JSON that every reader takes
        return value
    if kind is bytes:
        return {"$b64": binascii.b2a_base64(value, newline=False).decode("ascii")}
    if kind is dict:
        pairs = [[as_document(key, depth + 1), as_document(one, depth + 1)] for key, one in value.items()]
        if all(type(key) is str and not key.startswith("$") for key in value):
            return dict(pairs)
        return {"$map": pairs}
    if kind not in _COLLECTIONS:
        raise TypeError("no plain data")
    items = [as_document(one, depth + 1) for one in (sorted(value, key=repr) if kind in (set, frozenset) else value)]
    return items if kind is list else {_COLLECTIONS[kind]: items}


def shown(value: object) -> str:
    """Return the type and the representation of what is no plain data; where in memory it lies is left out.

    A pattern is code: what it matches is for a later step to tell, so of it the type alone is said.
    """
    kind = type(value)
    if (kind.__module__, kind.__name__) == ("re", "Pattern"):
        return "Pattern"
    try:
        text = repr(value)
    except BaseException:
        text = ""
    if type(text) is not str:
        text = ""
    parts = text.split("0x")
    kept = parts[:1] + ["0x" + one.lstrip("0123456789abcdefABCDEF") for one in parts[1:]]
    return short(type(value).__name__ + ": " + "".join(kept).encode("ascii", "backslashreplace").decode("ascii"), 4096)


def short(text: str, limit: int = TEXT_LIMIT, around: str = "") -> str:
    """Return at most ``limit`` characters of ``text``, those around ``around`` when it lies further back."""
    if len(text) <= limit:
        return text
    at = text.find(around) if around else -1
    if at < 0 or at + len(around) <= limit:
        return text[:limit]
    begin = max(0, at - limit // 2)
    return text[begin : begin + limit]
