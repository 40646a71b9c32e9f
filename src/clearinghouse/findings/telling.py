"""Who is told how far something that was handed in is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from clearinghouse.findings.models import Finding, Submission
from clearinghouse.findings.rules import Notify, SubmissionState
from clearinghouse.notices.rules import Happened, To
from clearinghouse.notices.telling import tell
from clearinghouse.sight.asking import beyond_sight

_ENDS: Final = frozenset({Notify.FINAL, Notify.MILESTONES, Notify.ALL})
_ON_THE_WAY: Final = _ENDS - {Notify.FINAL}
WISHES: Final[Mapping[Happened, frozenset[Notify]]] = {
    Happened.FINDING_JUDGED: _ON_THE_WAY,
    Happened.FINDING_SETTLED: _ENDS,
    Happened.SUBMISSION_READ: _ON_THE_WAY,
}
"""Which wishes each event is told by. Every step that there is to tell is a milestone: ``all`` adds nothing to them."""


@beyond_sight()  # how it was handed in, and nothing of it is shown
def tell_finding(event: Happened, finding: Finding, *, at: datetime) -> None:
    """Tell those at work here, and the organization that handed a finding in, as far as it wishes.

    Of several submissions of the same, the one that wishes most counts; what came by none is told as ``all``.
    """
    wishes = set(finding.submissions.values_list("notify", flat=True)) or {Notify.ALL.value}
    home = finding.organization_id if wishes & WISHES[event] else None
    to = To(office=True, organizations=frozenset() if home is None else frozenset({home}))
    tell(event, finding, to=to, name=finding.key, at=at)


def tell_read(submission: Submission, *, at: datetime) -> None:
    """Tell the organization that handed a submission in that it was read, as far as it wishes: a refusal is its end."""
    wanted = _ENDS if submission.state == SubmissionState.REFUSED else WISHES[Happened.SUBMISSION_READ]
    if submission.notify in wanted:
        to = To(organizations=frozenset({submission.organization_id}))
        tell(Happened.SUBMISSION_READ, submission, to=to, name=submission.receipt, at=at)
