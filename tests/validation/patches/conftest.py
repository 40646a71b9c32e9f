"""A workshop on the project's own Python and Node."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.validation.runners import Runners
from tests.validation.patches.workshop import Workshop


def _open_folder() -> Iterator[Path]:
    """A folder that the sandbox's user may enter; pytest closes its own to all others, at any time."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


shared_folder = pytest.fixture(_open_folder, scope="session", name="shared_folder")
folder = pytest.fixture(_open_folder, name="folder")


@pytest.fixture(scope="session")
def interpreters(shared_folder: Path) -> dict[Runtime, Interpreter]:
    found = Interpreters(shared_folder)
    return {runtime: found.ready(found.own(runtime)) for runtime in Runtime}


@pytest.fixture(scope="session")
def runners(shared_folder: Path) -> Runners:
    return Runners(shared_folder / "runners", sandbox_for())


@pytest.fixture
def workshop(folder: Path, interpreters: dict[Runtime, Interpreter], runners: Runners) -> Workshop:
    return Workshop.opened(folder, interpreters, runners)
