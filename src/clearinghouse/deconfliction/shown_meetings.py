"""What programs are shown of meetings with confidential scans; the same on the command line and over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from clearinghouse.deconfliction.models import Meeting


class MeetingShown(BaseModel):
    """That an organization has met a confidential scan, and sees it from then on."""

    intent: str = Field(examples=["SCAN-7Q4M2XKD0A"], description="The confidential scan.")
    organization: UUID = Field(description="Whose scan it is.")
    met_by: UUID = Field(description="The organization that met it.")
    by: str = Field(description="intent: by a scan of theirs; ownership: it touches what is theirs.")
    met_at: datetime
    state: str
    technique: str
    targets: list[dict[str, Any]]
    starts_at: datetime
    ends_at: datetime


def meeting_shown(one: Meeting) -> MeetingShown:
    """Return a meeting; whoever sees it sees the scan."""
    return MeetingShown(
        intent=one.intent.public_id,
        organization=one.intent.organization_id,
        met_by=one.organization_id,
        by=one.by,
        met_at=one.created_at,
        state=one.intent.state,
        technique=one.intent.technique,
        targets=one.intent.targets,
        starts_at=one.intent.starts_at,
        ends_at=one.intent.ends_at,
    )
