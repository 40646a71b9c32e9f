"""Forty-three ways out, of which none may lead anywhere; and each leads somewhere where there is no wall.

Source: ``../notes/security.md`` S1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearinghouse.sandbox.profile import Sandbox
from tests.sandbox.escapes import files, kernel, network, outputs, processes, resources
from tests.sandbox.escapes.table import Attempt, Side
from tests.sandbox.makers import anew, run_inside

ATTEMPTS = tuple(one for room in (files, processes, network, kernel, resources) for one in room.ATTEMPTS)
NEW_NETWORK = 0x40000000
IP = shutil.which("ip")
ADDRESSES = ("192.0.2.1", "169.254.169.254")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, with a name short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="escape-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_table_holds_every_attempt_of_the_notes() -> None:
    counted = [len(one.ATTEMPTS) for one in (files, processes, network, kernel, resources, outputs)]
    assert (counted, sum(counted)) == ([8, 6, 9, 13, 3, 4], 43)
    assert len({one.name for one in ATTEMPTS}) == len(ATTEMPTS)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.name)
def test_no_attempt_passes_and_its_control_does(attempt: Attempt, sandbox: Sandbox, folder: Path) -> None:
    if attempt.control_needs_root and os.geteuid() != 0:
        pytest.skip("the control needs root")
    if attempt.own_network:

        def play() -> None:
            with anew(sandbox.tier) as another:
                played(attempt, another, folder)

        in_a_network_of_its_own(play)
    else:
        played(attempt, sandbox, folder)


def played(attempt: Attempt, sandbox: Sandbox, folder: Path) -> None:
    """Play the attempt without the wall, where it must pass, then behind it, where it must not."""
    with attempt.scene(Side(folder)) as bare:
        argv = (*attempt.exposed_by, sys.executable, "-I", "-S", "-c", attempt.code, *bare.arguments)
        done = subprocess.run(argv, capture_output=True, check=False, timeout=60, close_fds=False)
        if not bare.passed(done.stdout):
            pytest.skip(f"not possible on this machine at all: {done.stderr.decode()[-200:]}")
    with attempt.scene(Side(folder)) as walled:
        ended = run_inside(attempt.code, *walled.arguments, sandbox=sandbox, limits=attempt.limits)
        assert not walled.passed(ended.stdout), ended


def in_a_network_of_its_own(play: Callable[[], None]) -> None:
    """Call ``play`` in a thread that has a network of its own, with the addresses of the world outside on it."""
    if os.geteuid() != 0 or IP is None:
        pytest.skip("a network of its own needs root, and ip")
    caught: list[BaseException] = []

    def run() -> None:
        try:
            os.unshare(NEW_NETWORK)
            subprocess.run((IP, "link", "set", "lo", "up"), check=True)
            for address in ADDRESSES:
                subprocess.run((IP, "address", "add", f"{address}/32", "dev", "lo"), check=True)
            play()
        except BaseException as error:  # noqa: BLE001 raised again below, in the thread of the test
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if caught:
        raise caught[0]


@pytest.mark.parametrize("attempt", outputs.ATTEMPTS, ids=lambda one: one.name)
def test_nothing_odd_comes_back_from_a_job(attempt: outputs.Output, sandbox: Sandbox, folder: Path) -> None:
    side = Side(folder)
    out = folder / "out"
    out.mkdir()
    secret = str(side.secret())
    subprocess.run(("/bin/sh", "-c", attempt.script, "sh", secret), cwd=out, check=True)
    assert attempt.came_over(outputs.copied(out), side), "a plain copy does not bring it either: the test shows nothing"
    collected = outputs.collected(sandbox, attempt.script, secret)
    assert not attempt.came_over(collected, side)
    assert attempt.ends_it or collected["plain"].data == b"plain\n"
