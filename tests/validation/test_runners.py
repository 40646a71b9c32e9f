"""The compiled runner: made once, complete, and the same program as its source."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.profile import Job, Mount, Sandbox
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.validation.runners import RUNTIMES, Runners


def _open_folder() -> Iterator[Path]:
    """A folder that the sandbox's user may enter; pytest closes its own to all others."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


folder = pytest.fixture(_open_folder, name="folder")
shared_folder = pytest.fixture(_open_folder, scope="module", name="shared_folder")


@pytest.fixture
def sandbox() -> Sandbox:
    return sandbox_for()


@pytest.fixture(scope="module")
def interpreter(shared_folder: Path) -> Interpreter:
    return Interpreters(shared_folder).own(Runtime.PYTHON)


def test_every_module_is_there_with_its_compiled_form(folder: Path, sandbox: Sandbox, interpreter: Interpreter) -> None:
    made = Runners(folder / "runners", sandbox).folder(interpreter)
    names = sorted(path.name for path in made.glob("*.py"))
    assert names == sorted(path.name for path in (RUNTIMES / "python").glob("*.py"))
    assert sorted(path.name.partition(".")[0] for path in made.glob("__pycache__/*.pyc")) == [
        name.removesuffix(".py") for name in names
    ]


def test_it_is_made_once(folder: Path, sandbox: Sandbox, interpreter: Interpreter) -> None:
    runners = Runners(folder / "runners", sandbox)
    first = runners.folder(interpreter)
    made = {path: path.stat().st_ino for path in (folder / "runners").iterdir()}
    assert runners.folder(interpreter) == first
    assert {path: path.stat().st_ino for path in (folder / "runners").iterdir()} == made


def test_the_compiled_form_is_what_runs(folder: Path, sandbox: Sandbox, interpreter: Interpreter) -> None:
    made = Runners(folder / "runners", sandbox).folder(interpreter)
    code = "import sys; sys.path.insert(0, '/runner'); import plain; print(plain.__cached__, plain.dump([1]))"
    mounts = (Mount(interpreter.root, interpreter.inside_root), Mount(made, "/runner"))
    ended = sandbox.run(Job(argv=(interpreter.program, "-I", "-B", "-S", "-v", "-c", code), mounts=mounts))
    assert b"matches /runner/plain.py" in ended.stderr
    assert ended.stdout.endswith(b"[1]\n")


def test_what_cannot_be_compiled_is_taken_as_written(folder: Path, sandbox: Sandbox, interpreter: Interpreter) -> None:
    broken = replace(interpreter, program="/nowhere/python")
    made = Runners(folder / "runners", sandbox).folder(broken)
    assert (made / "main.py").read_bytes() == (RUNTIMES / "python/main.py").read_bytes()
    assert not list(made.glob("__pycache__/*"))


def test_the_node_runner_is_only_copied(folder: Path, sandbox: Sandbox, interpreter: Interpreter) -> None:
    node = replace(interpreter, runtime=Runtime.NODE)
    made = Runners(folder / "runners", sandbox).folder(node)
    assert sorted(path.name for path in made.glob("*.js")) == sorted(
        path.name for path in (RUNTIMES / "node").glob("*.js")
    )
