"""The wall as an office has it: tables of one role, processes of another, on a cluster of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.operation.test_operation import command

ROW = (
    "INSERT INTO findings_refusedreport (id, created_at, name, digest, problems, received_at) "
    "VALUES (gen_random_uuid(), now(), 'a secret name', '', '[]', now())"
)
COUNT = "SELECT count(*) FROM findings_refusedreport"
AS_AUDITOR = """SELECT set_config('clearinghouse.actor', '{"roles": ["auditor"], "second_factor": true}', false)"""


def test_only_the_owner_who_says_so_and_whoever_may_see_the_rows(cluster: Cluster, tmp_path: Path) -> None:
    for statement in ("CREATE ROLE keeper LOGIN", "CREATE ROLE worker LOGIN", "CREATE DATABASE walls OWNER keeper"):
        cluster.execute(statement)
    owned = cluster.url("walls", user="keeper")
    prepared = command(tmp_path, "database", "prepare", "--database", owned, "--app-role", "worker")
    assert prepared.returncode == 0, prepared.stderr

    def said(role: str, *statements: str) -> str:
        wanted = "; ".join((f"SET SESSION AUTHORIZATION {role}", *statements))
        return cluster.execute(wanted, database="walls").rsplit("\n", 1)[-1]

    say_owner = "SET clearinghouse.owner = 'on'"
    said("keeper", say_owner, ROW)
    assert said("keeper", COUNT) == "0" and said("keeper", say_owner, COUNT) == "1"
    assert said("worker", COUNT) == said("worker", say_owner, COUNT) == "0" and said("worker", AS_AUDITOR, COUNT) == "1"
    assert said("worker", AS_AUDITOR.replace("true", "false", 1), COUNT) == "0"

    asked = "SELECT count(*) FROM sight_cases_case_1(); SELECT 'ends' || current_setting('clearinghouse.owner', true)"
    assert said("keeper", asked) == said("worker", asked) == "ends", "the functions' sight ends with them"

    _backup_holds_every_row(cluster, tmp_path, owned)
    everything = command(tmp_path, "database", "prepare", "--database", owned, "--app-role", "clearinghouse")
    assert everything.returncode == 3 and "sees every row" in everything.stderr
    missing = command(tmp_path, "database", "prepare", "--database", owned, "--app-role", "nobody_at_all")
    assert missing.returncode == 3 and "CREATE ROLE" in missing.stderr
    ill = command(tmp_path, "doctor", "--database", cluster.url("walls"))
    assert "no policy holds the role clearinghouse" in ill.stdout + ill.stderr


def _backup_holds_every_row(cluster: Cluster, folder: Path, owned: str) -> None:
    """Make a backup as the owner, read it, and be refused as the application."""
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        pytest.skip("pg_dump is not on PATH")
    made = command(folder, "database", "backup", "--database", owned, "--to", str(folder / "whole"))
    assert made.returncode == 0, made.stderr
    argv = ["pg_restore", "--data-only", "--table=findings_refusedreport", "--file=-", str(folder / "whole")]
    assert "a secret name" in subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    as_worker = cluster.url("walls", user="worker")
    refused = command(folder, "database", "backup", "--database", as_worker, "--to", str(folder / "part"))
    assert refused.returncode == 3 and "as the owner" in refused.stderr and not (folder / "part").exists()
