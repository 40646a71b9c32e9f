"""Every read of outside lists. They are public, so nobody is asked who they are."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db.models import QuerySet

from clearinghouse.feeds.models import KnownExploited, Score, Snapshot
from clearinghouse.feeds.rules import Feed
from clearinghouse.permissions.rules import Actor
from clearinghouse.standards.epss import EpssScore
from clearinghouse.standards.kev import is_cve


def snapshots() -> QuerySet[Snapshot]:
    """Return every snapshot, newest first in each list."""
    return Snapshot.objects.order_by("feed", "-published_at", "-created_at")


def snapshots_for(actor: Actor) -> QuerySet[Snapshot]:
    """Return every snapshot that the actor may read, in an order of which no two have the same place."""
    found: QuerySet[Snapshot] = Snapshot.objects.visible_to(actor)
    return found.order_by("feed", "-published_at", "-created_at", "pk")


def snapshot_at(feed: Feed, at: datetime | None = None) -> Snapshot | None:
    """Return the newest snapshot published not later than ``at`` (None: the newest of all), if there is one."""
    found: QuerySet[Snapshot] = Snapshot.objects.filter(feed=feed)
    if at is not None:
        found = found.filter(published_at__lte=at)
    return found.order_by("-published_at", "-created_at").first()


def kev_entry(cve: str, at: datetime | None = None) -> KnownExploited | None:
    """Return what KEV says of a CVE; nothing when it is not listed, or there is no snapshot."""
    snapshot = snapshot_at(Feed.KEV, at)
    return None if snapshot is None else KnownExploited.objects.filter(snapshot=snapshot, cve=cve).first()


def is_in_kev(cve: str, at: datetime | None = None) -> bool | None:
    """Say whether KEV lists a CVE; nothing is known without a snapshot."""
    return in_kev((cve,), at)


def in_kev(aliases: Collection[str], at: datetime | None = None) -> bool | None:
    """Say whether KEV lists one of several ids; nothing is known without a snapshot, or without a CVE id among them."""
    cves = {one for one in aliases if is_cve(one)}
    snapshot = snapshot_at(Feed.KEV, at)
    if snapshot is None or not cves:
        return None
    return KnownExploited.objects.filter(snapshot=snapshot, cve__in=cves).exists()


def ask_kev(at: datetime | None = None) -> Callable[[Collection[str]], bool | None]:
    """Return ``in_kev`` for many questions in a row: the list is fetched once."""
    snapshot = snapshot_at(Feed.KEV, at)
    listed = kev_cves(at)

    def answer(aliases: Collection[str]) -> bool | None:
        cves = {one for one in aliases if is_cve(one)}
        return None if snapshot is None or not cves else not listed.isdisjoint(cves)

    return answer


def epss_of(cve: str, at: datetime | None = None) -> EpssScore | None:
    """Return the EPSS score of a CVE; nothing when it has none, or there is no snapshot."""
    snapshot = snapshot_at(Feed.EPSS, at)
    row = None if snapshot is None else Score.objects.filter(snapshot=snapshot, cve=cve).first()
    return None if row is None else EpssScore(row.probability, row.percentile)


def kev_cves(at: datetime | None = None) -> frozenset[str]:
    """Return every CVE that KEV lists; empty without a snapshot."""
    snapshot = snapshot_at(Feed.KEV, at)
    listed = KnownExploited.objects.filter(snapshot=snapshot) if snapshot is not None else KnownExploited.objects.none()
    return frozenset(listed.values_list("cve", flat=True))
