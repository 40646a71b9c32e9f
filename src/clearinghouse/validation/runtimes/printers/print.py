"""Prints every module below a folder anew from its syntax tree: ``python print.py <folder> <goal> <seconds>``.

Runs inside the sandbox, on the interpreter that will run the modules. Nothing is imported from them. A module that
cannot be printed, or whose print is not the same tree, is left out and so stays as it is.
"""

import ast
import os
import py_compile
import sys
import time
from importlib.util import cache_from_source
from itertools import zip_longest


def shape(node):
    """Yield what a tree says, part by part, without where it stands."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.AST):
            yield type(one)
            waiting.extend(getattr(one, name, None) for name in one._fields if name not in ("kind", "type_comment"))
        elif isinstance(one, list):
            yield len(one)
            waiting.extend(one)
        else:
            yield type(one), one


def printed(source):
    """Return a module's text printed anew; None when that is not possible."""
    try:
        tree = ast.parse(source)
        text = ast.unparse(tree) + "\n"
        data = text.encode("utf-8")
        again = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return data if all(one == other for one, other in zip_longest(shape(tree), shape(again))) else None


def main():
    """Print what lies below the folder."""
    start, goal, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    until = time.monotonic() + seconds
    for folder, names, files in os.walk(start):
        names[:] = sorted(name for name in names if name not in ("__pycache__", "test", "tests"))
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            if time.monotonic() > until:
                sys.exit(3)
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                source = file.read()
            data = printed(source)
            if data is None or data == source:
                continue
            place = goal + path[len(start) :]
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(data)
            os.utime(place, (0, 0))
            try:
                py_compile.compile(place, cfile=cache_from_source(place), dfile=path, doraise=True)
            except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError):
                os.unlink(place)


main()
