"""What a release, an interpreter and an environment are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Runtime(StrEnum):
    """What runs a proof."""

    PYTHON = "python"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a release as the index lists it; ``digest`` is ``sha256:hex`` (PyPI) or an SRI string (npm)."""

    name: str
    url: str
    digest: str
    kind: str
    """``wheel``, ``sdist`` or ``tarball``."""
    uploaded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a package on its index."""

    package: str
    """purl without version, canonical: ``pkg:pypi/pyyaml``, ``pkg:npm/lodash``, ``pkg:npm/%40scope/name``."""
    version: str
    published_at: datetime | None
    files: tuple[ReleaseFile, ...]
    requires: str
    """The interpreter it asks for (``Requires-Python`` or npm ``engines.node``); empty when it says nothing."""
    yanked: bool

    @property
    def purl(self) -> str:
        """The purl with the version."""
        return f"{self.package}@{self.version}"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter staged where the sandbox's unprivileged user can read it."""

    runtime: Runtime
    version: str
    """Full version: ``3.12.1``, ``20.20.2``."""
    root: Path
    """Folder on this machine that is mounted read-only at ``inside_root``."""
    inside_root: str
    program: str
    """Path of the executable inside the sandbox."""
    stdlib: str
    """Folder of the standard library inside the sandbox; empty for Node."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A release unpacked beside its dependencies, never run on this machine itself.

    For Python ``target`` is a folder for ``sys.path`` that holds the release alone (its modules and its dist-info),
    ``dependencies`` another with everything it needs. For Node ``target`` is the package's own folder and
    ``dependencies`` a ``node_modules`` folder that has an empty folder where the target is mounted.
    Both are world-readable and never written after they were made.
    """

    package: str
    version: str
    target: Path
    dependencies: Path | None
    names: tuple[str, ...]
    """Top-level import names (Python) or the package's name (Node)."""
    digests: tuple[str, ...]
    """``sha256:hex`` of each file fetched, target first."""
    interpreter: Interpreter
