"""Bringing in the records of another federation; what its maintainers opted out of becomes a constraint here."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from clearinghouse.deconfliction.actions.owners import state_constraint
from clearinghouse.deconfliction.models import Constraint, ForeignRecord
from clearinghouse.deconfliction.queries.intents import own_organization
from clearinghouse.deconfliction.rules.interchange import Interchanged, RecordKind, read_records
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.errors import ClearinghouseError, Conflict, Malformed
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

_LONGEST_TOLD = 2_000


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one record of several."""

    outcome: str
    """kept, known or refused"""
    kind: str = ""
    subject: str = ""
    reason: str = ""
    constraint: str | None = None
    """What an opt-out became."""


def bring_in_one(data: bytes, *, actor: Actor, at: datetime) -> Brought:
    """Keep the record that ``data`` holds, and say what became of it; what is wrong with it keeps no other one out."""
    kind = subject = ""
    try:
        read = read_records(data)
        kind, subject = read[0].kind.value, ", ".join(one.subject for one in read)[:_LONGEST_TOLD]
        with transaction.atomic():
            became, constraint = _each(read, actor=actor, at=at)
    except ClearinghouseError as refusal:
        return Brought("refused", kind, subject, str(refusal))
    return Brought(became, kind, subject, constraint=None if constraint is None else constraint.public_id)


def _each(read: Iterable[Interchanged], *, actor: Actor, at: datetime) -> tuple[str, Constraint | None]:
    """Keep what one statement says of each subject; say what became of it, and which constraint it became."""
    became, constraint = "known", None
    for one in read:
        row, is_new = bring_in(one, becomes=constraint, actor=actor, at=at)
        became = "kept" if is_new else became
        constraint = constraint or row.constraint
    return became, constraint


def bring_in(
    read: Interchanged, *, becomes: Constraint | None = None, actor: Actor, at: datetime
) -> tuple[ForeignRecord, bool]:
    """Keep a record, and say whether it is new; an opt-out becomes a constraint of whoever brings it in.

    The constraint binds if the repository is known to be theirs, and otherwise has to be seen by whoever scans it.

    Args:
        read: the record.
        becomes: of an opt-out, what the same statement has become already.
        actor: who brings it in.
        at: now.

    Raises:
        NotPermitted: the actor may bring nothing in, or an opt-out and may state no constraint.
        Malformed: an opt-out names no repository.
        Conflict: somebody else brings in the same one at this moment.
    """
    home = own_organization(actor)
    row = ForeignRecord(
        organization=home,
        said_kind=read.kind.value,
        subject=read.subject[:2000],
        digest=read.digest,
        statement=read.plain(),
        fingerprint=hashlib.sha256(read.dump()).hexdigest(),
        constraint=becomes,
        created_at=at,
    )
    demand(actor, "deconfliction:foreign-record:bring-in", row, is_kept=False)
    try:
        with transaction.atomic():
            return _kept(row, read, home, actor=actor, at=at)
    except IntegrityError:
        raise Conflict("somebody else is bringing in the same record now; send it again") from None


def _kept(
    row: ForeignRecord, read: Interchanged, home: Organization, *, actor: Actor, at: datetime
) -> tuple[ForeignRecord, bool]:
    with beyond_sight():
        known = ForeignRecord.objects.filter(fingerprint=row.fingerprint).first()
    if known is not None:
        return known, False
    if read.kind is RecordKind.OPT_OUT and row.constraint is None:
        row.constraint = _constraint(read, home, actor=actor, at=at)
    row.save(force_insert=True)
    details = {"kind": row.said_kind, "subject": row.subject, "digest": row.digest}
    record("deconfliction:foreign-record:bring-in", subject=row, actor=actor, at=at, details=details)
    return row, True


def _constraint(read: Interchanged, home: Organization, *, actor: Actor, at: datetime) -> Constraint:
    target = read.target()
    if target is None:
        raise Malformed("an opt-out names the repository that it is about")
    why = read.said.get("reason") or "its maintainer opted out"
    stated, _ = state_constraint(
        home,
        ConstraintKind.DO_NOT_SCAN,
        target,
        why=f"{why} (Scrutineer, {read.said['requested_at'][:10]})",
        actor=actor,
        at=at,
    )
    return stated
