"""Many people at once: how long an answer takes, what fails, and the rate against a bare view with one query."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.loading.people import Crowd
from bench.loading.serving import ask, bare_webs, told, webs
from bench.options import Options
from bench.web import ROOT
from tests.cluster import Cluster, NoPostgresql, a_cluster

PROCESSES = 2
PEOPLE, CASES = 32, 60
SECONDS = 20.0
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
        with webs(file, Path(folder), 1) as addresses:
            seen = ask(Crowd(addresses, *crowd_of), ON_SQLITE, seconds=seconds, seed=seed)
        failed += told("SQLite", ON_SQLITE, seen, seconds)
    return 1 if failed else 0


def _on_postgresql(cluster: Cluster, folder: Path, *, seconds: float, seed: int) -> int:
    url, failed, rates = cluster.create_held("load"), 0, {}
    tokens, cases = _world(url, folder)
    with webs(url, folder, PROCESSES) as addresses:
        for people in ON_POSTGRESQL:
            seen = ask(Crowd(addresses, tokens, cases), people, seconds=seconds, seed=seed)
            failed += told("PostgreSQL", people, seen, seconds)
            rates[people] = len(seen.all_took()) / seconds
    with bare_webs(cluster, tokens, PROCESSES) as addresses:
        for people in ON_POSTGRESQL:
            seen = ask(Crowd(addresses, tokens), people, seconds=seconds, seed=seed)
            failed += told("a bare view", people, seen, seconds)
            print(f"  ours ÷ bare, {people} at once: {rates[people] / (len(seen.all_took()) / seconds):.2f}")
    return failed


def _world(database: str, folder: Path) -> tuple[list[str], list[str]]:
    argv = [sys.executable, "-m", "bench.loading.world", database, str(PEOPLE), str(CASES)]
    environment = {**os.environ, "CLEARINGHOUSE_HOME": str(folder)}  # noqa: TID251 - for a child
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    made = json.loads(done.stdout.splitlines()[-1])
    return made["tokens"], made["cases"]
