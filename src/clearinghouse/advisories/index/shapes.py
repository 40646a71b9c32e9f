"""``index.json``: the whole result for programs. Content-derived keys only: the same input gives the same bytes.

No times, no random ids, no measured durations, nothing of the machine: those stand in ``run.json``.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Literal["clearinghouse/index/1"] = "clearinghouse/index/1"


class Part(BaseModel):
    """A part of the index; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolPart(Part):
    """What wrote the output."""

    name: str
    version: str
    policy: str = Field(description="Name of the policy pack that put the cases in order.")


class FactorPart(Part):
    """One factor of a case's place in the order."""

    name: str
    value: str | None = Field(description="null: not known.")
    certainty: Literal["known", "assumed", "unknown"]
    says: str


class FederalPart(Part):
    """What a federal table says of the case."""

    table: str = Field(description="Id of the decision table.")
    name: str
    says: str = Field(description="The outcome, or the range of outcomes that it could be.")
    outcomes: tuple[str, ...] = Field(description="Every outcome it could be, mildest first.")
    rows: tuple[int, ...] = Field(description="Rows of the table that could apply, counted from 0.")
    unknown: tuple[str, ...] = Field(description="Decision points that nobody has answered.")


class NotRunPart(Part):
    """A release that could not be run."""

    version: str
    why: str


class LinePart(Part):
    """One release line, by running the proof."""

    events: tuple[dict[str, str], ...] = Field(description="OSV events.")
    affected: tuple[str, ...]
    unaffected: tuple[str, ...]
    not_run: tuple[NotRunPart, ...]
    run: tuple[str, ...] = Field(description="Versions on which the proof was run; the others lie between two alike.")


class AffectedPart(Part):
    """The affected releases of a package."""

    package: str
    exhaustive: bool
    says: str
    fixed_in: tuple[str, ...]
    events: tuple[dict[str, str], ...] = Field(description="OSV events over all lines, in version order.")
    lines: tuple[LinePart, ...]


class SeverityPart(Part):
    """A finder's estimate of severity."""

    vector: str
    score: float
    rating: str


class ControlPart(Part):
    """A question put to the proof, and its answer."""

    name: str
    said: Literal["passed", "failed", "not-possible", "not-run"]


class AnswerPart(Part):
    """What a person said."""

    yes: bool
    by: str
    why: str


class QuestionPart(Part):
    """What a machine cannot say, put to a person."""

    code: str = Field(description="Stable: a reason, or invariant.")
    sentence: str = Field(description="To be answered by yes or no.")
    holds: bool = Field(description="Nothing is published before somebody said yes.")
    open: bool = Field(description="Nobody has answered yet.")
    answers: tuple[AnswerPart, ...]


class ReportPart(Part):
    """One report of a case."""

    finding: str = Field(description="Content-derived key of the finding.")
    finder: str
    id: str
    title: str
    credit: str
    tlp: str
    source: str
    target: str
    fixed: str = Field(description="purl of the release that served as the fixed one; empty: none.")
    grade: str
    detector: str
    proof: str = Field(description="Kind of the proof.")
    says: str
    sink: str
    state: tuple[str, ...] = Field(description="Functions of the target at the witness, innermost first.")
    controls: tuple[ControlPart, ...]
    ai: str
    how: str = Field(description="How it came into the case: founding, patch, frames, range-and-sink, …")
    joined_to: str = Field(description="Key of the finding it was joined to; empty for the founding one.")
    reason: str
    question: QuestionPart | None = Field(description="null: a machine can say it all.")


class PatchPart(Part):
    """A patch and what the checks said of it."""

    digest: str
    file: str
    finding: str
    licence: str
    said: Literal["passed", "held", "refused", "not-run"]
    says: str


class LinkPart(Part):
    """A finding of another case that may belong to this one."""

    finding: str
    other: str
    other_case: str
    how: str
    reason: str


class FilesPart(Part):
    """Where the case's files lie, relative to the index."""

    page: str
    csaf: str
    osv: str
    bundle: str


class CasePart(Part):
    """One case."""

    position: int = Field(ge=1)
    key: str
    title: str
    package: str
    band: Literal["INCIDENT", "URGENT", "STANDARD", "NEEDS-INFO"]
    could_be: tuple[str, ...] = Field(description="More pressing bands that cannot be ruled out.")
    why: tuple[str, ...]
    to_confirm: bool = Field(description="A person confirms before anything is published.")
    grade: str
    detectors: tuple[str, ...]
    aliases: tuple[str, ...]
    weaknesses: tuple[str, ...]
    severity: tuple[SeverityPart, ...]
    affected: AffectedPart | None
    workarounds: tuple[str, ...]
    factors: tuple[FactorPart, ...]
    federal: tuple[FederalPart, ...]
    reports: tuple[ReportPart, ...]
    patches: tuple[PatchPart, ...]
    links: tuple[LinkPart, ...]
    files: FilesPart


class ProblemPart(Part):
    """One thing wrong with a report that could not be taken in."""

    code: str
    field: str
    reason: str
    fix: str


class AsidePart(Part):
    """A report that makes no case."""

    stage: Literal["intake", "judging"]
    finding: str = Field(description="Content-derived key; empty when it could not be taken in.")
    finder: str
    id: str
    name: str
    title: str
    target: str
    grade: str
    reason: str = Field(description="Stable code.")
    says: str
    hints: tuple[str, ...]
    problems: tuple[ProblemPart, ...]
    controls: tuple[ControlPart, ...]
    helps: str = Field(description="What the finder can do next; empty for an intake refusal, see problems.")
    question: QuestionPart | None = Field(description="null: nobody is asked.")
    page: str = Field(description="Its page, relative to the index; empty when nothing was judged.")


class Index(Part):
    """The result of a clearing."""

    schema_: Literal["clearinghouse/index/1"] = Field(alias="schema")
    tool: ToolPart
    cases: tuple[CasePart, ...] = Field(description="First the one to work on first.")
    validated: tuple[AsidePart, ...] = Field(
        description="Validated, and in a case that is not open to whoever asked; the coordinators have it."
    )
    claims: tuple[AsidePart, ...]
    refused: tuple[AsidePart, ...]
    held: tuple[AsidePart, ...]
    not_judged: tuple[AsidePart, ...]


def index_schema() -> dict[str, Any]:
    """Return the JSON Schema of the index."""
    schema = Index.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT} | schema | {"title": FORMAT}
