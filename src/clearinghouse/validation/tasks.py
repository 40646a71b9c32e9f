"""The steps of a validation in the background; each is safe to repeat and goes on where a killed worker stopped."""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from clearinghouse.artefacts import Artefacts, open_artefacts
from clearinghouse.errors import StepRefused
from clearinghouse.findings.models import Finding
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.validation import actions
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.models import Validation
from clearinghouse.work.task import task


@cache
def the_lab() -> Lab:
    """Return this process's laboratory."""
    from clearinghouse.validation.equipment import open_lab  # what fetches releases loads only where proofs are run

    return open_lab(settings.CLEARINGHOUSE_CACHE, demand=settings.CLEARINGHOUSE_SANDBOX)


def the_artefacts() -> Artefacts:
    """Return this installation's store of what was handed in."""
    return open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS)


def _in_state(finding_id: str, state: ValidationState) -> Finding | None:
    """Return the finding when its validation is in ``state``; None when somebody else has taken the step."""
    found = Validation.objects.filter(finding_id=UUID(finding_id)).first()
    if found is not None and found.state != state:
        return None
    return Finding.objects.get(pk=UUID(finding_id))


@task(priority=10)
def judge_finding(finding_id: str) -> None:
    """Judge one finding."""
    finding = _in_state(finding_id, ValidationState.WAITING)
    if finding is not None:
        _taken(
            lambda: actions.judge_finding(finding, the_lab(), the_artefacts(), actor=CLEARINGHOUSE, at=timezone.now())
        )


@task(priority=5)
def range_finding(finding_id: str) -> None:
    """Find the affected releases of one validated finding."""
    finding = _in_state(finding_id, ValidationState.JUDGED)
    if finding is not None:
        exhaustive = settings.CLEARINGHOUSE_EXHAUSTIVE
        _taken(
            lambda: actions.range_finding(
                finding, the_lab(), the_artefacts(), exhaustive=exhaustive, actor=CLEARINGHOUSE, at=timezone.now()
            )
        )


@task(priority=0)
def check_patches(finding_id: str) -> None:
    """Check the patches of one validated finding."""
    finding = _in_state(finding_id, ValidationState.RANGED)
    if finding is not None:
        _taken(
            lambda: actions.check_patches(finding, the_lab(), the_artefacts(), actor=CLEARINGHOUSE, at=timezone.now())
        )


def _taken(step: Callable[[], object]) -> None:
    """Take a step; that another worker took it in the meantime is no failure."""
    try:
        step()
    except StepRefused:
        return
