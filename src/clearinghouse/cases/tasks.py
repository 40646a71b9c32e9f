"""The steps of joining in the background; each is safe to repeat."""

import secrets
from uuid import UUID

from django.utils import timezone

from clearinghouse.cases import actions, responding
from clearinghouse.cases.models import Fix, Trial
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.rules.naming import public_id
from clearinghouse.errors import ClearinghouseError, StepRefused, Unavailable
from clearinghouse.findings.models import Finding
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.validation.actions import stops
from clearinghouse.validation.tasks import the_lab
from clearinghouse.work.task import task


def new_id() -> str:
    """Return a public id drawn at random."""
    return public_id(secrets.token_bytes(8))


@task(priority=-5)
def try_patch(finding_key: str, patch: str, other_key: str) -> None:
    """Run a finding's proof on a release with another finding's patch, and keep what it showed.

    Raises:
        Unavailable: an index or the sandbox does not answer now; nothing is kept, and the trial is due again.
    """
    finding, other = Finding.objects.get(key=finding_key), Finding.objects.get(key=other_key)
    if Trial.objects.filter(finding=finding, patch=patch).exists():
        return
    why = ""
    try:
        answer = stops(finding, patch, of=other, lab=the_lab(), artefacts=the_artefacts())
    except Unavailable:
        raise
    except ClearinghouseError as refusal:  # joining goes on without this answer; it only makes it more careful
        answer, why = None, str(refusal)
    actions.keep_trial(finding, patch, stops=answer, why=why, actor=CLEARINGHOUSE, at=timezone.now())


@task(priority=-10, serial="join:{0}")
def join_package(package: str) -> None:
    """Gather the findings of a package into cases."""
    actions.join_package(package, artefacts=the_artefacts(), new_id=new_id, actor=CLEARINGHOUSE, at=timezone.now())


@task(priority=0)
def check_fix(fix_id: str) -> None:
    """Check one fix that was handed in for a case; that another worker was quicker is no failure."""
    fix = Fix.objects.filter(pk=UUID(fix_id)).select_related("case").first()
    if fix is None:
        return
    try:
        responding.check_fix(fix, the_lab(), the_artefacts(), actor=CLEARINGHOUSE, at=timezone.now())
    except StepRefused:
        return
