"""Is everything in order? Each check says what it found, and where something is wrong, the cause and the cure."""

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from clearinghouse.artefacts import open_artefacts
from clearinghouse.edges.signer import why_not_here
from clearinghouse.errors import ClearinghouseError
from clearinghouse.feeds.queries import snapshot_at
from clearinghouse.feeds.rules import Feed
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Head, Outbox
from clearinghouse.operation.queries import others_take_part, the_retention, what_is_over
from clearinghouse.sandbox.select import sandbox_for
from clearinghouse.work.models import Failure
from clearinghouse.work.queries import engine_status

LEAST_FREE_BYTES = 2 << 30
OLDEST_FEED = timedelta(days=7)
MOST_WAITING_ACTS = 1000
RETENTION_LATE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``cure`` is empty when all is well."""

    check: str
    found: str
    cure: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.cure


def findings(*, at: datetime, whole_ledger: bool = False) -> list[Finding]:
    """Run every check and return what each found; one that breaks is a finding too."""
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("database", _database),
        ("policies", _policies),
        ("artefacts", _artefacts),
        ("disk", _disk),
        ("sandbox", _sandbox),
        ("workers", _workers),
        ("failures", _failures),
        ("ledger", lambda: _ledger(whole=whole_ledger)),
        ("signing key", _key),
        ("feeds", lambda: _feeds(at)),
        ("retention", lambda: _retention(at)),
    ]
    found = []
    for name, check in checks:
        try:
            found.append(check())
        except (ClearinghouseError, DatabaseError, OSError) as error:
            found.append(Finding(name, str(error), "see the message; the other checks may say why"))
    return found


def _database() -> Finding:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            said = cursor.fetchone()[0]
            if said != "ok":
                return Finding("database", f"the file is damaged: {said}", "restore the newest backup")
            return Finding("database", f"SQLite file {settings.CLEARINGHOUSE_DATABASE}")
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('synchronous_commit'), "
            "current_setting('fsync'), current_setting('full_page_writes')"
        )
        version, commits, fsync, pages = cursor.fetchone()
    if "off" in {commits, fsync, pages}:
        said = f"PostgreSQL {version} with synchronous_commit {commits}, fsync {fsync}, full_page_writes {pages}"
        return Finding("database", said, "set all three to on: an acknowledged act could be lost")
    return Finding("database", f"PostgreSQL {version}")


def _policies() -> Finding:
    if connection.vendor == "sqlite":
        return Finding("policies", "a file has none: whoever may read it may read everything")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, unbound = cursor.fetchone()
    if unbound:
        cure = "use a role without SUPERUSER and BYPASSRLS; see `clearinghouse database prepare --app-role`"
        return Finding("policies", f"no policy holds the role {role}", cure)
    return Finding("policies", f"they hold for the role {role}")


def _artefacts() -> Finding:
    store, data = open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS), b"clearinghouse doctor"
    if store.get(store.put(data)) != data:
        return Finding("artefacts", "what is read is not what was written", "look at the store's disk")
    return Finding("artefacts", f"{settings.CLEARINGHOUSE_ARTEFACTS} keeps what is put there")


def _disk() -> Finding:
    places = {Path(settings.CLEARINGHOUSE_HOME), Path(settings.CLEARINGHOUSE_CACHE)}
    for place in sorted(places):
        there = next(one for one in (place, *place.parents) if one.exists())
        free = shutil.disk_usage(there).free
        if free < LEAST_FREE_BYTES:
            return Finding("disk", f"{free >> 20} MiB are free at {place}", "free some; releases are cached there")
    return Finding("disk", "enough is free")


def _sandbox() -> Finding:
    return Finding("sandbox", f"proofs run in {sandbox_for(demand=settings.CLEARINGHOUSE_SANDBOX).tier}")


def _workers() -> Finding:
    status = engine_status()
    if connection.vendor == "sqlite":
        return Finding("workers", "the server works by itself on a file")
    if not status.workers:
        return Finding("workers", "no worker lives", "start `clearinghouse worker` on at least one machine")
    return Finding("workers", f"{status.workers} live, {status.running} calls run, {status.waiting} wait")


def _failures() -> Finding:
    newest = Failure.objects.order_by("-failed_at").first()
    if newest is None:
        return Finding("failures", "nothing was given up")
    last = newest.error.strip().rsplit("\n", 1)[-1]
    return Finding(
        "failures",
        f"{Failure.objects.count()} calls were given up, the last {newest.task} at {newest.failed_at:%F %T}: {last}",
        "mend the cause; each is tried again after an hour",
    )


def _ledger(*, whole: bool) -> Finding:
    waiting = Outbox.objects.count()
    if waiting > MOST_WAITING_ACTS:
        cure = "start a worker, or `clearinghouse ledger sequence`"
        return Finding("ledger", f"{waiting} acts wait for their places", cure)
    size = Head.objects.values_list("size", flat=True).first() or 0
    if not whole:
        return Finding("ledger", f"{size} entries, {waiting} waiting; `clearinghouse doctor --ledger` reads them all")
    faults = audit().faults
    if faults:
        return Finding("ledger", f"it does not hold together: {faults[0]}", "keep a copy as it is, and find out who")
    return Finding("ledger", f"{size} entries hold together")


def _key() -> Finding:
    path: Path | None = settings.CLEARINGHOUSE_KEY
    if (path is None or path.is_file()) and (wrong := why_not_here()):
        return Finding("signing key", wrong, "copy it from the machine that has it, or set CLEARINGHOUSE_KEY")
    if path is None:
        return Finding("signing key", "none is set; bundles are signed with the one in the home")
    if not path.is_file():
        return Finding("signing key", f"there is no {path}", "set CLEARINGHOUSE_KEY to the key's file")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding("signing key", f"others may read {path}", f"chmod 600 {path}")
    return Finding("signing key", f"{path} is this user's alone")


def _feeds(at: datetime) -> Finding:
    old = []
    for feed in Feed:
        newest = snapshot_at(feed)
        if newest is None or at - newest.published_at > OLDEST_FEED:
            old.append(f"{feed.value} {'is missing' if newest is None else f'is of {newest.published_at:%F}'}")
    if old:
        return Finding("feeds", "; ".join(old), "run `clearinghouse feeds update` daily")
    return Finding("feeds", "KEV and EPSS are fresh")


def _retention(at: datetime) -> Finding:
    """Say what is kept too long: more than a day over means that nobody carries the policy out."""
    name, over = the_retention().name, [one for one in what_is_over(at=at) if one.rows]
    late = [one for one in what_is_over(at=at - RETENTION_LATE) if one.rows]
    said = f"by {name}: " + (", ".join(f"{one.rows} {one.what} over" for one in over) or "nothing is over")
    if late and others_take_part():
        return Finding("retention", said, "start a worker, or run `clearinghouse retention --apply`")
    return Finding("retention", said)
