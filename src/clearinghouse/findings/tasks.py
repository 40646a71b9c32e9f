"""The steps of intake in the background; each is safe to repeat."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone

from clearinghouse.artefacts import open_artefacts
from clearinghouse.errors import Conflict, Refused
from clearinghouse.findings.actions import keep_files
from clearinghouse.findings.intake.apart import read_apart
from clearinghouse.findings.models import Submission
from clearinghouse.findings.rules import SubmissionState
from clearinghouse.findings.submissions import refuse_submission, take_in_submission
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.work.task import task


@task(priority=20)
def read_submission(submission_id: str) -> None:
    """Read one submission, apart from everything else, and take in what it claims."""
    submission = Submission.objects.get(pk=UUID(submission_id))
    if submission.state != SubmissionState.QUEUED:
        return
    artefacts = open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS)
    try:
        try:
            claims = read_apart(artefacts.get(submission.digest), name=submission.name, target=submission.target)
            kept = keep_files(claims, artefacts=artefacts)
            take_in_submission(submission, kept, artefacts=artefacts, actor=CLEARINGHOUSE, at=timezone.now())
        except Refused as refusal:
            refuse_submission(submission, refusal, actor=CLEARINGHOUSE, at=timezone.now())
    except Conflict:
        return  # another worker has read it in the meantime
