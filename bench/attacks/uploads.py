"""Hands every bomb in over HTTP, and reads it as a worker does; time and memory of both processes are measured."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx

from clearinghouse.errors import Refused

MOST_SECONDS: Final = 1.0
MOST_MIB: Final = 128
TAKEN: Final = 202


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one upload came to, and what it took of the process that read it."""

    said: str
    """The code of the refusal; empty: it was taken in."""
    cpu_seconds: float
    mib: float


_SMALL = """
import json, os, sys
process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(process, 0)
took = [os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]
open(sys.argv[1], "w").write(json.dumps(took))
"""
"""Starts the reader from a small process: one started from a large process counts as if it had been as large."""


class _Measured:
    """In place of ``subprocess`` where readers are started: notes what each took."""

    DEVNULL, TimeoutExpired = subprocess.DEVNULL, subprocess.TimeoutExpired

    def __init__(self) -> None:
        self.cpu_seconds = self.mib = 0.0

    def run(self, argv: list[str], **how: Any) -> SimpleNamespace:  # noqa: ANN401 - whatever Popen takes
        """Run a reader to its end."""
        plain = {name: value for name, value in how.items() if name not in {"timeout", "check"}}
        with tempfile.NamedTemporaryFile() as told:
            subprocess.run([sys.executable, "-S", "-E", "-c", _SMALL, told.name, *argv], check=True, **plain)
            status, self.cpu_seconds, self.mib = json.loads(Path(told.name).read_bytes())
        return SimpleNamespace(returncode=status)


def read_measured(data: bytes, name: str) -> Reading:
    """Read one upload as a worker does."""
    from clearinghouse.findings.intake import apart

    measured, where = _Measured(), vars(apart)
    whole, where["subprocess"] = where["subprocess"], measured
    try:
        apart.read_apart(data, name=name)
        said = ""
    except Refused as refusal:
        said = refusal.problems[0].code
    finally:
        where["subprocess"] = whole
    return Reading(said, measured.cpu_seconds, measured.mib)


@dataclass(frozen=True, slots=True)
class Sending:
    """What the web process answered, and what it took."""

    status: int
    seconds: float
    mib: float
    """By how much the process grew at its peak."""


def send_measured(browser: httpx.Client, server: int, data: bytes, name: str) -> Sending:
    """Hand one upload in over HTTP; ``server`` is the process that answers."""
    Path(f"/proc/{server}/clear_refs").write_text("5", encoding="ascii")  # its peak is measured anew
    before, began = _status(server, "VmRSS"), _cpu_seconds(server)
    answer = browser.post("/api/v1/submissions", files={"report": (name, data)}, timeout=60)
    return Sending(answer.status_code, _cpu_seconds(server) - began, _status(server, "VmHWM") - before)


def _status(pid: int, field: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def _cpu_seconds(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def main(bombs: Mapping[str, Any]) -> int:
    """Hand in every bomb and read it; return how many were not refused, or took too much."""
    from tests.commands.test_elsewhere import a_coordinators_token
    from tests.commands.test_serve import serving

    wrong, worst = 0, {"web s": 0.0, "web MiB": 0.0, "reader s": 0.0, "reader MiB": 0.0}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "office" / "one.sqlite3"
        token = a_coordinators_token(database, "findings")
        with serving(str(database), "--jobs", "0") as server:
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=server.url, headers=headers) as browser:
                browser.get("/api/v1/whoami")
                for name, make in bombs.items():
                    data = make()
                    sent = send_measured(browser, server.process.pid, data, name)
                    read = read_measured(data, name)
                    refused = sent.status == TAKEN and read.said
                    within = max(sent.seconds, read.cpu_seconds) < MOST_SECONDS and max(sent.mib, read.mib) < MOST_MIB
                    for what, much in zip(worst, (sent.seconds, sent.mib, read.cpu_seconds, read.mib), strict=True):
                        worst[what] = max(worst[what], much)
                    if not (refused and within):
                        wrong += 1
                        print(f"{name}: {sent}, {read}", flush=True)
    told = ", ".join(f"{what} {much:.2f}" for what, much in worst.items())
    print(f"{len(bombs)} bombs, {wrong} not refused or too dear; the worst: {told} ({time.monotonic() - began:.0f} s)")
    return wrong
