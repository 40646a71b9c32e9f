"""Attacks on the server: calls made up from its OpenAPI document, bombs over HTTP, and the time of answers."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.options import Options

ROOT = Path(__file__).parents[2]
MOST_AUC = 0.55


def main(options: Options) -> int:
    """Attack, and count what gave way."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    wrong = 0
    for what, attack in (("calls", _calls), ("uploads", _uploads), ("timing", _timing)):
        if not options.only or what in options.only:
            wrong += attack(options.requests, seed)
    return 1 if wrong else 0


def _calls(each: int | None, seed: int) -> int:
    """Call every operation, as each of five roles 10,000 times; return how many operations broke."""
    from bench.attacks.calls import ROLES

    made, wrong = 0, 0
    for role in ROLES:
        found = child("calls", role, str(each or 10_000), str(seed))
        made += found["calls"]
        wrong += len(found["faults"])
        print(f"{role}: {found['calls']} calls, by status {found['statuses']}", flush=True)
        for fault in found["faults"].values():
            print(f"  {fault}")
    print(f"{made} calls, {wrong} operations with server errors or refusals that are no problem documents", flush=True)
    return wrong


def _uploads(_: int | None, __: int) -> int:
    """Hand in every bomb; return how many were not refused or took too much."""
    from bench.attacks.bombs import BOMBS
    from bench.attacks.uploads import main as hand_in_all

    return hand_in_all(BOMBS)


def _timing(pairs: int | None, seed: int) -> int:
    """Time what is hidden against what is not there; return how many kinds are told apart."""
    found = child("timing", str(pairs or 2_000), str(seed))
    for what, area in found.items():
        print(f"AUC {area:.3f}: {what}", flush=True)
    return sum(area > MOST_AUC for area in found.values())


def child(attack: str, *told: str) -> dict[str, Any]:
    """Run one attack in a process of its own, on a server of its own, and return what it found."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", f"bench.attacks.{attack}", folder, *told]
        environment = {**os.environ, "CLEARINGHOUSE_HOME": f"{folder}/home", "CLEARINGHOUSE_REQUESTS_A_MINUTE": "0"}  # noqa: TID251 - for a child
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{attack} {' '.join(told)} broke: {done.stderr[-3000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
