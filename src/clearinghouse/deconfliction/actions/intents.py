"""Announcing scans: nobody is accepted unawares, and no owner is passed over.

Every write holds the cells of its targets, asks whom it meets and what owners say, and is written with its entry in one
transaction; it is answered when it is on the disk.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError

from clearinghouse.deconfliction.actions.at_once import accept_at_once
from clearinghouse.deconfliction.actions.attempts import noting_refusals
from clearinghouse.deconfliction.actions.places import close, move, new_public_id, new_version_key, put, take_away
from clearinghouse.deconfliction.actions.room import demand_places
from clearinghouse.deconfliction.actions.sources import lengthen_sources, name_sources
from clearinghouse.deconfliction.actions.standing import (
    Announced,
    demand_awareness,
    demand_consent,
    note_meetings,
    retold,
    surveyed,
    writing,
)
from clearinghouse.deconfliction.actions.telling import tell_holder, tell_later, tell_of, tell_of_step
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.queries.intents import announcement_of, home_of, known_by_request
from clearinghouse.deconfliction.queries.meeting import Survey
from clearinghouse.deconfliction.rules.announcing import Announcement, check_announcement
from clearinghouse.deconfliction.rules.awareness import is_standing
from clearinghouse.deconfliction.rules.lifecycle import (
    INTENT,
    NEEDS_NO_KEY,
    RUNNING,
    IntentState,
    IntentStep,
    Visibility,
)
from clearinghouse.deconfliction.rules.mappings import Mappings
from clearinghouse.deconfliction.rules.techniques import CURRENT
from clearinghouse.deconfliction.rules.windows import SKEW, Window, check_window
from clearinghouse.errors import Conflict, Malformed, Outdated, StepRefused
from clearinghouse.ledger.actions import record
from clearinghouse.notices.rules import Happened
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance

_LONGEST_WHY = 2_000


def announce_intent(
    said: Announcement, *, seen: Collection[str] = (), request_key: str = "", actor: Actor, at: datetime
) -> Announced:
    """Announce a scan and have it accepted, for the organization that the actor acts for.

    Args:
        said: what is announced.
        seen: the version keys of everything that it meets.
        request_key: the announcer's own key of this request; sent again, it gets the same answer.
        actor: who announces it.
        at: now.

    Raises:
        Malformed: it cannot be announced by anybody.
        NotPermitted: not by this actor.
        HeldBack: the owners of what it is about do not let it run.
        Endangers: together with what stands there it would endanger a live system.
        Overlaps: the actor's own organization has the same standing.
        Unaware: it meets what is not among ``seen``.
        Conflict: it meets more than anybody can have seen, or the request key was used for something else.
    """
    return _announce(said, IntentStep.ACCEPT, seen=seen, request_key=request_key, why="", actor=actor, at=at)


def announce_emergency(said: Announcement, *, why: str, request_key: str = "", actor: Actor, at: datetime) -> Announced:
    """Announce a scan that cannot wait: it needs no key, and everyone whom it meets is told; owners still decide.

    Raises:
        Malformed, NotPermitted, HeldBack, Conflict: as for any other; Malformed also without a reason.
    """
    step = IntentStep.DECLARE_EMERGENCY
    return _announce(said, step, seen=(), request_key=request_key, why=_reason(why), actor=actor, at=at)


def _announce(
    said: Announcement,
    step: IntentStep,
    *,
    seen: Collection[str],
    request_key: str,
    why: str,
    actor: Actor,
    at: datetime,
) -> Announced:
    checked, _ = check_announcement(said, at=at)
    is_urgent = step is IntentStep.DECLARE_EMERGENCY
    if is_urgent and checked.window.starts_at > at + SKEW:
        raise Malformed(f"an emergency begins now, not {checked.window.starts_at}; announce what can wait")
    intent = _row_of(checked, step, request_key=request_key, why=why, actor=actor, at=at)
    demand(actor, "deconfliction:intent:announce", intent, is_kept=False)

    def write(mappings: Mappings) -> Announced:
        if request_key and (earlier := known_by_request(intent)) is not None:
            return Announced(earlier, ())
        found = surveyed(intent, checked, mappings, at=at, is_urgent=is_urgent)
        _demand(found, intent, step, seen=seen)
        demand_places(intent, checked.targets, mappings, at=at, is_urgent=is_urgent)
        intent.acknowledged = found.keys
        intent.save(force_insert=True)
        put(intent, checked.targets, checked.window)
        name_sources(intent)
        note_meetings(intent, found, at=at)
        record(f"deconfliction:intent:{step}", subject=intent, actor=actor, at=at, details=_told(intent, found))
        tell_of_step(step, intent, found, at=at)
        return Announced(intent, retold(found))

    try:
        with noting_refusals(intent, checked, at=at):
            if request_key and (earlier := known_by_request(intent)) is not None:
                return Announced(earlier, ())
            if is_urgent:
                return writing(checked.targets, write)
            made = accept_at_once(
                intent,
                checked,
                lambda found: _demand(found, intent, step, seen=seen),
                lambda found: _told(intent, found),
                actor=actor,
                at=at,
            )
            return made or writing(checked.targets, write)
    except IntegrityError:
        raise Conflict("the same request key is being used for something else now; send it again") from None


def draft_intent(said: Announcement, *, request_key: str = "", actor: Actor, at: datetime) -> Intent:
    """Write down a scan that is not announced yet; nobody else sees it, and it stands in nobody's way.

    Raises:
        Malformed, NotPermitted: it cannot be announced, or not by this actor.
        Conflict: the request key was used for something else.
    """
    checked, _ = check_announcement(said, at=at)
    intent = _row_of(checked, None, request_key=request_key, why="", actor=actor, at=at)
    demand(actor, "deconfliction:intent:announce", intent, is_kept=False)

    def write(_: Mappings) -> Intent:
        if request_key and (earlier := known_by_request(intent)) is not None:
            return earlier
        intent.save(force_insert=True)
        put(intent, checked.targets, None)
        record("deconfliction:intent:announce", subject=intent, actor=actor, at=at, details=_told(intent, Survey()))
        return intent

    return writing((), write)


def accept_intent(intent: Intent, *, seen: Collection[str] = (), actor: Actor, at: datetime) -> Announced:
    """Announce what was written down before.

    Raises:
        StepRefused: it is no draft.
        Malformed, NotPermitted, HeldBack, Endangers, Overlaps, Unaware, Conflict: as for announcing it at once.
    """
    return _step(intent, IntentStep.ACCEPT, seen=seen, why="", actor=actor, at=at)


def start_intent(intent: Intent, *, seen: Collection[str] = (), actor: Actor, at: datetime) -> Announced:
    """Say that a scan begins, or is back on its plan; whatever it meets by now has to have been seen.

    What it was accepted with counts as seen, as long as that is unchanged.

    Raises:
        StepRefused: it is not waiting to begin, or its window has not begun or is over.
        NotPermitted, HeldBack, Endangers, Unaware: as for announcing it.
    """
    return _step(intent, IntentStep.START, seen=seen, why="", actor=actor, at=at)


def leave_plan(intent: Intent, *, why: str, actor: Actor, at: datetime) -> Announced:
    """Say that a scan runs otherwise than announced; everyone whom it meets is told. Owners still decide.

    Raises:
        StepRefused: it stands in a state or at a time in which it does not run.
        NotPermitted, HeldBack, Malformed: as for announcing it; Malformed without a reason.
    """
    return _step(intent, IntentStep.LEAVE_PLAN, seen=(), why=_reason(why), actor=actor, at=at)


def declare_emergency(intent: Intent, *, why: str, actor: Actor, at: datetime) -> Announced:
    """Say that a scan cannot wait; it needs no key, and everyone whom it meets is told. Owners still decide.

    Raises:
        StepRefused: it has ended, or its window is over or has not begun.
        NotPermitted, HeldBack, Malformed: as for announcing it; Malformed without a reason.
    """
    return _step(intent, IntentStep.DECLARE_EMERGENCY, seen=(), why=_reason(why), actor=actor, at=at)


def renew_intent(
    intent: Intent, ends_at: datetime, *, version: str, seen: Collection[str] = (), actor: Actor, at: datetime
) -> Announced:
    """Let a scan last until another time; what has passed of its window is over.

    Args:
        intent: which.
        ends_at: until when.
        version: its present version key, so that two who renew it at once do not undo each other.
        seen: the version keys of everything that it meets by now.
        actor: who renews it.
        at: now.

    Raises:
        Outdated: it was changed since it was read.
        StepRefused: it ran out; announce it anew.
        NotPermitted, Malformed, HeldBack, Endangers, Unaware, Conflict: as for announcing it.
    """
    demand(actor, "deconfliction:intent:renew", intent)
    said = announcement_of(intent)

    def write(mappings: Mappings) -> Announced:
        intent.refresh_from_db()
        demand(actor, "deconfliction:intent:renew", intent)
        if intent.version_key != version:
            raise Outdated(f"{intent.public_id} was changed since you read it; read it again")
        _demand_time(intent, at=at, has_begun=False)
        window = check_window(Window(max(intent.starts_at, at), ends_at), at=at)
        lasting = replace(said, window=window)
        found = surveyed(intent, lasting, mappings, at=at, is_urgent=_needs_no_key(intent))
        _demand(found, intent, None, seen=seen)
        intent.starts_at, intent.ends_at = window.starts_at, window.ends_at
        _changed(intent, found, at=at)
        move(intent.pk, window)
        lengthen_sources(intent.pk, window)
        note_meetings(intent, found, at=at)
        record("deconfliction:intent:renew", subject=intent, actor=actor, at=at, details=_told(intent, found))
        tell_of(Happened.SCAN_RENEWED, intent, found, at=at)
        return Announced(intent, retold(found))

    return writing(said.targets, write)


def end_intent(intent: Intent, *, why: str = "", actor: Actor, at: datetime) -> None:
    """End a scan, or take it back before it began; from then on it stands in nobody's way."""
    demand(actor, "deconfliction:intent:end", intent)
    writing((), lambda _: finish(intent, IntentStep.END, why=why, actor=actor, at=at))


def halt_intent(intent: Intent, *, why: str, actor: Actor, at: datetime) -> None:
    """End another's scan, which the office may."""
    demand(actor, "deconfliction:intent:halt", intent)
    writing((), lambda _: finish(intent, IntentStep.HALT, why=_reason(why), actor=actor, at=at))


def finish(intent: Intent, step: IntentStep, *, why: str, actor: Actor, at: datetime) -> None:
    """Take a scan out of everybody's way, inside of a write; what was never announced stays unseen by others."""
    was_announced = intent.state != IntentState.DRAFT
    if not was_announced:
        intent.visibility = Visibility.THOSE_MET
    Intent.objects.filter(pk=intent.pk).update(
        ended_at=at, changed_at=at, revision=intent.revision + 1, visibility=intent.visibility
    )
    close(intent.pk)
    advance(intent, INTENT, step, actor=actor, at=at, why=why)
    intent.ended_at, intent.changed_at, intent.revision = at, at, intent.revision + 1
    if step is IntentStep.HALT:
        tell_holder(intent, at=at)
    if was_announced:
        tell_later(Happened.SCAN_ENDED, intent, at=at)


def _step(
    intent: Intent, step: IntentStep, *, seen: Collection[str], why: str, actor: Actor, at: datetime
) -> Announced:
    """Take a step into a state in which others have to know of the scan."""
    demand(actor, f"deconfliction:intent:{step}", intent)
    said = announcement_of(intent)

    def write(mappings: Mappings) -> Announced:
        intent.refresh_from_db()
        demand(actor, f"deconfliction:intent:{step}", intent)
        was = IntentState(intent.state)
        becomes = INTENT.after(was, step)
        if was is IntentState.DRAFT:
            check_announcement(said, at=at)
        _demand_time(intent, at=at, has_begun=becomes in RUNNING)
        rest = replace(said, window=Window(max(intent.starts_at, at), intent.ends_at))
        is_urgent = becomes in NEEDS_NO_KEY
        found = surveyed(intent, rest, mappings, at=at, is_urgent=is_urgent)
        _demand(found, intent, step, seen=seen)
        intent.why = why or intent.why
        if becomes in RUNNING and intent.began_at is None:
            intent.began_at = at
        _changed(intent, found, at=at, is_other=step is not IntentStep.START)
        if was is IntentState.DRAFT:
            demand_places(intent, said.targets, mappings, at=at, is_urgent=is_urgent)
            take_away(intent.pk)
            put(intent, said.targets, said.window)
            name_sources(intent)
        note_meetings(intent, found, at=at)
        advance(intent, INTENT, step, actor=actor, at=at, why=why)
        tell_of_step(step, intent, found, at=at)
        return Announced(intent, retold(found))

    with noting_refusals(intent, said, at=at):
        return writing(said.targets, write)


def _needs_no_key(intent: Intent) -> bool:
    return intent.state in NEEDS_NO_KEY


def _demand(found: Survey, intent: Intent, step: IntentStep | None, *, seen: Collection[str]) -> None:
    """Refuse what owners do not let run; and, where a key is needed, what was not seen."""
    demand_consent(found)
    urgent = step in (IntentStep.LEAVE_PLAN, IntentStep.DECLARE_EMERGENCY) or (step is None and _needs_no_key(intent))
    if not urgent:
        demand_awareness(found, {*seen, *intent.acknowledged.values()})


def _demand_time(intent: Intent, *, at: datetime, has_begun: bool) -> None:
    if intent.state != IntentState.DRAFT and not is_standing(intent.state, intent.ends_at, at=at):
        raise StepRefused(f"{intent.public_id} is over since {intent.ends_at:%Y-%m-%d %H:%M} UTC; announce it anew")
    if has_begun and at < intent.starts_at - SKEW:
        raise StepRefused(f"{intent.public_id} begins {intent.starts_at:%Y-%m-%d %H:%M} UTC; wait, or announce another")


def _changed(intent: Intent, found: Survey, *, at: datetime, is_other: bool = True) -> None:
    """Write what has changed of an intent; ``is_other``: in a way that whoever has seen it has to see anew."""
    if is_other:
        intent.version_key = new_version_key()
    intent.acknowledged = found.keys
    intent.revision += 1
    intent.changed_at = at
    intent.save(
        update_fields=[
            "acknowledged",
            "began_at",
            "changed_at",
            "ends_at",
            "revision",
            "starts_at",
            "version_key",
            "why",
        ]
    )


def _row_of(
    said: Announcement, step: IntentStep | None, *, request_key: str, why: str, actor: Actor, at: datetime
) -> Intent:
    """Return the row of a scan, not yet kept: a draft, or in the state that a first step leads to."""
    return Intent(
        public_id=new_public_id("SCAN"),
        organization_id=home_of(actor),
        person_id=actor.id,
        technique=said.technique,
        table=CURRENT,
        targets=said.plain_targets(),
        starts_at=said.window.starts_at,
        ends_at=said.window.ends_at,
        rate_per_second=said.rate_per_second,
        contact=said.contact,
        visibility=said.visibility.value,
        sources=list(said.sources),
        scanner_key=said.scanner_key,
        version_key=new_version_key(),
        request_key=request_key,
        request_digest=said.digest() if request_key else "",
        state=INTENT.initial if step is None else INTENT.after(INTENT.initial, step),
        began_at=at if step is IntentStep.DECLARE_EMERGENCY else None,
        why=why,
        changed_at=at,
        created_at=at,
    )


def _told(intent: Intent, found: Survey) -> dict[str, object]:
    """Return what the ledger keeps of a write."""
    return {
        "id": intent.public_id,
        "technique": intent.technique,
        "starts_at": intent.starts_at,
        "ends_at": intent.ends_at,
        "seen": [one.public_id for one in found.visible],
        "hidden": [one.public_id for one in found.met if not one.is_visible],
        "why": intent.why,
    }


def _reason(why: str) -> str:
    said = why.strip()
    if not 0 < len(said) <= _LONGEST_WHY or not all(line.isprintable() for line in said.splitlines()):
        raise Malformed(f"say why, in 1 to {_LONGEST_WHY} printable characters; everyone whom it meets reads it")
    return said
