"""Suggestions from what stands here: when it is free, and what nobody has looked at."""

from collections.abc import Iterable
from datetime import datetime

from clearinghouse.deconfliction.models import Intent, Ownership
from clearinghouse.deconfliction.queries.covering import last_looks
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.queries.meeting import binding_near, survey
from clearinghouse.deconfliction.queries.places import mappings_of
from clearinghouse.deconfliction.rules.announcing import Announcement, check_announcement
from clearinghouse.deconfliction.rules.lifecycle import STANDING, OwnershipState
from clearinghouse.deconfliction.rules.suggestions import Candidate, Worth, earliest_free, most_valuable
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets, target_of
from clearinghouse.deconfliction.rules.techniques import Relation
from clearinghouse.deconfliction.rules.windows import FURTHEST, Window
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

_MOST_CANDIDATES = 10_000


def free_window(said: Announcement, *, actor: Actor, at: datetime) -> Window | None:
    """Return the earliest window of the same length in which nobody gets in a scan's way; None: there is none.

    What the actor may not see is passed over, as it is when a scan is announced.

    Raises:
        Malformed, NotPermitted, Conflict: as for looking whom it meets.
    """
    checked, _ = check_announcement(said, at=at)
    home = home_of(actor)
    demand(actor, "deconfliction:intent:announce", Intent(organization_id=home, state=""), is_kept=False)
    until = at + FURTHEST
    with beyond_sight():
        scan = checked.scan_of(home).in_window(Window(checked.window.starts_at, until + checked.window.length))
        found = survey(scan, mappings_of(checked.targets), at=at)
        binding = binding_near(scan)
    in_the_way = [
        one.window
        for one in (*found.visible, *found.own)
        if one.window is not None and one.relation is not Relation.SHARE
    ]
    return earliest_free(checked.window, in_the_way, until=until, binding=binding)


def uncovered(*, actor: Actor, at: datetime, most: int = 20) -> tuple[Worth, ...]:
    """Return the verified targets that are most worth looking at, and why: nobody scans them now.

    Confidential scans do not show in it: a target that only they touch counts as one that nobody scans.
    """
    rows = Ownership.objects.visible_to(actor).filter(state=OwnershipState.VERIFIED).order_by("-criticality", "pk")
    owned = [(target_of(row.target), row.criticality) for row in rows[:_MOST_CANDIDATES]]
    looked = last_looks(actor, [target for target, _ in owned])
    candidates = [Candidate(target, criticality, *looked[target]) for target, criticality in owned]
    worth = most_valuable(candidates, at=at)
    now = Intent.objects.visible_to(actor).filter(state__in=STANDING, ends_at__gt=at).values_list("targets", flat=True)
    busy = [target_of(one) for targets in now for one in targets]
    return tuple(_free(worth, busy, most))


def _free(worth: Iterable[Worth], busy: list[Target], most: int) -> Iterable[Worth]:
    given = 0
    for one in worth:
        if given == most:
            return
        if not any(meets(one.candidate.target, other) for other in busy):
            given += 1
            yield one
