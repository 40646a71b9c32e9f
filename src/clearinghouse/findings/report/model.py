"""A report as a whole: ``clearinghouse/report/1``."""

from typing import Annotated, Literal

from pydantic import Field

from clearinghouse.findings.report.fields import (
    LIST_ENTRIES,
    Alias,
    Commit,
    Contact,
    Cvss,
    Cwe,
    Handle,
    Line,
    OwnId,
    Part,
    Prose,
    Target,
    Url,
)
from clearinghouse.findings.report.fix import Patch, Test
from clearinghouse.findings.report.proof import Proof
from clearinghouse.findings.report.what import Circumstances, Known, Location, PackageRange
from clearinghouse.findings.report.who import AiUse, Deadline, Tlp

FORMAT = "clearinghouse/report/1"
PROOFS = 8
PATCHES = 8
TESTS = 8
LOCATIONS = 64
RANGES = 64


class Report(Part):
    """What a finder hands in. Only ``schema``, ``id``, ``finder``, ``title`` and ``target`` must be there."""

    format: Annotated[Literal["clearinghouse/report/1"], Field(alias="schema")]
    id: OwnId
    """The finder's own name for it; handing it in again is the same report."""
    finder: Handle
    contact: Contact | None = None
    """E-mail or web address."""
    credit: Line | None = None
    """How the finder wishes to be named in an advisory."""
    shared_with: Annotated[tuple[Handle, ...], Field(max_length=LIST_ENTRIES)] = ()
    """Who else was told."""
    tlp: Tlp = "AMBER"
    deadline: Deadline | None = None
    ai: Annotated[tuple[AiUse, ...], Field(max_length=16)] = ()

    title: Line
    target: Target
    """purl with the version on which the flaw was seen."""
    affects: Annotated[tuple[PackageRange, ...], Field(max_length=RANGES)] = ()
    not_affected: Annotated[tuple[PackageRange, ...], Field(max_length=RANGES)] = ()
    repository: Url | None = None
    commit: Commit | None = None
    aliases: Annotated[tuple[Alias, ...], Field(max_length=LIST_ENTRIES)] = ()
    """CVE, GHSA and other names of the same flaw."""
    references: Annotated[tuple[Url, ...], Field(max_length=LIST_ENTRIES)] = ()
    description: Prose | None = None
    """What is wrong: element 1 of readiness."""
    trigger: Prose | None = None
    """How it is triggered: element 2."""
    impact: Prose | None = None
    root_cause: Prose | None = None
    weaknesses: Annotated[tuple[Cwe, ...], Field(max_length=LIST_ENTRIES)] = ()
    severity: Annotated[tuple[Cvss, ...], Field(max_length=4)] = ()
    """CVSS 3.1 and 4.0 vectors: element 3."""
    locations: Annotated[tuple[Location, ...], Field(max_length=LOCATIONS)] = ()
    environment: Circumstances | None = None
    exploited: Known | None = None
    public: Known | None = None
    workaround: Prose | None = None

    proofs: Annotated[tuple[Proof, ...], Field(max_length=PROOFS)] = ()
    """Element 4."""
    patches: Annotated[tuple[Patch, ...], Field(max_length=PATCHES)] = ()
    """Element 5."""
    tests: Annotated[tuple[Test, ...], Field(max_length=TESTS)] = ()
    """Element 6."""
