"""Where in a JSON text something stands: found by reading it once more, which only a refusal pays for."""

import json
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of a place, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def place_of_depth(text: str, limit: int) -> tuple[int, int] | None:
    """Return line and column of the first bracket that opens a level more than ``limit``; None: there is none."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth > limit:
            return line_column(text, token.start())
    return None


def place_of(text: str, code: str, looked_for: str) -> tuple[int, int] | None:
    """Return line and column of a value that may not be read; None when it is not found again.

    Args:
        text: the whole document; it need not be JSON beyond the trouble.
        code: why it may not be read.
        looked_for: the key, the number or the half of a character, as it is written.
    """
    if code == "lone-surrogate":
        at = text.lower().find(looked_for)
        return line_column(text, at) if at >= 0 else None
    keys = _Keys()
    for token in _TOKEN.finditer(text):
        part = token[0]
        if part[0] == '"' and keys.expected:
            repeated = keys.take(key := _key(part))
            if key == looked_for and (repeated or code == "control-characters"):
                return line_column(text, token.start())
        elif part in "{}[],":
            keys.pass_over(part)
        elif code in ("not-a-number", "too-large") and looked_for and part.startswith(looked_for):
            return line_column(text, token.start())
    return None


@dataclass(slots=True)
class _Keys:
    """The keys of every object that is open at a place."""

    expected: bool = False
    """Whether the next text is a key."""
    _open: list[set[str | None] | None] = field(default_factory=list)

    def take(self, key: str | None) -> bool:
        """Note a key, and say whether its object has it already."""
        self.expected = False
        seen = self._open[-1] if self._open else None
        if seen is None or key is None:
            return False
        repeated = key in seen
        seen.add(key)
        return repeated

    def pass_over(self, mark: str) -> None:
        """Follow a bracket or a comma; what closes nothing is passed over."""
        if mark in "{[":
            self._open.append(set() if mark == "{" else None)
            self.expected = mark == "{"
        elif mark == ",":
            self.expected = bool(self._open) and self._open[-1] is not None
        else:
            self.expected = False
            del self._open[-1:]


def _key(part: str) -> str | None:
    """Return the key that a quoted token stands for; None when it is not sound JSON."""
    try:
        return str(json.loads(part, strict=False))
    except ValueError:
        return None
