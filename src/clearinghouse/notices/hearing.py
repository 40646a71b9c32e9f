"""Hears of what rooms below this one do, which cannot tell it themselves."""

from datetime import datetime

from clearinghouse.notices.rules import Happened, To
from clearinghouse.notices.telling import tell
from clearinghouse.parties.consulting import consultation_answered, consultation_asked
from clearinghouse.parties.models import Consultation


def listen() -> None:
    """Hear of each consultation."""
    consultation_asked.connect(_asked, dispatch_uid="clearinghouse notices")
    consultation_answered.connect(_answered, dispatch_uid="clearinghouse notices")


def _asked(*, consultation: Consultation, at: datetime, **_: object) -> None:
    to = To(organizations=frozenset({consultation.organization_id}))
    tell(Happened.CONSULTATION_ASKED, consultation, to=to, at=at)


def _answered(*, consultation: Consultation, at: datetime, **_: object) -> None:
    to = To(people=frozenset({consultation.asked_by}))
    tell(Happened.CONSULTATION_ANSWERED, consultation, to=to, at=at)
