"""Tests of clearinghouse/commands/ledger.py, each command as a process of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import clearinghouse
from clearinghouse.signing.keys import SigningKey, public_path, save_key

SOURCE = Path(clearinghouse.__file__).parents[1]

FILL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from django.db import transaction
from clearinghouse.ledger.actions import record
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.models import Organization
at = datetime(2026, 11, 23, 12, tzinfo=UTC)
actor = local_actor(at=at)
for number in range(int(sys.argv[2])):
    with transaction.atomic():
        record("parties:organization:found", subject=Organization.objects.get(), actor=actor, at=at,
               details={"number": number})
"""


class House:
    """A database of its own and a key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "one.sqlite3"
        self.key = folder / "key.pem"
        self.public = public_path(self.key)
        save_key(SigningKey(bytes(range(32))), self.key)

    def _run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a child
        environment = {**kept, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_HOME": str(self.folder / "home")}
        return subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, check=False)

    def fill(self, acts: int) -> None:
        self._run("-c", FILL, str(self.database), str(acts)).check_returncode()

    def ledger(self, *argv: str) -> subprocess.CompletedProcess[str]:
        start = "from clearinghouse.commands.main import main; main()"
        return self._run("-c", start, "ledger", *argv)

    def checkpoint(self) -> str:
        return self.ledger("checkpoint", "--database", str(self.database), "--key", str(self.key)).stdout


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database of five acts, made once."""
    made = House(tmp_path_factory.mktemp("filled"))
    made.fill(4)
    return made.folder


@pytest.fixture
def house(filled: Path, tmp_path: Path) -> House:
    """Return a house with a copy of that database."""
    for file in filled.glob("one.sqlite3*"):
        shutil.copy(file, tmp_path)
    return House(tmp_path)


def test_a_sound_ledger_is_said_to_hold(house: House) -> None:
    done = house.ledger("verify", "--database", str(house.database), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["size"] == 5 and json.loads(done.stdout)["faults"] == []


def test_a_tampered_ledger_is_refused_with_the_reason(house: House) -> None:
    with sqlite3.connect(house.database) as changing:
        changing.execute("DROP TRIGGER ledger_entry_stays")
        changing.execute("UPDATE ledger_entry SET leaf = x'00' WHERE seq = 2")
    changing.close()
    done = house.ledger("verify", "--database", str(house.database))
    assert done.returncode == 3 and "entry 2 does not commit" in done.stderr and not done.stdout


def test_a_ledger_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    house = House(tmp_path)
    done = house.ledger("verify", "--database", str(house.database))
    assert done.returncode == 3 and "no database" in done.stderr and not house.database.exists()


def test_a_ledger_holds_to_an_earlier_checkpoint(house: House) -> None:
    earlier = house.folder / "earlier"
    earlier.write_text(house.checkpoint(), newline="")
    house.fill(2)
    done = house.ledger(
        "verify", "--database", str(house.database), "--since", str(earlier), "--key", str(house.public)
    )
    assert done.returncode == 0, done.stderr


def test_a_ledger_begun_anew_does_not_hold_to_an_earlier_checkpoint(house: House) -> None:
    earlier = house.folder / "earlier"
    earlier.write_text(house.checkpoint(), newline="")
    house.database = house.folder / "two.sqlite3"
    house.fill(9)
    done = house.ledger(
        "verify", "--database", str(house.database), "--since", str(earlier), "--key", str(house.public)
    )
    assert done.returncode == 3 and "not a continuation" in done.stderr


def test_a_proof_of_one_act_is_checked_without_the_database(house: House) -> None:
    proof = house.folder / "act.tlog-proof"
    made = house.ledger("proof", "3", "--database", str(house.database), "--key", str(house.key), "--reveal")
    proof.write_text(made.stdout, newline="")
    house.database.unlink()
    done = house.ledger("check", str(proof), "--key", str(house.public))
    assert done.returncode == 0 and '"details":{"number":2}' in done.stdout


def test_a_proof_of_another_act_is_refused(house: House) -> None:
    proof = house.folder / "act.tlog-proof"
    made = house.ledger("proof", "3", "--database", str(house.database), "--key", str(house.key))
    proof.write_text(made.stdout.replace("index 3", "index 2"), newline="")
    done = house.ledger("check", str(proof), "--key", str(house.public))
    assert done.returncode == 3 and "does not lead" in done.stderr


def test_a_restored_backup_is_not_signed_over(house: House) -> None:
    backup = house.database.read_bytes()
    house.fill(3)
    assert house.checkpoint()
    for left in house.folder.glob("one.sqlite3-*"):
        left.unlink()
    house.database.write_bytes(backup)
    house.fill(1)
    done = house.ledger("checkpoint", "--database", str(house.database), "--key", str(house.key))
    assert done.returncode == 3 and "not a continuation" in done.stderr and not done.stdout


def test_without_a_key_nothing_is_signed(house: House) -> None:
    done = house.ledger("checkpoint", "--database", str(house.database))
    assert done.returncode == 3 and "no signing key" in done.stderr


def test_an_output_folder_stands_for_its_database(house: House) -> None:
    (house.folder / "out" / "state").mkdir(parents=True)
    house.database.rename(house.folder / "out" / "state" / "clearinghouse.sqlite3")
    done = house.ledger("verify", "--database", str(house.folder / "out"))
    assert done.returncode == 0, done.stderr
