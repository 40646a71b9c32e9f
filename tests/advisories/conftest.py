"""The small world of ``makers``, written out."""

import json
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.advisories.actions import write_output
from clearinghouse.artefacts import Artefacts
from clearinghouse.parties.rules import LOCAL
from tests.advisories.makers import SIGNER, a_world
from tests.cases.makers import NOON


class Written:
    """An output folder and the store behind it."""

    def __init__(self, folder: Path) -> None:
        self.store = Artefacts(folder / "artefacts")
        self.out = folder / "out"

    def write(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """Write the output and return the index."""
        fields: dict[str, Any] = {"artefacts": self.store, "signer": SIGNER, "actor": LOCAL, "at": NOON}
        return write_output(self.out, **(fields | changes))

    @property
    def index(self) -> dict[str, Any]:
        """The index as it lies on disk."""
        found: dict[str, Any] = json.loads((self.out / "index.json").read_text("utf-8"))
        return found

    def case(self, package: str) -> dict[str, Any]:
        """Return the first case of a package."""
        return next(one for one in self.index["cases"] if one["package"] == package)

    def file(self, package: str, name: str) -> bytes:
        """Return a file of the first case of a package."""
        folder: Path = self.out / "cases" / self.case(package)["key"]
        return (folder / name).read_bytes()

    def files(self) -> dict[str, bytes]:
        """Return every file of the output."""
        return {one.relative_to(self.out).as_posix(): one.read_bytes() for one in self.out.rglob("*") if one.is_file()}


@pytest.fixture
def empty(db: None, tmp_path: Path, settings: Any) -> Written:  # noqa: ARG001, ANN401
    """Return an output folder to be written, with nothing in the database."""
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return Written(tmp_path)


@pytest.fixture
def world(empty: Written) -> Written:
    """Return the world, written."""
    a_world(empty.store)
    empty.write()
    return empty
