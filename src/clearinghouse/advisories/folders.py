"""Writing a whole output at once: built beside its place, then moved in, ``index.json`` last.

Whoever finds an ``index.json`` finds everything it names. A killed writer leaves at most a folder whose name begins
with ``.writing-`` or ``.replaced-``; the next one clears it away.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

FOLDERS = ("cases", "reports")
LAST = "index.json"
_WRITING, _REPLACED = ".writing-", ".replaced-"


def write_at_once(out: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Put ``files`` (relative POSIX path, content) below ``out``, replacing what an earlier output left there.

    They are written as they come, so that a large output never stands in memory as a whole.
    """
    out.mkdir(parents=True, exist_ok=True)
    clear_leftovers(out)
    building = Path(tempfile.mkdtemp(prefix=_WRITING, dir=out))
    names = set()
    for name, data in files:
        _write(building / name, data)
        names.add(name.split("/", 1)[0])
    for folder in FOLDERS:
        (building / folder).mkdir(exist_ok=True)
    _settle(building)
    _move_in(building, out, sorted(names - {*FOLDERS, LAST}))
    clear_leftovers(out)


def clear_leftovers(out: Path) -> None:
    """Remove what a writer that was stopped has left."""
    for left in out.iterdir():
        if left.name.startswith((_WRITING, _REPLACED)):
            shutil.rmtree(left)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(building: Path) -> None:
    """Let everybody read who may read the folder above, and put the names on disk."""
    for folder, _, names in os.walk(building):
        Path(folder).chmod(0o755)
        for name in names:
            (Path(folder) / name).chmod(0o644)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _move_in(building: Path, out: Path, names: list[str]) -> None:
    (out / LAST).unlink(missing_ok=True)
    for folder in FOLDERS:
        if (out / folder).exists():
            (out / folder).rename(Path(tempfile.mkdtemp(prefix=_REPLACED, dir=out)) / folder)
        (building / folder).rename(out / folder)
    for name in names:
        (building / name).replace(out / name)
    (building / LAST).replace(out / LAST)
