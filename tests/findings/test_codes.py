"""The table of intake codes is closed: every code in the source is in it, and every one in it is used."""

import ast
import re
from pathlib import Path

import clearinghouse
from clearinghouse.findings.codes import CODES, TAP_CODES

SOURCE = Path(clearinghouse.__file__).parent
PLACES = [*sorted((SOURCE / "findings").rglob("*.py")), SOURCE / "strict.py", SOURCE / "archives.py"]
MAKERS = {"Problem", "wrong", "refused", "_refused", "refusal", "_refusal", "_refuse", "_TroubleError", "trouble"}
CODE = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _in_calls(tree: ast.Module) -> set[str]:
    """Return the codes handed to what makes a problem."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    found = {_text(node.args[0]) for node in calls if _name(node.func) in MAKERS}
    found |= {_text(node.args[1]) for node in calls if _name(node.func) == "_matches"}
    return {text for text in found if CODE.fullmatch(text)}


def _in_tables(tree: ast.Module) -> set[str]:
    """Return the codes of the small tables beside the readers: the keys of _FIXES, the first words of _CODES."""
    found: set[str] = set()
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict):
            if target.id == "_FIXES":
                found |= {_text(key) for key in value.keys if key is not None}
            if target.id == "_CODES":
                found |= {_text(one.elts[0]) for one in value.values if isinstance(one, ast.Tuple)}
    return found


def _used() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PLACES]
    return set().union(*map(_in_calls, trees), *map(_in_tables, trees))


def test_every_code_that_the_source_uses_is_in_the_table() -> None:
    assert not _used() - {*CODES, *TAP_CODES}


def test_every_code_of_the_table_is_used() -> None:
    assert not {*CODES, *TAP_CODES} - _used()


def test_every_code_has_one_sentence() -> None:
    assert all(says.endswith(".") for says in (*CODES.values(), *TAP_CODES.values()))
