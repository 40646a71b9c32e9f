"""What joining knows of the validated findings of a package, read off the rows, and what is still to be done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Join, Trial
from clearinghouse.cases.rules.facts import Facts, Place, place_of
from clearinghouse.cases.rules.forest import Apart
from clearinghouse.cases.rules.packs import policy
from clearinghouse.cases.rules.trials import with_answer
from clearinghouse.errors import Malformed, NotFound
from clearinghouse.findings.models import Finding
from clearinghouse.standards import purl
from clearinghouse.validation.diffs import parse_diff
from clearinghouse.validation.lines import AffectedRange, ReleaseStatus
from clearinghouse.validation.models import Validation
from clearinghouse.validation.queries import settled_findings
from clearinghouse.validation.rules import FindingOutcome, Judgement, PatchResult, PatchSaid
from clearinghouse.validation.shapes import load


def joinable_findings() -> QuerySet[Finding]:
    """Return the settled findings that were validated: the ones that make cases."""
    validated = settled_findings().filter(validation__judgement__outcome=FindingOutcome.VALIDATED.value)
    return validated.select_related("validation")


def package_of(finding: Finding) -> str:
    """Return the package that a finding is about, without version."""
    return purl.parse(str(finding.report["target"])).package


def lineage_of(finding: Finding) -> str:
    """Return the name of a finding that a new version of its report keeps."""
    return f"{finding.finder}/{finding.finder_ref}"


def findings_of(package: str) -> list[Finding]:
    """Return the findings of ``package`` that make cases, in the order of their keys."""
    return list(joinable_findings().filter(report__target__startswith=f"{package}@"))


def facts_of(findings: Iterable[Finding]) -> dict[str, Facts]:
    """Return the facts of each finding by its key, trials included."""
    rows = list(findings)
    tried: dict[Any, list[Trial]] = defaultdict(list)
    for trial in Trial.objects.filter(finding__in=[one.pk for one in rows]).order_by("patch"):
        tried[trial.finding_id].append(trial)
    found: dict[str, Facts] = {}
    for finding in rows:
        facts = _facts(finding, finding.validation)
        for trial in tried[finding.pk]:
            facts = with_answer(facts, trial.patch, stops=trial.stops)
        found[finding.key] = facts
    return found


def _facts(finding: Finding, validation: Validation) -> Facts:
    judgement = load(Judgement, validation.judgement)
    releases = load(AffectedRange, validation.ranges) if validation.ranges is not None else None
    patches = [load(PatchResult, one) for one in validation.patches or []]
    accepted = frozenset(one.digest for one in patches if one.said is PatchSaid.PASSED)
    report = finding.report
    pack = policy()
    return Facts(
        finding=finding.key,
        package=package_of(finding),
        target=purl.parse(str(report["target"])).version,
        detector=judgement.detector or "",
        sink=judgement.sink,
        state=judgement.state,
        entries=_entries(judgement.document),
        affected=_versions(releases, ReleaseStatus.AFFECTED),
        unaffected=_versions(releases, ReleaseStatus.UNAFFECTED),
        patches=accepted,
        stopped_by=accepted,
        places=_places(report.get("locations") or ()),
        weaknesses=frozenset(pack.family(one) for one in report.get("weaknesses") or ()),
        aliases=frozenset(report.get("aliases") or ()),
    )


def _entries(document: Mapping[str, Any] | None) -> frozenset[str]:
    steps = (document or {}).get("steps") or ()
    return frozenset(str(step[name]) for step in steps for name in ("call", "new", "method") if name in step)


def _versions(releases: AffectedRange | None, status: ReleaseStatus) -> frozenset[str]:
    lines = releases.lines if releases else ()
    return frozenset(one.version for line in lines for one in line.results if one.status is status)


def _places(locations: Iterable[Mapping[str, Any]]) -> frozenset[Place]:
    found = (
        place_of(str(one.get("path") or ""), symbol=str(one.get("symbol") or ""), line=one.get("line"))
        for one in locations
    )
    return frozenset(one for one in found if one is not None)


def regions_of(findings: Iterable[Finding], artefacts: Artefacts) -> dict[str, int]:
    """Return for each patch how many places of the product it changes; tests and documents do not count."""
    found: dict[str, int] = {}
    for finding in findings:
        for patch in finding.validation.patches or []:
            digest = patch["digest"]
            if digest not in found:
                found[digest] = _regions(digest, artefacts)
    return found


def _regions(digest: str, artefacts: Artefacts) -> int:
    try:
        files = parse_diff(artefacts.get(digest).decode("utf-8", "replace"))
    except (Malformed, NotFound):
        return 1 << 30
    return sum(len(one.hunks) for one in files if not one.aside())


def apart_of(findings: Iterable[Finding]) -> Apart:
    """Return the pairs of these findings that a person has set apart; a new version of a report stays apart."""
    key_of = {lineage_of(one): one.key for one in findings}
    pairs = set()
    for join in Join.objects.filter(undone_by__isnull=False).select_related("finding"):
        here = key_of.get(lineage_of(join.finding))
        for lineage in join.apart_from:
            if here and lineage in key_of and key_of[lineage] != here:
                pairs.add(frozenset({here, key_of[lineage]}))
    return frozenset(pairs)
