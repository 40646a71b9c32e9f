"""Strict readers for foreign JSON and YAML: what two parsers could read differently is refused.

Python's own reader takes the last of two equal keys (``{"tlp":"RED","tlp":"CLEAR"}`` is CLEAR), ``NaN``, ``1e999`` and
lone surrogates. YAML adds aliases that multiply, tags that build objects, merge keys and a ``no`` that means false.
None of that passes here. YAML is read as JSON types only: ``null``, ``true``, ``false``, JSON numbers, text; everything
else (dates, ``no``, ``0x1f``, ``1_000``) stays text.

Source: RFC 8259; YAML 1.2.2 chapter 10; docs/decisions/0010.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from clearinghouse.errors import Problem, Refused
from clearinghouse.positions import line_column, place_of, place_of_depth


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may ask of the reader."""

    size_bytes: int
    depth: int
    """Lists and mappings inside each other; the outermost is 1."""
    items: int
    """Values in all, keys not counted."""
    number_characters: int = 400
    integer_digits: int = 40
    alias_items: int = 1000
    """YAML: values that aliases may add."""
    alias_characters: int = 1024 * 1024
    """YAML: characters of text that aliases may add."""


JSON_LIMITS = Limits(size_bytes=32 * 1024 * 1024, depth=100, items=1_000_000)
YAML_LIMITS = Limits(size_bytes=4 * 1024 * 1024, depth=64, items=100_000)

_JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<float>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\Z")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_CONTROL = frozenset({"Cc", "Zl", "Zp"})
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True}
_WORDS |= {"false": False, "False": False, "FALSE": False}
_FIXES = {
    "invalid-utf8": "save the file as UTF-8",
    "duplicate-key": "keep one of the two",
    "not-a-number": "use a finite number, or text in quotes",
    "lone-surrogate": "write the character itself, or both halves of the pair",
    "too-deep": "put less inside each other",
    "too-large": "send less, or split it",
    "too-many-items": "send less, or split it",
    "alias-bomb": "write the value out instead of using aliases",
    "invalid-json": "correct the JSON at this place",
    "invalid-yaml": "correct the YAML at this place",
    "control-characters": "use printable characters in keys",
}


class _TroubleError(Exception):
    """A value that may not be read, before its place in the text is known."""

    def __init__(self, code: str, reason: str, text: str = "") -> None:
        self.code, self.reason, self.text = code, reason, text
        super().__init__(reason)


def load_json(data: bytes, *, limits: Limits = JSON_LIMITS) -> Any:  # noqa: ANN401
    """Return the value of a JSON document.

    Raises:
        Refused: ``invalid-utf8``, ``duplicate-key``, ``not-a-number``, ``lone-surrogate``, ``too-deep``, ``too-large``,
            ``too-many-items``, ``control-characters`` or ``invalid-json``, with line and column.
    """
    text = _text_of(data, limits)
    bare = _JSON_STRING.sub('""', text)
    if 1 + bare.count(",") + bare.count("[") + bare.count("{") > limits.items:
        raise _refusal("too-many-items", f"more than {limits.items} values")
    _check_depth(bare, text, limits)

    try:
        value = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_int=partial(_whole, limits=limits),
            parse_float=partial(_decimal, limits=limits),
            parse_constant=_constant,
        )
        if _SURROGATE_ESCAPE.search(text):
            _check_surrogates(value)
    except _TroubleError as trouble:
        raise _refusal(trouble.code, trouble.reason, place_of(text, trouble.code, trouble.text)) from None
    except json.JSONDecodeError as error:
        raise _refusal("invalid-json", error.msg, (error.lineno, error.colno)) from None
    return value


def load_yaml(data: bytes, *, limits: Limits = YAML_LIMITS) -> Any:  # noqa: ANN401
    """Return the value of a YAML document as JSON types; aliases are written out, within limits.

    Raises:
        Refused: the codes of `load_json`, ``alias-bomb`` or ``invalid-yaml``, with line and column.
    """
    import yaml

    text = _text_of(data, limits)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _YamlReader(yaml.parse(text, Loader=loader), limits).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else None
        raise _refusal("invalid-yaml", error.problem or "this is not YAML", place) from None
    except yaml.YAMLError as error:
        raise _refusal("invalid-yaml", str(error).splitlines()[0]) from None


def dump_canonical(value: object) -> bytes:
    """Return the one byte form of a JSON value, for hashing: keys sorted, no spaces, UTF-8, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _refusal(code: str, reason: str, place: tuple[int, int] | None = None) -> Refused:
    where = f" (line {place[0]}, column {place[1]})" if place else ""
    return Refused((Problem(code, "", reason + where, _FIXES[code]),))


def _text_of(data: bytes, limits: Limits) -> str:
    if len(data) > limits.size_bytes:
        raise _refusal("too-large", f"{len(data)} bytes; at most {limits.size_bytes} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise _refusal(
            "invalid-utf8", f"byte {data[error.start]:#04x} is not UTF-8", line_column(before, len(before))
        ) from None
    return text.removeprefix("\ufeff")


def _check_depth(bare: str, text: str, limits: Limits) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > limits.depth:
            raise _refusal("too-deep", f"more than {limits.depth} levels", place_of_depth(text, limits.depth))


def _whole(number: str, limits: Limits) -> int:
    if len(number.lstrip("-")) > limits.integer_digits:
        raise _TroubleError("too-large", f"an integer of {len(number)} digits; at most {limits.integer_digits}", number)
    return int(number)


def _decimal(number: str, limits: Limits) -> float:
    if len(number) > limits.number_characters:
        raise _TroubleError("too-large", f"a number of {len(number)} characters", number)
    value = float(number)
    if math.isinf(value):
        raise _TroubleError("not-a-number", f"{number} is beyond what a number can hold", number)
    return value


def _constant(name: str) -> float:
    raise _TroubleError("not-a-number", f"{name} is not a JSON number", name)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TroubleError("duplicate-key", f"the key {key[:60]!a} stands twice in one object", key)
            seen.add(key)
    for key in found:
        _check_key(key)
    return found


def _check_key(key: str) -> None:
    if key.isprintable():
        return
    if any(unicodedata.category(one) in _CONTROL or one in _BIDI for one in key):
        raise _TroubleError("control-characters", f"the key {key[:60]!a} holds a control character", key)


def _check_surrogates(value: Any) -> None:  # noqa: ANN401
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str):
            _check_text(one)


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        raise _TroubleError("lone-surrogate", f"{half} is half of a surrogate pair", half) from None


@dataclass(slots=True)
class _Anchored:
    """The value behind an anchor and what writing it out again would add."""

    value: Any
    items: int
    characters: int


class _YamlReader:
    """Builds one value from a stream of YAML events, so that nothing is built before it is counted."""

    def __init__(self, events: Iterator[Any], limits: Limits) -> None:
        self.events = events
        self.limits = limits
        self.items = 0
        self.characters = 0
        self.alias_items = 0
        self.alias_characters = 0
        self.anchors: dict[str, _Anchored | None] = {}

    def document(self) -> Any:  # noqa: ANN401
        """Return the value of the only document."""
        import yaml

        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise _refusal("invalid-yaml", "the document is empty", (1, 1))
        value = self._read(next(self.events), 1)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._refused("invalid-yaml", "a second document begins", event)
        return value

    def _refused(self, code: str, reason: str, event: Any) -> Refused:  # noqa: ANN401
        return _refusal(code, reason, (event.start_mark.line + 1, event.start_mark.column + 1))

    def _read(self, event: Any, depth: int) -> Any:  # noqa: ANN401
        import yaml

        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None:
            raise self._refused("invalid-yaml", f"the tag {event.tag[:60]!a} is not read", event)
        self.items += 1
        if self.items > self.limits.items:
            raise self._refused("too-many-items", f"more than {self.limits.items} values", event)
        before = self.items, self.characters
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        else:
            if depth > self.limits.depth:
                raise self._refused("too-deep", f"more than {self.limits.depth} levels", event)
            reader = self._list if isinstance(event, yaml.SequenceStartEvent) else self._map
            value = reader(depth)
        if event.anchor:
            items, characters = self.items - before[0] + 1, self.characters - before[1]
            self.anchors[event.anchor] = _Anchored(value, items, characters)
        return value

    def _alias(self, event: Any, depth: int) -> Any:  # noqa: ANN401
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            known = event.anchor in self.anchors
            raise self._refused(
                "alias-bomb" if known else "invalid-yaml",
                f"*{event.anchor} " + ("stands inside itself" if known else "has no anchor before it"),
                event,
            )
        self.alias_items += anchored.items
        self.alias_characters += anchored.characters
        self.items += anchored.items
        self.characters += anchored.characters
        if self.alias_items > self.limits.alias_items or self.alias_characters > self.limits.alias_characters:
            raise self._refused("alias-bomb", f"aliases add more than {self.limits.alias_items} values", event)
        try:
            return _copied(anchored.value, self.limits.depth - depth + 1)
        except _TroubleError as trouble:
            raise self._refused(trouble.code, trouble.reason, event) from None

    def _list(self, depth: int) -> list[Any]:
        import yaml

        found = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._read(event, depth + 1))
        return found

    def _map(self, depth: int) -> dict[str, Any]:
        import yaml

        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
                raise self._refused("invalid-yaml", "the merge key << is not read; write the keys out", event)
            key = self._read(event, depth + 1)
            self.items -= 1
            if not isinstance(key, str):
                raise self._refused("invalid-yaml", "a key is not text; put it in quotes", event)
            try:
                _check_key(key)
            except _TroubleError as trouble:
                raise self._refused(trouble.code, trouble.reason, event) from None
            if key in found:
                raise self._refused("duplicate-key", f"the key {key[:60]!a} stands twice in one mapping", event)
            found[key] = self._read(next(self.events), depth + 1)
        return found

    def _scalar(self, event: Any) -> Any:  # noqa: ANN401
        text: str = event.value
        self.characters += len(text)
        try:
            _check_text(text)
            return _plain(text, self.limits) if event.implicit[0] else text
        except _TroubleError as trouble:
            raise self._refused(trouble.code, trouble.reason, event) from None


def _plain(text: str, limits: Limits) -> Any:  # noqa: ANN401
    """Return what an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        raise _TroubleError("not-a-number", f"{text} is not a JSON number")
    number = _NUMBER.match(text)
    if number is None:
        return text
    return _decimal(text, limits) if number["float"] else _whole(text, limits)


def _copied(value: Any, room: int) -> Any:  # noqa: ANN401
    if not isinstance(value, dict | list):
        return value
    if room <= 0:
        raise _TroubleError("too-deep", "an alias puts too many levels inside each other")
    if isinstance(value, dict):
        return {key: _copied(one, room - 1) for key, one in value.items()}
    return [_copied(one, room - 1) for one in value]
