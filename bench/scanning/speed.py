"""How many scans a second one cell takes, against bare inserts; and how fast the index answers."""

import json
import subprocess
import sys
from pathlib import Path

from bench.scanning.writer import STANDING, home_of
from tests.cluster import Cluster

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
    url = cluster.create(name)
    subprocess.run([sys.executable, "-c", PREPARE, url, str(standing)], check=True, cwd=ROOT)
    cluster.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, writer int, turn int)", database=name)
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
        assert one.stdout is not None
        if one.stdout.readline() != "ready\n":
            raise RuntimeError(f"a writer of {kind} did not begin")
    for one in crew:
        assert one.stdin is not None
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
    url = prepared(cluster, "disjoint")
    for _ in range(2):
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


if __name__ == "__main__":
    from tests.cluster import a_cluster

    with a_cluster({}) as made:
        hot_cell(made, float(sys.argv[1]))
