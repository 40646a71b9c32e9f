"""Says what stands in Python files without running them: names and signatures, handlers, literals, conditions, lines.

``survey.py FILE…``; the answer is JSON on standard output. It runs inside the sandbox under the target's own
interpreter: that one knows its syntax, and foreign text is never parsed outside.
"""

import ast
import hashlib
import json
import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import conditions

BROAD = ("Exception", "BaseException")
_VERSIONS = ("__version__", "version", "VERSION", "__version_info__", "__version_tuple__", "version_tuple")
_OPTIMIZED = 1
"""The flag of code whose names are locals: a function, not a class or module."""


def _signature(node):
    """Return the parameters as [kind, name, whether it has a default]."""
    given = node.args
    only = list(getattr(given, "posonlyargs", []))
    plain = only + list(given.args)
    first_default = len(plain) - len(given.defaults)
    found = []
    for index, one in enumerate(plain):
        found.append(["only" if index < len(only) else "plain", one.arg, index >= first_default])
    if given.vararg:
        found.append(["rest", given.vararg.arg, True])
    for one, default in zip(given.kwonlyargs, given.kw_defaults):
        found.append(["named", one.arg, default is not None])
    if given.kwarg:
        found.append(["others", given.kwarg.arg, True])
    return found


def _names(body, prefix, found):
    """Collect the public names of a module or class body, those under ``if`` and ``try`` too."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not node.name.startswith("_") or node.name in ("__init__", "__call__", "__enter__", "__iter__"):
                found[prefix + node.name] = _signature(node)
        elif isinstance(node, ast.ClassDef):
            if not node.name.startswith("_"):
                found[prefix + node.name] = None
                _names(node.body, prefix + node.name + ".", found)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for one in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    if isinstance(one, ast.Name) and not one.id.startswith("_"):
                        found.setdefault(prefix + one.id, None)
        elif isinstance(node, ast.ImportFrom) and node.level and not prefix:
            for one in node.names:
                shown = one.asname or one.name
                if not shown.startswith("_") and shown != "*":
                    found.setdefault(shown, None)
        elif isinstance(node, ast.Delete):
            for one in node.targets:
                found.pop(prefix + conditions.named(one), None)
        else:
            for part in ("body", "orelse", "finalbody"):
                _names(getattr(node, part, None) or [], prefix, found)
            for handler in getattr(node, "handlers", []):
                _names(handler.body, prefix, found)


def _handlers(tree):
    """Return each handler and suppression: the types it takes, whether it may swallow them, and its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            takes = [conditions.named(one) if one is not None else "" for one in kinds]
            raises = any(isinstance(one, ast.Raise) for one in node.body)
            found.append([takes, not raises, node.lineno])
        elif isinstance(node, ast.Call) and conditions.named(node.func) == "suppress":
            found.append([[conditions.named(one) for one in node.args], True, node.lineno])
    return found


def _literals(tree):
    """Return the texts and numbers of the code, docstrings left out."""
    notes = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            notes.add(id(body[0].value))
    found = []
    for node in ast.walk(tree):
        value = conditions.literal(node) if id(node) not in notes else None
        if value or value == 0:
            found.append(conditions.short(value))
    return found


class _Plain(ast.NodeTransformer):
    """Takes out what runs nothing: docstrings, and the value of a version."""

    def visit(self, node):
        """Return the node without what does not count."""
        self.generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [
                one
                for one in body
                if not (
                    isinstance(one, ast.Expr)
                    and isinstance(one.value, (ast.Constant, getattr(ast, "Str", ast.Constant)))
                )
            ]
        if isinstance(node, ast.Assign) and any(conditions.named(one) in _VERSIONS for one in node.targets):
            node.value = ast.Name(id="version", ctx=ast.Load())
        return node


def _lines(code, found, inner, is_inner):
    """Collect the lines that have code, and those of them inside functions."""
    import dis

    here = [line for _, line in dis.findlinestarts(code) if line]
    found.update(here)
    if is_inner:
        inner.update([line for line in here if line != code.co_firstlineno] or here)
    for one in code.co_consts:
        if type(one) is type(code):
            _lines(one, found, inner, is_inner or bool(one.co_flags & _OPTIMIZED))


def _surveyed(path):
    """Return what stands in one file; one that nests too deep for a walk through it is broken, and no other."""
    with open(path, "rb") as file:
        text = file.read()
    try:
        return _told(ast.parse(text), compile(text, path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
        return {"broken": "%s: %s" % (type(failure).__name__, str(failure)[:200])}


def _told(tree, code):
    lines, inner, names = set(), set(), {}
    _lines(code, lines, inner, False)
    _names(tree.body, "", names)
    said = {"names": names, "handlers": _handlers(tree), "literals": _literals(tree), "lines": sorted(lines)}
    said["inner"] = sorted(inner)
    said["asks"] = conditions.asked_texts(tree)
    said["keeps"] = conditions.kept_state(tree)
    said["shape"] = hashlib.sha256(ast.dump(_Plain().visit(tree)).encode("utf-8", "surrogatepass")).hexdigest()
    return said


sys.setrecursionlimit(8000)
said = {path: _surveyed(path) for path in sys.argv[1:]}
said["known"] = conditions.names_of_the_language()
print(json.dumps(said))
