"""Says of a Python syntax tree what its conditions ask for, and what it writes to that outlives a call."""

import ast
import builtins
import types

ASKS = (
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "find",
    "rfind",
    "index",
    "count",
    "match",
    "search",
    "fullmatch",
    "compile",
    "findall",
    "finditer",
    "get",
    "getattr",
    "hasattr",
    "fnmatch",
    "fnmatchcase",
)
"""Functions and methods whose texts decide something."""
PATTERNS = ("match", "search", "fullmatch", "compile", "findall", "finditer")
EQUAL = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
CHANGES = (
    "append",
    "appendleft",
    "add",
    "update",
    "extend",
    "insert",
    "setdefault",
    "pop",
    "popleft",
    "popitem",
    "remove",
    "discard",
    "clear",
    "set",
    "put",
    "get_nowait",
)
"""Methods that change what they are called on."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MADE = (ast.List, ast.Dict, ast.Set, ast.Call, ast.ListComp, ast.DictComp, ast.SetComp)
MOST_TEXT = 400


def _constant(node):
    """Return the text or number of a literal, sums of texts too; None for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    return literal(node)


def literal(node):
    """Return the text or number of a literal, bytes as text; None for anything else."""
    value = node.value if isinstance(node, ast.Constant) else getattr(node, "s", getattr(node, "n", None))
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return value if isinstance(value, str) or type(value) is int else None


def short(value):
    """Return the beginning of a text; a number, or 0 for one that JSON cannot hold everywhere."""
    if isinstance(value, str):
        return value[:MOST_TEXT]
    return value if abs(value) < 1 << 53 else 0


def named(node):
    """Return the last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _given(tree):
    """Return what is given to each name by an assignment: name → values."""
    found = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None) if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        for target in targets if value is not None else []:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(value)
    return found


def asked_texts(tree):
    """Return [text or number, kind, line] for all that conditions ask for; what only an exception says is left out."""
    given = _given(tree)
    found = []
    followed = set()

    def note(node, kind, numbers):
        if isinstance(node, ast.Raise):
            return
        if isinstance(node, ast.Call) and named(node.func) in ("encode", "decode"):
            note(node.func, kind, numbers)  # what is given to it is the name of an encoding
            return
        value = _constant(node)
        if isinstance(value, str) and value:
            found.append([short(value), kind, node.lineno])
            return
        if type(value) is int and numbers:
            found.append([short(value), "number", node.lineno])
        if isinstance(node, ast.Name) and node.id in given and node.id not in followed:
            followed.add(node.id)
            for one in given[node.id]:
                note(one, kind, numbers)
        inner = kind
        if isinstance(node, ast.Call):
            numbers, inner = False, "pattern" if named(node.func) in PATTERNS else kind
        for child in ast.iter_child_nodes(node):
            note(child, inner, numbers and not isinstance(node, (ast.Subscript, ast.BinOp)))

    def walk(node):
        if isinstance(node, ast.Raise):
            return
        if isinstance(node, ast.Compare):
            equal = all(isinstance(one, EQUAL) for one in node.ops)
            for one in (node.left, *node.comparators):
                note(one, "text", equal)
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
            note(node.test, "text", False)
        elif isinstance(node, ast.BoolOp):
            for one in node.values:
                note(one, "text", False)
        elif isinstance(node, ast.comprehension):
            for one in node.ifs:
                note(one, "text", False)
        elif isinstance(node, ast.Call) and named(node.func) in ASKS:
            kind = "pattern" if named(node.func) in PATTERNS else "text"
            for one in node.args:
                note(one, kind, False)
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)) or type(node).__name__ == "MatchValue":
            for one in ast.iter_child_nodes(node):
                if _constant(one) is not None:
                    note(one, "text", type(node).__name__ == "MatchValue")
        elif isinstance(node, ast.Dict):
            for one in node.keys:
                if one is not None:
                    note(one, "text", False)
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(tree)
    return sorted({tuple(one) for one in found}, key=lambda one: (one[2], str(one[0]), one[1]))


def _root(node):
    """Return the innermost object of attributes and items, and the names on the way."""
    way = []
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        way.append(getattr(node, "attr", ""))
        node = node.value
    return node, way


def _bound(body):
    """Return the names that a body binds, functions inside it left out."""
    found, waiting = set(), list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(getattr(node, "name", ""))
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((one.asname or one.name).split(".")[0] for one in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def kept_state(tree):
    """Return [name, line] for each write, inside a function, to what is still there at the next call."""
    found = []
    lasting = _bound(tree.body)

    def of_function(node, outer, closes):
        body = node.body if isinstance(node.body, list) else [node.body]
        given = node.args
        plain = list(getattr(given, "posonlyargs", [])) + list(given.args)
        pairs = list(zip(plain[len(plain) - len(given.defaults) :], given.defaults))
        pairs += [(one, default) for one, default in zip(given.kwonlyargs, given.kw_defaults) if default is not None]
        kept = {one.arg for one, default in pairs if isinstance(default, MADE)}
        every = plain + list(given.kwonlyargs) + [one for one in (given.vararg, given.kwarg) if one]
        loose = set()
        for one in _own(body):
            if isinstance(one, ast.Global) or (isinstance(one, ast.Nonlocal) and closes):
                loose.update(one.names)
        own = (_bound(body) | {one.arg for one in every}) - loose - kept
        here = (outer - own) | kept | loose
        for one in _own(body):
            found.extend([name, one.lineno] for name in _written(one, here, loose))
        returned = {one.value for one in _own(body) if isinstance(one, ast.Return)}
        names = {one.id for one in returned if isinstance(one, ast.Name)}
        inner = [one for one in _own(body) if isinstance(one, FUNCTIONS)]
        for one in inner:
            lives_on = one in returned or getattr(one, "name", "") in names
            of_function(one, here | own if lives_on else here, lives_on)

    def of_scope(body):
        for one in _own(body):
            if isinstance(one, FUNCTIONS):
                of_function(one, lasting, False)

    of_scope(tree.body)
    return found


def _own(body):
    """Yield the nodes of a body, those inside functions left out but for the functions themselves."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _written(node, lasting, loose):
    """Yield the lasting names that one node writes to."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
        targets = getattr(node, "targets", None) or [node.target]
        for target in targets:
            for one in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                root, way = _root(one)
                if isinstance(root, ast.Name) and not way and root.id in loose:
                    yield root.id
                elif way and _lasts(root, way, lasting):
                    yield _said(root, way)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in ("next", "setattr", "delattr") and node.args:
            root, way = _root(node.args[0])
            if _lasts(root, way, lasting):
                yield _said(root, way)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            root, way = _root(node.func.value)
            if _lasts(root, way, lasting):
                yield _said(root, way)


def _lasts(root, way, lasting):
    """Say whether an object outlives the call: of the module, of a class, or a default of a parameter."""
    if "__class__" in way or (isinstance(root, ast.Call) and named(root.func) in ("type", "globals", "vars")):
        return True
    return isinstance(root, ast.Name) and (root.id in lasting or root.id == "cls")


def _said(root, way):
    """Return the name of what is written to."""
    name = root.id if isinstance(root, ast.Name) else named(getattr(root, "func", None)) + "()"
    return ".".join([name] + [one for one in reversed(way) if one])


def names_of_the_language():
    """Return the names of the language itself: built in, and those of its types."""
    kinds = [one for one in list(vars(builtins).values()) + list(vars(types).values()) if isinstance(one, type)]
    found = set(dir(builtins)).union(*[dir(one) for one in kinds])
    return sorted(found)
