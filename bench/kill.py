"""Kills a clearing with ``kill -9`` at random moments and resumes it: nothing lost, nothing left, nothing different."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.clearings import WORK, clear, command

KILLS = 20


def processes_of(group: int) -> list[int]:
    """Return the living processes that descend from a session started as ``group``."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == group and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def sandboxes() -> set[int]:
    """Return the living sandbox processes on this machine."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words and (words[0].endswith(b"bwrap") or b"/runner/main.py" in words or b"/runner/main.js" in words):
                found.add(int(entry.name))
    return found


def main() -> int:
    """Clear once undisturbed, then once killed twenty times; compare."""
    shutil.rmtree(WORK / "kill", ignore_errors=True)
    calm, killed = WORK / "kill" / "calm", WORK / "kill" / "killed"
    seconds = clear(calm)
    before, orphans, resumed = sandboxes(), 0, 0
    chance = random.Random()  # noqa: S311 - moments, not secrets
    for _ in range(KILLS):
        process = subprocess.Popen(
            command(killed, "--jobs", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(chance.uniform(0.2, max(1.0, seconds / KILLS * 1.5)))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            resumed += 1
        process.wait()
        time.sleep(1.0)
        orphans += len(processes_of(process.pid)) + len(sandboxes() - before)
    clear(killed)
    same = (calm / "index.json").read_bytes() == (killed / "index.json").read_bytes()
    program = Path(sys.executable).parent / "clearinghouse"
    verify = [str(program), "ledger", "verify", "--database", str(killed)]
    ledger = subprocess.run(verify, capture_output=True, text=True, check=False)
    print(f"kills that hit {resumed} of {KILLS}; same index.json: {same}; orphan processes: {orphans}; "
          f"ledger verify exits {ledger.returncode}: {ledger.stdout.strip()[-120:]}")  # fmt: skip
    return 0 if same and not orphans and not ledger.returncode else 1
