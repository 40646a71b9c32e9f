"""What deconfliction takes over HTTP: one hot cell against a bare view that inserts one row, and friend or foe."""

import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bench.loading.people import Asked, Crowd
from bench.loading.serving import ask, at, bare_webs, told, webs
from bench.scanning.speed import FILL
from bench.web import tokens
from tests.cluster import Cluster

PROCESSES, WRITERS = 2, 16
QUESTIONS, WARM_QUESTIONS = 2_000, 100
BLOCKS = 50_000
"""Scans that are written by one statement."""
SOURCES = """
INSERT INTO deconfliction_scansource (intent_id, block, starts_at, ends_at)
SELECT id, CASE n % 4
    WHEN 0 THEN format('2001:db8:%s:%s::/64', to_hex(n / 65536 % 65536), to_hex(n % 65536))
    WHEN 1 THEN format('%s.%s.%s.%s/32', 20 + n / 1048576 % 64, n / 4096 % 256, n / 16 % 256, n % 16 * 16 + 1)
    ELSE format('%s.%s.%s.0/24', 20 + n / 1048576 % 64, n / 4096 % 256, n / 16 % 256) END,
    now() + CASE WHEN n % 8 < 4 THEN - interval '1 hour' ELSE n % 600 * interval '1 hour' + interval '5 days' END,
    now() + n % 600 * interval '1 hour' + interval '9 days'
FROM (SELECT id, substr(public_id, 6)::bigint n FROM deconfliction_intent
      WHERE substr(public_id, 6)::bigint BETWEEN {first} AND {last}) filled
"""
"""Of every four a /32, two that share a /24 with six others, and an IPv6 block; half of them run now."""


@dataclass(frozen=True)
class Writers(Crowd):
    """Who announces scans of one package, each in a window of its own; of a bare view, who inserts rows."""

    path: str = "/api/v1/intents"
    first_at: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    turns: Iterator[int] = field(default_factory=itertools.count)

    def next(self, chance: random.Random) -> Asked:
        """Return what one of them writes next."""
        del chance
        starts = self.first_at + timedelta(seconds=2 * next(self.turns))
        said = {"technique": "fuzzing", "targets": ["pkg:pypi/hot"], "contact": "mailto:a@people.example"}
        window = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(seconds=2)).isoformat()}
        return "POST", self.path, said | window


def hot_cell_over_http(cluster: Cluster, seconds: float, *, seed: int) -> int:
    """Print the rate of announcements into one cell against that of a bare view; return how many failed."""
    begins = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)  # noqa: TID251 - a process of its own
    with _ours(cluster, "hot_http") as (addresses, secrets):
        crowd = Writers(addresses, secrets, first_at=begins)
        seen = ask(crowd, WRITERS, seconds=seconds, seed=seed)
    failed = told("one hot cell over HTTP, disjoint windows", WRITERS, seen, seconds)
    refused = sum(many for (_, status), many in seen.statuses.items() if status >= httpx.codes.BAD_REQUEST)
    with bare_webs(cluster, secrets, PROCESSES) as addresses:
        bare = ask(Writers(addresses, secrets, path="/write"), WRITERS, seconds=seconds, seed=seed)
    failed += told("a bare view that inserts one row", WRITERS, bare, seconds)
    print(f"  ours ÷ bare: {len(seen.all_took()) / len(bare.all_took()):.2f}", flush=True)
    return failed + refused


def friend_or_foe_over_http(cluster: Cluster, most: int, *, seed: int) -> int:
    """Print how long it takes to ask whose an address is, from few standing scans to many; return what went wrong."""
    wrong, first = 0, 0
    with _ours(cluster, "foe_http") as (addresses, secrets):
        home = cluster.execute("SELECT id FROM parties_organization LIMIT 1", database="foe_http").strip()
        for size in [one for one in (10_000, 100_000, 1_000_000) if one <= most]:
            for start in range(first, size, BLOCKS):
                last = min(start + BLOCKS, size) - 1
                cluster.execute(FILL.format(home=home, first=start, last=last), database="foe_http")
                cluster.execute(SOURCES.format(first=start, last=last), database="foe_http")
            cluster.execute("ANALYZE", database="foe_http")
            first = size
            with httpx.Client(headers={"Authorization": f"Bearer {secrets[0]}"}, trust_env=False) as client:
                wrong += _questions(client, addresses[0], size, random.Random(seed))  # noqa: S311 - addresses, no secrets
    return wrong


def _questions(client: httpx.Client, address: str, size: int, chance: random.Random) -> int:
    """Ask about addresses, half of them of a scan that runs; each must be told as it is."""
    took: list[float] = []
    wrong = 0
    for turn in range(WARM_QUESTIONS + QUESTIONS):
        runs = chance.random() < 0.5  # noqa: PLR2004 - one or the other
        number = chance.randrange(size // 8) * 8 + 1
        ours = 20 + number // 1048576 % 64, number // 4096 % 256, number // 16 % 256, number % 16 * 16 + 1
        source = ours if runs else (198, 18, chance.randrange(256), chance.randrange(256))
        began = time.perf_counter()
        answer = client.get(f"{address}/api/v1/scans/whois", params={"source": ".".join(map(str, source))})
        if turn >= WARM_QUESTIONS:
            took.append(time.perf_counter() - began)
        said = answer.json().get("standing") if answer.status_code == httpx.codes.OK else answer.text
        wrong += said != ("registered" if runs else "unknown")
    took.sort()
    print(
        f"friend or foe over HTTP, {size} standing scans: p50 {at(took, 0.5):.1f} ms, p99 {at(took, 0.99):.1f} ms; "
        f"{wrong} of {WARM_QUESTIONS + QUESTIONS} answers wrong",
        flush=True,
    )
    return wrong


@contextmanager
def _ours(cluster: Cluster, name: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the addresses of our web processes on a new database, and a token of each writer."""
    url = cluster.create_held(name)
    secrets = tokens(url, ["finder"] * WRITERS, scope="deconfliction")
    with tempfile.TemporaryDirectory() as folder, webs(url, Path(folder), PROCESSES) as addresses:
        yield addresses, secrets
