"""Guards the shape of the house: sizes, names, docstrings, and where a state may change."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, SOURCE, python_files, shown, tracked_files, tree_of

MOST_LINES = 400
DRAWERS = {
    "base",
    "common",
    "core",
    "helper",
    "helpers",
    "lib",
    "manager",
    "managers",
    "misc",
    "shared",
    "util",
    "utils",
}
DJANGOS = {"src/clearinghouse/sight/base.py"}
"""Named so by Django, which looks for a database's class there."""
OURS = [path for path in python_files() if SOURCE in path.parents]
STATE_CHANGE = re.compile(r"\.state\s*=(?!=)|\.update\([^)]*\bstate=")


def test_no_file_is_long() -> None:
    long = {shown(path): lines for path in python_files() if (lines := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_every_module_class_and_public_function_has_a_docstring() -> None:
    bare = []
    for path in OURS:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            name = getattr(node, "name", "")
            public = not name.startswith("_") and name != "Meta"
            if public and not ast.get_docstring(node) and not _is_inner(node, path) and path.stat().st_size:
                bare.append(f"{shown(path)}: {name or 'the module'}")
    assert not bare


def _is_inner(node: ast.AST, path: Path) -> bool:
    """Say whether a function stands inside of another one."""
    functions = (one for one in ast.walk(tree_of(path)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(node is inner for outer in functions for inner in ast.walk(outer) if inner is not outer)


def test_nothing_is_a_drawer() -> None:
    assert not [shown(path) for path in OURS if {path.stem, path.parent.name} & DRAWERS and shown(path) not in DJANGOS]


def test_the_start_of_a_package_holds_no_code() -> None:
    packages = [path for path in OURS if path.name == "__init__.py" and "runtimes" not in path.parts]
    full = [shown(path) for path in packages if any(not isinstance(node, ast.Expr) for node in tree_of(path).body)]
    assert not full


def test_a_state_changes_in_one_place() -> None:
    found = [
        f"{shown(path)}:{number}"
        for path in OURS
        if path != SOURCE / "clearinghouse" / "records.py" and "runtimes" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if STATE_CHANGE.search(line)
    ]
    assert not found


def _unwanted() -> list[tuple[str, re.Pattern[str]]]:
    """Return what no tracked file names, put together here so that this file does not either."""
    hosts = [
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("static", "crates", "io"),  # without the first word it is also what OSV calls the ecosystem
        ("index", "crates", "io"),
    ]
    places = [str(ROOT), str(ROOT.parent / "shared")]
    if str(Path.home()) != "/":
        places.append(str(Path.home()))
    return [
        *(
            (".".join(parts), re.compile(r"(?<![\w-])" + r"\.".join(parts) + r"(?![\w-])", re.IGNORECASE))
            for parts in hosts
        ),
        *(
            (place, re.compile(r"(?<![\w./-])" + re.escape(place) + r"(?=[/\s\"'`)]|$)", re.MULTILINE))
            for place in places
        ),
    ]


@pytest.mark.parametrize(("named", "pattern"), _unwanted(), ids=lambda value: value if isinstance(value, str) else "")
def test_no_tracked_file_names_a_package_index_or_a_place_on_this_machine(named: str, pattern: re.Pattern[str]) -> None:
    if not tracked_files():
        pytest.skip("not a git checkout")
    hits = [shown(path) for path in tracked_files() if pattern.search(path.read_bytes().decode(errors="replace"))]
    assert not hits, f"{named} stands in {hits}"
