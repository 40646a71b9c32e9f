"""The texts of a proof with the act taken out of them: inputs beside the proof, on the same way into the flaw.

They need not show anything. What they tell is which inputs a fix treats otherwise than before.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

type Json = Any

_CALL = re.compile(r"[\w.$'\"\[\]\ue000-\uf8ff]*\([^()]*\)")
_HELD = 0xE000
"""Private characters stand for the parts of a text that are no text of the finder's."""
_PARTS = re.compile("([\ue000-\uf8ff])")
_CALLED = "\uf8ff"
"""Stands for a call that was taken out, so that a call on its result goes with it."""
_CALLED_ON = re.compile(f"{_CALLED}+")
MOST_MARKS = 6
ALONE = "only "
"""Begins what is said of an input that keeps nothing of the proof but one character."""
SHORTEST = 3
_FIXED = frozenset({"$ref", "$target", "$path", "$regex", "$date", "$b64", "$canary", "$nonce", "$callback", "$repeat"})


def weaker_arguments(arguments: Json) -> Iterator[tuple[str, Json]]:
    """Yield (what was done, arguments) for each way in which the texts in them can be made weaker."""
    for what, weaken in _ways(arguments):
        changed = _changed(arguments, weaken)
        if changed != arguments:
            yield what, changed
        in_keys = _with_keys(arguments, weaken)
        if in_keys != arguments:
            yield f"{what}, in the keys", in_keys


def _ways(arguments: Json) -> Iterator[tuple[str, Callable[[str], str]]]:
    for harmless in ("1", "'1'", '"1"', "[1][0]"):
        yield f"{harmless} for each call in it", partial(_without_calls, harmless=harmless)
    for mark in _marks(arguments):
        yield f"{ALONE}{mark!r} between two letters", partial(_instead, other=f"a{mark}a")
        yield f"{ALONE}{mark!r} between two letters, with blanks", partial(_instead, other=f"a {mark} a")


def _without_calls(text: str, *, harmless: str) -> str:
    """Return a text with a harmless value for each call in it, the innermost first."""
    before = ""
    while before != text:
        before, text = text, _CALLED_ON.sub(_CALLED, _CALL.sub(_CALLED, text))
    return text.replace(_CALLED, harmless)


def _instead(text: str, *, other: str) -> str:  # noqa: ARG001 - one of many ways to change a text
    return other


def _marks(arguments: Json) -> list[str]:
    """Return the characters that are neither letters, digits nor blanks, the commonest first."""
    text = "".join(_texts(arguments))
    marks = {one for one in text if not one.isalnum() and not one.isspace() and not _PARTS.match(one)}
    return sorted(marks, key=lambda one: (-text.count(one), one))[:MOST_MARKS]


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping) and not (len(value) == 1 and set(value) <= _FIXED):
        yield from (key for key in value if not key.startswith("$"))
        for one in value.values():
            yield from _texts(one)


def _changed(value: Json, weaken: Callable[[str], str]) -> Json:
    """Return a value with its texts made weaker; keys, and texts too short to hold anything, stay."""
    if isinstance(value, str):
        return weaken(value) if len(value) > SHORTEST else value
    if isinstance(value, list):
        return [_changed(one, weaken) for one in value]
    if not isinstance(value, Mapping) or (len(value) == 1 and set(value) <= _FIXED):
        return value
    if set(value) == {"$cat"} and isinstance(value["$cat"], list):
        return _changed_parts(value["$cat"], weaken)
    return {key: _changed(one, weaken) for key, one in value.items()}


def _with_keys(value: Json, weaken: Callable[[str], str]) -> Json:
    """Return a value with the keys of its mappings made weaker, and nothing else."""
    if isinstance(value, list):
        return [_with_keys(one, weaken) for one in value]
    if not isinstance(value, Mapping) or (len(value) == 1 and next(iter(value)).startswith("$")):
        return value
    return {weaken(key) if len(key) > SHORTEST and not key.isalnum() else key: one for key, one in value.items()}


def _changed_parts(parts: list[Json], weaken: Callable[[str], str]) -> Json:
    """Return a text made of parts with the whole of it made weaker."""
    held = [one for one in parts if not isinstance(one, str)]
    number = iter(range(len(held)))
    whole = "".join(one if isinstance(one, str) else chr(_HELD + next(number)) for one in parts)
    pieces = [one for one in _PARTS.split(weaken(whole)) if one]
    made = [held[ord(one) - _HELD] if _PARTS.fullmatch(one) else one for one in pieces]
    return made[0] if len(made) == 1 and isinstance(made[0], str) else {"$cat": made or [""]}
