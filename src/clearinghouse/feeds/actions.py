"""Taking in outside lists: each as a snapshot that never changes; the same bytes again are the same snapshot."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.feeds.models import KnownExploited, Score, Snapshot
from clearinghouse.feeds.rules import LARGEST_BYTES, Feed
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.standards import epss, kev
from clearinghouse.strict import load_json

_BATCH = 5000
_NAMES: Mapping[str, Feed] = {
    "kev.json": Feed.KEV,
    "known_exploited_vulnerabilities.json": Feed.KEV,
    "epss.csv": Feed.EPSS,
    "epss.csv.gz": Feed.EPSS,
    "epss_scores-current.csv.gz": Feed.EPSS,
}


def take_in(feed: Feed, data: bytes, *, source: str, actor: Actor, at: datetime) -> Snapshot:
    """Take in one list as it was published.

    Raises:
        Malformed: it is not that list, or breaks its rules.
        NotPermitted: the actor may not take lists in.
    """
    demand(actor, "feeds:snapshot:take-in")
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    known: Snapshot | None = Snapshot.objects.filter(feed=feed, digest=digest).first()
    if known is not None:
        return known
    return (_take_in_kev if feed is Feed.KEV else _take_in_epss)(data, digest=digest, source=source, actor=actor, at=at)


def take_in_folder(folder: Path, *, actor: Actor, at: datetime) -> tuple[Snapshot, ...]:
    """Take in the lists that lie in a folder: ``kev.json`` and ``epss.csv`` (or ``epss.csv.gz``).

    Raises:
        NotFound: there is none.
        Malformed: one of them is not what its name says.
    """
    files = [(feed, folder / name) for name, feed in _NAMES.items() if (folder / name).is_file()]
    if not files:
        raise NotFound(f"no list in {folder}; put kev.json or epss.csv.gz there")
    return tuple(take_in(feed, read_list(feed, file), source=file.name, actor=actor, at=at) for feed, file in files)


def read_list(feed: Feed, file: Path) -> bytes:
    """Return the bytes of a list in a file.

    Raises:
        NotFound: there is no such file.
        Malformed: it is larger than any such list.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_BYTES[feed] + 1)
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_BYTES[feed]:
        raise Malformed(f"{file} has more than {LARGEST_BYTES[feed]} bytes")
    return data


def _take_in_kev(data: bytes, *, digest: str, source: str, actor: Actor, at: datetime) -> Snapshot:
    found = kev.parse(load_json(data))
    snapshot = Snapshot(
        feed=Feed.KEV,
        title=found.title[:300],
        version=found.version[:40],
        published_at=found.released_at,
        digest=digest,
        source=source[:500],
        count=len(found.entries),
        created_at=at,
    )
    rows = (
        KnownExploited(
            snapshot=snapshot,
            cve=one.cve,
            name=one.name,
            product=one.product,
            added_on=one.added_on,
            due_on=one.due_on,
            action=one.action,
            ransomware=one.ransomware,
        )
        for one in found.entries.values()
    )
    return _keep(snapshot, KnownExploited, rows, actor=actor, at=at)


def _take_in_epss(data: bytes, *, digest: str, source: str, actor: Actor, at: datetime) -> Snapshot:
    found = epss.parse(data)
    snapshot = Snapshot(
        feed=Feed.EPSS,
        title="Exploit Prediction Scoring System",
        version=found.model,
        published_at=found.scored_at,
        digest=digest,
        source=source[:500],
        count=len(found.scores),
        created_at=at,
    )
    rows = (
        Score(snapshot=snapshot, cve=cve, probability=one.probability, percentile=one.percentile)
        for cve, one in found.scores.items()
    )
    return _keep(snapshot, Score, rows, actor=actor, at=at)


@transaction.atomic
def _keep(snapshot: Snapshot, kind: type[models.Model], rows: Iterable[Any], *, actor: Actor, at: datetime) -> Snapshot:
    known: Snapshot | None = Snapshot.objects.filter(feed=snapshot.feed, digest=snapshot.digest).first()
    if known is not None:
        return known
    snapshot.save(force_insert=True)
    kind._base_manager.bulk_create(rows, batch_size=_BATCH)  # noqa: SLF001 - Django's public name
    record(
        "feeds:snapshot:take-in",
        subject=snapshot,
        actor=actor,
        at=at,
        details={
            "feed": str(snapshot.feed),
            "version": snapshot.version,
            "digest": snapshot.digest,
            "source": snapshot.source,
            "count": snapshot.count,
        },
    )
    return snapshot
