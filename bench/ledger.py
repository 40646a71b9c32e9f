"""The ledger at a million entries: what an act costs in its transaction, how fast proofs and an audit are."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.clearings import WORK
from bench.options import Options
from tests.cluster import NoPostgresql, a_cluster

APPEND_MICROSECONDS, PROOF_MILLISECONDS, AUDIT_SECONDS = 50.0, 2.0, 10.0
"""Goals, reported."""

MEASURE = """
import json, secrets, statistics, sys, time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4
from clearinghouse.commands.django import start
where, entries = sys.argv[1], int(sys.argv[2])
start(where if where.startswith("postgresql:") else Path(where))
from django.db import connection, transaction
from clearinghouse.ledger import queries
from clearinghouse.ledger.actions import append, record
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Event
from clearinghouse.ledger.rules import Deed, leaf_of
from clearinghouse.ledger.sequence import sequence
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL
at = datetime(2026, 11, 26, tzinfo=UTC)
class Subject:
    kind = "organization"
    def __init__(self): self.pk = uuid4()
began = time.perf_counter()
for first in range(0, entries, 5000):
    events, leaves = [], []
    for _ in range(min(5000, entries - first)):
        deed = Deed(uuid4(), "parties:organization:found", "organization", str(uuid4()), LOCAL.id, at, {}, 0, "")
        body, salt = deed.canonical(), secrets.token_bytes(32)
        events.append(Event(id=deed.id, verb=deed.verb, kind=deed.kind, subject=deed.subject, number=0,
                            actor=deed.actor, at=at, body=body, salt=salt))
        leaves.append((deed.id, leaf_of(body, salt)))
    with transaction.atomic():
        Event.objects.bulk_create(events)
        append(leaves)
bulk = time.perf_counter() - began
if connection.vendor == "postgresql":
    with connection.cursor() as cursor: cursor.execute("ANALYZE")
def acts(subjects):
    costs = []
    with transaction.atomic():
        for subject in subjects[:200]: record("parties:organization:found", subject=subject, actor=LOCAL, at=at)
        for subject in subjects[200:]:
            began = time.perf_counter()
            record("parties:organization:found", subject=subject, actor=LOCAL, at=at)
            costs.append(time.perf_counter() - began)
    return statistics.median(costs) * 1e6
fresh = acts([Subject() for _ in range(2200)])
one = Subject()
chained = acts([one] * 2200)
began, placed = time.perf_counter(), 0
while taken := sequence(): placed += taken
sequencing = (time.perf_counter() - began) / placed * 1e6 if placed else 0.0
size, costs = queries.size(), []
for _ in range(2000):
    index = secrets.randbelow(size)
    began = time.perf_counter()
    queries.inclusion_proof(index, size)
    costs.append(time.perf_counter() - began)
costs.sort()
began = time.perf_counter()
found = audit()
print(json.dumps({"entries": size, "bulk": bulk, "fresh": fresh, "chained": chained, "sequencing": sequencing,
    "p50": costs[1000] * 1e3, "p99": costs[1980] * 1e3, "audit": time.perf_counter() - began,
    "faults": len(found.faults)}))
"""


def main(options: Options) -> int:
    """Measure on SQLite, and on PostgreSQL where it is."""
    folder = WORK / "ledger"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    faults = _measured("SQLite", str(folder / "one.sqlite3"), options.entries)
    shutil.rmtree(folder)
    try:
        with a_cluster({}) as cluster:
            faults += _measured("PostgreSQL", cluster.create("ledger"), options.entries)
    except NoPostgresql as missing:
        print(f"PostgreSQL: skipped, {missing}")
    return 1 if faults else 0


def _measured(name: str, where: str, entries: int) -> int:
    argv = [sys.executable, "-c", MEASURE, where, str(entries)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        print(f"{name}: {done.stderr[-2000:]}")
        return 1
    said = json.loads(done.stdout)
    print(
        f"{name}, {said['entries']} entries (made in {said['bulk']:.0f} s): an act in its transaction "
        f"{said['fresh']:.0f} µs on a new subject, {said['chained']:.0f} µs on one with a chain "
        f"(goal {APPEND_MICROSECONDS:g}); sequencing {said['sequencing']:.0f} µs an act; inclusion proof "
        f"p50 {said['p50']:.2f} ms, p99 {said['p99']:.2f} ms (goal {PROOF_MILLISECONDS:g}); "
        f"audit {said['audit']:.1f} s (goal {AUDIT_SECONDS:g}), {said['faults']} faults",
        flush=True,
    )
    return int(said["faults"])
