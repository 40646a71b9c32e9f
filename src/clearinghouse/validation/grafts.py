"""Grafts the names and the text of a later release onto an earlier one, as code that does nothing.

What a fix added can be looked for: a new function, a new module, a word in the source. Where a proof (or a patch)
follows such signs instead of what the code does, it goes astray on a graft. Everything is read with regular
expressions: a stranger's source is not parsed in our process.

Source: docs/decisions/0068-reprint-and-graft.md.
"""

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from clearinghouse.releases.rules import Runtime

LAYOUT: Final = "1"
"""Raise it when the way grafts are made changes."""
SUFFIXES: Final = {Runtime.PYTHON: frozenset({".py"}), Runtime.NODE: frozenset({".js", ".cjs", ".mjs"})}
MOST_BYTES: Final = 512 * 1024
"""Of text that is added to one file; releases that lie far apart differ in almost every line."""
MOST_NAMES: Final = 300
"""In one file."""
ASIDE: Final = re.compile(r"(?:^|/)(?:tests?|__tests__|docs?|examples?)/")
WORD: Final = re.compile(r"[A-Za-z_$][\w$]*")

PYTHON_TOP: Final = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=[^=]", re.MULTILINE)
PYTHON_IMPORT: Final = re.compile(r"^(?:from\s+[\w.]+\s+)?import\s+([\w., ]+?)\s*$", re.MULTILINE)
PYTHON_CLASS: Final = re.compile(r"^class\s+(\w+)")
PYTHON_METHOD: Final = re.compile(r"^\s+(?:async\s+)?def\s+(\w+)")
NODE_EXPORT: Final = re.compile(
    r"\bexports\.([A-Za-z_$][\w$]*)\s*=|^export\s+(?:async\s+)?(?:function\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*)",
    re.MULTILINE,
)
NODE_RESERVED: Final = frozenset(
    {
        "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
        "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if",
        "implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private",
        "protected", "public", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof",
        "var", "void", "while", "with", "yield",
    }
)  # fmt: skip


def grafted(
    before: Mapping[str, bytes], after: Mapping[str, bytes], runtime: Runtime, *, names: bool
) -> dict[str, bytes]:
    """Return the files of ``before`` that change, and new ones, by path.

    Args:
        before: the tree of the earlier release.
        after: the tree of the later one.
        runtime: whose language the files are written in.
        names: also give modules and classes the names that the later release added; else add dead text only.
    """
    graft = _python if runtime is Runtime.PYTHON else _node
    code = {path: data for path, data in before.items() if PurePosixPath(path).suffix in SUFFIXES[runtime]}
    known = frozenset(word for data in code.values() for word in WORD.findall(_text(data)))
    changes: dict[str, bytes] = {}
    for path, data in sorted(after.items()):
        if PurePosixPath(path).suffix not in SUFFIXES[runtime] or ASIDE.search(path) or data == before.get(path):
            continue
        if path not in before and (not names or _own_name(path) in known):
            continue
        new, old = _text(data), _text(before.get(path, b""))
        added = graft(new, old, known if names and not path.endswith(".mjs") else None)
        if added:
            changes[path] = before.get(path, b"") + added.encode("utf-8", "backslashreplace")
    return changes


def _own_name(path: str) -> str:
    """Return the name by which a module is loaded; a new one must be new everywhere, for code may look for it."""
    place = PurePosixPath(path)
    return place.parent.name if place.stem in ("__init__", "index") else place.stem


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _added_lines(new: str, old: str) -> list[str]:
    """Return the lines of ``new`` that ``old`` has nowhere, in order, up to the limit."""
    known = set(old.split("\n"))
    lines: list[str] = []
    size = 0
    for line in new.split("\n"):
        if line.strip() and line not in known:
            size += len(line) + 1
            if size > MOST_BYTES:
                break
            lines.append(line.replace("\0", " "))
    return lines


def _fresh(names: Iterable[str], known: frozenset[str], *, reserved: frozenset[str]) -> list[str]:
    """Return the names that nothing in the earlier release speaks of, each once; none with a meaning of its own."""
    fresh = dict.fromkeys(name for name in names if name and name not in known and name not in reserved)
    return [name for name in fresh if not (name.startswith("__") and name.endswith("__"))][:MOST_NAMES]


PYTHON_RESERVED: Final = frozenset(keyword.kwlist) | frozenset(dir(builtins))


def _python(new: str, old: str, known: frozenset[str] | None) -> str:
    lines = _added_lines(new, old)
    if not lines:
        return ""
    words = sorted({word for line in lines for word in WORD.findall(line) if "$" not in word})[:MOST_NAMES]
    parts = ["", "", *(f"# {line}".replace("\f", " ") for line in lines), "if False:", f"    _ = {words!r}"]
    if known is not None:
        found = [one or other for one, other in PYTHON_TOP.findall(new)]
        imported = [part.split()[-1] for one in PYTHON_IMPORT.findall(new) for part in one.split(",") if part.split()]
        found += [one for one in imported if "." not in one]
        for name in _fresh(found, known, reserved=PYTHON_RESERVED):
            parts += [f"def {name}(*args, **named):", "    return None"]
        for kind, name in _python_methods(new, old, known):
            parts += [
                "try:",
                f"    if not hasattr({kind}, {name!r}):",
                f"        {kind}.{name} = lambda *args, **named: None",
                "except Exception:",
                "    pass",
            ]
    return "\n".join(parts) + "\n"


def _python_methods(new: str, old: str, known: frozenset[str]) -> list[tuple[str, str]]:
    """Return (class, method) for each method that is new in a class which both releases have."""
    kept = {match.group(1) for match in map(PYTHON_CLASS.match, old.split("\n")) if match}
    found: list[tuple[str, str]] = []
    kind = ""
    for line in new.split("\n"):
        if line[:1] not in ("", " ", "\t", "#", ")"):
            opened = PYTHON_CLASS.match(line)
            kind = opened.group(1) if opened and opened.group(1) in kept else ""
        method = PYTHON_METHOD.match(line) if kind else None
        if method:
            found.append((kind, method.group(1)))
    fresh = set(_fresh([name for _, name in found], known, reserved=PYTHON_RESERVED))
    return [one for one in dict.fromkeys(found) if one[1] in fresh]


def _node(new: str, old: str, known: frozenset[str] | None) -> str:
    lines = _added_lines(new, old)
    if not lines:
        return ""
    words = sorted({word for line in lines for word in WORD.findall(line)})[:MOST_NAMES]
    text = "\n".join(lines).replace("*/", "* /")
    dead = " ".join(f"'{word}';" for word in words)
    parts = ["", "/*", text, "*/", f";(function () {{ if (false) {{ {dead} }} }});"]
    if known is not None:
        found = [one or other for one, other in NODE_EXPORT.findall(new)]
        parts += [
            "if (typeof module === 'object' && module && module.exports instanceof Object && "
            f"!('{name}' in module.exports)) try {{ Object.defineProperty(module.exports, '{name}', "
            "{ value: function () {}, configurable: true, writable: true }); } catch (refused) {}"
            for name in _fresh(found, known, reserved=NODE_RESERVED)
        ]
    return "\n".join(parts) + "\n"
