"""Kills writers and crashes PostgreSQL under load: nothing that was answered is lost, nobody stands unaware."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.cluster import Cluster

ROOT = Path(__file__).parents[2]
WRITERS = 4
WRITER = """
import dataclasses, json, sys, time
from datetime import UTC, datetime, timedelta
from random import Random
from clearinghouse.commands.django import start
start(sys.argv[1])
from django.db import DatabaseError, connection
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.sight.asking import usually_ask_as
usually_ask_as(CLEARINGHOUSE)
from bench.scanning.writer import _actor
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.targets.kinds import target_of
from clearinghouse.errors import Conflict, Overlaps, Unaware
from tests.deconfliction.oracle import a_wish
from tests.deconfliction.schedules import NOON, window_of
chance, number, turn = Random(sys.argv[3]), int(sys.argv[2]), 0
at = NOON - timedelta(hours=1)
while True:
    turn += 1
    wish, world = a_wish(chance), "w%d" % chance.randrange(400)
    said = Announcement(wish.technique, (target_of(wish.plain(world)),), window_of(wish), "mailto:a@people.example")
    key, seen = f"{sys.argv[3]} {turn}", set()
    for _ in range(20):
        try:
            made = announce_intent(said, seen=seen, request_key=key, actor=_actor(number), at=at).intent
        except Unaware as missed:
            seen |= {str(one["version_key"]) for one in missed.references}
        except (Overlaps, Conflict):
            break
        except DatabaseError:
            connection.close()
            time.sleep(0.2)
        else:
            told = {"id": made.public_id, "key": made.version_key, "world": world, "wish": dataclasses.asdict(wish)}
            print(json.dumps(told), flush=True)
            break
"""


def crash(cluster: Cluster, url: str, name: str, folder: Path, *, times: int, chance: random.Random) -> bool:
    """Kill and crash so often under load, then count; print what was found and return whether all is well."""
    staff: dict[int, subprocess.Popen[bytes]] = {}
    started = 0

    def hire() -> None:
        nonlocal started
        for number in range(WRITERS):
            if number not in staff or staff[number].poll() is not None:
                started += 1
                argv = [sys.executable, "-c", WRITER, url, str(number), f"{chance.random()}"]
                with (folder / f"told {started}").open("wb") as out, (folder / "errors").open("ab") as errors:
                    staff[number] = subprocess.Popen(argv, stdout=out, stderr=errors, cwd=ROOT, env={**os.environ})  # noqa: TID251

    hire()
    time.sleep(5)
    kills = crashes = 0
    for turn in range(times):
        time.sleep(chance.uniform(0.2, 1.2))
        if turn % 2:
            cluster.stop("immediate")
            cluster.start()
            crashes += 1
        else:
            number = chance.choice(sorted(staff))
            staff[number].kill()
            staff[number].wait()
            kills += 1
        hire()
    time.sleep(1)
    for one in staff.values():
        one.kill()
        one.wait()
    return _count(cluster, name, folder, kills=kills, crashes=crashes)


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
        f"kill -9 of writers {kills}, crashes of PostgreSQL {crashes}: answered {len(told)}, lost {len(lost)}; "
        f"kept {len(rows)}, without index or act {len(torn)}; pairs that have to know {pairs}, unaware {unaware}",
        flush=True,
    )
    return bool(told) and pairs > 0 and not lost and not torn and not unaware
