"""What a dossier is, and what follows from it: the case's releases, its title, its statements on AI."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from clearinghouse.cases.rules.embargo import Embargo
from clearinghouse.cases.rules.order import Duty, Position
from clearinghouse.cases.rules.outcomes import Outcome
from clearinghouse.standards.tlp import Tlp
from clearinghouse.validation.lines import AffectedRange, Line, ReleaseResult, ReleaseStatus, events_of
from clearinghouse.validation.rules import Grade, Judgement, PatchResult

_GRADES = (Grade.A, Grade.A_PATCH, Grade.B, Grade.C, Grade.D, None)
_CERTAIN = (ReleaseStatus.AFFECTED, ReleaseStatus.UNAFFECTED, ReleaseStatus.NOT_RUN)
COORDINATOR_AI_LINE = "The clearinghouse used no AI to judge, join, rank or write this."


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of a case: what its finder said and what running its proof showed."""

    key: str
    finder: str
    ref: str
    source: str
    report: Mapping[str, Any]
    received_at: datetime
    judgement: Judgement
    releases: AffectedRange | None
    patches: tuple[PatchResult, ...]
    environments: Mapping[str, Sequence[str]]
    artefacts: Mapping[str, str]
    """File name → digest."""
    how: str
    joined_to: str
    """Key of the finding it was joined to; empty for the founding one."""
    reason: str
    evidence: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name for people: ``finder-a/fa-2021-0042``."""
        return f"{self.finder}/{self.ref}"

    @property
    def credit(self) -> str:
        """How the finder wishes to be named."""
        return str(self.report.get("credit") or self.finder)


@dataclass(frozen=True, slots=True)
class Linked:
    """A finding of another case that may belong here."""

    finding: str
    other: str
    other_name: str
    other_case: str
    """Key of its case; empty when it has none."""
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known of one case."""

    key: str
    public_id: str
    package: str
    to_confirm: bool
    tlp: Tlp
    position: Position
    outcomes: tuple[Outcome, ...]
    embargo: Embargo
    duties: tuple[Duty, ...]
    reports: tuple[Reported, ...]
    links: tuple[Linked, ...]
    opened_at: datetime
    changed_at: datetime

    @property
    def best(self) -> Reported:
        """The report with the strongest evidence; of equals the one with the smallest key."""
        return min(self.reports, key=lambda one: (_GRADES.index(one.judgement.grade), one.key))

    @property
    def title(self) -> str:
        """The title of the best report."""
        return str(self.best.report["title"])

    @property
    def aliases(self) -> tuple[str, ...]:
        """CVE, GHSA and other names, each once; CVEs first."""
        return tuple(sorted(self._said("aliases"), key=lambda one: (not one.startswith("CVE-"), one)))

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """CWEs that finders name, by number."""
        return tuple(sorted(self._said("weaknesses"), key=lambda one: (len(one), one)))

    @property
    def vectors(self) -> tuple[str, ...]:
        """CVSS vectors that finders give."""
        return tuple(sorted(self._said("severity")))

    @property
    def references(self) -> tuple[str, ...]:
        """Addresses that finders give."""
        return tuple(sorted(self._said("references")))

    @property
    def workarounds(self) -> tuple[str, ...]:
        """What finders say helps until a fix is in."""
        return tuple(
            dict.fromkeys(str(one.report["workaround"]) for one in self.reports if one.report.get("workaround"))
        )

    @property
    def neighbours(self) -> tuple[Linked, ...]:
        """One link to each finding of another case, however many of ours it is linked with."""
        first: dict[str, Linked] = {}
        for link in self.links:
            first.setdefault(link.other, link)
        return tuple(first.values())

    @property
    def releases(self) -> AffectedRange | None:
        """The releases of the package, by all proofs of the case together."""
        return together([one.releases for one in self.reports if one.releases is not None])

    def _said(self, field: str) -> set[str]:
        return {str(value) for one in self.reports for value in one.report.get(field) or ()}


def together(ranges: Sequence[AffectedRange]) -> AffectedRange | None:
    """Return what several proofs of one flaw say of the releases: affected where any of them shows it.

    Unaffected only where none shows it and at least one ran. Lines and versions are those of the longest range.
    """
    if not ranges:
        return None
    longest = max(ranges, key=lambda one: sum(len(line.results) for line in one.lines))
    by_version: dict[str, list[ReleaseResult]] = {}
    for one in ranges:
        for line in one.lines:
            for result in line.results:
                by_version.setdefault(result.version, []).append(result)
    lines: list[Line] = []
    for line in longest.lines:
        results = tuple(_strongest(by_version[one.version]) for one in line.results)
        events = list(events_of(results))
        if not lines and results and results[0].status is ReleaseStatus.AFFECTED:
            events[0] = {"introduced": "0"}
        lines.append(Line(results, line.probes, tuple(events)))
    exhaustive = all(one.exhaustive for one in ranges)
    return replace(longest, lines=tuple(lines), exhaustive=exhaustive)


def _strongest(results: Iterable[ReleaseResult]) -> ReleaseResult:
    hows = ("run", "inferred", "not-run")
    return min(results, key=lambda one: (_CERTAIN.index(one.status), hows.index(one.how), one.interpreter))


def versions_of(releases: AffectedRange | None, status: ReleaseStatus) -> tuple[str, ...]:
    """Return the versions with this status, in order."""
    lines = releases.lines if releases else ()
    return tuple(one.version for line in lines for one in line.results if one.status is status)


@dataclass(frozen=True, slots=True)
class Span:
    """Affected releases in a row, in version order; releases that were not run do not break a row."""

    versions: tuple[str, ...]
    from_the_first: bool
    fixed: str
    """The next release on which the proof was silent; empty: none."""
    not_run_before_fix: bool


def spans_of(releases: AffectedRange | None) -> tuple[Span, ...]:
    """Return the rows of affected releases over all lines, in version order."""
    results = [one for line in (releases.lines if releases else ()) for one in line.results]
    spans: list[Span] = []
    row: list[str] = []
    start, gap = 0, False
    for place, one in enumerate(results):
        if one.status is ReleaseStatus.AFFECTED:
            start, gap = (start if row else place), False
            row.append(one.version)
        elif one.status is ReleaseStatus.NOT_RUN:
            gap = gap or bool(row)
        elif row:
            spans.append(Span(tuple(row), start == 0, one.version, gap))
            row, gap = [], False
    if row:
        spans.append(Span(tuple(row), start == 0, "", gap))
    return tuple(spans)


def fixed_in(releases: AffectedRange | None) -> tuple[str, ...]:
    """Return the first fixed version after each row of affected ones."""
    return tuple(span.fixed for span in spans_of(releases) if span.fixed)


def is_after_fix(releases: AffectedRange, version: str) -> bool:
    """Say whether an unaffected version comes after an affected one: it is fixed, not just spared."""
    results = [one for line in releases.lines for one in line.results]
    before = results[: [one.version for one in results].index(version)]
    return any(one.status is ReleaseStatus.AFFECTED for one in before)


def since(releases: AffectedRange | None) -> str:
    """Return since when and until when, in words."""
    spans = spans_of(releases)
    if not spans:
        return "Which releases are affected is not known."
    return "; ".join(map(_in_words, spans)) + "."


def _in_words(span: Span) -> str:
    last = span.versions[-1]
    if span.from_the_first:
        said = f"affected from the first release to {last}"
    elif len(span.versions) == 1:
        said = f"affected in {last}"
    else:
        said = f"affected from {span.versions[0]} to {last}"
    if not span.fixed:
        return f"{said}, no fixed release is known"
    return f"{said}, fixed in {span.fixed}" + (
        " or in a release before it that could not be run" if span.not_run_before_fix else ""
    )


def ai_line(one: Reported) -> str:
    """Return what a finder says of AI in its work; always a line, also when nothing was used or said.

    Source: Akrites ai-use-disclosure, read 2026-11.
    """
    stated = one.report.get("ai") or ()
    if not stated:
        return f"{one.finder} has not said whether AI was used."
    used = [use for use in stated if use.get("used")]
    if not used:
        return f"{one.finder} used no AI."
    parts = []
    for use in used:
        named = f", {use['name']}" if use.get("name") else ""
        parts.append(f"{str(use['phase']).replace('-', ' ')} ({use.get('tool') or 'kind not said'} tool{named})")
    return f"{one.finder} used AI for {', '.join(parts)}."


@dataclass(frozen=True, slots=True)
class Aside:
    """A report that makes no case, and why."""

    list: str
    """``validated`` (in a case that is not open to whoever asks), ``claims``, ``refused``, ``held``, ``not_judged``."""
    stage: str
    """``intake`` or ``judging``."""
    key: str
    finder: str
    ref: str
    name: str
    """What it was called when it was handed in."""
    title: str
    target: str
    grade: str
    reason: str
    """Stable code; for an intake refusal the first problem's."""
    sentence: str
    hints: tuple[str, ...] = ()
    """What the finder can add or mend."""
    problems: tuple[Mapping[str, str], ...] = ()
    """Of an intake refusal: code, field, reason, fix."""
    controls: tuple[tuple[str, str], ...] = ()
    """Name and answer of each control that ran."""
    judgement: Judgement | None = None
    """What it was judged to be; None when it could not be taken in, or was not judged yet."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What wrote the output."""

    version: str
    policy: str
    name: str = "clearinghouse"


@dataclass(frozen=True, slots=True)
class Output:
    """All that is written."""

    tool: Tool
    dossiers: tuple[Dossier, ...]
    aside: tuple[Aside, ...]
