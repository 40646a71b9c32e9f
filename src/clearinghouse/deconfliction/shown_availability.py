"""What programs are shown of who does not answer; the same on the command line and over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from clearinghouse.deconfliction.models import Availability


class AvailabilityShown(BaseModel):
    """Whether a participant answers."""

    organization: UUID
    answering: str
    since_at: datetime
    why: str


def availability_shown(one: Availability) -> AvailabilityShown:
    """Return whether a participant answers, as was said last."""
    return AvailabilityShown(
        organization=one.organization_id, answering=one.answering, since_at=one.since_at, why=one.why
    )
