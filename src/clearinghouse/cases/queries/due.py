"""What is still to be done before the findings stand in cases; read off the rows, so that nothing is ever lost."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from clearinghouse.artefacts import Artefacts, open_artefacts
from clearinghouse.cases.models import Fix, Join
from clearinghouse.cases.queries.facts import facts_of, findings_of, joinable_findings, package_of, regions_of
from clearinghouse.cases.queries.order import bands_of, pressing_bands
from clearinghouse.cases.rules.lifecycle import FixState
from clearinghouse.cases.rules.order import URGENCY
from clearinghouse.cases.rules.trials import Trial, trials_wanted
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.work.turns import Turn


def the_artefacts() -> Artefacts:
    """Return this installation's store of what was handed in."""
    return open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS)


def packages_to_join() -> list[str]:
    """Return the packages with a finding that has no case yet, or a case with a finding that makes none any more."""
    standing = Join.objects.filter(finding=OuterRef("pk"), ended_at__isnull=True)
    new = {package_of(one) for one in joinable_findings().filter(~Exists(standing))}
    makes_none = ~Exists(joinable_findings().filter(pk=OuterRef("finding_id")))
    gone = Join.objects.filter(ended_at__isnull=True).filter(makes_none)
    return sorted(new | set(gone.values_list("case__package", flat=True)))


def waiting_for_a_case(findings: QuerySet[Finding]) -> bool:
    """Say whether one of these findings can be joined and is in no case yet."""
    standing = Join.objects.filter(finding=OuterRef("pk"), ended_at__isnull=True)
    return joinable_findings().filter(~Exists(standing), pk__in=findings.values("pk")).exists()


def is_underway(package: str) -> bool:
    """Say whether a finding of ``package`` is still being judged, so that joining now would soon be done again."""
    waiting = Finding.objects.filter(state__in=[FindingState.TAKEN_IN, FindingState.JUDGED])
    return waiting.filter(report__target__startswith=f"{package}@").exists()


def trials_open(package: str) -> tuple[Trial, ...]:
    """Return the patches still to be tried on other proofs before the findings of ``package`` can be joined."""
    findings = findings_of(package)
    if len(findings) < 2:  # noqa: PLR2004 - one cannot be joined
        return ()
    return trials_wanted(facts_of(findings).values(), regions=regions_of(findings, the_artefacts()))


def due_trials() -> Iterator[Turn]:
    """Yield the trials that joining waits for: finding, patch, and the finding that the patch came with."""
    for package, urgency in _ready():
        for one in trials_open(package):
            yield Turn((one.finding, one.patch, one.other), target=package, urgency=urgency)


def due_joins() -> Iterator[Turn]:
    """Yield the packages whose findings can be joined now: none underway, no trial open."""
    for package, urgency in _ready():
        if not trials_open(package):
            yield Turn((package,), target=package, urgency=urgency)


def due_fixes() -> Iterator[Turn]:
    """Yield the fixes that were handed in and not yet checked."""
    waiting = list(Fix.objects.filter(state=FixState.WAITING).select_related("case").order_by("created_at", "pk"))
    bands = bands_of({fix.case_id: fix.case for fix in waiting}.values())
    for fix in waiting:
        urgency = URGENCY[bands[fix.case_id]] if fix.case_id in bands else 0
        yield Turn((str(fix.pk),), f"organization {fix.organization_id}", fix.case.package, urgency, within=fix.by)


def _ready() -> Iterator[tuple[str, int]]:
    """Yield the packages to join of which nothing is underway, and how each presses."""
    found = [one for one in packages_to_join() if not is_underway(one)]
    bands = pressing_bands(found)
    for package in found:
        yield package, URGENCY[bands[package]] if package in bands else 0
