"""The ledger as static files that any web server serves: a checkpoint, tiles of hashes, and bundles of leaves.

Source: C2SP tlog-tiles (https://c2sp.org/tlog-tiles): a tile holds 256 hashes of every eighth level of the tree; full
tiles never change, partial ones carry their width in their name.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from clearinghouse.ledger.models import Entry, Node

WIDTH = 256
HEIGHT = 8
_GROUP = 1000
type Content = Callable[[], bytes]


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile below the log's address; ``level`` is ``entries`` for a bundle of leaves."""
    groups = [f"{index % _GROUP:03d}"]
    while index >= _GROUP:
        index //= _GROUP
        groups.insert(0, f"x{index % _GROUP:03d}")
    path = f"tile/{level}/" + "/".join(groups)
    return path if width == WIDTH else f"{path}.p/{width}"


def places(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, index and width of every tile of hashes of a tree with so many entries."""
    level, count = 0, size
    while count:
        full, rest = divmod(count, WIDTH)
        yield from ((level, index, WIDTH) for index in range(full))
        if rest:
            yield level, full, rest
        level, count = level + 1, full


def write_tiles(folder: Path, size: int) -> int:
    """Write every tile and bundle of the tree with so many entries that is not there yet; return how many were written.

    What is there is not read again: a full tile never changes, and a partial one is named after its width.
    """
    written = 0
    for level, index, width in places(size):
        written += _write(folder / tile_path(level, index, width), partial(_hashes, level, index, width))
        if level == 0:
            written += _write(folder / tile_path("entries", index, width), partial(_bundle, index, width))
    return written


def publish(folder: Path, note: str, size: int) -> None:
    """Write the tiles of a checkpoint, and then the checkpoint: who reads it finds all that it states."""
    write_tiles(folder, size)
    keep(folder / "checkpoint", note.encode())


def keep(path: Path, data: bytes) -> None:
    """Write a file so that after a crash either the old or the new is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: Content) -> bool:
    if path.exists():
        return False
    keep(path, content())
    return True


def _hashes(level: int, index: int, width: int) -> bytes:
    """Return the hashes of a tile: the complete subtrees of every eighth level."""
    first = index * WIDTH
    rows = Node.objects.filter(level=level * HEIGHT, index__range=(first, first + width - 1)).order_by("index")
    return b"".join(bytes(found) for found in rows.values_list("hash", flat=True))


def _bundle(index: int, width: int) -> bytes:
    """Return a bundle of leaves, each after its length in two bytes."""
    first = index * WIDTH
    rows = Entry.objects.filter(seq__range=(first, first + width - 1)).order_by("seq").values_list("leaf", flat=True)
    return b"".join(len(leaf).to_bytes(2) + bytes(leaf) for leaf in rows)
