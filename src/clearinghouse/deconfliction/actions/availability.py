"""Saying whether a participant answers: the scans that one who is down has not begun block nobody."""

from datetime import datetime

from clearinghouse.deconfliction.actions.standing import writing
from clearinghouse.deconfliction.models import Availability
from clearinghouse.deconfliction.rules.lifecycle import Answering
from clearinghouse.errors import Malformed
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand

_LONGEST_WHY = 2_000


def say_availability(
    organization: Organization, answering: Answering, *, why: str = "", actor: Actor, at: datetime
) -> Availability:
    """Say whether an organization answers: its own people may, and the office where nobody answers.

    Whoever answers again has to have seen, before beginning a scan, what was accepted meanwhile. What is said
    again stands since it was said first; word for word, nothing is written.

    Raises:
        NotPermitted: the actor may not say so of this organization.
        Malformed: the reason is too long.
    """
    reason = why.strip()
    if len(reason) > _LONGEST_WHY:
        raise Malformed(f"a reason of {len(reason)} characters; at most {_LONGEST_WHY}")
    probe = Availability(organization=organization, answering=answering.value, since_at=at, created_at=at)
    demand(actor, "deconfliction:availability:say", probe, is_kept=False)

    def write(_: object) -> Availability:
        known = Availability.objects.filter(organization=organization).first()
        if known is not None and (known.answering, known.why) == (answering.value, reason):
            return known
        since = known.since_at if known is not None and known.answering == answering else at
        said = {"answering": answering.value, "since_at": since, "why": reason}
        row, _made = Availability.objects.update_or_create(
            organization=organization, defaults=said, create_defaults={**said, "created_at": at}
        )
        details = {"organization": organization.pk, **said}
        record("deconfliction:availability:say", subject=row, actor=actor, at=at, details=details)
        return row

    return writing((), write)
