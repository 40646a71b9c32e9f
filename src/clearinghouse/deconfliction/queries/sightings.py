"""Friend or foe, asked of the rows: always as they are now, so that what was ended a moment ago is told as ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Intent, Ownership, ScanSource
from clearinghouse.deconfliction.rules.lifecycle import OwnershipState
from clearinghouse.deconfliction.rules.prefixes import Prefix, covering, parse_prefix, prefix_of
from clearinghouse.deconfliction.rules.sightings import (
    MOST_SHOWN,
    NEAR,
    TOLD_STATES,
    Answer,
    Match,
    Reach,
    Sighting,
    StandingScan,
    answer,
    judge,
)
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import target_of
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight

_CHUNK = 500


def whois(sighting: Sighting, *, actor: Actor) -> Answer:
    """Return what is known of an address that was seen: of scans that the actor may see.

    A confidential scan that has not met the actor's organization is unknown to it; whatever such a scan reaches on a
    live system has an owner who was asked, and who has met it.

    Raises:
        NotPermitted: the actor takes no part here.
    """
    demand(actor, "deconfliction:scan:look-up")
    near = ScanSource.objects.filter(block__in=[str(one) for one in covering(sighting.source)])
    running = near.filter(starts_at__lte=sighting.at, ends_at__gt=sighting.at)
    fitting: dict[UUID, Match] = {}
    others: dict[UUID, Match] = {}
    for match, pk in _judged(running.order_by("starts_at", "pk"), sighting, actor):
        (others if match.misses else fitting).setdefault(pk, match)
        if len(fitting) > MOST_SHOWN:
            break
    if fitting:
        return answer(sighting, fitting.values())
    before = near.filter(ends_at__lte=sighting.at, ends_at__gte=sighting.at - NEAR).order_by("-ends_at", "pk")
    after = near.filter(starts_at__gt=sighting.at, starts_at__lte=sighting.at + NEAR).order_by("starts_at", "pk")
    for match, pk in (*_judged(before, sighting, actor), *_judged(after, sighting, actor)):
        if len(others) > MOST_SHOWN:
            break
        others.setdefault(pk, match)
    return answer(sighting, others.values())


def _judged(sources: "QuerySet[ScanSource]", sighting: Sighting, actor: Actor) -> Iterator[tuple[Match, UUID]]:
    """Yield each scan that the actor may see, held against the sighting.

    The index of addresses is the programme's; what it finds is read as whoever asks.
    """
    place = 0
    while True:
        with beyond_sight():
            found = list(sources[place : place + _CHUNK].values_list("intent_id", "block", "starts_at", "ends_at"))
        seen = Intent.objects.visible_to(actor).filter(pk__in={pk for pk, *_ in found}).select_related("organization")
        rows = {row.pk: row for row in seen}
        for pk, block, starts_at, ends_at in found:
            if (row := rows.get(pk)) is not None:
                yield judge(scan_of(row, (parse_prefix(block),), starts_at, ends_at), sighting), pk
        if len(found) < _CHUNK:
            return
        place += _CHUNK


def scan_of(row: Intent, sources: tuple[Prefix, ...], starts_at: datetime, ends_at: datetime) -> StandingScan:
    """Return an announced scan as a defender is told of it."""
    targets = [target_of(one) for one in row.targets]
    return StandingScan(
        intent=row.public_id,
        sources=sources,
        starts_at=starts_at,
        ends_at=ends_at,
        contact=row.contact,
        scanner=row.organization.name,
        technique=row.technique,
        reaches=tuple(reach for one in targets if isinstance(one, Network) for reach in _reaches(one)),
        hosts=tuple(one.plain()["name"] for one in targets if isinstance(one, Host)),
        rate_per_second=row.rate_per_second,
        constraints=tuple(sorted(one for one in row.acknowledged if one.startswith("RULE-"))),
        revoked_at=row.ended_at,
        state=row.state if row.state in TOLD_STATES else "",
    )


def _reaches(target: Network) -> Iterator[Reach]:
    network = prefix_of(target.block)
    for first, last in target.ports or ((0, 65535),):
        yield Reach(network, first, last)


def scans_near(at: datetime) -> Iterator[tuple[Intent, StandingScan]]:
    """Yield every scan whose window is not long over, as it is told to a defender; for lists, beyond sight.

    One that announced to send nothing is left out: nobody was asked for leave, and it vouches for no address.
    """
    return (pair for pair in _every_scan(at) if pair[1].is_authorised)


def _every_scan(at: datetime) -> Iterator[tuple[Intent, StandingScan]]:
    wanted = ScanSource.objects.filter(ends_at__gte=at - NEAR).select_related("intent__organization")
    first: ScanSource | None = None
    blocks: list[Prefix] = []
    for source in wanted.order_by("intent_id", "pk").iterator(chunk_size=_CHUNK):
        if first is not None and source.intent_id != first.intent_id:
            yield first.intent, scan_of(first.intent, tuple(blocks), first.starts_at, first.ends_at)
            first, blocks = None, []
        first = first or source
        blocks.append(parse_prefix(source.block))
    if first is not None:
        yield first.intent, scan_of(first.intent, tuple(blocks), first.starts_at, first.ends_at)


def owned_places(organization: UUID) -> tuple[tuple[Prefix, ...], tuple[Host, ...]]:
    """Return the networks and names that are verified to be an organization's; for lists, beyond sight."""
    rows = Ownership.objects.filter(organization=organization, state=OwnershipState.VERIFIED)
    targets = [target_of(one) for one in rows.values_list("target", flat=True)]
    return (
        tuple(dict.fromkeys(prefix_of(one.block) for one in targets if isinstance(one, Network))),
        tuple(dict.fromkeys(one for one in targets if isinstance(one, Host))),
    )


def owners_of_places() -> Iterable[UUID]:
    """Return the organizations that own networks or names; for lists, beyond sight."""
    rows = Ownership.objects.filter(state=OwnershipState.VERIFIED).order_by("organization_id")
    return [home for home in dict.fromkeys(rows.values_list("organization_id", flat=True)) if any(owned_places(home))]
