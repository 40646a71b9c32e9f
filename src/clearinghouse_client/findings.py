"""Findings with what was said, their files, and the questions about them that only people can answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from clearinghouse_client.reports import FindingLine, Verdict, verdict_of
from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import Plain, decided_on, each, shown


@dataclass(frozen=True, slots=True)
class Readiness:
    """One of the six elements of a ready report."""

    element: str
    said: bool
    hint: str
    """What could be added; empty when nothing."""


@dataclass(frozen=True, slots=True)
class Finding(FindingLine):
    """A finding with what was said."""

    source: str
    document: Plain
    """The report, as JSON of format version 1."""
    readiness: tuple[Readiness, ...]
    artefacts: tuple[str, ...]
    """Names of the files that belong to it."""
    etag: str = ""
    """Of this version."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is put to people."""

    finding: UUID
    report: str
    title: str
    outcome: str
    grade: str
    code: str
    sentence: str
    holds: bool
    """Whether nothing is published before somebody said yes."""


class Findings:
    """Findings at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def findings(self, *, state: str = "", finder: str = "") -> Iterator[FindingLine]:
        """Yield the findings that one may see: all, or those of a state or a finder."""
        yield from each(FindingLine, self._session.pages("/findings", state=state, finder=finder))

    def finding(self, finding: UUID) -> Finding:
        """Return one finding."""
        return shown(Finding, self._session.get(at("findings", finding)))

    def artefact(self, finding: UUID, name: str) -> bytes:
        """Return a file that belongs to a finding. It is what somebody sent: open it nowhere but in a sandbox."""
        return self._session.get(at("findings", finding, "artefacts", name)).content

    def questions(self, *, answered: bool = False) -> Iterator[Question]:
        """Yield the questions that wait for somebody, or those that were answered."""
        yield from each(Question, self._session.pages("/questions", answered="true" if answered else "false"))

    def answer(self, finding: UUID, verdict: Verdict, *, yes: bool, why: str, key: str = "") -> Verdict:
        """Answer, as the person whose token it is, what is asked about a finding.

        Args:
            finding: which.
            verdict: as it was read, by ``Reports.verdict``.
            yes: the answer.
            why: the reason.
            key: as of ``Session.once``.
        """
        path, headers = at("findings", finding, "answer"), decided_on(verdict)
        said = verdict_of(self._session.once(path, key=key, headers=headers, json={"yes": yes, "why": why}))
        return said if said.etag else verdict_of(self._session.get(at("findings", finding, "verdict")))
