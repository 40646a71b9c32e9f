"""The best wheel is chosen for the interpreter asked about, not for the one that runs us."""

from pathlib import Path

import pytest

from clearinghouse.releases.rules import Interpreter, ReleaseFile, Runtime
from clearinghouse.releases.wheels import best_wheel, import_names, imports_pkg_resources, requirements_of


def files(*names: str) -> list[ReleaseFile]:
    return [ReleaseFile(name, "", "", "wheel") for name in names]


CHOICE = files(
    "x-1-cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "x-1-cp38-cp38-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "x-1-cp36-abi3-manylinux1_x86_64.whl",
    "x-1-cp36-abi3-manylinux2014_aarch64.whl",
    "x-1-cp312-cp312-win_amd64.whl",
    "x-1-py2.py3-none-any.whl",
    "x-1-py2-none-any.whl",
    "nonsense.whl",
)


@pytest.mark.parametrize(("version", "starts"), [("3.8.18", "x-1-cp38-cp38"), ("3.12.1", "x-1-cp36-abi3")])
def test_the_wheel_nearest_to_the_interpreter_is_chosen(version: str, starts: str) -> None:
    best = best_wheel(CHOICE, version)
    assert best is not None and best.name.startswith(starts)


def test_no_wheel_of_another_platform_or_python_suits() -> None:
    assert (
        best_wheel(files("x-1-cp39-cp39-win32.whl", "x-1-cp27-none-any.whl", "x-1-py2-none-any.whl"), "3.9.1") is None
    )


def test_names_are_read_from_the_files(tmp_path: Path) -> None:
    for name in ("a.py", "b/__init__.py", "c/d/e.py", "f.cpython-312-x86_64-linux-gnu.so", "x-1.dist-info/METADATA"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("docs/readme.txt", "bin/run.py", "not-a-name.py", "__pycache__/a.cpython-312.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert import_names(tmp_path) == ("a", "b", "c", "f")


def test_markers_are_decided_for_the_interpreter_asked_about(tmp_path: Path) -> None:
    (tmp_path / "x-1.dist-info").mkdir()
    lines = ["a>=1; python_version < '3.9'", "b; python_version >= '3.9'", "c[z]", "d; extra == 'test'", "(broken"]
    metadata = "".join(f"Requires-Dist: {line}\n" for line in lines)
    (tmp_path / "x-1.dist-info" / "METADATA").write_text(f"Name: x\n{metadata}\nRequires-Dist: in-the-text\n")
    old = Interpreter(Runtime.PYTHON, "3.8.18", tmp_path, "/interp", "/interp/bin/python3", "/interp/lib")
    new = Interpreter(Runtime.PYTHON, "3.12.1", tmp_path, "/interp", "/interp/bin/python3", "/interp/lib")
    assert (requirements_of(tmp_path, old), requirements_of(tmp_path, new)) == (("a>=1", "c[z]"), ("b", "c[z]"))


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("from pkg_resources import get_distribution\n", True),
        ("import os, pkg_resources.extern\n", True),
        ("try:\n    import pkg_resources\nexcept ImportError:\n    pass\n", False),
        ("def late():\n    import pkg_resources\n", False),
        ("from . import pkg_resources\n", False),
        ("print 'pkg_resources'\n", False),
    ],
)
def test_what_a_release_counts_on_is_what_it_imports_at_once(tmp_path: Path, text: str, *, needed: bool) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "part.py").write_text(text)
    assert imports_pkg_resources(tmp_path) is needed
