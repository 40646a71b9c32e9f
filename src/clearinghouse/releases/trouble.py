"""What uv and npm say when they fail: whether it may pass, and how to tell it to others.

A refusal that is kept must not rest on trouble that passes; what is not plainly the tool's own "no" passes.
"""

import re
from typing import Final

MOST_LETTERS: Final = 400

_PASSES = re.compile(
    r"failed to fetch|could not connect|error sending request|request failed|connection|timed? ?out|timeout|dns error"
    r"|lookup address|network|unreachable|certificate|tls|proxy|os error|no space left|http status",
    re.IGNORECASE,
)
"""Words of uv for an index that does not answer, or a machine that fails."""

_HINTS = re.compile(
    r"\b(?:401|403|407|408|425|429|5\d\d) [A-Z][a-z]|could not be queried|network (?:was|is|connectivity)"
)
"""The same beside an answer, which names packages, and those may be called like any word."""

_ANSWER = "No solution found"
_QUOTED = re.compile(r"`[^`]*`")
_LOG = re.compile(r"^npm (?:error|ERR!) A complete log of this run.*$", re.MULTILINE)

_UNSATISFIABLE = re.compile(
    r"no solution found|wheels are required|no (?:usable )?wheels|package registry|could\s?n[o']t parse|failed to parse"
    r"|metadata|is not compatible|conflict",
    re.IGNORECASE,
)
"""Words of uv for what no later answer of the same index will change."""

_CODE = re.compile(r"^npm (?:error|ERR!) code (\S+)", re.MULTILINE)
NOT_ON_THE_DAY: Final = frozenset({"ETARGET", "ENOVERSIONS", "E404"})
"""npm knows no version that fits (before that day)."""
CONTRADICTION: Final = frozenset({"ERESOLVE"})
"""Peer dependencies contradict each other."""
UNSUPPORTED: Final = frozenset(
    {"EBADENGINE", "EBADPLATFORM", "EINVALIDPACKAGENAME", "EINVALIDTAGNAME", "EUNSUPPORTEDPROTOCOL"}
)
_NO_GIT = "/bin/false"

_PATH = re.compile(r"(?:file://|(?<![\w:/.@-]))/(?:[\w.@+~%=-]+/)+[\w.@+~%=-]*")


def uv_cannot(said: str) -> bool:
    """Say whether uv has answered "impossible", and no trouble that may pass had a part in it."""
    return bool(_UNSATISFIABLE.search(said)) and not passes(said)


def passes(said: str) -> bool:
    """Say whether uv speaks of the network, of a server or of this machine."""
    if _HINTS.search(said):
        return True
    return _ANSWER not in said and bool(_PASSES.search(_QUOTED.sub("", said)))


def npm_code(said: str) -> str:
    """Return npm's code for what went wrong; empty when it gives none."""
    if _NO_GIT in said:
        return "EUNSUPPORTEDPROTOCOL"
    found = _CODE.search(said)
    return found[1] if found else ""


def npm_cannot(code: str) -> bool:
    """Say whether npm's code means that no later answer of the same registry would be another."""
    return code in NOT_ON_THE_DAY | CONTRADICTION | UNSUPPORTED


def in_short(said: str) -> str:
    """Return what a tool said on one line, without the places of this machine."""
    return " ".join(_PATH.sub("(a file)", _LOG.sub("", said)).split())[:MOST_LETTERS]
