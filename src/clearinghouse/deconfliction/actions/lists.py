"""Publishing the signed lists of standing scans as files: one for all members, one with details for each owner."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from clearinghouse.deconfliction.models import Meeting
from clearinghouse.deconfliction.queries.lists import SUFFIX, list_name
from clearinghouse.deconfliction.queries.sightings import owned_places, owners_of_places, scans_near
from clearinghouse.deconfliction.rules.awareness import is_shown_to
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.scan_list import MEMBERS, Head, told_to_members, told_to_owner, write_list
from clearinghouse.deconfliction.rules.sightings import StandingScan
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.signing.keys import SigningKey

HOLDS: Final = timedelta(minutes=10)
"""A list that is older says nothing about now; ten may be missed before that."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was published."""

    lists: int
    scans: int
    """In the list for all members."""


def publish_lists(folder: Path, *, origin: str, key: SigningKey, actor: Actor, at: datetime) -> Written:
    """Write every list anew, each whole or not at all; take away those of organizations that own nothing any more.

    Raises:
        NotPermitted: the actor does not see every scan.
    """
    demand(actor, "deconfliction:place:read")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    head = Head(origin, MEMBERS, int(at.timestamp()), at, at + HOLDS)
    with beyond_sight():
        every = list(scans_near(at))
        everyones = [scan for row, scan in every if row.visibility == Visibility.EVERYONE]
        _put(folder, head, map(told_to_members, everyones), key=key)
        written = {list_name(MEMBERS)}
        for home in owners_of_places():
            networks, hosts = owned_places(home)
            audience = str(home)
            own = Head(origin, audience, head.number, at, head.valid_until, networks)
            met = set(Meeting.objects.filter(organization=home).values_list("intent_id", flat=True))
            theirs = (
                scan
                for row, scan in every
                if is_shown_to(home, owner=row.organization_id, visibility=row.visibility, has_met=row.pk in met)
            )
            told = (told_to_owner(scan, networks, owns=partial(_owns, hosts)) for scan in theirs)
            _put(folder, own, (one for one in told if one is not None), key=key)
            written.add(list_name(audience))
    for old in folder.glob(f"*{SUFFIX}"):
        if old.name not in written:
            old.unlink(missing_ok=True)
    return Written(len(written), len(everyones))


def _owns(hosts: tuple[Host, ...], name: str) -> bool:
    """Say whether a name, or a pattern of names, has something of these."""
    wanted = Host.read(name)
    return any(one.meets(wanted) for one in hosts)


def _put(folder: Path, head: Head, scans: Iterable[StandingScan], *, key: SigningKey) -> None:
    path = folder / list_name(head.audience)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(write_list(head, scans, key=key))
    unfinished.replace(path)
