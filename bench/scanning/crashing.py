"""Kills web processes and crashes PostgreSQL under load: nothing that was answered is lost, nobody stands unaware."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.web import Web, tokens
from tests.cluster import Cluster

ROOT = Path(__file__).parents[2]
WRITERS, WEBS = 4, 2


def crash(cluster: Cluster, url: str, name: str, folder: Path, *, times: int, chance: random.Random) -> bool:
    """Kill and crash so often under load, then count; print what was found and return whether all is well."""
    webs = [Web(url, folder) for _ in range(WEBS)]
    for one in webs:
        one.wait()
    staff = [
        _asker(webs[number % WEBS].address, token, folder / f"told {number}", seed=f"{chance.random()}")
        for number, token in enumerate(tokens(url, ["finder"] * WRITERS, scope="deconfliction"))
    ]
    time.sleep(5)
    kills = crashes = 0
    for turn in range(times):
        time.sleep(chance.uniform(0.2, 1.2))
        if turn % 2:
            cluster.stop("immediate")
            cluster.start()
            crashes += 1
        else:
            web = chance.choice(webs)
            web.process.kill()
            web.process.wait()
            web.start()
            web.wait()
            kills += 1
    time.sleep(2)
    for asker in staff:
        asker.kill()
        asker.wait()
    for web in webs:
        web.process.kill()
        web.process.wait()
    return _count(cluster, name, folder, kills=kills, crashes=crashes)


def _asker(address: str, token: str, told: Path, *, seed: str) -> "subprocess.Popen[bytes]":
    """Start somebody who announces scans over HTTP, and writes down what was answered."""
    argv = [sys.executable, "-m", "bench.scanning.asker", address, seed]
    environment = {**os.environ, "CLEARINGHOUSE_TOKEN": token}  # noqa: TID251 - for a child
    with told.open("wb") as out, told.with_name("errors").open("ab") as errors:
        return subprocess.Popen(argv, stdout=out, stderr=errors, cwd=ROOT, env=environment)


def _count(cluster: Cluster, name: str, folder: Path, *, kills: int, crashes: int) -> bool:
    from tests.deconfliction.oracle import Wanted, must_know

    told: list[dict[str, Any]] = []
    for file in sorted(folder.glob("told *")):
        lines = file.read_text("utf-8").split("\n")[:-1]
        told += [json.loads(line) for line in lines]
    rows = json.loads(
        cluster.execute(
            "SELECT coalesce(json_agg(json_build_object('id', i.public_id, 'key', i.version_key,"
            " 'seen', i.acknowledged, 'acts', (SELECT count(*) FROM ledger_event e WHERE e.subject = i.id::text),"
            " 'places', (SELECT count(*) FROM deconfliction_place p WHERE p.subject_id = i.id))), '[]')"
            " FROM deconfliction_intent i",
            database=name,
        )
    )
    kept = {row["id"]: row for row in rows}
    lost = [one for one in told if one["id"] not in kept or kept[one["id"]]["key"] != one["key"]]
    torn = [row for row in rows if row["acts"] != 1 or not row["places"]]
    unaware = pairs = 0
    by_world: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        by_world.setdefault(one["world"], []).append(one)
    for here in by_world.values():
        for place, one in enumerate(here):
            for other in here[:place]:
                a, b = kept.get(one["id"]), kept.get(other["id"])
                if a and b and a is not b and must_know(Wanted(**one["wish"]), Wanted(**other["wish"])):
                    pairs += 1
                    unaware += a["seen"].get(b["id"]) != b["key"] and b["seen"].get(a["id"]) != a["key"]
    print(
        f"kill -9 of web processes {kills}, crashes of PostgreSQL {crashes}: answered {len(told)}, lost {len(lost)}; "
        f"kept {len(rows)}, without index or act {len(torn)}; pairs that have to know {pairs}, unaware {unaware}",
        flush=True,
    )
    return bool(told) and pairs > 0 and not lost and not torn and not unaware
