"""How many scans a second one cell takes, against bare inserts; and how fast the index answers."""

import json
import subprocess
import sys
from pathlib import Path

from bench.scanning.writer import STANDING, home_of
from clearinghouse.deconfliction.rules.targets.kinds import plain_of
from clearinghouse.deconfliction.rules.targets.software import Software
from tests.cluster import HELD, Cluster

ROOT = Path(__file__).parents[2]
PROCESSES, THREADS = 4, 4
PREPARE = f"""
import sys
from datetime import UTC, datetime, timedelta
from clearinghouse.commands.django import start
start(sys.argv[1])
from bench.scanning.writer import NAMES, home_of, _actor, _said
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.sight.asking import usually_ask_as
usually_ask_as(CLEARINGHOUSE)
now = datetime.now(UTC)
Organization.objects.bulk_create(
    Organization(pk=home_of(number), name=f"writer {{number}}", created_at=now) for number in range(64 + {STANDING})
)
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.errors import Unaware
known = set()
for number in range(int(sys.argv[2])):
    said = _said(now + timedelta(minutes=1), timedelta(hours=5))
    try:
        announce_intent(said, seen=known, actor=_actor(64 + number), at=now)
    except Unaware as missed:
        known |= {{str(one["version_key"]) for one in missed.references}}
        announce_intent(said, seen=known, actor=_actor(64 + number), at=now)
"""


def prepared(cluster: Cluster, name: str, *, standing: int = 0) -> str:
    """Return the address of a database with organizations, and so many scans that stand in one cell."""
    url = cluster.create_held(name)
    subprocess.run([sys.executable, "-c", PREPARE, url, str(standing)], check=True, cwd=ROOT)
    cluster.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, writer int, turn int)", database=name)
    cluster.execute(f"GRANT ALL ON bare, bare_id_seq TO {HELD}", database=name)
    return url


def run(url: str, kind: str, seconds: float) -> tuple[float, list[int], list[float], list[int]]:
    """Return writes a second of all writers, attempts and milliseconds of each write, and writes of each writer."""
    crew = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.scanning.writer", url, kind, str(number), str(THREADS), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(PROCESSES)
    ]
    for one in crew:
        if one.stdout is None or one.stdout.readline() != "ready\n":
            raise RuntimeError(f"a writer of {kind} did not begin")
    for one in crew:
        if one.stdin is not None:
            one.stdin.write("\n")
            one.stdin.flush()
    told = [json.loads(line) for one in crew for line in one.communicate()[0].splitlines()]
    attempts = [attempt for one in told for attempt in one["attempts"]]
    took = sorted(ms for one in told for ms in one["took_ms"])
    return sum(one["writes"] for one in told) / seconds, attempts, took, [one["writes"] for one in told]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share lies."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def hot_cell(cluster: Cluster, seconds: float) -> None:
    """Print the rate of one hot cell against bare inserts, in alternating turns."""
    for turn in range(2):
        url = prepared(cluster, f"disjoint{turn}")
        bare, *_rest = run(url, "bare", seconds)
        rate, _, took, each = run(url, "disjoint", seconds)
        print(
            f"one hot cell, disjoint windows, {PROCESSES * THREADS} writers: {rate:.0f}/s, bare {bare:.0f}/s, "
            f"ratio {rate / bare:.2f}; p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms; "
            f"fewest {min(each)}, most {max(each)} of one writer",
            flush=True,
        )
    crowded = prepared(cluster, "meeting", standing=STANDING)
    rate, attempts, took, each = run(crowded, "meeting", seconds)
    ordered = sorted(float(one) for one in attempts)
    print(
        f"one hot cell, all meet, {STANDING} standing: {rate:.0f} acceptances/s; attempts p50 "
        f"{percentile(ordered, 0.5):.0f}, p99 {percentile(ordered, 0.99):.0f}, most {max(ordered):.0f}; "
        f"p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms; "
        f"fewest {min(each)}, most {max(each)} of one writer",
        flush=True,
    )


FILL = """
INSERT INTO deconfliction_intent (id, created_at, state, public_id, organization_id, person_id, technique, "table",
    targets, starts_at, ends_at, contact, visibility, sources, scanner_key, version_key, revision, changed_at,
    acknowledged, request_key, request_digest, why)
SELECT gen_random_uuid(), now(), 'accepted', 'SCAN-' || lpad(n::text, 10, '0'), '{home}', '{home}', 'fuzzing', '1',
    '[]', now() + (n % 1000) * interval '1 hour', now() + (n % 1000) * interval '1 hour' + interval '5 days', 'c',
    'everyone', '[]', '', 'filled ' || n, 0, now(), '{{}}', '', '', ''
FROM generate_series({first}, {last}) n
"""
INDEX = """
INSERT INTO deconfliction_place (cell, of, holder, subject_id, number, target, starts_at, ends_at)
SELECT cells.cell, 'intent', intent.organization_id, intent.id, 0, cells.target, intent.starts_at, intent.ends_at
FROM deconfliction_intent intent
JOIN bench_cells cells ON cells.package = substr(intent.public_id, 6)::bigint / 100
WHERE intent.version_key LIKE 'filled %' AND substr(intent.public_id, 6)::bigint BETWEEN {first} AND {last}
"""
ASK = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from random import Random
from clearinghouse.commands.django import start
start(sys.argv[1])
from bench.scanning.writer import _actor
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.targets.kinds import target_of
from clearinghouse.deconfliction.rules.windows import Window
chance, took, busy, met = Random(1), [], [], []
now = datetime.now(UTC)
for turn in range(int(sys.argv[3]) + 50):
    package = chance.randrange(int(sys.argv[2]) // 100)
    target = target_of({"kind": "software", "package": f"pkg:pypi/p{package}", "versions": "vers:pypi/>=1.5|<3.0"})
    starts = now + timedelta(minutes=1)
    said = Announcement("fuzzing", (target,), Window(starts, starts + timedelta(days=30)), "mailto:a@people.example")
    before, cpu = time.perf_counter(), time.process_time()
    found = look(said, actor=_actor(1), at=now)
    if turn >= 50:
        took.append((time.perf_counter() - before) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
        met.append(len(found.met))
took.sort()
busy.sort()
figures = {"p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)], "busy": busy[len(busy) // 2]}
print(json.dumps(figures | {"met": sum(met) / len(met)}))
"""


def searches(cluster: Cluster, most: int) -> None:
    """Print how long it takes to find whom a package with a range of versions meets, from few standing scans to many.

    Of each package there are a hundred, and the windows of most of them are near.
    """
    url = prepared(cluster, "search")
    kinds = ["vers:pypi/>=1.0|<2.0", "vers:pypi/>=2.0|<4.0", "vers:pypi/<1.0", ""]
    cluster.execute("CREATE TABLE bench_cells (package bigint, cell bigint, target text)", database="search")
    first = 0
    for size in [one for one in (10_000, 100_000, 1_000_000) if one <= most]:
        _cells(cluster, kinds, first // 100, size // 100)
        cluster.execute(FILL.format(home=home_of(99), first=first, last=size - 1), database="search")
        cluster.execute(INDEX.format(first=first, last=size - 1), database="search")
        cluster.execute("ANALYZE", database="search")
        done = subprocess.run(
            [sys.executable, "-c", ASK, url, str(size), "500"], check=True, cwd=ROOT, capture_output=True, text=True
        )
        told = json.loads(done.stdout)
        print(
            f"conflict search among {size} standing scans of packages with ranges: {told['met']:.0f} met; "
            f"p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms, of that {told['busy']:.1f} ms our own processor time",
            flush=True,
        )
        first = size


def _cells(cluster: Cluster, kinds: list[str], first: int, last: int) -> None:
    def text_of(target: Software) -> str:
        return json.dumps(plain_of(target), sort_keys=True, separators=(",", ":"))

    for start in range(first, last, 200):
        rows = [
            f"({number}, {cell}, '{text_of(target)}')"
            for number in range(start, min(start + 200, last))
            for target in [Software.read(f"pkg:pypi/p{number}", versions=kinds[number % len(kinds)])]
            for cell in sorted(target.cells.written)
        ]
        cluster.execute(f"INSERT INTO bench_cells VALUES {','.join(rows)}", database="search")  # noqa: S608
