"""Stages on the project's own Python and, where this machine has one, on an old one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.profile import Sandbox
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.validation.runners import Runners
from tests.validation.runtimes.python.stage import Stage
from tests.validation.runtimes.python.targets import DEPENDENCY, FLAWED


def _open_folder() -> Iterator[Path]:
    """A folder that the sandbox's user may enter; pytest closes its own to all others, at any time."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


shared_folder = pytest.fixture(_open_folder, scope="session", name="shared_folder")
folder = pytest.fixture(_open_folder, name="folder")


@pytest.fixture(scope="session")
def interpreters(shared_folder: Path) -> Interpreters:
    return Interpreters(shared_folder)


@pytest.fixture(scope="session")
def old(interpreters: Interpreters) -> Interpreter:
    """The oldest Python that is supported and at hand, which must lie before ``sys.monitoring``."""
    found = [one for one in interpreters.pythons() if tuple(map(int, one.version.split(".")[:2])) < (3, 12)]
    if not found:
        pytest.skip("this machine has no Python older than 3.12")
    return interpreters.ready(found[-1])


@pytest.fixture(scope="session")
def own(interpreters: Interpreters) -> Interpreter:
    return interpreters.own(Runtime.PYTHON)


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return sandbox_for()


@pytest.fixture(scope="session")
def runners(shared_folder: Path, sandbox: Sandbox) -> Runners:
    return Runners(shared_folder / "runners", sandbox)


def _laid(folder: Path, interpreter: Interpreter, runners: Runners) -> Stage:
    made = Stage(folder, interpreter, runners.sandbox, runners.folder(interpreter))
    made.lay(FLAWED)
    made.lay(DEPENDENCY, "deps")
    return made


@pytest.fixture(params=["own", "old"])
def stage(request: pytest.FixtureRequest, folder: Path, runners: Runners) -> Stage:
    """The flawed target, once on the project's own Python and once on an old one."""
    return _laid(folder, request.getfixturevalue(request.param), runners)


@pytest.fixture
def new_stage(own: Interpreter, folder: Path, runners: Runners) -> Stage:
    """The flawed target on the project's own Python only."""
    return _laid(folder, own, runners)
