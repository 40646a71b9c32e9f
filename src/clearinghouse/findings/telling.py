"""Who is told how far a finding is."""

from datetime import datetime

from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import Notify
from clearinghouse.notices.rules import Happened, To
from clearinghouse.notices.telling import tell
from clearinghouse.sight.asking import beyond_sight


@beyond_sight()  # how it was handed in, and nothing of it is shown
def tell_finding(event: Happened, finding: Finding, *, at: datetime) -> None:
    """Tell those at work here, and the organization that handed a finding in, unless it wants to be told nothing."""
    wishes = set(finding.submissions.values_list("notify", flat=True))
    home = finding.organization_id if wishes != {Notify.OFF.value} else None
    to = To(office=True, organizations=frozenset() if home is None else frozenset({home}))
    tell(event, finding, to=to, name=finding.key, at=at)
