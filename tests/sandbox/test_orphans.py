"""Nothing of a job outlives us, whenever and however we are ended."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from clearinghouse.sandbox.profile import Job, Limits, Sandbox
from tests.sandbox.test_walls import with_argument

STARTER = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from clearinghouse.sandbox.profile import Job
from clearinghouse.sandbox.select import sandbox_for
sandbox = sandbox_for(demand=sys.argv[3])
script = "(setsid sleep 300 </dev/null >/dev/null 2>&1 &) ; (trap '' TERM HUP INT; sleep 300) & wait; : " + sys.argv[2]
print("ready", flush=True)
threads = [threading.Thread(target=sandbox.run, args=(Job(argv=("/bin/sh", "-c", script)),)) for _ in range(2)]
for one in threads: one.start()
for one in threads: one.join()
"""
EARLY_SECONDS = {"gvisor": 0.5, "bubblewrap": 0.06}
"""How long a sandbox takes to come up, and a little more."""
SOURCE = Path(__file__).resolve().parents[2] / "src"


def left_after(marker: str, *, seconds: float) -> list[str]:
    """Return what still runs with ``marker`` after some time in which it may end."""
    until = time.monotonic() + seconds
    while (left := with_argument(marker)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


@pytest.mark.parametrize("number", range(8))
def test_a_kill_at_any_moment_leaves_nothing(number: int, sandbox: Sandbox) -> None:
    marker = f"orphan-{os.getpid()}-{number}"
    argv = (sys.executable, "-I", "-c", STARTER, str(SOURCE), marker, sandbox.tier)
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"ready\n"
        time.sleep(random.Random(number).uniform(0, EARLY_SECONDS[sandbox.tier] if number < 6 else 0.5))  # noqa: S311
        starter.kill()
        starter.wait()
    assert left_after(marker, seconds=5) == []


def test_the_control_of_the_kill_would_see_what_is_left() -> None:
    marker = f"orphan-{os.getpid()}-control"
    with subprocess.Popen(("/bin/sh", "-c", f"sleep 5; : {marker}"), process_group=0) as process:
        until = time.monotonic() + 5  # a new program's arguments can be read only a moment after it began
        while not (seen := with_argument(marker)) and time.monotonic() < until:
            time.sleep(0.02)
        assert seen
        os.killpg(process.pid, signal.SIGKILL)


def test_a_daemon_of_a_job_that_ends_is_ended_with_it(sandbox: Sandbox) -> None:
    marker = f"daemon-{os.getpid()}"
    script = f"(setsid sh -c 'sleep 300; : {marker}' </dev/null >/dev/null 2>&1 &); sleep 0.1"
    began = time.monotonic()
    ended = sandbox.run(Job(argv=("/bin/sh", "-c", script)))
    assert (ended.exit_code, with_argument(marker)) == (0, [])
    assert time.monotonic() - began < 5


def test_a_thread_that_is_interrupted_leaves_nothing(sandbox: Sandbox) -> None:
    marker = f"interrupt-{os.getpid()}"
    script = f"sleep 300; : {marker}"
    # A shell without job control starts what runs in its background with SIGINT ignored, and so would this test be.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.4, signal.raise_signal, (signal.SIGINT,)).start()
        with pytest.raises(KeyboardInterrupt):
            sandbox.run(Job(argv=("/bin/sh", "-c", script), limits=Limits(wall_seconds=20)))
    finally:
        signal.signal(signal.SIGINT, before)
    assert left_after(marker, seconds=2) == []


def test_a_process_that_was_ended_leaves_no_stage_for_long(sandbox: Sandbox) -> None:
    argv = (sys.executable, "-I", "-c", STARTER, str(SOURCE), "stage", sandbox.tier)
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        starter.kill()
    again = (sys.executable, "-I", "-c", STARTER.partition("print(")[0] + "print(sandbox._stage.folder.parent)")
    said = subprocess.run((*again, str(SOURCE), "x", sandbox.tier), capture_output=True, check=True, text=True)
    folders = [one for one in Path(said.stdout.strip()).glob("clearinghouse-stage-*") if is_stale(one)]
    assert folders == []


def is_stale(folder: Path) -> bool:
    """Say whether no living process holds the stage."""
    held = subprocess.run(("/usr/bin/flock", "-n", folder / "lock", "true"), check=False, capture_output=True)
    return held.returncode == 0
