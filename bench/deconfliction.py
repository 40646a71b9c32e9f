"""Nobody is accepted unaware, nothing that was answered is lost, and what it costs; SQLite and PostgreSQL."""

import json
import random
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.options import Options
from bench.scanning.crashing import crash
from bench.scanning.over_http import friend_or_foe_over_http, hot_cell_over_http
from bench.scanning.speed import hot_cell, prepared, searches
from tests.cluster import Cluster, NoPostgresql, a_cluster
from tests.deconfliction.schedules import a_schedule

ROOT = Path(__file__).parents[1]
PARTS = ("schedules", "racing", "crashing", "speed", "search", "http")
SCHEDULES, RACES, CRASHES, PROCESSES = 100_000, 10_000, 100, 2
SECONDS = 10.0


def main(options: Options) -> int:
    """Run the parts that are named with --only, or all."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    parts = options.only or PARTS
    print(f"seed {seed}", flush=True)
    failed = 0
    if "schedules" in parts:
        failed += _schedules(options.runs or SCHEDULES, seed)
    if "racing" in parts:
        failed += _on_sqlite((options.runs or RACES) // 10, seed)
    try:
        with a_cluster({}) as cluster:
            failed += _on_postgresql(cluster, parts, options, seed)
    except NoPostgresql as missing:
        print(f"skipped: {missing}")
    return 1 if failed else 0


def _on_postgresql(cluster: Cluster, parts: tuple[str, ...], options: Options, seed: int) -> int:
    failed = 0
    if "racing" in parts:
        failed += _races(prepared(cluster, "racing"), "PostgreSQL", options.runs or RACES, seed)
    if "crashing" in parts:
        url = prepared(cluster, "crashing")
        with tempfile.TemporaryDirectory() as folder:
            chance = random.Random(seed)  # noqa: S311 - moments, not secrets
            times = options.runs or CRASHES
            failed += not crash(cluster, url, "crashing", Path(folder), times=times, chance=chance)
    if "speed" in parts:
        hot_cell(cluster, options.wall_seconds or SECONDS)
    if "search" in parts:
        searches(cluster, options.entries)
    if "http" in parts:
        failed += hot_cell_over_http(cluster, options.wall_seconds or SECONDS, seed=seed)
        failed += friend_or_foe_over_http(cluster, options.entries, seed=seed)
    return failed


def _schedules(count: int, seed: int) -> int:
    """Run random schedules in memory against the oracle."""
    chance, began = random.Random(seed), time.monotonic()  # noqa: S311 - a schedule is no secret
    wrong = [one for _ in range(count) for one in a_schedule(chance)]
    print(
        f"{count} random schedules against the oracle: {len(wrong)} wrong, {time.monotonic() - began:.0f} s", flush=True
    )
    for one in wrong[:5]:
        print(f"  {one}")
    return bool(wrong)


def _on_sqlite(count: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return _races(str(Path(folder) / "racing.sqlite3"), "SQLite", count, seed)


def _races(database: str, name: str, count: int, seed: int) -> int:
    """Let writers race in several processes; print what they found."""
    began = time.monotonic()
    argv = [sys.executable, "-m", "bench.scanning.racing", database]
    if name == "SQLite":
        subprocess.run([*argv, "0", "1"], check=True, cwd=ROOT, capture_output=True)
    crew = [
        subprocess.Popen([*argv, str(seed + number + 1), str(count // PROCESSES)], stdout=subprocess.PIPE, cwd=ROOT)
        for number in range(PROCESSES)
    ]
    told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in crew]
    total = {key: sum(one[key] for one in told) for key in ("schedules", "accepted", "pairs", "refused")}
    unaware, wrong = ([line for one in told for line in one[what]] for what in ("unaware", "failed"))
    print(
        f"{total['schedules']} schedules of 3 racing writers on {name}: accepted {total['accepted']}, gave up "
        f"{total['refused']}, pairs that have to know {total['pairs']}, unaware {len(unaware)}, "
        f"failed {len(wrong)}, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    for line in (*unaware[:5], *wrong[:5]):
        print(f"  {line}")
    return bool(unaware or wrong) or not total["pairs"]
