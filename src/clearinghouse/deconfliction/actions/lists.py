"""Publishing the signed lists of standing scans: one for all members, one with details for each owner."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.deconfliction.models import Meeting
from clearinghouse.deconfliction.queries.lists import KEPT_AS
from clearinghouse.deconfliction.queries.sightings import owned_places, owners_of_places, scans_near
from clearinghouse.deconfliction.rules.awareness import is_shown_to
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.scan_list import MEMBERS, Head, told_to_members, told_to_owner, write_list
from clearinghouse.deconfliction.rules.sightings import StandingScan
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.edges.models import KeptFile
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.signing.keys import SigningKey

_SUFFIX: Final = ".scans"
HOLDS: Final = timedelta(minutes=10)
"""A list that is older says nothing about now; ten may be missed before that."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was published."""

    lists: int
    scans: int
    """In the list for all members."""


def publish_lists(folder: Path, *, origin: str, key: SigningKey, actor: Actor, at: datetime) -> Written:
    """Write every list anew into a folder, each whole or not at all; take away those of whoever owns nothing any more.

    Raises:
        NotPermitted: the actor does not see every scan.
    """
    demand(actor, "deconfliction:place:read")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    written: dict[str, int] = {}
    with beyond_sight():
        for made in _every_list(origin, key=key, at=at):
            path = folder / f"{made.audience}{_SUFFIX}"
            unfinished = path.with_name(f".{path.name}.{os.getpid()}")
            unfinished.write_bytes(made.data)
            unfinished.replace(path)
            written[path.name] = made.scans
    for old in folder.glob(f"*{_SUFFIX}"):
        if old.name not in written:
            old.unlink(missing_ok=True)
    return Written(len(written), written[f"{MEMBERS}{_SUFFIX}"])


def keep_lists(store: Artefacts, *, origin: str, key: SigningKey, actor: Actor, at: datetime) -> Written:
    """Write every list anew where every process finds it: in the store of artefacts, with a row that names the newest.

    Raises:
        NotPermitted: the actor does not see every scan.
    """
    demand(actor, "deconfliction:place:read")
    with beyond_sight():
        made = {one.audience: (store.put(one.data), one.scans) for one in _every_list(origin, key=key, at=at)}
        with transaction.atomic():
            kept = KeptFile.objects.filter(name__startswith=KEPT_AS).select_for_update()
            before = dict(kept.values_list("name", "digest"))
            for audience, (digest, _) in made.items():
                KeptFile.objects.update_or_create(
                    name=f"{KEPT_AS}{audience}", defaults={"digest": digest, "kept_at": at}
                )
            kept.exclude(name__in=[f"{KEPT_AS}{one}" for one in made]).delete()
    for digest in set(before.values()) - {digest for digest, _ in made.values()}:
        store.remove(digest)
    return Written(len(made), made[MEMBERS][1])


@dataclass(frozen=True, slots=True)
class _Made:
    """One list as a file."""

    audience: str
    data: bytes
    scans: int


def _every_list(origin: str, *, key: SigningKey, at: datetime) -> Iterator[_Made]:
    """Yield the list for all members, and the one for each organization that owns networks or names."""
    head = Head(origin, MEMBERS, int(at.timestamp()), at, at + HOLDS)
    every = list(scans_near(at))
    yield _made(head, [told_to_members(one) for row, one in every if row.visibility == Visibility.EVERYONE], key=key)
    for home in owners_of_places():
        networks, hosts = owned_places(home)
        own = Head(origin, str(home), head.number, at, head.valid_until, networks)
        met = set(Meeting.objects.filter(organization=home).values_list("intent_id", flat=True))
        theirs = (
            scan
            for row, scan in every
            if is_shown_to(home, owner=row.organization_id, visibility=row.visibility, has_met=row.pk in met)
        )
        told = (told_to_owner(scan, networks, owns=partial(_owns, hosts)) for scan in theirs)
        yield _made(own, [one for one in told if one is not None], key=key)


def _made(head: Head, scans: Sequence[StandingScan], *, key: SigningKey) -> _Made:
    return _Made(head.audience, write_list(head, scans, key=key), len(scans))


def _owns(hosts: tuple[Host, ...], name: str) -> bool:
    """Say whether a name, or a pattern of names, has something of these."""
    wanted = Host.read(name)
    return any(one.meets(wanted) for one in hosts)
