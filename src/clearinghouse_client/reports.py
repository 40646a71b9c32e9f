"""Handing reports in, watching them, and reading what they became."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import Plain, each, shown


@dataclass(frozen=True, slots=True)
class Receipt:
    """That something was handed in."""

    receipt: str
    status: str
    monitor: str
    """Where to ask how far it is."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """What a report claims, in a list."""

    id: UUID
    report: str
    """finder/id."""
    title: str
    target: str
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """Something that was handed in, in a list."""

    receipt: str
    name: str
    status: str
    refused: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Submission(SubmissionLine):
    """Something that was handed in, and what it became."""

    problems: tuple[Plain, ...]
    findings: tuple[FindingLine, ...]


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
    etag: str = ""
    """Of this version; an answer to the question that it puts says it."""


class Reports:
    """Reports at one server."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hand_in(self, data: bytes, *, name: str, target: str = "", notify: str = "final", key: str = "") -> Receipt:
        """Hand in an archive or a document, and return the receipt.

        Args:
            data: its bytes.
            name: what it is called.
            target: purl with version, for a document that does not say what it is about.
            notify: what to be told of it: off, final, milestones or all.
            key: as of ``Session.once``.

        Raises:
            ServerRefused: it is not taken, and why.
            NoAnswer: the server does not answer.
        """
        said = self._session.once(
            "/submissions",
            key=key,
            data={"name": name, "target": target, "notify": notify},
            files={"report": ("report", data, "application/octet-stream")},
        )
        return shown(Receipt, said)

    def hand_in_files(
        self, files: Mapping[str, bytes], *, name: str, target: str = "", notify: str = "final", key: str = ""
    ) -> Receipt:
        """Hand in the files of a small report's folder, and return the receipt.

        Args:
            files: the bytes of each, by its name.
            name: what the report is called.
            target: as of ``hand_in``.
            notify: as of ``hand_in``.
            key: as of ``Session.once``.

        Raises:
            ServerRefused: it is not taken, and why.
            NoAnswer: the server does not answer.
        """
        encoded = {one: base64.b64encode(data).decode() for one, data in files.items()}
        body = {"name": name, "target": target, "notify": notify, "files": encoded}
        said = self._session.once("/submissions/files", key=key, json=body)
        return shown(Receipt, said)

    def submissions(self) -> Iterator[SubmissionLine]:
        """Yield what was handed in, as far as one may see it, the latest first.

        Raises:
            ServerRefused: you may not see any.
            NoAnswer: the server does not answer.
        """
        yield from each(SubmissionLine, self._session.pages("/submissions"))

    def submission(self, receipt: str) -> Submission:
        """Return how far a submission is, and what it became.

        Raises:
            ServerRefused: there is none of yours.
            NoAnswer: the server does not answer.
        """
        return shown(Submission, self._session.get(at("submissions", receipt)))

    def settled(self, receipt: str) -> bool:
        """Say whether nothing more is to be done for a submission.

        Raises:
            ServerRefused: there is none of yours.
            NoAnswer: the server does not answer.
        """
        return bool(self._session.get(at("submissions", receipt, "settled")).json()["settled"])

    def verdict(self, finding: UUID) -> Verdict:
        """Return what a finding was judged to be.

        Raises:
            ServerRefused: there is none that you may see.
            NoAnswer: the server does not answer.
        """
        return verdict_of(self._session.get(f"/findings/{finding}/verdict"))

    def index(self) -> bytes:
        """Return ``index.json`` of all that you may read, as ``clearinghouse clear`` writes it.

        Raises:
            ServerRefused: you may not read it.
            NoAnswer: the server does not answer.
        """
        return self._session.get("/index.json").content


def verdict_of(answer: httpx.Response) -> Verdict:
    """Return the verdict that an answer shows."""
    said = answer.json()
    texts = {name: str(said.get(name, "")) for name in ("outcome", "grade", "reason", "sentence", "helps")}
    return Verdict(judged=said["judged"], whole=said, etag=answer.headers.get("ETag", ""), **texts)
