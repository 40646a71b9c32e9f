"""Folders of unpacked wheels: dependencies of a release, or the tools that build one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from clearinghouse.errors import Unavailable
from clearinghouse.releases.fetch import Files, sha256_of
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.names import PYPI, purl_of
from clearinghouse.releases.resolve import Pin
from clearinghouse.releases.unpack import unpack_wheel
from clearinghouse.releases.wheels import best_wheel


class Libraries:
    """Unpacks sets of pinned wheels, each set once."""

    def __init__(self, cache: Path, *, indexes: Indexes, files: Files) -> None:
        """Keep folders under ``cache``."""
        self._keeping = Keeping(cache / "libraries")
        self._indexes = indexes
        self._files = files

    def folder(self, pins: Sequence[Pin], version: str) -> tuple[Path, tuple[str, ...]]:
        """Return a folder for ``sys.path`` with all ``pins`` for a CPython of ``version``, and the wheels' digests.

        Raises:
            Unavailable: a wheel cannot be had.
        """
        wheels = [pin.built or self._wheel(pin, version) for pin in sorted(pins, key=lambda pin: pin.name)]
        digests = tuple(sha256_of(wheel) for wheel in wheels)
        key = hashlib.sha256("\n".join(digests).encode()).hexdigest()[:32]

        def fill(goal: Path) -> None:
            for wheel in wheels:
                unpack_wheel(wheel, goal)

        return self._keeping.made(key, fill), digests

    def _wheel(self, pin: Pin, version: str) -> Path:
        release = self._indexes.release(f"{purl_of(PYPI, pin.name)}@{pin.version}")
        wheel = best_wheel(release.files, version)
        if wheel is None:
            raise Unavailable(f"{pin.name} {pin.version} has no wheel for Python {version}")
        return self._files.fetched(wheel)


def is_wheel_of(name: str, project: str, version: str) -> bool:
    """Say whether the file name is that of a wheel of this release; old tools build ``UNKNOWN-0.0.0``."""
    found_project, found_version, _, _ = parse_wheel_filename(name)
    return found_project == project and found_version.public == Version(version).public
