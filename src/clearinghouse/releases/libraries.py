"""Folders of unpacked wheels: dependencies of a release, or the tools that build one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from clearinghouse.errors import NotPossible
from clearinghouse.releases.compiling import compile_into
from clearinghouse.releases.fetch import Files, sha256_of
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.names import PYPI, purl_of
from clearinghouse.releases.resolve import Pin
from clearinghouse.releases.rules import Interpreter
from clearinghouse.releases.unpack import unpack_wheel
from clearinghouse.releases.wheels import best_wheel
from clearinghouse.sandbox.profile import Sandbox


class Libraries:
    """Unpacks sets of pinned wheels, each set once."""

    def __init__(self, cache: Path, *, indexes: Indexes, files: Files, sandbox: Sandbox) -> None:
        """Keep folders under ``cache``; modules are compiled in ``sandbox``."""
        self._keeping = Keeping(cache / "libraries")
        self._indexes = indexes
        self._files = files
        self._sandbox = sandbox

    def folder(self, pins: Sequence[Pin], interpreter: Interpreter, *, inside: str) -> tuple[Path, tuple[str, ...]]:
        """Return a folder for ``sys.path`` with all ``pins`` for ``interpreter``, and the wheels' digests.

        Args:
            pins: what was resolved.
            interpreter: staged.
            inside: where the folder will be mounted.

        Raises:
            NotFound: a pinned release is not on the index.
            NotPossible: a release has no wheel that fits, or one that cannot be unpacked.
            Unavailable: a wheel cannot be had, or no sandbox compiles its modules.
        """
        wheels = [pin.built or self._wheel(pin, interpreter.version) for pin in sorted(pins, key=lambda pin: pin.name)]
        digests = tuple(sha256_of(wheel) for wheel in wheels)
        key = hashlib.sha256("\n".join((inside, interpreter.version, *digests)).encode()).hexdigest()[:32]

        def fill(goal: Path) -> None:
            for wheel in wheels:
                unpack_wheel(wheel, goal)
            compile_into(goal, inside, interpreter, self._sandbox)

        return self._keeping.made(key, fill), digests

    def _wheel(self, pin: Pin, version: str) -> Path:
        release = self._indexes.release(f"{purl_of(PYPI, pin.name)}@{pin.version}")
        wheel = best_wheel(release.files, version)
        if wheel is None:
            raise NotPossible(f"{pin.name} {pin.version} has no wheel for Python {version}")
        return self._files.fetched(wheel)


def is_wheel_of(name: str, project: str, version: str) -> bool:
    """Say whether the file name is that of a wheel of this release; old tools build ``UNKNOWN-0.0.0``."""
    found_project, found_version, _, _ = parse_wheel_filename(name)
    return found_project == project and found_version.public == Version(version).public
