"""Kills a clearing with ``kill -9`` at random moments and resumes it: nothing lost, nothing left, nothing different."""

import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from bench.clearings import WORK, clear, command
from bench.options import Options

KILLS = 20
MOST_TRIES = 60
EARLY_SECONDS = 1.0
LATE_SECONDS = 5.0
OURS = (b"bwrap", b"warden_process.py", b"/runner/main.", b"echo up >&2")
"""Words in the command lines of a warden, a sandbox and what runs in it."""


def main(options: Options) -> int:
    """Clear once undisturbed, then once killed twenty times; compare."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    shutil.rmtree(WORK / "kill", ignore_errors=True)
    calm, killed = WORK / "kill" / "calm", WORK / "kill" / "killed"
    pace = clear(calm, "--jobs", "2") / KILLS
    tries = hits = early = late = 0
    while hits < KILLS and tries < MOST_TRIES:
        tries += 1
        left = _killed(killed, chance.uniform(0.2, max(1.0, pace * 1.5)))
        if left is None:  # nothing is left to kill in it: begin again
            shutil.rmtree(killed, ignore_errors=True)
            continue
        hits, early, late = hits + 1, early + left[0], late + left[1]
    clear(killed, "--jobs", "2")
    same = (calm / "index.json").read_bytes() == (killed / "index.json").read_bytes()
    program = Path(sys.executable).parent / "clearinghouse"
    verify = [str(program), "ledger", "verify", "--database", str(killed)]
    ledger = subprocess.run(verify, capture_output=True, text=True, check=False)
    print(
        f"kills that hit {hits} of {tries} tries; same index.json: {same}; "
        f"left after {EARLY_SECONDS:g} s: {early}, orphans after {LATE_SECONDS:g} s: {late}; "
        f"ledger verify exits {ledger.returncode}: {ledger.stdout.strip()[-120:]}"
    )
    return 0 if hits == KILLS and same and not late and not ledger.returncode else 1


def _killed(out: Path, after_seconds: float) -> tuple[int, int] | None:
    """Clear into ``out`` and kill it; return what was left of it soon and later, None when it had ended by itself.

    Raises:
        RuntimeError: it ended by itself with another code than 0 or 3.
    """
    before = set(_processes())
    process = subprocess.Popen(
        command(out, "--jobs", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    with suppress(subprocess.TimeoutExpired):
        ended = process.wait(after_seconds)
        if ended not in (0, 3):
            raise RuntimeError(f"clear ended with {ended} before it was killed")
        return None
    family = _family(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(EARLY_SECONDS)
    early = _left(family, before)
    time.sleep(LATE_SECONDS - EARLY_SECONDS)
    return len(early), len(_left(family, before))


def _left(family: frozenset[tuple[int, str]], before: set[tuple[int, str]]) -> set[int]:
    """Return what lives on: of the family, or like one of ours and adopted; what other clearings run is theirs."""
    living = _processes()
    parents = {pid: parent for (pid, _), parent in living.items()}
    adopters = {1, *_ancestors(os.getpid(), parents)}
    looks = {pid for pid, _ in living if any(word in _command_line(pid) for word in OURS)}
    adopted = {pid for pid in looks if _outside(pid, looks, parents) in adopters}
    return {pid for pid, born in living if (pid, born) in family or (pid in adopted and (pid, born) not in before)}


def _outside(pid: int, looks: set[int], parents: dict[int, int]) -> int:
    """Return the nearest ancestor that is no warden, no sandbox and nothing that runs in one."""
    while pid in looks:
        pid = parents.get(pid, 1)
    return pid


def _ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found = set()
    while (pid := parents.get(pid, 0)) > 0:
        found.add(pid)
    return found


def _family(pid: int) -> frozenset[tuple[int, str]]:
    """Return a process and all that descends from it."""
    living = _processes()
    found = {pid}
    for _ in living:
        more = {one for (one, _), parent in living.items() if parent in found} - found
        if not more:
            break
        found |= more
    return frozenset(one for one in living if one[0] in found)


def _processes() -> dict[tuple[int, str], int]:
    """Return the parent of each living process by its number and the moment it was born."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    found[int(entry.name), fields[19]] = int(fields[1])
    return found


def _command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
