"""Asks the same server with and without a hidden case the same questions: every answer is the same to the last byte."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bench.attacks.briefs import ROLES, Brief
from bench.options import Options
from tests.cluster import NoPostgresql, a_cluster

ROOT = Path(__file__).parents[1]
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two worlds answer differently."""

    asked: str
    one: str
    other: str


def compared(
    folder: Path, *, requests: int, seed: int, roles: Sequence[str] = ROLES, planted: str = "", on: Sequence[str] = ()
) -> tuple[Counter[tuple[str, int]], list[Difference]]:
    """Build both worlds, ask both, and return how often each role was answered how, and every difference.

    Args:
        folder: where both are kept.
        requests: of each role.
        seed: of what is asked.
        roles: who asks.
        planted: a leak to put into both.
        on: addresses of two empty PostgreSQL databases; none: SQLite files.
    """
    worlds = []
    for number, hidden in enumerate((True, False)):
        brief = Brief(
            database=on[number] if on else str(folder / f"{hidden}.sqlite3"),
            folder=str(folder),
            hidden=hidden,
            names=str(folder / "names.json"),
            answers=str(folder / f"answers-{hidden}"),
            requests=requests,
            roles=tuple(roles),
            seed=seed,
            planted=planted,
        )
        worlds.append((brief, _begun(brief, folder)))
    for brief, process in worlds:
        if process.wait():
            for _, each in worlds:
                each.kill()
            which = "with" if brief.hidden else "without"
            told = (folder / f"errors-{brief.hidden}").read_text("utf-8")[-4000:]
            raise RuntimeError(f"the world {which} a hidden case broke: {told}")
    return _told_apart(*(Path(brief.answers) for brief, _ in worlds))


def _begun(brief: Brief, folder: Path) -> "subprocess.Popen[bytes]":
    """Start one world; the one without waits until the names of what is hidden in the other are known."""
    told = folder / f"brief-{brief.hidden}.json"
    told.write_text(json.dumps(asdict(brief)), "utf-8")
    environment = {**os.environ, "CLEARINGHOUSE_HOME": str(folder / "home"), "CLEARINGHOUSE_REQUESTS_A_MINUTE": "0"}  # noqa: TID251 - for a child
    argv = [sys.executable, "-m", "bench.attacks.one_world", str(told)]
    with (folder / f"errors-{brief.hidden}").open("wb") as errors:
        return subprocess.Popen(argv, cwd=ROOT, env=environment, stderr=errors)


def _told_apart(one: Path, other: Path) -> tuple[Counter[tuple[str, int]], list[Difference]]:
    counted: Counter[tuple[str, int]] = Counter()
    found = []
    for left, right in zip_longest(_lines(one), _lines(other)):
        if left is None or right is None or left["asked"] != right["asked"]:
            found.append(Difference("what is asked", str(left)[:300], str(right)[:300]))
            break
        counted[left["asked"]["role"], left["status"]] += 1
        if left != right:
            found.append(_difference(left, right))
    return counted, found


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _difference(left: dict[str, Any], right: dict[str, Any]) -> Difference:
    what = next(key for key in left if left[key] != right[key])
    one, other = str(left[what]), str(right[what])
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    begin = max(0, at - 80)
    asked = left["asked"]
    named = f"{left['place']}: {asked['role']} {asked['method']} {asked['target']}: {what}"
    return Difference(named, one[begin : at + 160], other[begin : at + 160])


def main(options: Options) -> int:
    """Ask 5,000 requests of each of four outsiders, and count the answers that differ."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    requests = options.requests or 5_000
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        on: tuple[str, ...] = ()
        if options.postgresql:
            try:
                cluster = held.enter_context(a_cluster())
            except NoPostgresql as missing:
                print(f"skipped: {missing}")
                return 0
            on = (cluster.create_held("one"), cluster.create_held("other"))
        where = "PostgreSQL" if on else "SQLite"
        print(f"seed {seed}: {requests} requests of each of {', '.join(ROLES)}, on {where}", flush=True)
        counted, found = compared(folder, requests=requests, seed=seed, on=on)
    for one in found[:MOST_SHOWN]:
        print(f"{one.asked}\n  with:    {one.one!r}\n  without: {one.other!r}")
    statuses = ", ".join(f"{role} {status}: {many}" for (role, status), many in sorted(counted.items()))
    print(f"{sum(counted.values())} answers compared, {len(found)} differ; {statuses}")
    return 1 if found else 0
