"""A stage on the project's own Node, and the small packages that the tests run against."""

import shutil
from pathlib import Path

import pytest

from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.profile import Sandbox
from clearinghouse.sandbox.select import sandbox_for
from tests.validation.runtimes.node.stage import TARGETS, Stage


def open_up(folder: Path) -> None:
    """Let the sandbox's user read a folder of this test run."""
    for one in (folder, *folder.parents):
        if one.stat().st_mode & 0o005 != 0o005 and "pytest" in str(one):
            one.chmod(0o755)
    for one in folder.rglob("*"):
        one.chmod(0o755 if one.is_dir() else 0o644)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    cache = tmp_path_factory.mktemp("interpreters")
    open_up(cache)
    return Interpreters(cache).own(Runtime.NODE)


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return sandbox_for()


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages") / "node_modules"
    shutil.copytree(TARGETS, folder)
    open_up(folder)
    return folder


@pytest.fixture
def stage(packages: Path, node: Interpreter, sandbox: Sandbox) -> Stage:
    """The runner beside the CommonJS package ``flawed``."""
    return Stage(packages, node, sandbox)


@pytest.fixture
def modern(packages: Path, node: Interpreter, sandbox: Sandbox) -> Stage:
    """The runner beside the ES module package ``modern``."""
    return Stage(packages, node, sandbox, name="modern")
