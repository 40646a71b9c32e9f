"""The index of everything that is written, built from dossiers."""

import json

from clearinghouse.advisories.index.shapes import (
    FORMAT,
    AffectedPart,
    AnswerPart,
    AsidePart,
    CasePart,
    ControlPart,
    FactorPart,
    FederalPart,
    FilesPart,
    Index,
    LinePart,
    LinkPart,
    NotRunPart,
    PatchPart,
    ProblemPart,
    QuestionPart,
    ReportPart,
    SeverityPart,
    ToolPart,
)
from clearinghouse.advisories.rules import Aside, Dossier, Output, Reported, ai_line, fixed_in, since
from clearinghouse.advisories.steady import steady
from clearinghouse.cases.rules.outcomes import Outcome
from clearinghouse.standards import cvss
from clearinghouse.validation.lines import AffectedRange, Line, ReleaseStatus
from clearinghouse.validation.questions import is_open, question_of
from clearinghouse.validation.reasons import helps
from clearinghouse.validation.rules import Judgement

LISTS = ("validated", "claims", "refused", "held", "not_judged")


def index_of(output: Output) -> Index:
    """Return the index of everything that is written."""
    aside: dict[str, list[AsidePart]] = {one: [] for one in LISTS}
    for one in sorted(output.aside, key=lambda one: (one.finder, one.ref, one.name, one.key)):
        aside[one.list].append(_aside(one))
    tool = output.tool
    return Index(
        schema=FORMAT,
        tool=ToolPart(name=tool.name, version=tool.version, policy=tool.policy),
        cases=tuple(_case(one) for one in output.dossiers),
        **{name: tuple(parts) for name, parts in aside.items()},
    )


def dump_index(index: Index) -> bytes:
    """Return the index as JSON for people and programs: two spaces, keys in the order of the schema."""
    return dump_pretty(index.model_dump(mode="json", by_alias=True))


def dump_pretty(value: object) -> bytes:
    """Return JSON with two spaces of indent and a line end."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def page_of(key: str) -> str:
    """Return where the page of a report that makes no case lies."""
    return f"reports/{key[:16]}/index.html"


def files_of(key: str) -> FilesPart:
    """Return where a case's files lie."""
    folder = f"cases/{key}"
    return FilesPart(
        page=f"{folder}/index.html", csaf=f"{folder}/csaf.json", osv=f"{folder}/osv.json", bundle=f"{folder}/bundle"
    )


def _case(one: Dossier) -> CasePart:
    placed = one.position.placed
    return CasePart(
        position=one.position.number,
        key=one.key,
        title=one.title,
        package=one.package,
        band=placed.band.value,
        could_be=tuple(band.value for band in placed.could_be),
        why=one.position.why,
        to_confirm=one.to_confirm,
        grade=one.best.judgement.grade or "",
        detectors=tuple(sorted({each.judgement.detector.value for each in one.reports if each.judgement.detector})),
        aliases=one.aliases,
        weaknesses=one.weaknesses,
        severity=tuple(_severity(vector) for vector in one.vectors),
        affected=_affected(one.releases),
        workarounds=one.workarounds,
        factors=tuple(
            FactorPart(name=it.name, value=it.value, certainty=it.certainty.value, says=it.says)
            for it in placed.factors.values()
        ),
        federal=tuple(_federal(it) for it in one.outcomes),
        reports=tuple(_report(each) for each in one.reports),
        patches=tuple(_patches(one)),
        links=tuple(
            LinkPart(finding=it.finding, other=it.other, other_case=it.other_case, how=it.how, reason=it.reason)
            for it in one.links
        ),
        files=files_of(one.key),
    )


def _severity(vector: str) -> SeverityPart:
    score = cvss.parse(vector)
    return SeverityPart(vector=vector, score=score.base, rating=score.severity.value)


def _federal(one: Outcome) -> FederalPart:
    table = one.decision.table
    return FederalPart(
        table=table.id,
        name=table.name,
        says=one.says,
        outcomes=tuple(each.name for each in one.decision.outcomes),
        rows=tuple(row.number for row in one.decision.rows),
        unknown=tuple(table.point(key).name for key, answer in one.answers.items() if not answer.values),
    )


def _affected(releases: AffectedRange | None) -> AffectedPart | None:
    if releases is None:
        return None
    return AffectedPart(
        package=releases.package,
        exhaustive=releases.exhaustive,
        says=since(releases),
        fixed_in=fixed_in(releases),
        events=releases.events(),
        lines=tuple(_line(line) for line in releases.lines),
    )


def _line(line: Line) -> LinePart:
    return LinePart(
        events=line.events,
        affected=tuple(one.version for one in line.results if one.status is ReleaseStatus.AFFECTED),
        unaffected=tuple(one.version for one in line.results if one.status is ReleaseStatus.UNAFFECTED),
        not_run=tuple(
            NotRunPart(version=one.version, why=steady(one.why))
            for one in line.results
            if one.status is ReleaseStatus.NOT_RUN
        ),
        run=tuple(one.version for one in line.results if one.how == "run"),
    )


def _report(one: Reported) -> ReportPart:
    judgement = one.judgement
    return ReportPart(
        finding=one.key,
        finder=one.finder,
        id=one.ref,
        title=str(one.report["title"]),
        credit=one.credit,
        tlp=str(one.report.get("tlp") or "AMBER"),
        source=one.source,
        target=judgement.target,
        fixed=judgement.fixed,
        grade=judgement.grade or "",
        detector=judgement.detector or "",
        proof=judgement.proof_kind,
        says=steady(judgement.sentence, whole=True),
        sink=judgement.sink,
        state=judgement.state,
        controls=tuple(ControlPart(name=it.name.value, said=it.said.value) for it in judgement.controls),
        ai=ai_line(one),
        how=one.how,
        joined_to=one.joined_to,
        reason=one.reason,
        question=_question(judgement),
    )


def _question(judgement: Judgement | None) -> QuestionPart | None:
    asked = question_of(judgement) if judgement else None
    if judgement is None or asked is None:
        return None
    return QuestionPart(
        code=asked.code,
        sentence=steady(asked.sentence, whole=True),
        holds=asked.holds,
        open=is_open(judgement),
        answers=tuple(AnswerPart(yes=it.yes, by=it.by, why=it.why) for it in judgement.answers),
    )


def _patches(one: Dossier) -> list[PatchPart]:
    found = [
        PatchPart(
            digest=patch.digest,
            file=patch.file,
            finding=each.key,
            licence=licence_of(each, patch.file),
            said=patch.said.value,
            says=steady(patch.sentence, whole=True),
        )
        for each in one.reports
        for patch in each.patches
    ]
    order = ("passed", "held", "not-run", "refused")
    return sorted(found, key=lambda part: (order.index(part.said), part.digest, part.finding))


def licence_of(one: Reported, file: str) -> str:
    """Return under which licence a finder gives a patch; empty when it is not said."""
    stated = (each.get("licence") for each in one.report.get("patches") or () if each.get("file") == file)
    return str(next(stated, None) or "")


def _aside(one: Aside) -> AsidePart:
    return AsidePart(
        stage="intake" if one.stage == "intake" else "judging",
        finding=one.key,
        finder=one.finder,
        id=one.ref,
        name=one.name,
        title=one.title,
        target=one.target,
        grade=one.grade,
        reason=one.reason,
        says=steady(one.sentence, whole=True),
        hints=one.hints,
        problems=tuple(ProblemPart(**{k: str(it.get(k, "")) for k in ProblemPart.model_fields}) for it in one.problems),
        controls=tuple(ControlPart.model_validate({"name": name, "said": said}) for name, said in one.controls),
        helps=helps(one.reason),
        question=_question(one.judgement),
        page=page_of(one.key) if one.judgement else "",
    )
