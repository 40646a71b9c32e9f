"""Tools about reports: look whether one is well formed, hand it in, and ask what it was judged to be."""

import base64
import binascii
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import BaseModel, ConfigDict, Field

from clearinghouse.errors import Malformed, Problem, Refused
from clearinghouse.findings.archives import ARCHIVE_BYTES, packed
from clearinghouse.findings.folders import LIMITS, refusal
from clearinghouse.mcp.answers import Checked, HandedIn, Progress, Skeleton, WhoAsks, told
from clearinghouse.mcp.scans import Asking
from clearinghouse_client.reports import Reports

MOST_VERDICTS = 50
_ANSWER_KEYS = ("judged", "outcome", "grade", "reason", "sentence", "helps")


class ReportGiven(BaseModel):
    """A report, as content: nothing is read from a path."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=300, description="What it is called; of a document, with its ending.")
    files: dict[str, str] = Field(
        {},
        max_length=LIMITS.files,
        description="Name of each text file of the report's folder (report.yaml, proof.yaml …), and its content.",
    )
    files_base64: dict[str, str] = Field(
        {}, max_length=LIMITS.files, description="The same of files that are not text, in base64."
    )
    document: str = Field("", description="Instead of files: one document, SARIF, OSV, CycloneDX VDR or Markdown.")
    target: str = Field("", max_length=1_600, description="purl with version, for a document that does not say it.")

    def content(self) -> bytes:
        """Return what is handed in: the document, or the files as an archive.

        Raises:
            Malformed: there is nothing, or both, or too much; or a name is unsafe.
        """
        if bool(self.document) == bool(self.files or self.files_base64):
            raise Malformed("give either `files` (and `files_base64`) or `document`")
        if self.document:
            return _within(_bytes("document", self.document))
        twice = sorted(self.files.keys() & self.files_base64.keys())
        if twice:
            raise refusal("duplicate-name", twice[0], "it stands twice", "keep one of the two")
        whole = {name: _bytes(name, text) for name, text in self.files.items()}
        whole |= {name: _decoded(name, text) for name, text in self.files_base64.items()}
        _within(b"", already=sum(map(len, whole.values())))
        return packed(whole)


class ReportTools:
    """What an agent can do about reports; the docstrings are what it reads."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def new_report(
        self,
        kind: Annotated[
            Literal["calls", "input", "program"],
            Field(description="Of proof: calls of the package, an input, a program."),
        ] = "calls",
        runtime: Literal["python", "node"] = "python",
        detector: Annotated[str, Field(max_length=60, description="What the judge should watch for.")] = (
            "command-execution"
        ),
    ) -> Skeleton:
        """Begin a report: its files with blanks and comments that say what belongs there. Then `check_report`."""
        from clearinghouse.findings.skeleton import blanks_of, skeleton_files

        files = skeleton_files(kind=kind, runtime=runtime, detector=detector)
        return told(Skeleton, {"files": files, "blanks": list(blanks_of(kind=kind, runtime=runtime))})

    def check_report(self, ctx: Context[Any, Any], report: ReportGiven) -> Checked:
        """Look whether a report is well formed, without handing it in: every problem, and the checklist of six."""
        with self._asking(ctx) as session:
            session.get("/submissions", limit=1)  # reading a report costs time: not for whoever holds no token
        try:
            return told(Checked, _checked(report))
        except Refused as found:
            problems = [asdict(one) for one in found.problems]
            return told(Checked, {"accepted": False, "problems": problems, "reports": []})

    def hand_in_report(
        self,
        ctx: Context[Any, Any],
        report: ReportGiven,
        request_key: Annotated[
            str, Field(max_length=200, description="Draw it at random; calling again with it hands in once.")
        ] = "",
    ) -> HandedIn:
        """Hand in a report. Its proof is run and judged at the server; the receipt asks for the verdict."""
        data = report.content()
        with self._asking(ctx) as session:
            made = Reports(session).hand_in(data, name=report.name, target=report.target, key=request_key)
            return told(HandedIn, {"receipt": made.receipt, "status": made.status})

    def report_verdict(
        self,
        ctx: Context[Any, Any],
        receipt: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$", description="As `hand_in_report` gave it.")],
    ) -> Progress:
        """Say how far a report is that you handed in, and what each of its findings was judged to be, and why."""
        with self._asking(ctx) as session:
            reports = Reports(session)
            found, settled = reports.submission(receipt), reports.settled(receipt)
            findings = [
                {
                    "id": str(one.id),
                    "report": one.report,
                    "title": one.title,
                    "state": one.state,
                    "verdict": {key: getattr(reports.verdict(one.id), key) for key in _ANSWER_KEYS},
                }
                for one in islice(found.findings, MOST_VERDICTS)
            ]
        said = {"receipt": found.receipt, "status": found.status, "refused": found.refused, "settled": settled}
        more = len(found.findings) > MOST_VERDICTS
        return told(Progress, {**said, "problems": list(found.problems), "findings": findings, "more": more})

    def who_am_i(self, ctx: Context[Any, Any]) -> WhoAsks:
        """Say who the token stands for: its organization, roles and scopes. A right needs a role and a scope."""
        with self._asking(ctx) as session:
            return told(WhoAsks, session.whoami())


def _checked(report: ReportGiven) -> dict[str, Any]:
    from clearinghouse.findings.intake.reading import read_bytes
    from clearinghouse.findings.rules import readiness_of

    claims = read_bytes(report.content(), name=report.name, target=report.target)
    reports = [
        {
            "id": one.report.id,
            "finder": one.report.finder,
            "title": one.report.title,
            "target": one.report.target,
            "source": str(one.source),
            "readiness": [
                {"element": str(part.element), "said": part.said, "hint": part.hint}
                for part in readiness_of(one.report)
            ],
        }
        for one in islice(claims, MOST_VERDICTS)
    ]
    return {"accepted": True, "problems": [], "reports": reports, "claims": len(claims)}


def _bytes(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise refusal("invalid-text", name, "it holds half a character", "send it under files_base64") from None


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refusal("invalid-base64", f"files_base64.{name}", "it is not base64", "encode the bytes") from None


def _within(data: bytes, *, already: int = 0) -> bytes:
    size = len(data) + already
    if size > ARCHIVE_BYTES:
        reason = f"{size} bytes; at most {ARCHIVE_BYTES} are taken"
        raise Refused((Problem("too-large", "report", reason, "send less"),))
    return data
