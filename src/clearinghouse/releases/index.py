"""What the package indexes list: one place to ask, kept for a day so that later runs need no network."""

import json
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from clearinghouse.errors import NotFound
from clearinghouse.releases import npm, pypi
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.names import NPM, PYPI, package_of
from clearinghouse.releases.rules import Release, ReleaseFile
from clearinghouse.releases.supply import INDEX, Supply, not_carried

FRESH_SECONDS: Final = 24 * 3600
LAYOUT: Final = 1
"""Of a kept list; raise it when its shape changes."""
NEAREST: Final = 4


class Indexes:
    """The lists of releases of PyPI and npm."""

    def __init__(
        self,
        cache: Path,
        *,
        pypi_address: str | None = None,
        npm_address: str | None = None,
        supply: Supply = Supply(),  # noqa: B008 - frozen
    ) -> None:
        """Keep lists under ``cache``; the addresses of indexes are the tools' own unless given."""
        self._keeping = Keeping(cache / INDEX)
        self._behind = Keeping(supply.behind / INDEX) if supply.behind else None
        self.supply = supply
        self.addresses = {PYPI: pypi_address, NPM: npm_address}
        self._known: dict[str, tuple[Release, ...]] = {}
        self._guard = Lock()

    def releases(self, package: str, *, refresh: bool = False) -> tuple[Release, ...]:
        """Return every release of ``package`` (a purl; its version is not looked at), sorted by version.

        Args:
            package: ``pkg:pypi/…`` or ``pkg:npm/…``.
            refresh: ask the index even if its answer is less than a day old.

        Raises:
            Malformed: it is not such a purl.
            NotFound: the index has no such package.
            Unavailable: the index does not answer and no answer of the last day is kept.
        """
        asked = package_of(package)
        canonical, ecosystem, name = asked.package, asked.type, asked.registry_name
        with self._guard:
            if canonical in self._known and not refresh:
                return self._known[canonical]
        found = None if refresh else self._kept(ecosystem, name)
        if found is None:
            if self.supply.closed:
                raise not_carried(f"the list of releases of {canonical}")
            found = (pypi if ecosystem == PYPI else npm).listed(name, address=self.addresses[ecosystem])
            self._keep(ecosystem, name, found)
        with self._guard:
            self._known[canonical] = found
        return found

    def release(self, purl: str) -> Release:
        """Return the release that ``purl`` names with its version.

        Raises:
            Malformed: it is no purl of a release.
            NotFound: there is no such release; the nearest are named.
            Unavailable: see :meth:`releases`.
        """
        asked = package_of(purl)
        every = self.releases(asked.package)
        for one in every:
            if _same(asked.type, one.version, asked.version):
                return one
        versions = [one.version for one in every]
        named = ", ".join(_nearest(versions, asked.version)) or "none at all"
        raise NotFound(f"{purl} is not on its index; the nearest versions are: {named}")

    def _kept(self, ecosystem: str, name: str) -> tuple[Release, ...] | None:
        """Return the list kept on disk, if it is whole, and fresh or all that there is to be had."""
        key = self._key(ecosystem, name)
        for keeping in (self._keeping, self._behind):
            with suppress(OSError, ValueError, KeyError, TypeError):
                file = keeping.place(key) if keeping else Path()
                if self.supply.carries or time.time() - file.stat().st_mtime < FRESH_SECONDS:
                    said = json.loads(file.read_bytes())
                    if said["layout"] == LAYOUT and (
                        self.supply.closed or said["address"] == self.addresses[ecosystem]
                    ):
                        found = tuple(_read(one) for one in said["releases"])
                        if keeping is not self._keeping:
                            self._keep(ecosystem, name, found)
                        return found
        return None

    def _keep(self, ecosystem: str, name: str, found: tuple[Release, ...]) -> None:
        said = {
            "layout": LAYOUT,
            "address": self.addresses[ecosystem],
            "releases": [asdict(one) for one in found],
        }
        text = json.dumps(said, default=datetime.isoformat)
        self._keeping.write(self._key(ecosystem, name), lambda file: file.write_text(text))

    @staticmethod
    def _key(ecosystem: str, name: str) -> str:
        return f"{ecosystem}/{quote(name, safe='')}.json"


def _read(said: dict[str, Any]) -> Release:
    files = tuple(ReleaseFile(**{**file, "uploaded_at": _time(file["uploaded_at"])}) for file in said["files"])
    return Release(**{**said, "published_at": _time(said["published_at"]), "files": files})


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _same(ecosystem: str, one: str, other: str) -> bool:
    if ecosystem == PYPI:
        with suppress(InvalidVersion):
            return Version(one) == Version(other)
    return one == other.removeprefix("v")


def _nearest(versions: list[str], wanted: str) -> list[str]:
    """Return the few versions of a sorted list that lie around ``wanted``, by the numbers they begin with."""

    def distance(version: str) -> int:
        pairs = zip(version, wanted, strict=False)
        return next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(version), len(wanted)))

    best = sorted(versions, key=distance, reverse=True)[:NEAREST]
    return [version for version in versions if version in best]
