"""Tests of clearinghouse/operation and of the commands around it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clearinghouse
from clearinghouse.edges.signer import the_signer
from clearinghouse.ledger.rules import BATCH
from clearinghouse.operation import checks, metrics
from clearinghouse.signing.keys import SigningKey, save_key
from clearinghouse.work.failures import keep_failure
from clearinghouse.work.rules import Call
from tests.cluster import Cluster, NoPostgresql
from tests.ledger.makers import an_act
from tests.parties.makers import ADMINISTRATOR

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SOURCE = Path(clearinghouse.__file__).parents[1]
FILL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from clearinghouse.commands.django import start
start(sys.argv[1] if sys.argv[1].startswith("postgresql:") else Path(sys.argv[1]))
from django.db import transaction
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.sequence import fill, sequence_all
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL
at = datetime(2026, 11, 23, 12, tzinfo=UTC)
with transaction.atomic():
    made = Organization.objects.create(name=sys.argv[2], created_at=at)
    record("parties:organization:found", subject=made, actor=LOCAL, at=at)
sequence_all()
fill()
"""


def run(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "CLEARINGHOUSE_HOME": str(folder)}  # noqa: TID251 - for a child
    return subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, check=False)


def command(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-c", "from clearinghouse.commands.main import main; main()", *argv)


@pytest.mark.django_db
def test_figures_are_what_prometheus_reads() -> None:
    from prometheus_client.parser import text_string_to_metric_families

    an_act()
    keep_failure(Call("t", ()), "t", "broke", attempts=1)
    read = {
        one.name: one.samples[0].value
        for one in text_string_to_metric_families(metrics.figures_for(ADMINISTRATOR).decode())
        if one.samples
    }
    assert read["clearinghouse_ledger_entries"] == 1.0 and read["clearinghouse_failures"] == 1.0


@pytest.fixture
def house(db: None, tmp_path: Path, settings: Any) -> Any:  # noqa: ARG001, ANN401
    for name in ("HOME", "CACHE", "ARTEFACTS"):
        setattr(settings, f"CLEARINGHOUSE_{name}", tmp_path / name.lower())
    return settings


def _found(name: str) -> checks.Finding:
    return next(one for one in checks.findings(at=NOW, whole_ledger=True) if one.check == name)


def test_a_house_in_order_has_nothing_to_do_but_lists(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401, ARG001
    monkeypatch.setattr(checks, "LEAST_FREE_BYTES", 0)
    ill = {one.check for one in checks.findings(at=NOW) if not one.is_well}
    assert ill <= {"feeds", "workers", "sandbox", "database"}  # the last three depend on the machine and its PostgreSQL
    assert "feeds update" in _found("feeds").cure


def _fail(_: Any) -> None:  # noqa: ANN401
    keep_failure(Call("judge", ()), "k", "Traceback\nUnavailable: no index", attempts=3)


def _open_key(house: Any) -> None:  # noqa: ANN401
    house.CLEARINGHOUSE_KEY = Path(house.CLEARINGHOUSE_HOME).parent / "key"
    house.CLEARINGHOUSE_KEY.write_text("x")
    house.CLEARINGHOUSE_KEY.chmod(0o644)


def _lost_key(house: Any) -> None:  # noqa: ANN401
    house.CLEARINGHOUSE_KEY = Path("/nowhere/key")


def _no_key_of_the_house(house: Any) -> None:  # noqa: ANN401
    the_signer()
    house.CLEARINGHOUSE_HOME = Path(house.CLEARINGHOUSE_HOME).parent / "another-machine"


def _broken_store(house: Any) -> None:  # noqa: ANN401
    shutil.rmtree(house.CLEARINGHOUSE_ARTEFACTS)
    Path(house.CLEARINGHOUSE_ARTEFACTS).write_text("a file in its place")


def _full_disk(_: Any) -> None:  # noqa: ANN401
    checks.LEAST_FREE_BYTES = 1 << 62  # the test puts it back


TROUBLE: list[tuple[str, Callable[[Any], None], str]] = [
    ("failures", _fail, "Unavailable: no index"),
    ("signing key", _open_key, "others may read"),
    ("signing key", _lost_key, "there is no"),
    ("signing key", _no_key_of_the_house, "this installation signs with"),
    ("artefacts", _broken_store, ""),
    ("disk", _full_disk, "are free"),
]


@pytest.mark.parametrize(("name", "happens", "said"), TROUBLE, ids=[one[1].__name__ for one in TROUBLE])
def test_trouble_is_found_with_its_cure(
    house: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    happens: Callable[[Any], None],
    said: str,
) -> None:
    monkeypatch.setattr(checks, "LEAST_FREE_BYTES", 0)
    assert _found(name).is_well
    happens(house)
    found = _found(name)
    assert not found.is_well and said in found.found and found.cure


def _cycle(folder: Path, where: str, restore: Callable[[Path], None]) -> None:
    """Sign, back up, go on, sign, restore: what is restored is not signed over, but under another origin."""
    key = folder / "key.pem"
    save_key(SigningKey(bytes(range(32))), key)
    sign = ("ledger", "sign", "--database", where, "--key", str(key), "--to", str(folder / "public"))
    run(folder, "-c", FILL, where, "one").check_returncode()
    assert command(folder, *sign).returncode == 0
    backed = command(folder, "database", "backup", "--database", where, "--to", str(folder / "backup"))
    assert backed.returncode == 0, backed.stderr
    run(folder, "-c", FILL, where, "two").check_returncode()
    assert command(folder, *sign).returncode == 0
    restore(folder / "backup")
    assert json.loads(command(folder, "ledger", "verify", "--database", where, "--json").stdout)["size"] == BATCH
    refused = command(folder, *sign)
    assert refused.returncode == 3 and "not a continuation" in refused.stderr
    run(folder, "-c", FILL, where, "three").check_returncode()
    assert command(folder, *sign).returncode == 3
    assert (folder / "public" / "checkpoint").read_text("utf-8").split("\n")[1] == str(2 * BATCH)


def test_a_restored_backup_of_a_file_is_not_signed_over(tmp_path: Path) -> None:
    file = tmp_path / "one.sqlite3"

    def restore(backup: Path) -> None:
        for left in tmp_path.glob("one.sqlite3*"):
            left.unlink()
        shutil.copy(backup, file)

    (tmp_path / "out").mkdir()
    os.environ.pop("CLEARINGHOUSE_ORIGIN", None)  # noqa: TID251 - for a child
    _cycle(tmp_path, str(file), restore)


def test_a_restored_backup_of_postgresql_is_not_signed_over(cluster: Cluster, tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        pytest.skip("pg_dump is not on PATH")
    where = cluster.create("restored")

    def restore(backup: Path) -> None:
        argv = ["pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={where}", str(backup)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    _cycle(tmp_path, where, restore)


def test_the_applications_role_adds_to_the_ledger_and_never_changes_it(cluster: Cluster, tmp_path: Path) -> None:
    where = cluster.create("granted")
    for role in ("app", "signer"):
        cluster.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN")
    prepared = command(
        tmp_path, "database", "prepare", "--database", where, "--app-role", "app", "--signer-role", "signer"
    )
    assert prepared.returncode == 0, prepared.stderr
    run(tmp_path, "-c", FILL, cluster.url("granted", user="app"), "one").check_returncode()
    signed = command(tmp_path, "ledger", "verify", "--database", where)
    assert signed.returncode == 0, signed.stderr
    for role, statement in [
        ("app", "UPDATE ledger_entry SET leaf = ''"),
        ("app", "DELETE FROM ledger_entry"),
        ("app", "UPDATE ledger_node SET hash = ''"),
        ("app", "DELETE FROM ledger_event"),
        ("app", "UPDATE ledger_event SET verb = 'x:y:z'"),
        ("app", "TRUNCATE ledger_entry"),
        ("app", "ALTER TABLE ledger_entry DISABLE TRIGGER ALL"),
        ("app", "UPDATE ledger_outbox SET leaf = ''"),
        ("app", "CREATE TABLE mine (id int)"),
        ("signer", "SELECT * FROM ledger_event"),
        ("signer", "INSERT INTO ledger_node VALUES (9, 9, '')"),
        ("signer", "SELECT * FROM parties_organization"),
    ]:
        with pytest.raises(NoPostgresql, match=r"permission denied|must be owner"):
            cluster.execute(f"SET ROLE {role}; {statement}", database="granted")
    assert cluster.execute("SET ROLE signer; SELECT size FROM ledger_head", database="granted") == str(BATCH)
