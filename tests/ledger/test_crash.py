"""Kills writers of one file at any moment: an act has its entry, an entry has its act, and nothing told is lost."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import clearinghouse

ROUNDS = 3
WRITERS = 2
ROOT = Path(__file__).parents[2]
SOURCE = Path(clearinghouse.__file__).parents[1]


class Writer:
    """One writing process and what it said that it had done."""

    def __init__(self, database: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}  # noqa: TID251 - for a child
        argv = [sys.executable, "-m", "tests.ledger.writer", str(database)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, env=environment, text=True)
        self.told: list[str] = []
        self.started = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.told.append(line.strip())
                self.started.set()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _verify(database: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", "from clearinghouse.commands.main import main; main()"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    return subprocess.run(
        [*argv, "ledger", "verify", "--database", str(database)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_killed_writers_leave_no_entry_without_its_row_and_no_row_without_its_entry(tmp_path: Path) -> None:
    database, chance, told = tmp_path / "crash.sqlite3", random.Random(20261123), []  # noqa: S311 - a moment, not a secret
    for _ in range(ROUNDS):
        writers = [Writer(database) for _ in range(WRITERS)]
        for writer in writers:
            assert writer.started.wait(60)
        for writer in writers:
            time.sleep(chance.uniform(0.0, 0.15))
            writer.kill()
            told += writer.told

    with sqlite3.connect(database) as reading:
        rows = {UUID(pk) for (pk,) in reading.execute("SELECT id FROM parties_organization")}
        acts = [UUID(subject) for (subject,) in reading.execute("SELECT subject FROM ledger_event")]
        (entries,) = reading.execute("SELECT count(*) FROM ledger_entry").fetchone()
        (integrity,) = reading.execute("PRAGMA integrity_check").fetchone()
    reading.close()
    checked = _verify(database)

    assert len(told) >= ROUNDS * WRITERS and {UUID(pk) for pk in told} <= rows
    assert set(acts) == rows and len(acts) == len(rows) == entries
    assert integrity == "ok"
    assert checked.returncode == 0, checked.stderr
