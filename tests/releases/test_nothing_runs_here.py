"""Nothing of a package ever runs on this machine: not when it is built, not when it is installed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearinghouse.releases import commands
from clearinghouse.releases.rules import Runtime
from tests.releases.makers import LocalIndex, a_wheel, an_npm_package, an_sdist, some_environments
from tests.sandbox.makers import a_python

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


@pytest.fixture
def canary() -> Iterator[Path]:
    """A file that anybody could write, under a folder that anybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder, "canary")


def writes(canary: Path) -> str:
    """Return Python code that writes the canary, and says so in the build's output."""
    return f"try: open({str(canary)!r}, 'w').write('x')\nexcept OSError: pass\n"


def test_the_build_script_of_an_sdist_runs_in_the_sandbox_alone(
    index: LocalIndex, cache: Path, canary: Path, tmp_path: Path
) -> None:
    sdist = an_sdist("planted", "1.0", at_import=writes(canary))
    index.add_python("planted", sdist)
    indexes, environments = some_environments(cache, index)
    made = environments.environment(indexes.release("pkg:pypi/planted@1.0"), a_python())
    assert made.names == ("planted",)
    assert not canary.exists()
    tree = environments.source_tree(indexes.release("pkg:pypi/planted@1.0"))
    assert tree is not None
    settings = {"PYTHONPYCACHEPREFIX": str(tmp_path)}
    subprocess.run((sys.executable, "-c", "import backend"), cwd=tree, check=True, env=settings)
    assert canary.exists(), "the control: the same script, run here, writes it"


def test_a_dependency_that_is_only_an_sdist_is_built_in_the_sandbox(
    index: LocalIndex, cache: Path, canary: Path
) -> None:
    index.add_python("planted", an_sdist("planted", "1.0", at_import=writes(canary)))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["planted>=1"]))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/asks@1.0")
    made = environments.environment(release, a_python())
    assert made.dependencies is not None
    assert (made.dependencies / "planted.py").is_file()
    assert not canary.exists()
    assert "built from its sdist in the sandbox" in " ".join(environments.notes(release, a_python()))


def test_a_backend_that_breaks_out_of_its_output_brings_nothing(index: LocalIndex, cache: Path, canary: Path) -> None:
    code = f"os.symlink({str(canary)!r}, '/job/out/planted-1.0-py3-none-any.whl')\nraise SystemExit"
    index.add_python("planted", an_sdist("planted", "1.0", at_import=code))
    indexes, environments = some_environments(cache, index)
    with pytest.raises(Exception, match="could not be built"):
        environments.environment(indexes.release("pkg:pypi/planted@1.0"), a_python())


@pytest.mark.parametrize("script", ["preinstall", "install", "postinstall", "prepare"])
def test_no_script_of_a_node_package_runs(index: LocalIndex, cache: Path, canary: Path, script: str) -> None:
    said = {"scripts": {script: f"touch {canary}"}}
    index.add_node(
        "planted", "1.0.0", an_npm_package("planted", "1.0.0", **said), said={**said, "hasInstallScript": True}
    )
    needs = {"dependencies": {"planted": "^1.0.0"}}
    index.add_node("asks", "1.0.0", an_npm_package("asks", "1.0.0", **needs), said=needs)
    indexes, environments = some_environments(cache, index)
    node = environments.interpreters.own(Runtime.NODE)
    made = environments.environment(indexes.release("pkg:npm/asks@1.0.0"), node)
    assert made.dependencies is not None
    assert (made.dependencies / "planted" / "index.js").is_file()
    assert (made.dependencies / "asks").is_dir() and not any((made.dependencies / "asks").iterdir())
    assert not canary.exists()


def test_the_control_of_the_node_scripts_writes_the_canary(index: LocalIndex, canary: Path, tmp_path: Path) -> None:
    said = {"scripts": {"install": f"touch {canary}"}}
    index.add_node(
        "planted", "1.0.0", an_npm_package("planted", "1.0.0", **said), said={**said, "hasInstallScript": True}
    )
    (tmp_path / "package.json").write_text('{"name": "box", "version": "1.0.0", "dependencies": {"planted": "1.0.0"}}')
    flags = ("--foreground-scripts", "--no-audit", f"--registry={index.address}/", f"--cache={tmp_path / 'cache'}")
    subprocess.run((commands.npm(), "install", *flags), cwd=tmp_path, check=False, capture_output=True)
    assert canary.exists()
