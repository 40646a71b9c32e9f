"""Paths into a target, as far as they can be judged without it: public parts only.

Whether the owner of what a path leads to is the target is asked again, of the real object, by the runner.
Source: the trial of dishonest lists of calls; docs/guide/how-we-judge.md.
"""

import re
import unicodedata

PATH_CHARACTERS = 300
BEHIND_THE_SCENES = frozenset({"prototype", "constructor", "call", "apply", "bind"})
"""Names that lead from any JavaScript function or object to code that is not the target's."""

_PYTHON_PART = re.compile(r"[^\W\d_]\w*\Z")
_NODE_PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*\Z")
_NODE_FOLDER = re.compile(r"[A-Za-z0-9@~-][A-Za-z0-9._@~-]*\Z")
_NODE_PART = re.compile(r"(?:[^\W\d_]|\$)[\w$-]*\Z|[0-9]{1,6}\Z")


def part_trouble(part: str, runtime: str) -> str | None:
    """Return why ``part`` may not be a name on a path or of a method, or none when it may."""
    if part.startswith("_"):
        return f"{part} begins with an underscore"
    if runtime == "node":
        if part in BEHIND_THE_SCENES:
            return f"{part} leads out of the target"
        return None if _NODE_PART.match(part) else f"{part[:40]!r} is not a name"
    if unicodedata.normalize("NFKC", part) != part:
        return f"{part[:40]!r} is not in the form Python compares names in"
    return None if _PYTHON_PART.match(part) else f"{part[:40]!r} is not a name"


def path_trouble(path: str, runtime: str, *, module: bool = False) -> str | None:
    """Return why ``path`` may not lead to something of a target, or none when it may.

    Args:
        path: ``pkg.module.function`` for Python; ``pkg#property``, ``pkg/sub#property`` or ``pkg`` for Node.
        runtime: ``python`` or ``node``.
        module: the path names a module of Python itself, so that one part is enough.
    """
    if len(path) > PATH_CHARACTERS:
        return f"it is longer than {PATH_CHARACTERS} characters"
    return _node_trouble(path) if runtime == "node" else _python_trouble(path, module=module)


def package_of(path: str) -> str:
    """Return the npm package that a Node path begins with."""
    whole = path.partition("#")[0].split("/")
    return "/".join(whole[:2] if whole[0].startswith("@") else whole[:1])


def _python_trouble(path: str, *, module: bool) -> str | None:
    parts = path.split(".")
    if len(parts) == 1 and not module:
        return "it names no attribute; write package.function"
    return next((trouble for part in parts if (trouble := part_trouble(part, "python"))), None)


def _node_trouble(path: str) -> str | None:
    place, hash_mark, properties = path.partition("#")
    package = package_of(path)
    if not _NODE_PACKAGE.match(package):
        return f"{package[:40]!r} is not the name of a package; write package#property"
    for folder in place[len(package) :].split("/")[1:]:
        if not _NODE_FOLDER.match(folder) or folder == "node_modules":
            return f"{folder[:40]!r} is not a file of the package"
    if not hash_mark:
        return None
    return next((trouble for part in properties.split(".") if (trouble := part_trouble(part, "node"))), None)
