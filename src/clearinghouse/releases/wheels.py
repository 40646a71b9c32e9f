"""Which wheel suits an interpreter, and what an unpacked one says of itself."""

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from email.parser import BytesHeaderParser
from functools import lru_cache
from pathlib import Path

from packaging.markers import UndefinedEnvironmentName, default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, platform_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from clearinghouse.releases.rules import Interpreter, ReleaseFile

MODULE_ENDINGS = (".py", ".so", ".pyc")
PKG_RESOURCES = "pkg_resources"
NO_MODULES = frozenset({"bin", "share", "etc", "include", "__pycache__"})


@lru_cache(maxsize=32)
def tags_for(version: str) -> dict[Tag, int]:
    """Return the tags that a CPython of ``version`` on this machine accepts, each with its rank, best first."""
    major, minor, *_ = (int(part) for part in version.split(".") if part.isdigit())
    platforms = tuple(platform_tags())
    python = f"cp{major}{minor}"
    accepted = [*cpython_tags((major, minor), [python], platforms), *compatible_tags((major, minor), python, platforms)]
    return {tag: rank for rank, tag in reversed(list(enumerate(accepted)))}


def best_wheel(files: Iterable[ReleaseFile], version: str) -> ReleaseFile | None:
    """Return the wheel that suits a CPython of ``version`` best, or None when none does."""
    ranked = [(rank, file.name, file) for file in files if (rank := wheel_rank(file.name, version)) is not None]
    return min(ranked)[2] if ranked else None


def wheel_rank(name: str, version: str) -> int | None:
    """Return how well the wheel of this file name suits, 0 being best; None when it does not or is no wheel."""
    try:
        tags = parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return None
    accepted = tags_for(version)
    return min((accepted[tag] for tag in tags if tag in accepted), default=None)


def import_names(folder: Path) -> tuple[str, ...]:
    """Return the top-level names that can be imported from an unpacked wheel, by looking at its files."""
    return tuple(sorted(set(_names(folder))))


def _names(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        name = entry.name.partition(".")[0]
        if not name.isidentifier() or name in NO_MODULES:
            continue
        if (entry.is_file() and entry.name.endswith(MODULE_ENDINGS)) or (
            entry.is_dir() and "." not in entry.name and any(_modules(entry))
        ):
            yield name


def _modules(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.name.endswith(MODULE_ENDINGS))


def requirements_of(folder: Path, interpreter: Interpreter) -> tuple[str, ...]:
    """Return what an unpacked wheel needs on ``interpreter``, extras left out; markers are decided and gone."""
    environment = _environment(interpreter)
    found = []
    for file in folder.glob("*.dist-info/METADATA"):
        for text in BytesHeaderParser().parsebytes(file.read_bytes()).get_all("Requires-Dist", []):
            try:
                requirement = Requirement(str(text))
                if requirement.marker is None or requirement.marker.evaluate({**environment, "extra": ""}):
                    requirement.marker = None
                    found.append(str(requirement))
            except (InvalidRequirement, UndefinedEnvironmentName):
                continue
    return tuple(sorted(set(found)))


def imports_pkg_resources(folder: Path) -> bool:
    """Say whether an unpacked wheel imports ``pkg_resources``, a part of setuptools, without a condition.

    Until Python 3.12 every new environment held setuptools, so such a release seldom says that it needs it.
    """
    return any(_imports(file, PKG_RESOURCES) for file in folder.rglob("*.py"))


def _imports(file: Path, package: str) -> bool:
    """Say whether a module imports a package at its top, outside ``try`` and ``if``."""
    data = file.read_bytes()
    if package.encode() not in data:
        return False
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    found = [one.module or "" for one in tree.body if isinstance(one, ast.ImportFrom) and not one.level]
    found += [alias.name for one in tree.body if isinstance(one, ast.Import) for alias in one.names]
    return any(name.partition(".")[0] == package for name in found)


def build_requirements(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of a project's build requirements that can be read."""
    found = []
    for name in names:
        try:
            found.append(str(Requirement(name)))
        except InvalidRequirement:
            continue
    return tuple(found)


def _environment(interpreter: Interpreter) -> dict[str, str]:
    """Return what environment markers see on ``interpreter``, which shares this machine's platform."""
    major_minor = ".".join(interpreter.version.split(".")[:2])
    return {
        **{key: str(value) for key, value in default_environment().items()},
        "python_version": major_minor,
        "python_full_version": interpreter.version,
        "implementation_version": interpreter.version,
        "sys_platform": sys.platform,
    }
