"""What the guards look at: our files, their syntax trees, our modules."""

import ast
import importlib
import pkgutil
import subprocess
from functools import cache
from pathlib import Path

import clearinghouse
from clearinghouse.lifecycle import Lifecycle

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
REFERENCE = ROOT / "docs" / "reference"


@cache
def python_files() -> tuple[Path, ...]:
    """Return every Python file of ours, tests included, generated migrations and the corpus of finders' files not."""
    found = (path for folder in (SOURCE, ROOT / "tests") for path in folder.rglob("*.py"))
    return tuple(sorted(path for path in found if not {"migrations", "corpus"} & set(path.parts)))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that git tracks; none outside of a checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    return tuple(ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """Return a path as the messages show it."""
    return str(path.relative_to(ROOT))


@cache
def lifecycles() -> dict[str, Lifecycle]:  # type: ignore[type-arg]
    """Return every lifecycle of every room by its name; they stand in modules called rules or lifecycle."""
    found = {}
    for module in pkgutil.walk_packages(clearinghouse.__path__, "clearinghouse."):
        parts = module.name.split(".")
        if "runtimes" in parts or not {"rules", "lifecycle"} & set(parts):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Lifecycle):
                found[value.name] = value
    return dict(sorted(found.items()))


def first_texts(*functions: str) -> dict[str, str]:
    """Return each literal first verb handed to one of these functions in our source, and where."""
    found: dict[str, str] = {}
    for path in python_files():
        if SOURCE not in path.parents:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and _name(node.func) in functions:
                texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                found |= {text: f"{shown(path)}:{node.lineno}" for text in texts if text.count(":") == 2}
    return found


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
