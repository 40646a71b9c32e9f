"""What is still to be done before the findings stand in cases; read off the rows, so that nothing is ever lost."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from clearinghouse.artefacts import Artefacts, open_artefacts
from clearinghouse.cases.models import Join
from clearinghouse.cases.queries.facts import facts_of, findings_of, joinable_findings, package_of, regions_of
from clearinghouse.cases.rules.trials import Trial, trials_wanted
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState


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


def due_trials() -> Iterator[tuple[str, str, str]]:
    """Yield the trials that joining waits for: finding, patch, and the finding that the patch came with."""
    for package in packages_to_join():
        if not is_underway(package):
            for one in trials_open(package):
                yield one.finding, one.patch, one.other


def due_joins() -> Iterator[str]:
    """Yield the packages whose findings can be joined now: none underway, no trial open."""
    for package in packages_to_join():
        if not is_underway(package) and not trials_open(package):
            yield package
