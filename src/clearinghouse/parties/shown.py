"""Terms and consultations as programs are shown them."""

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from clearinghouse.parties.models import Consultation


class ConsultationShown(Schema):
    """What an organization was asked, until when, and what it answered."""

    id: UUID
    about: str = Field(description="Kind and id of what it is about.")
    question: str
    organization: UUID
    asked_at: datetime
    due_at: datetime
    state: str
    answer: str
    answered_at: datetime | None


def consultation_shown(one: Consultation) -> ConsultationShown:
    """Return a consultation as it is shown."""
    return ConsultationShown(
        id=one.pk,
        about=f"{one.about_kind} {one.about_id}",
        question=one.question,
        organization=one.organization_id,
        asked_at=one.created_at,
        due_at=one.due_at,
        state=one.state,
        answer=one.answer,
        answered_at=one.answered_at,
    )
