"""What the office looks at: acts and their proofs in the ledger, how the installation stands, lists, figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each, shown


@dataclass(frozen=True, slots=True)
class Act:
    """One act, as the ledger has it."""

    id: UUID
    """Also names the act where its place in the ledger is proved."""
    at: datetime
    actor: UUID
    verb: str
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The word of the ledger on itself."""

    origin: str
    size: int
    root: str
    """In base64."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Hashes that prove something of the tree, in base64. Source: RFC 6962."""

    size: int
    hashes: tuple[str, ...]
    leaf: str = ""
    """The entry's leaf, in base64; empty for a proof of consistency."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    check: str
    well: bool
    found: str
    cure: str
    """What to do; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the installation stands."""

    well: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """One outside list as it was published at one moment."""

    feed: str
    title: str
    source: str
    version: str
    digest: str
    count: int
    published_at: datetime
    stale: bool
    """A newer one has probably been published."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    name: str
    value: float | None
    """None: held back, for it could tell of one scan or organization."""
    rests_on: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one cut."""

    cut: str
    until: str
    figures: tuple[Figure, ...]


class Office:
    """One server as its office sees it; every method raises ``ServerRefused`` with its reason, or ``NoAnswer``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def acts(
        self,
        *,
        verb: str = "",
        kind: str = "",
        subject: str = "",
        actor: UUID | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> Iterator[Act]:
        """Yield what was done, the latest first: all, or by verb, kind and id of what it is about, person or time."""
        wanted = {
            "verb": verb,
            "kind": kind,
            "subject": subject,
            "actor": str(actor or ""),
            "since": since.isoformat() if since else "",
            "before": before.isoformat() if before else "",
        }
        yield from each(Act, self._session.pages("/acts", **wanted))

    def checkpoint(self) -> Checkpoint:
        """Return how many entries the ledger has, and the root over all of them."""
        return shown(Checkpoint, self._session.get("/ledger/checkpoint"))

    def consistency(self, old: int, new: int) -> Proof:
        """Return the proof that the ledger of ``new`` entries begins with that of ``old``."""
        return shown(Proof, self._session.get("/ledger/consistency", old=old, new=new))

    def inclusion(self, act: UUID, *, size: int | None = None) -> Proof:
        """Return the proof that an act is in the ledger of that many entries; None: of all that there are now."""
        query = {} if size is None else {"size": size}
        return shown(Proof, self._session.get(at("ledger", "entries", act, "proof"), **query))

    def status(self) -> Status:
        """Return how the installation stands."""
        return shown(Status, self._session.get("/status"))

    def feeds(self) -> Iterator[Feed]:
        """Yield the outside lists that are kept here."""
        yield from each(Feed, self._session.pages("/feeds"))

    def figures(self, cut: str = "members") -> Figures:
        """Return the figures for the public, for members or for the office itself (internal)."""
        return shown(Figures, self._session.get("/figures", cut=cut))
