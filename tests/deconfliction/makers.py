"""Makes scanners, owners, scans and what owners say, for tests."""

from datetime import datetime, timedelta
from uuid import uuid4

from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.owners import claim_ownership, give_authorisation, verify_ownership
from clearinghouse.deconfliction.actions.standing import Announced
from clearinghouse.deconfliction.models import Authorisation, Ownership
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from_text
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Unaware
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
from tests.parties.makers import NOON, an_organization

HOUR = timedelta(hours=1)
SOURCE = "192.0.2.0/28"


def a_member(*roles: Role, organization: Organization | None = None) -> Actor:
    """Return somebody who acts for an organization of their own; a finder, when nothing else is said."""
    home = organization or an_organization()
    return Actor(uuid4(), "Ada", frozenset(roles or (Role.FINDER,)), home.pk, second_factor=True, asks_at=NOON)


def home_of(actor: Actor) -> Organization:
    return Organization.objects.get(pk=str(actor.organization))


def a_window(start: float = 0, hours: float = 4) -> Window:
    """Return a window that begins so many hours from noon and lasts so many."""
    return Window(NOON + start * HOUR, NOON + (start + hours) * HOUR)


def a_scan(
    *targets: str | Target,
    technique: str = "fuzzing",
    window: Window | None = None,
    rate: int | None = None,
    visibility: Visibility = Visibility.EVERYONE,
    sources: tuple[str, ...] | None = None,
) -> Announcement:
    """Return a scan; where it comes from is named if it sends something, unless something else is said."""
    named = targets or ("pkg:pypi/pyyaml",)
    read = tuple(target_from_text(one) if isinstance(one, str) else one for one in named)
    if sources is None:
        on = techniques().known[technique].on if technique in techniques().known else {}
        sources = (SOURCE,) if any(on.get(one.kind) is Effect.LIVE for one in read) else ()
    return Announcement(technique, read, window or a_window(), "mailto:ada@people.example", rate, visibility, sources)


def announced(said: Announcement, actor: Actor, *, at: datetime = NOON) -> Announced:
    """Announce a scan the way a client does: see what it meets, and announce it with those keys."""
    try:
        return announce_intent(said, actor=actor, at=at)
    except Unaware as missed:
        return announce_intent(said, seen=[str(one["version_key"]) for one in missed.references], actor=actor, at=at)


def an_owner(target: str, *, role: Role = Role.OPERATOR) -> tuple[Actor, Ownership]:
    """Return somebody whose organization is known to own a target."""
    owner = a_member(role)
    claimed = claim_ownership(
        home_of(owner), target_from_text(target), criticality=3, evidence="a record", actor=owner, at=NOON
    )
    verify_ownership(claimed, why="looked at the record", actor=a_member(Role.COORDINATOR), at=NOON)
    claimed.refresh_from_db()
    return owner, claimed


def authorised(owner: Actor, scanner: Actor, *targets: str, window: Window | None = None) -> Authorisation:
    return give_authorisation(
        home_of(owner),
        home_of(scanner),
        tuple(target_from_text(one) for one in targets),
        window or a_window(-1, 24 * 30),
        actor=owner,
        at=NOON,
    )
