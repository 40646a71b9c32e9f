"""Writing down what was tried: which target, on which version, by which technique, how far."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clearinghouse.deconfliction.actions.places import put
from clearinghouse.deconfliction.actions.standing import writing
from clearinghouse.deconfliction.models import Coverage, Intent
from clearinghouse.deconfliction.rules.binding import is_within
from clearinghouse.deconfliction.rules.covering import name_of
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets, plain_of, target_of
from clearinghouse.errors import Malformed, StepRefused
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand

_LONGEST_VERSION = 256
_PAGE = re.compile(r"https://[^\s<>]{3,290}")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried of an intent."""

    target: Target
    version: str = ""
    """The version or commit that was tried."""
    is_complete: bool = True
    findings: int | None = None
    """How many came of it; told to nobody else until it is said where they are published."""


def record_coverage(intent: Intent, tried: Iterable[Tried], *, actor: Actor, at: datetime) -> tuple[Coverage, ...]:
    """Write down what a scan that has begun has covered so far.

    Raises:
        NotFound, NotPermitted: the intent is another's.
        StepRefused: it never began.
        Malformed: it was not announced for such a target, or for less.
    """
    probe = Coverage(organization_id=intent.organization_id)
    demand(actor, "deconfliction:coverage:record", probe, is_kept=False)
    if intent.began_at is None:
        raise StepRefused(f"{intent.public_id} never began, so it covered nothing")
    announced = [target_of(one) for one in intent.targets]
    made = []
    for one in tried:
        if not any(meets(one.target, target) for target in announced):
            raise Malformed(f"{plain_of(one.target)} is not what {intent.public_id} announced")
        if not is_within(one.target, announced):
            raise Malformed(
                f"{plain_of(one.target)} is more than {intent.public_id} announced, which is {intent.targets}; "
                "name what of that was tried"
            )
        if len(one.version) > _LONGEST_VERSION or not one.version.isprintable():
            raise Malformed(f"a version of {len(one.version)} characters; at most {_LONGEST_VERSION} printable ones")
        made.append(
            Coverage(
                organization_id=intent.organization_id,
                intent=intent,
                target=plain_of(one.target),
                target_kind=one.target.kind.value,
                target_name=name_of(one.target),
                technique=intent.technique,
                version=one.version,
                is_complete=one.is_complete,
                covered_at=at,
                findings=one.findings,
                visibility=intent.visibility,
                created_at=at,
            )
        )

    def write(_: object) -> tuple[Coverage, ...]:
        for row in made:
            row.save(force_insert=True)
            put(row, (target_of(row.target),), None)
            details = {"intent": intent.public_id, "target": row.target, "version": row.version}
            record("deconfliction:coverage:record", subject=row, actor=actor, at=at, details=details)
        return tuple(made)

    return writing((), write)


def publish_count(row: Coverage, where: str, *, actor: Actor, at: datetime) -> None:
    """Say where the findings of what was covered are published: from then on their number is told.

    Raises:
        NotPermitted: it is another's.
        StepRefused: no number is known, or it was said before.
        Malformed: that is no page where others can read them.
    """
    demand(actor, "deconfliction:coverage:publish", row)
    page = where.strip()
    if not _PAGE.fullmatch(page) or not page.isprintable():
        raise Malformed(f"{page[:80]!r} is no page; write where the findings can be read, https://example.org/advisory")

    def write(_: object) -> None:
        changed = Coverage.objects.filter(pk=row.pk, published="", findings__isnull=False).update(published=page)
        if not changed:
            raise StepRefused("no number of findings was written down, or it was said before where they are published")
        row.published = page
        details = {"where": page, "findings": row.findings}
        record("deconfliction:coverage:publish", subject=row, actor=actor, at=at, details=details)

    writing((), write)
