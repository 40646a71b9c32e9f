"""Free texts made the same for every clearing: what a run, a tool or a system said, without what is of one run alone.

``index.json`` must not change with the machine, the moment or chance. The texts in full stand in the evidence bundles.
"""

import re
from typing import Final

_INSIDE: Final = frozenset(
    {"target", "deps", "app", "proof", "interp", "runner", "toolchain", "source", "tools", "etc", "proc", "dev", "bin"}
)
"""Where every sandbox, on any machine, has its parts."""
_BOX: Final = ("job", "box")

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])|[\r\n]+")
_PATH = re.compile(r"(?:file://|(?<![\w:/.@$-]))/(?:[\w.@+~%=-]+/)*[\w.@+~%=-]+/?")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
_DURATION = re.compile(r"\b\d+\.\d+ ?(?:s|ms|seconds)\b")
_PORT = re.compile(r"\b(127\.0\.0\.1|localhost):\d+\b")
_PROCESS = re.compile(r"\b(pid|process)[ =]\d+\b", re.IGNORECASE)
_TOKEN = re.compile(r"\b(?=[a-z]*\d)[a-z][a-z0-9]{17,27}\b")
"""As the laboratory draws them."""


def steady(text: str, *, whole: bool = False) -> str:
    """Return what a text says that another clearing of the same reports would say too.

    Args:
        text: what a run or a tool said, or a sentence of ours that may hold such words.
        whole: keep more than the first sentence: for sentences of ours.
    """
    kept = text.strip() if whole else _END.split(text.strip(), maxsplit=1)[0]
    kept = _PATH.sub(_place, kept)
    for pattern, words in (
        (_ADDRESS, "an address"),
        (_DURATION, "some time"),
        (_PORT, r"\1"),
        (_PROCESS, r"\1"),
        (_TOKEN, "a token"),
    ):
        kept = pattern.sub(words, kept)
    return " ".join(kept.split())


def _place(found: re.Match[str]) -> str:
    """Return a path of the sandbox as it is, and words for one of this machine."""
    path = found[0].removeprefix("file://")
    parts = tuple(part for part in path.split("/") if part)
    inside = parts[0] in _INSIDE or parts[:2] == _BOX
    if inside or (len(parts) == 1 and parts[0] != "tmp"):
        return found[0]
    return "a path" + ("." if path.endswith(".") else "")
