"""Which cases are wanted, and the views of the queue that one saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import Plain, each, shown


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that one saved; what is empty lets every case through."""

    id: UUID
    name: str
    q: str
    """Words that the case speaks of."""
    view: str
    """all, to-confirm, patched, due or second-person."""
    band: str | None
    package: str
    """purl without version."""
    state: str
    created_at: datetime

    @property
    def wanted(self) -> dict[str, str]:
        """What ``Cases.queue`` takes."""
        return {name: getattr(self, name) or "" for name in ("q", "view", "band", "package", "state")}


class SavedViews:
    """Saved views at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def saved(self) -> Iterator[SavedView]:
        """Yield the views that one saved, by name."""
        yield from each(SavedView, self._session.pages("/views"))

    def save(
        self, name: str, *, q: str = "", view: str = "", band: str = "", package: str = "", state: str = ""
    ) -> SavedView:
        """Keep what is wanted under a name; what one kept under it before is gone."""
        wanted = {"q": q, "view": view, "band": band, "package": package, "state": state}
        body: Plain = {"name": name, **{one: said for one, said in wanted.items() if said}}
        return shown(SavedView, self._session.post("/views", json=body))

    def delete(self, view: UUID) -> None:
        """Forget a saved view."""
        self._session.delete(at("views", view))
