"""The queue, one case, and what people decide about it: responses, a date to keep silent until, fixes and joins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import Plain, decided_on, each, shown


@dataclass(frozen=True, slots=True)
class Duty:
    """What is owed for a case, and by when."""

    action: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Embargo:
    """What is agreed or proposed about a date."""

    state: str
    ends_at: datetime | None
    proposed_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix that was handed in, and what its checks say on each report."""

    id: UUID
    file: str
    base: str
    by: str
    state: str
    said: tuple[str, ...]
    """What the checks said, each once."""


@dataclass(frozen=True, slots=True)
class Join:
    """That a report is in a case, and on what grounds."""

    finding: UUID
    report: str
    joined_to: str
    """finder/id; empty for the report that founded the case."""
    how: str
    reason: str
    evidence: Plain


@dataclass(frozen=True, slots=True)
class Link:
    """That two reports may belong together."""

    one: str
    other: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndoneJoin:
    """A join that a person undid."""

    report: str
    apart_from: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Response:
    """What a party said of a case."""

    id: UUID
    said: str
    """confirmed, disputed or already-known."""
    why: str
    reference: str
    by: str
    state: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the queue."""

    case: str
    """Its public id, by which every door names it."""
    position: int
    package: str
    state: str
    marking: str
    band: str
    """INCIDENT, URGENT, STANDARD or NEEDS-INFO."""
    why_now: tuple[str, ...]
    """Why it stands where it stands, in plain sentences."""
    could_be: tuple[str, ...]
    """More pressing bands that cannot be ruled out."""
    reports: tuple[str, ...]
    """finder/id of each."""
    silence: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Case(CaseLine):
    """A case, and all that explains it."""

    joins: tuple[Join, ...]
    links: tuple[Link, ...]
    undone: tuple[UndoneJoin, ...]
    responses: tuple[Response, ...]
    embargo: Embargo | None
    fixes: tuple[Fix, ...]
    etag: str = ""
    """Of this version. Every change says it, so that nobody decides on what has changed meanwhile."""


class Cases:
    """Cases at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    A change takes the case as it was read and returns it as it is then. If somebody was quicker it is refused by 412:
    read the case again, and decide anew.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def queue(
        self, *, q: str = "", view: str = "", band: str = "", package: str = "", state: str = ""
    ) -> Iterator[CaseLine]:
        """Yield the cases that one may see, the most pressing first: all, or those that are wanted.

        Args:
            q: words that they speak of.
            view: all, to-confirm, patched, due or second-person.
            band: their band.
            package: purl without version.
            state: their state.
        """
        wanted = {"q": q, "view": view, "band": band, "package": package, "state": state}
        yield from each(CaseLine, self._session.pages("/cases", **wanted))

    def case(self, name: str) -> Case:
        """Return one case."""
        return shown(Case, self._session.get(at("cases", name)))

    def draft(self, case: str, name: str) -> bytes:
        """Return a draft of an advisory of a case."""
        return self._session.get(at("cases", case, "drafts", name)).content

    def respond(self, case: Case, said: str, *, why: str = "", reference: str = "", key: str = "") -> Case:
        """Say of a case that it is a flaw (confirmed), that it is none (disputed), or that it was already-known.

        Args:
            case: as it was read.
            said: the answer.
            why: the reason; a dispute has one.
            reference: under which it was already known, as CVE-2024-1234.
            key: as of ``Session.once``.
        """
        body = {"said": said, "why": why, "reference": reference}
        return self._once(case, "responses", body=body, key=key)

    def withdraw_response(self, case: Case, response: UUID, *, why: str) -> Case:
        """Take back what was said of a case."""
        return self._change(case, "responses", response, "withdraw", body={"why": why})

    def overrule_response(self, case: Case, response: UUID, *, why: str) -> Case:
        """Set aside what a party said of a case; the office does so, and says why."""
        return self._change(case, "responses", response, "overrule", body={"why": why})

    def propose_embargo(self, case: Case, ends_at: datetime, *, why: str = "") -> Case:
        """Propose until when everybody keeps silent."""
        body = {"ends_at": ends_at.isoformat(), "why": why}
        return self._change(case, "embargo", "propose", body=body)

    def accept_embargo(self, case: Case, *, why: str) -> Case:
        """Agree to the day that is proposed."""
        return self._change(case, "embargo", "accept", body={"why": why})

    def reject_embargo(self, case: Case, *, why: str) -> Case:
        """Do not agree to the day that is proposed."""
        return self._change(case, "embargo", "reject", body={"why": why})

    def terminate_embargo(self, case: Case, *, why: str) -> Case:
        """End the silence before its day."""
        return self._change(case, "embargo", "terminate", body={"why": why})

    def undo_join(self, case: Case, finding: UUID, *, why: str, key: str = "") -> Case:
        """Take a report out of a case for good, and return the case that it is in now."""
        return self._once(case, "joins", finding, "undo", body={"why": why}, key=key)

    def hand_in_fix(self, case: str, patch: bytes, *, name: str, base: str = "", key: str = "") -> Case:
        """Hand in a fix, which is checked against every report of the case.

        Args:
            case: its public id; no version is named, since a fix takes nothing back that somebody else did.
            patch: a unified diff.
            name: what its file is called.
            base: the release that it was made for; empty: that of each report.
            key: as of ``Session.once``.
        """
        files = {"patch": (name, patch, "application/octet-stream")}
        return self._whole(self._session.once(at("cases", case, "fixes"), key=key, data={"base": base}, files=files))

    def _change(self, case: Case, *parts: object, body: Mapping[str, str]) -> Case:
        path, headers = at("cases", case.case, *parts), decided_on(case)
        return shown(Case, self._session.post(path, headers=headers, json=body))

    def _once(self, case: Case, *parts: object, body: Mapping[str, str], key: str) -> Case:
        path, headers = at("cases", case.case, *parts), decided_on(case)
        return self._whole(self._session.once(path, key=key, headers=headers, json=body))

    def _whole(self, answer: httpx.Response) -> Case:
        """Return the case with its version: an answer that is given a second time does not name one."""
        case = shown(Case, answer)
        return case if case.etag else self.case(case.case)
