"""The warden gives up root, comes back when it was ended, and tells what it could not start."""

import os
import signal
import threading
import time
from contextlib import suppress

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox.course import SANDBOX_UID
from clearinghouse.sandbox.profile import Job, Limits
from clearinghouse.sandbox.warden import Warden, told
from tests.sandbox.makers import a_sandbox
from tests.sandbox.test_orphans import left_after
from tests.sandbox.test_walls import with_argument


def wardens() -> list[int]:
    """Return the wardens that serve this process."""
    found = []
    for pid in with_argument("warden_process.py"):
        with suppress(OSError), open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            if int(file.read().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(pid))
    return found


def test_one_warden_serves_all_jobs_and_is_not_root() -> None:
    a_sandbox().run(Job(argv=("/bin/true",)))
    before = set(wardens())  # other tests of this process may have left one of their own
    for _ in range(3):
        a_sandbox().run(Job(argv=("/bin/true",)))
    assert set(wardens()) <= before
    pid = max(before)
    expected = SANDBOX_UID if os.geteuid() == 0 else os.geteuid()
    assert os.stat(f"/proc/{pid}/stat").st_uid in {expected, 0}  # noqa: PTH116
    with open(f"/proc/{pid}/status") as file:  # noqa: PTH123
        status = file.read()
    assert f"Uid:\t{expected}\t{expected}\t{expected}\t{expected}\n" in status
    assert int(status.partition("CapEff:\t")[2].split()[0], 16) == 0 or os.geteuid() != 0


def test_a_warden_that_was_ended_ends_its_jobs_and_is_replaced() -> None:
    marker = f"warden-{os.getpid()}"
    caught: list[Exception] = []

    def run() -> None:
        try:
            a_sandbox().run(Job(argv=("/bin/sh", "-c", f"sleep 60; : {marker}"), limits=Limits(wall_seconds=30)))
        except Unavailable as refusal:
            caught.append(refusal)

    job = threading.Thread(target=run)
    job.start()
    assert appeared(marker)
    time.sleep(0.5)
    for pid in wardens():
        os.kill(pid, signal.SIGKILL)
    job.join()
    assert "ended by somebody" in str(caught[0])
    assert left_after(marker, seconds=3) == []
    assert a_sandbox().run(Job(argv=("/bin/echo", "again"))).stdout == b"again\n"


def test_a_program_that_cannot_be_started_is_told() -> None:
    warden = Warden(uid=os.geteuid())
    with warden.start(["/no/such/program"], {}) as line:
        assert "failed" in told(line)
    warden.close()


def test_closing_the_line_ends_the_process() -> None:
    marker = f"line-{os.getpid()}"
    warden = Warden(uid=os.geteuid())
    line = warden.start(["/bin/sh", "-c", f"sleep 60; : {marker}"], {})
    assert appeared(marker)
    line.close()
    assert left_after(marker, seconds=3) == []
    warden.close()


def test_closing_the_warden_ends_what_it_started() -> None:
    marker = f"closed-{os.getpid()}"
    warden = Warden(uid=os.geteuid())
    with warden.start(["/bin/sh", "-c", f"sleep 60; : {marker}"], {}):
        assert appeared(marker)
        warden.close()
        assert left_after(marker, seconds=3) == []


def appeared(marker: str) -> bool:
    """Wait until a process with ``marker`` runs."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if with_argument(marker):
            return True
        time.sleep(0.02)
    return False
