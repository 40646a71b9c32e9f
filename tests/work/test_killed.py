"""Kills an engine in the middle of its work: the next one finds what is left by asking the rows."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import clearinghouse

SOURCE = Path(clearinghouse.__file__).parents[1]
ROOT = Path(__file__).parents[2]
# Each organization is renamed once, slowly; the rename is the work, the old name is what makes it due.
WORK = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from clearinghouse.parties.models import Organization
from clearinghouse.work.drain import drain
from clearinghouse.work.task import due
from tests.work import renaming
at = datetime(2026, 11, 23, tzinfo=UTC)
if not Organization.objects.exists():
    Organization.objects.bulk_create(Organization(name=f"old {n}", created_at=at) for n in range(30))
due(renaming.rename, lambda: Organization.objects.filter(name__startswith="old").values_list("pk", flat=True))
outcome = drain(jobs=2, on_progress=lambda progress: print(progress.done, flush=True))
print("left", Organization.objects.filter(name__startswith="old").count(), "failed", len(outcome.failed))
"""


def _start(database: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}  # noqa: TID251 - for a child
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(database)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_a_killed_engine_leaves_its_work_to_the_next(tmp_path: Path) -> None:
    first = _start(tmp_path / "one.sqlite3")
    assert first.stdout is not None
    for line in first.stdout:
        if int(line) >= 5:
            break
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    said, _ = _start(tmp_path / "one.sqlite3").communicate()
    *steps, end = said.splitlines()
    assert end == "left 0 failed 0" and 1 <= int(steps[-1]) <= 25
