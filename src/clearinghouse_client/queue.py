"""The queue of cases, and the views of it that one saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clearinghouse_client.session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are wanted; what is empty lets every case through."""

    words: str = ""
    view: str = ""
    """all, to-confirm, patched, due or second-person; empty: all."""
    band: str = ""
    package: str = ""
    """purl without version."""
    state: str = ""

    def plain(self) -> dict[str, str]:
        """Return what is not empty, as the API names it."""
        named = {"q": self.words, "view": self.view, "band": self.band, "package": self.package, "state": self.state}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that one saved."""

    id: str
    name: str
    wanted: Wanted


class Queue:
    """Cases at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def cases(self, wanted: Wanted | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield the cases that are wanted, first the one to work on first, each with why it stands there."""
        yield from self._session.pages("/cases", **(wanted or Wanted()).plain())

    def saved(self) -> Iterator[SavedView]:
        """Yield the views that one saved, by name."""
        return map(_saved, self._session.pages("/views"))

    def save(self, name: str, wanted: Wanted) -> SavedView:
        """Keep what is wanted under a name; what one kept under it before is gone."""
        return _saved(self._session.post("/views", json={"name": name, **wanted.plain()}).json())

    def delete(self, view: SavedView) -> None:
        """Forget a saved view."""
        self._session.delete(f"/views/{view.id}")


def _saved(said: Mapping[str, Any]) -> SavedView:
    view, band = "" if said["view"] == "all" else said["view"], said["band"] or ""
    return SavedView(said["id"], said["name"], Wanted(said["q"], view, band, said["package"], said["state"]))
