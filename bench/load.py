"""Many people at once: how long an answer takes, what fails, and the rate against a bare view with one query."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.loading.people import Crowd, Seen, busy
from bench.options import Options
from bench.web import ROOT, Web, free_port
from tests.cluster import Cluster, NoPostgresql, a_cluster

PROCESSES = 2
PEOPLE, CASES = 32, 60
SECONDS, WARM_SECONDS = 20.0, 4.0
ON_POSTGRESQL, ON_SQLITE = (50, 200), 20


def main(options: Options) -> int:
    """Print rates and times of both databases; any error of the server fails."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    seconds = options.wall_seconds or SECONDS
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            with a_cluster({}) as cluster:
                failed += _on_postgresql(cluster, Path(folder), seconds=seconds, seed=seed)
        except NoPostgresql as missing:
            print(f"skipped: {missing}")
        file = str(Path(folder) / "load.sqlite3")
        crowd_of = _world(file, Path(folder))
        with _webs(file, Path(folder), 1) as addresses:
            seen = _busy(Crowd(addresses, *crowd_of), ON_SQLITE, seconds=seconds, seed=seed)
        failed += _told("SQLite", ON_SQLITE, seen, seconds)
    return 1 if failed else 0


def _on_postgresql(cluster: Cluster, folder: Path, *, seconds: float, seed: int) -> int:
    url, failed, rates = cluster.create("load"), 0, {}
    tokens, cases = _world(url, folder)
    with _webs(url, folder, PROCESSES) as addresses:
        for people in ON_POSTGRESQL:
            seen = _busy(Crowd(addresses, tokens, cases), people, seconds=seconds, seed=seed)
            failed += _told("PostgreSQL", people, seen, seconds)
            rates[people] = len(seen.all_took()) / seconds
    with _bare(cluster, tokens) as addresses:
        for people in ON_POSTGRESQL:
            seen = _busy(Crowd(addresses, tokens), people, seconds=seconds, seed=seed)
            failed += _told("a bare view", people, seen, seconds)
            print(f"  ours ÷ bare, {people} at once: {rates[people] / (len(seen.all_took()) / seconds):.2f}")
    return failed


def _world(database: str, folder: Path) -> tuple[list[str], list[str]]:
    argv = [sys.executable, "-m", "bench.loading.world", database, str(PEOPLE), str(CASES)]
    environment = {**os.environ, "CLEARINGHOUSE_HOME": str(folder)}  # noqa: TID251 - for a child
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["tokens"], told["cases"]


@contextmanager
def _webs(database: str, folder: Path, count: int) -> Iterator[list[str]]:
    webs = [Web(database, folder, {"CLEARINGHOUSE_HOME": str(folder)}) for _ in range(count)]
    try:
        for one in webs:
            one.wait()
        yield [one.address for one in webs]
    finally:
        for one in webs:
            one.process.kill()
            one.process.wait()


@contextmanager
def _bare(cluster: Cluster, tokens: Sequence[str]) -> Iterator[list[str]]:
    url = cluster.create("bare")
    cluster.execute("CREATE TABLE bare_person (id int PRIMARY KEY, name text)", database="bare")
    cluster.execute("CREATE TABLE bare_token (secret text PRIMARY KEY, person int)", database="bare")
    for number, one in enumerate(tokens):
        cluster.execute(f"INSERT INTO bare_person VALUES ({number}, 'p{number}')", database="bare")  # noqa: S608 - ours
        cluster.execute(f"INSERT INTO bare_token VALUES ('{one}', {number})", database="bare")  # noqa: S608 - ours
    ports = [free_port() for _ in range(PROCESSES)]
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


def _busy(crowd: Crowd, people: int, *, seconds: float, seed: int) -> Seen:
    # Each with a seed of its own: what somebody announced once, they do not announce again.
    asyncio.run(busy(crowd, people=people, seconds=WARM_SECONDS, seed=seed + 2 * people))
    return asyncio.run(busy(crowd, people=people, seconds=seconds, seed=seed + 2 * people + 1))


def _told(where: str, people: int, seen: Seen, seconds: float) -> int:
    """Print what was seen, and return how many requests failed."""
    took = seen.all_took()
    print(
        f"{where}, {people} at once: {len(took) / seconds:.0f} requests/s, p50 {_at(took, 0.5):.0f} ms, "
        f"p99 {_at(took, 0.99):.0f} ms; failed {sum(seen.failed.values())} {dict(seen.failed) or ''}",
        flush=True,
    )
    for what, each in sorted(seen.took.items()):
        statuses = ", ".join(
            f"{code}: {many}" for (asked, code), many in sorted(seen.statuses.items()) if asked == what
        )
        each.sort()
        print(f"    {what}: p50 {_at(each, 0.5):.0f} ms, p99 {_at(each, 0.99):.0f} ms; {statuses}")
    return sum(seen.failed.values())


def _at(took: Sequence[float], share: float) -> float:
    return 1000 * took[min(len(took) - 1, int(len(took) * share))] if took else 0.0
