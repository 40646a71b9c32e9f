"""Sources printed anew, in the real sandbox: another text, the same tree, and nothing of it is run."""

import ast
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from clearinghouse.errors import NotPossible
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.validation.printing import printed


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
def interpreters() -> Iterator[Interpreters]:
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        Path(made).chmod(0o755)
        yield Interpreters(Path(made))


def print_files(
    folder: Path, interpreters: Interpreters, runtime: Runtime, files: Mapping[str, bytes]
) -> dict[str, bytes]:
    target = folder / "target"
    target.mkdir()
    for name, data in files.items():
        (target / name).write_bytes(data)
    interpreter = interpreters.own(runtime)
    environment = Environment("pkg:pypi/pkg", "1.0", target, None, ("pkg",), (), interpreter)
    return dict(printed(environment, sandbox_for()))


PYTHON = '''# -*- coding: utf-8 -*-
"""A module."""
import sys  # a comment
raise SystemExit("printing must not run this")
def f(x, /, *, y: "int" = 1):
    """Ä."""
    return f"{x!r:>{10}} {'a' if y else 'b'}", (lambda: (yield))
'''


def test_a_module_is_the_same_tree_in_another_text(folder: Path, interpreters: Interpreters) -> None:
    made = print_files(folder, interpreters, Runtime.PYTHON, {"pkg.py": PYTHON.encode()})
    text = made["pkg.py"].decode()
    assert "comment" not in text
    assert text != PYTHON
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(PYTHON))
    assert [name for name in made if name.endswith(".pyc")]  # compiled once, as every release is


def test_what_is_no_module_of_this_python_stays_as_it_is(folder: Path, interpreters: Interpreters) -> None:
    made = print_files(folder, interpreters, Runtime.PYTHON, {"old.py": b"print 'two'\n", "new.py": b"x=1  # one\n"})
    assert [name for name in made if name.endswith(".py")] == ["new.py"]


def test_a_release_without_sources_cannot_be_printed(folder: Path, interpreters: Interpreters) -> None:
    with pytest.raises(NotPossible, match="no source"):
        print_files(folder, interpreters, Runtime.PYTHON, {"native.so": b"\x7fELF"})


SCRIPTS: Mapping[str, str] = {
    "left-out ends": "var a = 1\nvar b = 2\nconst f = () => {\n  return\n  1\n}\nlet c = a\n++b\nout(a, b, c, f())",
    "regular expressions": "const a = 4, g = 2\nlet x = a / 2 / g\nout(x, /a[/]b/gi.test('A/B'), [1].map(n => n / 1))",
    "templates": "const b = 'B'; out(`a ${ b } c ${ `d${ b }  e` }\n  f`, String.raw`\\n ${b}`, (s => s[0])`  x`)",
    "loops": "for (var i = 0, n = 2; i < n; i++) 1\ndo i--\nwhile (i > 0)\nfor (const k of [i]) out(k)\nfor (;;) break",
    "classes": "class A { static #p = 1\n x = 2\n 'y' = 3\n get z() { return A.#p } }\nout(new A().z, new A().x)",
    "directives": "'use strict'\nfunction f() { 'use strict'; return this }\nout(f())",
    "labels": "a: for (;;) { for (;;) { break a } }\nout('end')",
    "operators": "const a = { b: null }; out(a?.b ?? 1, a.b?.5:2, 1 .toString(), - -1, + +1, 2 ** 3, 1_000n)",
    "async": "const f = async () => { for await (const x of [1]) out(x) }\nf()\nasync function g() {}\nout(typeof g)",
    "conditions": "if (1) out(1)\nelse out(2)\nif (0) { out(3) } else if (1) out(4)",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_printed_anew_says_the_same(folder: Path, interpreters: Interpreters, text: str) -> None:
    whole = f"// a comment\nconst out = (...all) => console.log(...all.map(String))\n{text}\n"
    made = print_files(folder, interpreters, Runtime.NODE, {"index.js": whole.encode()})["index.js"]
    assert b"comment" not in made
    assert made != whole.encode()
    node = interpreters.own(Runtime.NODE).program
    before, after = (
        subprocess.run([node, "-e", one], capture_output=True, text=True, check=True)  # our own scripts
        for one in (whole, made.decode())
    )
    assert after.stdout == before.stdout
    assert before.stdout


def test_an_es_module_and_a_program_with_a_first_line_are_printed(folder: Path, interpreters: Interpreters) -> None:
    files = {
        "a.mjs": b"import fs from 'fs'\nexport default fs\nexport { fs as b }\n",
        "c.js": b"#!/usr/bin/env node\nx()\n",
    }
    made = print_files(folder, interpreters, Runtime.NODE, files)
    assert set(made) == {"a.mjs", "c.js"}
    assert made["c.js"].startswith(b"#!/usr/bin/env node\n")


def test_a_script_of_no_known_language_stays_as_it_is(folder: Path, interpreters: Interpreters) -> None:
    files = {"typed.js": b"const a: number = 1\n", "b.js": b"var a=1\n"}
    assert set(print_files(folder, interpreters, Runtime.NODE, files)) == {"b.js"}
