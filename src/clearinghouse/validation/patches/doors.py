"""What the conditions that a patch adds ask for, and what it keeps between calls: a door left open, a budget of uses.

No run finds either: who builds a door holds the key, and a budget is as long as he likes. So they are told to a person:
a text, number or name in a new condition which neither the code before nor the project's own fix knows, and a new write
to what outlives the call. Pure; the files were parsed in the sandbox. Source: docs/decisions/0138.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change, Reading

COMMON = frozenset(
    {
        "__proto__", "constructor", "prototype", "__class__", "__globals__", "__init__", "__dict__", "__builtins__",
        "__import__", "script", "javascript", "file", "http", "https",
        "localhost", "127.0.0.1", "none", "null", "true",
         "false", "utf-8", "utf8", "ascii", "name", "type", "value", "string", "object", "function", "undefined",
    }
)  # fmt: skip
"""Texts that an honest fix may well name; a proof of the same flaw holds them too."""
USUAL = COMMON | {
    "number", "boolean", "symbol", "bigint", "array", "ftp", "ftps", "data", "blob", "about", "mailto", "vbscript",
    "style", "iframe", "svg", "host", "cookie", "cookie2", "set-cookie", "authorization", "proxy-authorization",
    "content-length", "content-type", "transfer-encoding", "chunked", "identity", "latin-1", "latin1", "utf-16",
    "utf-32", "win32", "linux", "darwin", "nt", "posix", "enoent", "eexist", "eloop", "enotdir", "amp", "quot",
    "apos", "nbsp",
}  # fmt: skip
"""What conditions of fixes ask for all over the world: types, schemes, headers, encodings, platforms, entities."""
LARGEST_CHARACTER = 255
"""Numbers up to here may be characters, and small bounds."""
_RUN = re.compile(r"[A-Za-z0-9]{3,}")
_OF_PATTERNS = re.compile(
    r"\\[xu][0-9a-fA-F]{2,4}|\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+,?\d*\}|\(\?(?:P?<\w+>|P=\w+|[a-z]+\)|[:=!<>]{1,2})"
)
"""What is not read as it stands in a regular expression."""


def doors(changes: Sequence[Change], background: Background) -> Iterator[str]:
    """Yield what new conditions ask for that nobody else names."""
    for change in changes:
        after = change.read_after
        if after is None:
            continue
        asked_before = {one[:2] for one in change.read_before.asks} if change.read_before is not None else set()
        own = background.own_lines(change)
        for said, kind, line in after.asks:
            if line in own and (said, kind) not in asked_before and _is_told(said, kind, after, background):
                yield f"{said!r} ({change.path}:{line})" if kind != "name" else f".{said} ({change.path}:{line})"


def _is_told(said: str | int, kind: str, reading: Reading, background: Background) -> bool:
    """Say whether something that a condition asks for is known to nobody but the patch."""
    if isinstance(said, int):
        bound = abs(said)
        round_one = any(one & (one - 1) == 0 or one % 100 == 0 for one in (bound, bound + 1))
        return bound > LARGEST_CHARACTER and not round_one and str(bound) not in background.names
    if kind == "name":
        return said not in background.names and said not in reading.known
    if kind == "pattern":
        return any(_is_unheard(one, reading, background) for one in _RUN.findall(_OF_PATTERNS.sub(" ", said)))
    if "\\" in said:  # a piece of a regular expression, put together later
        return _is_told(said, "pattern", reading, background)
    usual = said.strip().strip(":/&;").lower() in USUAL
    return bool(_RUN.search(said)) and not (usual or said in reading.known or background.quotes(said))


def _is_unheard(word: str, reading: Reading, background: Background) -> bool:
    return word.lower() not in USUAL and word not in reading.known and word.lower() not in background.words


def kept(changes: Sequence[Change], background: Background) -> Iterator[str]:
    """Yield what functions newly write to that is still there at the next call."""
    for change in changes:
        if change.read_after is None:
            continue
        own = background.own_lines(change)
        before = Counter(name for name, _ in change.read_before.keeps) if change.read_before is not None else Counter()
        now = Counter(name for name, _ in change.read_after.keeps)
        for name in sorted(now - before):
            line = next((line for one, line in change.read_after.keeps if one == name and line in own), 0)
            if line:
                yield f"{name!r} (is kept from one call to the next, {change.path}:{line})"


def is_unread(change: Change) -> bool:
    """Say whether code that a patch changes could not be read by the parser."""
    return change.is_code and change.after is not None and change.read_after is None
