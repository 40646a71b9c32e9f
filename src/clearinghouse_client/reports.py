"""Handing reports in, watching them, and reading what they became."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from clearinghouse_client.session import Session


@dataclass(frozen=True, slots=True)
class Receipt:
    """That something was handed in."""

    receipt: str
    status: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a report claims, in short."""

    id: UUID
    report: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Something that was handed in, and what it became."""

    receipt: str
    name: str
    status: str
    refused: bool
    problems: tuple[Mapping[str, str], ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a finding was judged to be; empty texts where nothing is said."""

    judged: bool
    outcome: str
    grade: str
    reason: str
    sentence: str
    helps: str
    whole: Mapping[str, Any]
    """Everything that the server says, as JSON: runs, controls, affected releases, patches."""


class Reports:
    """Reports at one server."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hand_in(self, data: bytes, *, name: str, target: str = "", key: str = "") -> Receipt:
        """Hand in an archive or a document, and return the receipt.

        Args:
            data: its bytes.
            name: what it is called.
            target: purl with version, for a document that does not say what it is about.
            key: drawn at random; sending again with the same one hands in once.

        Raises:
            ServerRefused: it is not taken, and why.
            NoAnswer: the server does not answer.
        """
        said = self._session.post(
            "/submissions",
            headers={"Idempotency-Key": key} if key else None,
            data={"name": name, "target": target},
            files={"report": ("report", data, "application/octet-stream")},
        ).json()
        return Receipt(said["receipt"], said["status"])

    def submission(self, receipt: str) -> Submission:
        """Return how far a submission is, and what it became.

        Raises:
            ServerRefused: there is none of yours.
            NoAnswer: the server does not answer.
        """
        said = self._session.get(f"/submissions/{receipt}").json()
        return Submission(
            receipt=said["receipt"],
            name=said["name"],
            status=said["status"],
            refused=said["refused"],
            problems=tuple(said["problems"]),
            findings=tuple(
                Finding(UUID(one["id"]), one["report"], one["title"], one["state"]) for one in said["findings"]
            ),
        )

    def settled(self, receipt: str) -> bool:
        """Say whether nothing more is to be done for a submission.

        Raises:
            ServerRefused: there is none of yours.
            NoAnswer: the server does not answer.
        """
        return bool(self._session.get(f"/submissions/{receipt}/settled").json()["settled"])

    def verdict(self, finding: UUID) -> Verdict:
        """Return what a finding was judged to be.

        Raises:
            ServerRefused: there is none that you may see.
            NoAnswer: the server does not answer.
        """
        said = self._session.get(f"/findings/{finding}/verdict").json()
        texts = {name: str(said[name]) for name in ("outcome", "grade", "reason", "sentence", "helps")}
        return Verdict(judged=said["judged"], whole=said, **texts)

    def index(self) -> bytes:
        """Return ``index.json`` of all that you may read, as ``clearinghouse clear`` writes it.

        Raises:
            ServerRefused: you may not read it.
            NoAnswer: the server does not answer.
        """
        return self._session.get("/index.json").content
