"""What requirements meant at a time: decided once by uv and kept, so that the same question has the same answer."""

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from clearinghouse.errors import Malformed, NotPossible
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.names import PYPI, purl_of
from clearinghouse.releases.resolve import Build, Pin, Resolution, resolve
from clearinghouse.releases.rules import Interpreter
from clearinghouse.releases.supply import RESOLUTIONS

LAYOUT: Final = 2
"""Of kept resolutions; raise it when the rules of resolving change."""
_BUILT: Final = re.compile(r"built/[0-9a-f]{40}-\d+\.\d+/[A-Za-z0-9_.+!-]+-[A-Za-z0-9_.+!-]+\.whl")


class Resolutions:
    """Decides which releases of dependencies and build tools are taken, each question once."""

    def __init__(self, cache: Path, indexes: Indexes) -> None:
        """Keep what was decided under ``cache``."""
        self._cache = cache
        self._indexes = indexes
        self._keeping = indexes.supply.keeping(cache, RESOLUTIONS)

    def decided(
        self, requirements: Sequence[str], interpreter: Interpreter, until: datetime | None, *, build: Build
    ) -> Resolution:
        """Return what the requirements meant at a time for an interpreter.

        Raises:
            NotPossible: there is no set of releases that fits.
            Unavailable: the index does not answer, or what was decided did not come along.
        """
        asked = [
            LAYOUT,
            list(requirements),
            interpreter.version,
            until and until.isoformat(),
            self._indexes.addresses[PYPI],
        ]
        key = self._like(asked) or hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]

        def decide() -> str:
            try:
                made = resolve(requirements, interpreter, until=until, indexes=self._indexes, build=build)
            except NotPossible as refusal:
                if not self._indexes.supply.carries:
                    raise  # a later answer of the index may be another; only who carries it along has no other
                return json.dumps({"asked": asked, "refused": str(refusal)}, indent=1)
            pins = [[pin.name, pin.version, self._kept_as(pin.built)] for pin in made.pins]
            return json.dumps({"asked": asked, "pins": pins, "notes": list(made.notes)}, indent=1)

        said: dict[str, Any] = json.loads(self._keeping.text(f"{key}.json", decide))
        if "refused" in said:
            raise NotPossible(str(said["refused"]))
        try:
            pins = [(str(name), str(version), built and str(built)) for name, version, built in said["pins"]]
            notes = tuple(str(one) for one in said["notes"])
        except (KeyError, TypeError, ValueError):
            raise Malformed(f"what was decided for {', '.join(requirements)} is kept in no shape of ours") from None
        return Resolution(tuple(self._pin(*pin, build=build) for pin in pins), notes)

    def _pin(self, name: str, version: str, built: str | None, *, build: Build) -> Pin:
        """Return a pin; a wheel that we built lies in the cache, or is built again."""
        if built is None:
            return Pin(name, version)
        if _BUILT.fullmatch(built) is None:
            raise Malformed(f"{built!r} is no place of a wheel that we built")
        place = self._cache / built
        if not place.is_file():
            place = build(self._indexes.release(f"{purl_of(PYPI, name)}@{version or _version_in(built)}"))
        return Pin(name, version, place)

    def _kept_as(self, built: Path | None) -> str | None:
        """Return where a wheel lies in the cache, which may be moved or carried elsewhere."""
        if built is None:
            return None
        return Path(*built.parts[-3:]).as_posix()

    def _like(self, asked: list[Any]) -> str:
        """Return the key of what was decided for another patch release of the same Python, where nothing else can be.

        Wheels that fit one fit the other.
        """
        if not self._indexes.supply.closed:
            return ""
        for file in sorted(self._keeping.place("").glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError, IndexError):
                other = json.loads(file.read_bytes())["asked"]
                if _without_patch(other) == _without_patch(asked):
                    return file.stem
        return ""


def _without_patch(asked: list[Any]) -> list[Any]:
    """Return a question with the minor version of Python alone, and without the address of the index."""
    return [*asked[:2], ".".join(str(asked[2]).split(".")[:2]), asked[3]]


def _version_in(built: str) -> str:
    return Path(built).name.split("-")[1]
