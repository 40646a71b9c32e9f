"""Asking who is on something, announcing scans, and what owners and participants put on record about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clearinghouse_client.session import Session

type Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intent:
    """An announced scan."""

    id: str
    state: str
    version_key: str
    whole: Plain
    """Everything that the server says, as JSON."""
    etag: str = ""
    """Of this version; a renewal names it."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A scan that stands, and everyone whom it meets."""

    intent: Intent
    met: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Whom a scan would meet, and what owners would say."""

    met: tuple[Plain, ...]
    own: tuple[Plain, ...]
    refusals: tuple[Plain, ...]
    whole: Plain

    @property
    def keys(self) -> tuple[str, ...]:
        """The version keys of everything that is met, for ``seen``, once somebody has looked at it."""
        return tuple(str(one["version_key"]) for one in self.met)


class Intents:
    """Scans at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def check(self, scan: Plain) -> Survey:
        """Return whom a scan would meet; nothing is announced, nobody is told.

        Args:
            scan: technique, targets, starts_at, ends_at, contact, and what else the API names.
        """
        said = self._session.post("/intents/check", json=scan).json()
        return Survey(tuple(said["met"]), tuple(said["own"]), tuple(said["refusals"]), said)

    def suggest(
        self,
        scan: Plain,
        *,
        parts: Mapping[str, int] | None = None,
        willing: Mapping[str, Sequence[str]] | None = None,
    ) -> Plain:
        """Return what to do instead of a scan: a free window, techniques, and those of some folders that are free.

        Args:
            scan: as for ``check``.
            parts: folders of its one target, and how much there is to do in each.
            willing: ids of the organizations that would divide it, and by which techniques each can; empty: by all.
        """
        able = {home: list(named) for home, named in (willing or {}).items() if named}
        division = {"parts": dict(parts or {}), "willing": list(willing or ()), "able": able}
        said: Plain = self._session.post("/intents/suggest", json={**scan, **division}).json()
        return said

    def warrant(self, name: str) -> bytes:
        """Return the signed warrant of a standing scan of yours, which its requests carry."""
        return self._session.get(f"/scans/{name}/warrant").content

    def announce(
        self,
        scan: Plain,
        *,
        seen: Iterable[str] = (),
        key: str = "",
        begin: str = "accepted",
        why: str = "",
    ) -> Announced:
        """Announce a scan, and return it with everyone whom it meets.

        Args:
            scan: as for ``check``.
            seen: the version keys of what it meets.
            key: as of ``Session.once``.
            begin: accepted, draft or emergency.
            why: of an emergency, why it cannot wait.
        """
        body = {**scan, "seen": list(seen), "begin": begin, "why": why}
        return self._announced(self._session.once("/intents", key=key, json=body))

    def intent(self, name: str) -> Intent:
        """Return one intent."""
        answer = self._session.get(f"/intents/{name}")
        return _intent(answer.json(), answer.headers.get("ETag", ""))

    def intents(self, **wanted: str | int) -> Iterator[Intent]:
        """Yield the intents that one may see, as the API lets one ask: ``target``, ``standing``, ``ours``, others."""
        for one in self._session.pages("/intents", **wanted):
            yield _intent(one, "")

    def accept(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Announce a draft."""
        return self._announced(self._session.post(f"/intents/{name}/accept", json={"seen": list(seen)}))

    def start(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Say that a scan begins."""
        return self._announced(self._session.post(f"/intents/{name}/start", json={"seen": list(seen)}))

    def renew(self, intent: Intent, ends_at: str, *, seen: Iterable[str] = ()) -> Announced:
        """Let a scan last until another time, if it is as it was when ``intent`` was read."""
        body = {"ends_at": ends_at, "seen": list(seen)}
        path, headers = f"/intents/{intent.id}/renew", {"If-Match": intent.etag}
        return self._announced(self._session.post(path, headers=headers, json=body))

    def urgent(self, name: str, step: str, *, why: str) -> Announced:
        """Say that a scan leaves its plan (``leave-plan``) or cannot wait (``declare-emergency``)."""
        return self._announced(self._session.post(f"/intents/{name}/{step}", json={"why": why}))

    def end(self, name: str, *, why: str = "", step: str = "end") -> Intent:
        """End a scan of one's own; the office ends another's by ``halt``."""
        answer = self._session.post(f"/intents/{name}/{step}", json={"why": why})
        return _intent(answer.json(), answer.headers.get("ETag", ""))

    def meetings(self, intent: str = "") -> Iterator[Plain]:
        """Yield who met confidential scans, or one of these, the latest first: the office sees every meeting."""
        yield from self._session.pages("/meetings", intent=intent)

    def constraints(self, target: str = "") -> Iterator[Plain]:
        """Yield what owners ask, of one target if one is named."""
        yield from self._session.pages("/constraints", target=target)

    def constraint(self, name: str) -> Plain:
        """Return one constraint."""
        said: Plain = self._session.get(f"/constraints/{name}").json()
        return said

    def state_constraint(self, said: Plain, *, key: str = "") -> Plain:
        """State a constraint; return it with the scans that it halted."""
        stated: Plain = self._session.once("/constraints", key=key, json=said).json()
        return stated

    def withdraw_constraint(self, name: str, *, why: str = "") -> Plain:
        """Ask it no longer."""
        said: Plain = self._session.post(f"/constraints/{name}/withdraw", json={"why": why}).json()
        return said

    def watch(self, target: str, *, techniques: Sequence[str] = (), key: str = "") -> Plain:
        """Let your organization be told of scans of a target, of some techniques or of every one."""
        said = {"target": target, "techniques": list(techniques)}
        made: Plain = self._session.once("/subscriptions", key=key, json=said).json()
        return made

    def watches(self) -> Iterator[Plain]:
        """Yield what your organization watches, the latest first."""
        yield from self._session.pages("/subscriptions")

    def watch_of(self, name: str) -> Plain:
        """Return one target that your organization watches."""
        said: Plain = self._session.get(f"/subscriptions/{name}").json()
        return said

    def unwatch(self, name: str) -> Plain:
        """Be told of it no longer."""
        said: Plain = self._session.post(f"/subscriptions/{name}/end", json={"why": ""}).json()
        return said

    def coverage(self, target: str = "") -> Iterator[Plain]:
        """Yield what was tried, on one target if one is named."""
        yield from self._session.pages("/coverage", target=target)

    def worth_looking_at(self, most: int = 20) -> list[Plain]:
        """Return what is most worth looking at, and why: on record as somebody's, and scanned by nobody now."""
        found: list[Plain] = self._session.get("/coverage/next", limit=most).json()
        return found

    def record_coverage(self, name: str, tried: Sequence[Plain]) -> list[Plain]:
        """Write down what a scan has covered so far."""
        made: list[Plain] = self._session.once(f"/intents/{name}/coverage", json={"tried": list(tried)}).json()
        return made

    def publish_count(self, entry: str, where: str) -> Plain:
        """Say where the findings of an entry of coverage are published; from then on their number is told."""
        said: Plain = self._session.post(f"/coverage/{entry}/publish", json={"where": where}).json()
        return said

    def mappings(self, of: str = "") -> Iterator[Plain]:
        """Yield which packages are built from which repositories: all, or of one package or repository."""
        yield from self._session.pages("/targets/mappings", of=of)

    def add_mapping(self, package: str, url: str, *, folder: str = "") -> Plain:
        """Say from which repository a package is built."""
        said = {"package": package, "url": url, "folder": folder}
        made: Plain = self._session.once("/targets/mappings", json=said).json()
        return made

    def withdraw_mapping(self, name: str, *, why: str = "") -> Plain:
        """Say it no longer."""
        said: Plain = self._session.post(f"/targets/mappings/{name}/withdraw", json={"why": why}).json()
        return said

    def techniques(self) -> Plain:
        """Return the table of techniques."""
        said: Plain = self._session.get("/techniques").json()
        return said

    def _announced(self, answer: Any) -> Announced:  # noqa: ANN401 - httpx's answer
        said = answer.json()
        return Announced(_intent(said["intent"], answer.headers.get("ETag", "")), tuple(said["met"]))


def _intent(said: Plain, etag: str) -> Intent:
    return Intent(str(said["id"]), str(said["state"]), str(said["version_key"]), said, etag)
