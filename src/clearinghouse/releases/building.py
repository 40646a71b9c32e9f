"""Wheels of releases that have only an sdist: built inside a sandbox, without network, by tools that are wheels.

Building runs the package's own code, so it never happens on this machine itself. What comes back is one file, read as
a wheel from a stranger.

Source: docs/decisions/0025-sdists-are-built-inside.md.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from packaging.utils import InvalidWheelFilename, canonicalize_name

from clearinghouse.errors import ClearinghouseError, NotPossible, Unavailable
from clearinghouse.releases.fetch import Files, expected
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.libraries import Libraries, is_wheel_of
from clearinghouse.releases.names import package_of
from clearinghouse.releases.resolutions import Resolutions
from clearinghouse.releases.resolve import day_after
from clearinghouse.releases.rules import Interpreter, Release, ReleaseFile
from clearinghouse.releases.trouble import in_short
from clearinghouse.releases.unpack import unpack_tree
from clearinghouse.releases.wheels import build_requirements
from clearinghouse.sandbox.profile import MIB, Job, Limits, Mount, Sandbox

TOOLS: Final = "/toolchain"
LEGACY: Final = "setuptools.build_meta:__legacy__"
SETUPTOOLS: Final = ("setuptools", "wheel")
WITH_2TO3: Final = ("setuptools<58", "wheel")
LAST_WITH_2TO3: Final = (3, 9)
LIMITS: Final = Limits(
    wall_seconds=240, cpu_seconds=240, memory_bytes=2048 * MIB, work_bytes=512 * MIB, output_bytes=MIB, processes=128
)
DEPENDENCY_SECONDS: Final = 60.0
"""For a dependency, of which another release may do as well."""
SETTLED: Final = timedelta(days=90)
"""After a Python appeared, until build tools knew it."""

APPEARED: Final[Mapping[tuple[int, int], datetime]] = MappingProxyType(
    {
        (3, 8): datetime(2019, 10, 14, tzinfo=UTC),
        (3, 9): datetime(2020, 10, 5, tzinfo=UTC),
        (3, 10): datetime(2021, 10, 4, tzinfo=UTC),
        (3, 11): datetime(2022, 10, 24, tzinfo=UTC),
        (3, 12): datetime(2023, 10, 2, tzinfo=UTC),
        (3, 13): datetime(2024, 10, 7, tzinfo=UTC),
        (3, 14): datetime(2025, 10, 7, tzinfo=UTC),
    }
)
"""First release of each minor version. Source: PEPs 569, 596, 619, 664, 693, 719, 745."""

BUILD: Final = """
import importlib, os, shutil, sys
backend, places = sys.argv[1], sys.argv[2:]
shutil.copytree("/source", "/job/source")
os.makedirs("/job/out")
os.chdir("/job/source")
sys.path[:0] = [os.path.join("/job/source", place) for place in places]
sys.argv = ["setup.py"]
module, _, attribute = backend.partition(":")
hooks = importlib.import_module(module)
for part in filter(None, attribute.split(".")):
    hooks = getattr(hooks, part)
hooks.build_wheel("/job/out")
"""
"""Runs inside: what a PEP 517 front end does, for Python 3.8 and later."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a project says about building it."""

    backend: str
    requires: tuple[str, ...]
    places: tuple[str, ...]
    """Folders of the project that hold its own backend."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What is built, for which interpreter, within which limits."""

    release: Release
    source: Path
    interpreter: Interpreter
    limits: Limits


class Building:
    """Builds wheels, each once for an sdist and a minor version of Python."""

    def __init__(
        self, cache: Path, *, files: Files, libraries: Libraries, resolutions: Resolutions, sandbox: Sandbox
    ) -> None:
        """Keep wheels and unpacked sdists under ``cache``."""
        self._built = Keeping(cache / "built")
        self._sources = Keeping(cache / "sources")
        self._resolutions = resolutions
        self._files = files
        self._libraries = libraries
        self._sandbox = sandbox
        self._failed: dict[str, str] = {}

    def source(self, file: ReleaseFile) -> Path:
        """Return the folder of an unpacked sdist or tarball, without the one folder that holds everything.

        Raises:
            NotPossible: it cannot be unpacked.
            Unavailable: it cannot be had.
        """
        archive = self._files.fetched(file)
        _, digest = expected(file.digest)
        return self._sources.made(digest[:40], lambda goal: unpack_tree(archive, goal))

    def wheel(self, release: Release, interpreter: Interpreter, *, limit_seconds: float = LIMITS.wall_seconds) -> Path:
        """Return a wheel of the release's sdist for ``interpreter``, which must be staged.

        Args:
            release: has an sdist.
            interpreter: will run the build and later the wheel.
            limit_seconds: for one attempt to build it.

        Raises:
            NotPossible: there is no sdist, or every way to build it was tried and failed.
            Unavailable: a file or a build tool cannot be had now, or no sandbox ran the build.
        """
        sdist = next((file for file in release.files if file.kind == "sdist"), None)
        if sdist is None:
            raise NotPossible(f"{release.purl} has neither a wheel for Python {interpreter.version} nor an sdist")
        minor = ".".join(interpreter.version.split(".")[:2])
        _, digest = expected(sdist.digest)
        key = f"{digest[:40]}-{minor}"
        tried = f"{key}-{limit_seconds:.0f}"
        if tried in self._failed:
            raise NotPossible(self._failed[tried])
        try:
            limits = replace(LIMITS, wall_seconds=limit_seconds)
            folder = self._built.made(
                key, lambda goal: self._build(_Task(release, self.source(sdist), interpreter, limits), goal)
            )
        except NotPossible as refusal:
            self._failed[tried] = str(refusal)
            raise
        return next(folder.glob("*.whl"))

    def _build(self, task: _Task, goal: Path) -> None:
        plan = _plan(task.source)
        version = task.interpreter.version
        troubles = []
        for requires, until in _attempts(plan, task.release, task.interpreter):
            try:
                tools = self._resolutions.decided(requires, task.interpreter, until, build=_never)
                folder, _ = self._libraries.folder(tools.pins, task.interpreter, inside=TOOLS)
                name, data = self._run(plan, task, folder)
            except Unavailable:  # the wheel that other tools make would be kept because of today's trouble
                raise
            except ClearinghouseError as trouble:
                troubles.append(f"with {', '.join(requires)}: {trouble}")
                continue
            (goal / name).write_bytes(data)
            return
        raise NotPossible(
            f"{task.release.purl} has no wheel for Python {version} and its sdist could not be built: "
            + "; ".join(dict.fromkeys(troubles))
        )

    def _run(self, plan: _Plan, task: _Task, tools: Path) -> tuple[str, bytes]:
        """Return name and content of the wheel that comes out of the sandbox."""
        interpreter, release = task.interpreter, task.release
        ended = self._sandbox.run(
            Job(
                argv=(interpreter.program, "-S", "-B", "-c", BUILD, plan.backend, *plan.places),
                mounts=(
                    Mount(interpreter.root, interpreter.inside_root),
                    Mount(task.source, "/source"),
                    Mount(tools, TOOLS),
                ),
                env={"PYTHONPATH": TOOLS, "SOURCE_DATE_EPOCH": "946684800", "PYTHONHASHSEED": "0"},
                collect="out",
                limits=task.limits,
            )
        )
        project = canonicalize_name(package_of(release.package).registry_name)
        for name, data in sorted(ended.collected.items()):
            with suppress(InvalidWheelFilename):
                if is_wheel_of(name, project, release.version):
                    return name, data
        if ended.timed_out:
            raise NotPossible(f"building took longer than {task.limits.wall_seconds:.0f} s")
        raise NotPossible(_last_line(ended.stderr) or f"no wheel came out ({ended.exit_code}, {ended.signal})")


def _plan(source: Path) -> _Plan:
    """Return what ``pyproject.toml`` says; without one, or with one that cannot be read, what setuptools assumes."""
    said: dict[str, object] = {}
    with suppress(OSError, ValueError):
        table = tomllib.loads((source / "pyproject.toml").read_text("utf-8")).get("build-system", {})
        said = table if isinstance(table, dict) else {}
    requires, backend, places = said.get("requires"), said.get("build-backend"), said.get("backend-path")
    return _Plan(
        backend=backend if isinstance(backend, str) else LEGACY,
        requires=build_requirements([str(one) for one in requires]) if isinstance(requires, list) else (),
        places=tuple(str(one) for one in places) if isinstance(places, list) else (),
    )


def _attempts(
    plan: _Plan, release: Release, interpreter: Interpreter
) -> Iterator[tuple[tuple[str, ...], datetime | None]]:
    """Yield which tools, of until when, may build the release: of its own time first, then older ways, then today's."""
    uses_setuptools = plan.backend.startswith("setuptools")
    requires = (*plan.requires, *SETUPTOOLS) if uses_setuptools else plan.requires
    major, minor = (int(part) for part in interpreter.version.split(".")[:2])
    known = APPEARED.get((major, minor))
    published = day_after(release)
    if published is not None and known is not None:
        yield requires, max(published, known + SETTLED)
    if uses_setuptools and (major, minor) <= LAST_WITH_2TO3:
        yield (*plan.requires, *WITH_2TO3), None
    yield requires, None


def _never(release: Release) -> Path:
    raise NotPossible(f"{release.purl} is a build tool without a wheel")


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return in_short(lines[-1])[:300] if lines else ""
