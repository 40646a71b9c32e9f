"""Other forms of keys in a ``calls`` document: in lists, in one text, with other marks in the keys of mappings."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.patches.mutants.shapes import Document, Json, Shaped, in_arguments
from clearinghouse.validation.patches.mutants.spellings import Family

LEADING = ("__proto__", "constructor", "prototype")
"""Keys that lead to a prototype."""
MARKS = (
    ("the two kinds of quotes exchanged in the keys", (("'", "\0"), ('"', "'"), ("\0", '"'))),
    ("other quotes and another comment in the keys", (("'", "\0"), ('"', "'"), ("\0", '"'), ("--", "#"))),
    ("a bracket for the quotes and /* for -- in the keys", (("'", ")"), ('"', ")"), ("--", "/*"))),
)
"""What is written for what in the keys of mappings."""
MORE_LISTS = (1, 2, 7)


def other_keys(document: Document, runtime: Runtime) -> Iterator[Shaped]:
    """Yield the document with its keys written otherwise; in JavaScript a list of one text may be a key."""
    for what, change in _ways(runtime):
        yield Family.KEYS, what, in_arguments(document, partial(_walk, change=change))


def _ways(runtime: Runtime) -> Iterator[tuple[str, Callable[[Json], Json]]]:
    for more in MORE_LISTS if runtime is Runtime.NODE else ():
        said = "in one more list" if more == 1 else f"in {more} more lists"
        yield f"each key that leads to a prototype {said}", _wrapping(more)
    yield "the path as a list of keys", _as_list
    yield "the list of keys as one path", _as_text
    for what, pairs in MARKS:
        yield what, _marking(pairs)
    yield "the keys constructor and prototype for __proto__", _split
    yield "the key __proto__ for constructor and prototype", _joined


def _walk(value: Json, change: Callable[[Json], Json]) -> Json:
    """Return a value in which ``change`` was asked of every part, the innermost first; marks are left whole."""
    if isinstance(value, list):
        return change([_walk(one, change) for one in value])
    if not isinstance(value, Mapping) or (_is_mark(value) and set(value) != {"$map"}):
        return change(value)
    if set(value) == {"$map"}:
        return change({"$map": [[_walk(part, change) for part in pair] for pair in value["$map"]]})
    return change({key: _walk(one, change) for key, one in value.items()})


def _is_mark(value: Mapping[str, Json]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")


def _wrapping(more: int) -> Callable[[Json], Json]:
    def change(value: Json) -> Json:
        return [_wrapped(one, more) if one in LEADING else one for one in value] if isinstance(value, list) else value

    return change


def _wrapped(value: Json, times: int) -> Json:
    for _ in range(times):
        value = [value]
    return value


def _split(value: Json) -> Json:
    if not isinstance(value, list):
        return value
    return [part for one in value for part in (("constructor", "prototype") if one == "__proto__" else (one,))]


def _joined(value: Json) -> Json:
    at = value.index("constructor") if isinstance(value, list) and "constructor" in value else -1
    return (
        [*value[:at], "__proto__", *value[at + 2 :]] if at >= 0 and value[at + 1 : at + 2] == ["prototype"] else value
    )


def _parts(value: Json) -> list[Json]:
    """Return the parts of a text; none for what is no text."""
    if isinstance(value, Mapping) and set(value) == {"$cat"} and isinstance(value["$cat"], list):
        return list(value["$cat"])
    return [value] if isinstance(value, str) else []


def _as_list(value: Json) -> Json:
    """Return a path with dots that leads to a prototype as the list of its keys."""
    parts = _parts(value)
    if not any(isinstance(one, str) and "." in one and any(key in one for key in LEADING) for one in parts):
        return value
    keys: list[list[Json]] = [[]]
    for part in parts:
        first, *rest = part.split(".") if isinstance(part, str) else [part]
        keys[-1].append(first)
        keys += [[one] for one in rest]
    texts = [[one for one in key if one != ""] for key in keys]
    return [key[0] if len(key) == 1 else {"$cat": key} for key in texts if key]


def _as_text(value: Json) -> Json:
    """Return a list of keys that leads to a prototype as one path with dots."""
    is_path = isinstance(value, list) and len(value) > 1 and any(one in LEADING for one in value)
    if not is_path or not all(_is_key(one) for one in value):
        return value
    parts: list[Json] = []
    for one, other in pairwise([*value, None]):
        parts += _parts(one) or [one]
        parts += ["."] if other is not None else []
    return {"$cat": parts}


def _is_key(value: Json) -> bool:
    return isinstance(value, str) or (
        isinstance(value, Mapping) and set(value) <= {"$cat", "$nonce"} and len(value) == 1
    )


def _marking(pairs: tuple[tuple[str, str], ...]) -> Callable[[Json], Json]:
    def spelt(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    def of_key(key: Json) -> Json:
        if isinstance(key, str):
            return spelt(key)
        parts = _parts(key)
        return {"$cat": [spelt(one) if isinstance(one, str) else one for one in parts]} if parts else key

    def change(value: Json) -> Json:
        if isinstance(value, Mapping) and set(value) == {"$map"}:
            return {"$map": [[of_key(pair[0]), *pair[1:]] for pair in value["$map"]]}
        if isinstance(value, Mapping) and not _is_mark(value):
            return {of_key(key): one for key, one in value.items()}
        return value

    return change
