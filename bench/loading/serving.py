"""Servers that many people ask, ours and a bare one, and what is said of their answers."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.loading.people import Crowd, Seen, busy
from bench.web import ROOT, Web, free_port
from tests.cluster import Cluster

WARM_SECONDS = 4.0


@contextmanager
def webs(database: str, folder: Path, count: int) -> Iterator[list[str]]:
    """Yield the addresses of so many web processes of ours."""
    crew = [Web(database, folder, {"CLEARINGHOUSE_HOME": str(folder)}) for _ in range(count)]
    try:
        for one in crew:
            one.wait()
        yield [one.address for one in crew]
    finally:
        for one in crew:
            one.process.kill()
            one.process.wait()


@contextmanager
def bare_webs(cluster: Cluster, tokens: Sequence[str], count: int) -> Iterator[list[str]]:
    """Yield the addresses of so many processes of the bare application, with a person of each token."""
    url = cluster.create("bare")
    cluster.execute("CREATE TABLE bare_person (id int PRIMARY KEY, name text)", database="bare")
    cluster.execute("CREATE TABLE bare_token (secret text PRIMARY KEY, person int)", database="bare")
    cluster.execute("CREATE TABLE bare_row (id bigserial PRIMARY KEY, person int, said text)", database="bare")
    for number, one in enumerate(tokens):
        cluster.execute(f"INSERT INTO bare_person VALUES ({number}, 'p{number}')", database="bare")  # noqa: S608 - ours
        cluster.execute(f"INSERT INTO bare_token VALUES ('{one}', {number})", database="bare")  # noqa: S608 - ours
    ports = [free_port() for _ in range(count)]
    crew = [subprocess.Popen([sys.executable, "-m", "bench.loading.bare", url, str(one)], cwd=ROOT) for one in ports]
    addresses = [f"http://127.0.0.1:{one}" for one in ports]
    try:
        for one in addresses:
            _wait(one)
        yield addresses
    finally:
        for process in crew:
            process.kill()
            process.wait()


def _wait(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"{address}/look", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nobody answers at {address}")


def ask(crowd: Crowd, people: int, *, seconds: float, seed: int) -> Seen:
    """Let so many ask for so long, after a while that does not count."""
    # Each with a seed of its own: what somebody announced once, they do not announce again.
    asyncio.run(busy(crowd, people=people, seconds=WARM_SECONDS, seed=seed + 2 * people))
    return asyncio.run(busy(crowd, people=people, seconds=seconds, seed=seed + 2 * people + 1))


def told(where: str, people: int, seen: Seen, seconds: float) -> int:
    """Print what was seen, and return how many requests failed."""
    took = seen.all_took()
    print(
        f"{where}, {people} at once: {len(took) / seconds:.0f} requests/s, p50 {at(took, 0.5):.0f} ms, "
        f"p99 {at(took, 0.99):.0f} ms; failed {sum(seen.failed.values())} {dict(seen.failed) or ''}",
        flush=True,
    )
    for what, each in sorted(seen.took.items()):
        statuses = ", ".join(
            f"{code}: {many}" for (asked, code), many in sorted(seen.statuses.items()) if asked == what
        )
        each.sort()
        print(f"    {what}: p50 {at(each, 0.5):.0f} ms, p99 {at(each, 0.99):.0f} ms; {statuses}")
    return sum(seen.failed.values())


def at(took: Sequence[float], share: float) -> float:
    """Return the milliseconds below which this share of the sorted seconds lies."""
    return 1000 * took[min(len(took) - 1, int(len(took) * share))] if took else 0.0
