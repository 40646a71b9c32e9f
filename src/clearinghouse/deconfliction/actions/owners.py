"""What owners say: what is theirs, what they ask of whoever scans it, whom they let scan it.

A claim of ownership counts once another person, a coordinator, has looked at what shows it. From then on constraints of
its owner bind there, and live scans need the owner's authorisation; whatever is announced and no longer allowed is
halted in the same transaction. Source: docs/decisions/0152.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from clearinghouse.deconfliction.actions.intents import finish
from clearinghouse.deconfliction.actions.places import close, new_public_id, new_version_key, put, take_away
from clearinghouse.deconfliction.actions.room import demand_places
from clearinghouse.deconfliction.actions.standing import writing
from clearinghouse.deconfliction.actions.telling import tell_later, tell_new_owner
from clearinghouse.deconfliction.actions.wishes import demand_room, stated_before
from clearinghouse.deconfliction.models import Authorisation, Constraint, Intent, Meeting, Ownership
from clearinghouse.deconfliction.queries.intents import announcement_of
from clearinghouse.deconfliction.queries.meeting import owners_say, standing_near
from clearinghouse.deconfliction.rules.announcing import contact_of
from clearinghouse.deconfliction.rules.lifecycle import (
    AUTHORISATION,
    CONSTRAINT,
    OWNERSHIP,
    AuthorisationStep,
    ConstraintKind,
    ConstraintStep,
    IntentStep,
    OwnershipStep,
    Visibility,
)
from clearinghouse.deconfliction.rules.mappings import Mappings
from clearinghouse.deconfliction.rules.targets.kinds import Target, check_owned, check_targets, plain_of, target_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.deconfliction.rules.windows import ALWAYS, Times, Window
from clearinghouse.errors import Malformed
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance

_LONGEST_TEXT = 4_000
_FASTEST = 10_000_000
_LONGEST_AUTHORISATION_DAYS = 366
_CRITICALITIES = range(1, 6)


def claim_ownership(
    organization: Organization,
    target: Target,
    *,
    criticality: int,
    evidence: str,
    contact: str = "",
    actor: Actor,
    at: datetime,
) -> Ownership:
    """Say that something is one's own; it counts once another person has looked at it.

    Args:
        organization: whose.
        target: what, as a whole.
        criticality: 1 (hardly matters) to 5 (much depends on it).
        evidence: what shows it: a record in a registry, a file put in place.
        contact: whom scanners ask for an authorisation; told to those whose scans need one.
        actor: who claims it.
        at: now.

    Raises:
        NotPermitted: the actor does not act for the organization, or owns nothing in their role.
        Malformed: it cannot be owned so, or nothing shows it.
    """
    row = Ownership(
        organization=organization,
        target=plain_of(check_owned(target)),
        criticality=criticality,
        evidence=_text(evidence, "what shows it"),
        contact=_contact(contact),
        requested_by=actor.id,
        state=OWNERSHIP.initial,
        created_at=at,
    )
    check_targets((target,))
    demand(actor, "deconfliction:ownership:claim", row, is_kept=False)
    if criticality not in _CRITICALITIES:
        raise Malformed(f"a criticality of {criticality}; write 1 (hardly matters) to 5 (much depends on it)")

    def write(_: object) -> Ownership:
        row.save(force_insert=True)
        details = {"target": row.target, "evidence": row.evidence}
        record("deconfliction:ownership:claim", subject=row, actor=actor, at=at, details=details)
        return row

    return writing((), write)


def verify_ownership(row: Ownership, *, why: str, actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Agree that something is an organization's, having looked at what shows it; return what was halted by it.

    Raises:
        NotPermitted: the actor claimed it, acts by a token, or may not.
        StepRefused: it was decided on before.
    """
    demand(actor, "deconfliction:ownership:verify", row)
    target = target_of(row.target)

    def write(_: object) -> tuple[Intent, ...]:
        _decided(row, why=_text(why, "what you looked at"), actor=actor, at=at)
        advance(row, OWNERSHIP, OwnershipStep.VERIFY, actor=actor, at=at, why=why)
        put(row, (target,))
        _show_to_owner(row, target, at=at)
        halted = _halt_disallowed((target,), why="an owner came on record", actor=actor, at=at)
        tell_new_owner(row.organization_id, standing_near((target,), Window(at, ALWAYS.ends_at), at=at), at=at)
        return halted

    return writing((target,), write)


def refuse_ownership(row: Ownership, *, why: str, actor: Actor, at: datetime) -> None:
    """Say that what shows a claim does not show it."""
    demand(actor, "deconfliction:ownership:refuse", row)

    def write(_: object) -> None:
        _decided(row, why=_text(why, "what is missing"), actor=actor, at=at)
        advance(row, OWNERSHIP, OwnershipStep.REFUSE, actor=actor, at=at, why=why)

    writing((), write)


def end_ownership(row: Ownership, *, why: str = "", actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Say that something is not, or no longer, an organization's; live scans that stood on its word are halted."""
    demand(actor, "deconfliction:ownership:end", row)
    return finish_ownership(row, why=why, actor=actor, at=at)


def finish_ownership(row: Ownership, *, why: str, actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Take a claim off the record, whoever may; return what was halted by it."""
    target = target_of(row.target)

    def write(_: object) -> tuple[Intent, ...]:
        take_away(row.pk)
        advance(row, OWNERSHIP, OwnershipStep.END, actor=actor, at=at, why=why)
        return _halt_disallowed((target,), why="its owner is no longer on record", actor=actor, at=at)

    return writing((target,), write)


def give_authorisation(
    organization: Organization,
    scanner: Organization,
    targets: tuple[Target, ...],
    window: Window,
    *,
    allowed: Collection[str] = (),
    rate_per_second: int | None = None,
    reference: str = "",
    actor: Actor,
    at: datetime,
) -> Authorisation:
    """Let another organization scan what is one's own; it says nothing about what is another's.

    Args:
        organization: whose word it is.
        scanner: who may scan.
        targets: what.
        window: when.
        allowed: by which techniques; empty: by every one.
        rate_per_second: how fast, at most.
        reference: the owner's own: a contract, a ticket.
        actor: who gives it.
        at: now.

    Raises:
        NotPermitted: the actor does not act for the organization, or authorises nothing in their role.
        Malformed: the window is over or too long, or there is no such technique.
    """
    check_targets(targets)
    if window.ends_at <= at or window.length.days > _LONGEST_AUTHORISATION_DAYS:
        raise Malformed(f"an authorisation for {window}; it ends later than now, and lasts a year at most")
    row = Authorisation(
        public_id=new_public_id("AUTH"),
        organization=organization,
        scanner=scanner,
        person_id=actor.id,
        targets=[plain_of(one) for one in targets],
        techniques=_techniques(allowed),
        starts_at=window.starts_at.astimezone(UTC),
        ends_at=window.ends_at.astimezone(UTC),
        rate_per_second=_rate(rate_per_second),
        reference=reference.strip()[:300],
        state=AUTHORISATION.initial,
        created_at=at,
    )
    demand(actor, "deconfliction:authorisation:give", row, is_kept=False)

    def write(mappings: Mappings) -> Authorisation:
        demand_places(row, targets, mappings, at=at)
        row.save(force_insert=True)
        put(row, targets, window)
        details = {"id": row.public_id, "scanner": scanner.pk, "targets": row.targets, "reference": row.reference}
        record("deconfliction:authorisation:give", subject=row, actor=actor, at=at, details=details)
        return row

    return writing(targets, write)


def withdraw_authorisation(row: Authorisation, *, why: str = "", actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Take one's word back; scans that stood on it are halted."""
    demand(actor, "deconfliction:authorisation:withdraw", row)
    return finish_authorisation(row, why=why, actor=actor, at=at)


def finish_authorisation(row: Authorisation, *, why: str, actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Take an authorisation away, whoever may; return what was halted by it."""
    targets = tuple(target_of(one) for one in row.targets)

    def write(_: object) -> tuple[Intent, ...]:
        take_away(row.pk)
        Authorisation.objects.filter(pk=row.pk).update(ended_at=at)
        advance(row, AUTHORISATION, AuthorisationStep.WITHDRAW, actor=actor, at=at, why=why)
        return _halt_disallowed(targets, why="the owner's authorisation was withdrawn", actor=actor, at=at)

    return writing(targets, write)


def state_constraint(
    organization: Organization,
    says: ConstraintKind,
    target: Target,
    *,
    concerned: Collection[str] = (),
    times: Times | None = None,
    rate_per_second: int | None = None,
    why: str = "",
    contact: str = "",
    actor: Actor,
    at: datetime,
) -> tuple[Constraint, tuple[Intent, ...]]:
    """Ask something of whoever scans a target; return it, and the scans that were halted by it.

    It binds where the target is known to be the organization's, and has to be seen everywhere else. Stated again word
    for word, it stands already.

    Args:
        organization: whose word it is.
        says: what is asked.
        target: of whoever scans this.
        concerned: the techniques that it is about; empty: every one.
        times: when scans may run; for ``only-in-windows`` alone.
        rate_per_second: how fast they may be; for ``at-most-rate`` alone.
        why: shown to whoever meets it.
        contact: whom scanners ask about it, shown to them too; who wants to be asked first has one.
        actor: who states it.
        at: now.

    Raises:
        NotPermitted: the actor does not act for the organization, or states none in their role.
        Malformed: what it says lacks its times, its rate or its contact, or has one that it does not need.
        Conflict: the target is not known to be the organization's, and it asks as much there as it may.
    """
    check_targets((target,))
    if (times is None) == (says is ConstraintKind.ONLY_IN_WINDOWS):
        raise Malformed(f"{says}: times are named for only-in-windows, and for that alone")
    if (rate_per_second is None) == (says is ConstraintKind.AT_MOST_RATE):
        raise Malformed(f"{says}: a rate is named for at-most-rate, and for that alone")
    if says is ConstraintKind.ASK_FIRST and not contact.strip():
        raise Malformed(f"{says}: name the contact whom scanners ask, such as mailto:you@example.org")
    row = Constraint(
        public_id=new_public_id("RULE"),
        organization=organization,
        person_id=actor.id,
        says=says.value,
        target=plain_of(target),
        techniques=_techniques(concerned),
        times=times.plain() if times else None,
        rate_per_second=_rate(rate_per_second),
        why=why.strip()[:_LONGEST_TEXT],
        contact=_contact(contact),
        version_key=new_version_key(),
        state=CONSTRAINT.initial,
        created_at=at,
    )
    demand(actor, "deconfliction:constraint:state", row, is_kept=False)

    def write(_: object) -> tuple[Constraint, tuple[Intent, ...]]:
        if (same := stated_before(row)) is not None:
            return same, ()
        demand_room(row, target)
        row.save(force_insert=True)
        put(row, (target,))
        details = {"id": row.public_id, "says": row.says, "target": row.target}
        record("deconfliction:constraint:state", subject=row, actor=actor, at=at, details=details)
        tell_later(Happened.CONSTRAINT_STATED, row, at=at)
        return row, _halt_disallowed((target,), why=f"{row.public_id}: {row.says}", actor=actor, at=at)

    return writing((target,), write)


def withdraw_constraint(row: Constraint, *, why: str = "", actor: Actor, at: datetime) -> None:
    """Ask it no longer."""
    demand(actor, "deconfliction:constraint:withdraw", row)
    finish_constraint(row, why=why, actor=actor, at=at)


def finish_constraint(row: Constraint, *, why: str, actor: Actor, at: datetime) -> None:
    """Take a constraint away, whoever may."""

    def write(_: object) -> None:
        close(row.pk)
        Constraint.objects.filter(pk=row.pk).update(ended_at=at)
        advance(row, CONSTRAINT, ConstraintStep.WITHDRAW, actor=actor, at=at, why=why)
        tell_later(Happened.CONSTRAINT_WITHDRAWN, row, at=at)

    writing((), write)


def _decided(row: Ownership, *, why: str, actor: Actor, at: datetime) -> None:
    Ownership.objects.filter(pk=row.pk).update(decided_by=actor.id, decided_at=at, decided_why=why)
    row.decided_by, row.decided_at, row.decided_why = actor.id, at, why


def _halt_disallowed(targets: tuple[Target, ...], *, why: str, actor: Actor, at: datetime) -> tuple[Intent, ...]:
    """Halt every standing scan near these targets that owners no longer let run, and return those."""
    halted = []
    for intent in standing_near(targets, Window(at, ALWAYS.ends_at), at=at):
        said = announcement_of(intent)
        rest = Window(max(intent.starts_at, at), intent.ends_at)
        scan = said.scan_of(intent.organization_id)
        if owners_say(scan.in_window(rest)):
            finish(intent, IntentStep.HALT, why=why, actor=actor, at=at)
            halted.append(intent)
    return tuple(halted)


def _show_to_owner(row: Ownership, target: Target, *, at: datetime) -> None:
    """Let a new owner see the confidential scans of what is theirs."""
    near = standing_near((target,), Window(at, ALWAYS.ends_at), at=at)
    Meeting.objects.bulk_create(
        [
            Meeting(intent=one, organization_id=row.organization_id, by="ownership", created_at=at)
            for one in near
            if one.visibility == Visibility.THOSE_MET and one.organization_id != row.organization_id
        ],
        ignore_conflicts=True,
    )


def _techniques(named: Iterable[str]) -> list[str]:
    return [techniques().named(one).name for one in sorted(set(named))]


def _rate(rate: int | None) -> int | None:
    if rate is not None and not 0 < rate <= _FASTEST:
        raise Malformed(f"a rate of {rate} a second; write 1 to {_FASTEST}")
    return rate


def _contact(written: str) -> str:
    """Return whom to ask, as it is kept; empty where nobody is named."""
    return contact_of(written) if written.strip() else ""


def _text(said: str, what: str) -> str:
    if not 0 < len(said.strip()) <= _LONGEST_TEXT:
        raise Malformed(f"say {what}, in 1 to {_LONGEST_TEXT} characters")
    return said.strip()
