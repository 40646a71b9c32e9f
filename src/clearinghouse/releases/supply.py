"""Where a cache has from what it lacks: the indexes, another cache, or nowhere.

Four kinds of things come from outside: lists of releases, files, what was decided on as dependencies, and what npm
locked. All else in a cache is made from them. So a re-run on another machine needs these and no network; a cache that
has them from another one, as a judgement asks for them, holds in the end what that judgement needs.
Source: docs/decisions/0083.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clearinghouse.errors import Unavailable
from clearinghouse.releases.keeping import Keeping

INDEX: Final = "index"
FILES: Final = "files"
RESOLUTIONS: Final = "resolutions"
LOCKS: Final = "locks"
KINDS: Final = (INDEX, FILES, RESOLUTIONS, LOCKS)


@dataclass(frozen=True, slots=True)
class Supply:
    """Where a cache has things from; as it stands, from the indexes."""

    behind: Path | None = None
    """Another cache, which is asked first and keeps what had to be fetched."""
    closed: bool = False
    """Nothing comes from anywhere: what the cache lacks is not to be had."""

    @property
    def carries(self) -> bool:
        """Whether what is kept here must do for a machine that has nothing else."""
        return self.closed or self.behind is not None

    def keeping(self, cache: Path, kind: str) -> Keeping:
        """Return the things of one kind below ``cache``."""
        if not self.carries:
            return Keeping(cache / kind)
        return _Supplied(cache / kind, Keeping(self.behind / kind) if self.behind else None)


class _Supplied(Keeping):
    """Things that are copied from another cache, or are not to be had."""

    def __init__(self, folder: Path, behind: Keeping | None) -> None:
        super().__init__(folder)
        self._behind = behind

    def file(self, key: str, make: Callable[[Path], object]) -> Path:
        """Return the file under ``key``; if it is not here, it is copied from behind, and made there first.

        Raises:
            Unavailable: there is nothing behind.
        """
        if not self.place(key).exists():
            if self._behind is None:
                raise not_carried(self.place(key).parent.name + "/" + key)
            source = self._behind.file(key, make)
            return super().file(key, lambda goal: shutil.copyfile(source, goal))
        return self.place(key)


def not_carried(what: str) -> Unavailable:
    """Return the refusal of something that did not come along."""
    return Unavailable(
        f"{what} is needed and did not come along; cure: verify with --from-indexes on a machine with a network"
    )
