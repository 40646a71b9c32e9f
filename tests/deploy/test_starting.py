"""Starts what deploy/ starts, as it says it, on a PostgreSQL that asks every role for its password.

Of the units their own lines are run, of the compose file its services' own commands, without systemd and without
containers: what those would mount lies in a temporary folder. Where a container engine answers, it starts the whole.
"""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bench.web import free_port
from clearinghouse.ledger.notes import NoteKey, open_note, read_checkpoint
from clearinghouse.signing.keys import load_public_key
from tests.cluster import CALM, USER, Cluster, NoPostgresql, a_cluster

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
LONGEST_SECONDS = 240
TIMEOUT_STOP_SECONDS = 30
"""How long the units and the compose file give a process to end."""
ORIGIN = "clearinghouse.example/ledger"

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


@dataclass(frozen=True)
class Part:
    """One process of an office: what it is started with, and in which environment."""

    argv: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Office:
    """A database that asks for passwords, a folder for what would be mounted, and a port for the pages."""

    cluster: Cluster
    host: str
    database: str
    folder: Path
    port: int

    def here(self, text: str) -> str:
        """Return a word of a unit or a service with the places of this test in it."""
        text = re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", text)
        text = text.replace("sslmode=verify-full&", "").replace(":8000", f":{self.port}")
        text = re.sub(r"@(database|db\.example)/clearinghouse", f"@{self.host}/{self.database}", text)
        for theirs, ours in (
            ("/run/secrets/signing_key", "secrets/signing.key"),
            ("/run/secrets", "secrets"),
            ("/etc/clearinghouse/signing.key", "secrets/signing.key"),
            ("/etc/clearinghouse/app.pgpass", "secrets/app"),
            ("/etc/clearinghouse/signer.pgpass", "secrets/signer"),
            ("/srv/roles.sh", f"{DEPLOY}/roles.sh"),
            ("/srv/", "srv/"),
            ("/var/lib/", "var/"),
        ):
            text = text.replace(theirs, ours if ours.startswith("/") else f"{self.folder}/{ours}")
        return text

    def part(self, argv: Sequence[str], environment: Mapping[str, str]) -> Part:
        """Return a process as it is started here: with nothing of our own environment but PATH."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251 - for a child
        given = {name: self.here(value) for name, value in environment.items()}
        return Part([self.here(one) for one in argv], {"PATH": path, "HOME": str(self.folder), **given})

    def run(self, part: Part) -> None:
        """Run what ends by itself, and ends well."""
        done = subprocess.run(part.argv, env=dict(part.environment), capture_output=True, text=True, check=False)
        assert done.returncode == 0, (part.argv, done.stderr)

    def says(self, statement: str) -> str:
        """Return what the database answers."""
        return self.cluster.execute(statement, database=self.database)


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Cluster, str]]:
    """Return a PostgreSQL at an address of its own on loopback, where nobody comes in without a password."""
    host = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}.{secrets.randbelow(250) + 1}"
    try:
        with a_cluster({**CALM, "listen_addresses": f"'{host}'", "port": "5432"}) as made:
            access = "local all all trust\nhost all all 127.0.0.0/8 scram-sha-256\n"
            (made.folder / "data" / "pg_hba.conf").write_text(access)
            made.execute("SELECT pg_reload_conf()")
            yield made, host
    except NoPostgresql as missing:
        pytest.skip(str(missing))


@pytest.fixture
def office(house: tuple[Cluster, str], tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    """Return an office whose secrets are made, and nothing else."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the secrets")
    cluster, host = house
    database = "office" + str(abs(hash(request.node.name)) % 10**8)
    cluster.create(database)
    made = Office(cluster, host, database, tmp_path, free_port())
    for _ in range(2):  # the second time, nothing is changed
        made.run(made.part(["/bin/sh", str(DEPLOY / "secrets.sh"), str(tmp_path / "secrets")], {}))
    password = (tmp_path / "secrets" / "superuser").read_text("ascii").strip()
    cluster.execute(f"ALTER ROLE {USER} PASSWORD '{password}'")  # which the image of PostgreSQL does
    return made


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.5)


def _begin(held: ExitStack, office: Office, part: Part, name: str) -> "subprocess.Popen[bytes]":
    log = held.enter_context((office.folder / f"{name}.log").open("wb"))
    process = subprocess.Popen(part.argv, env=dict(part.environment), stdout=log, stderr=log, cwd=office.folder)
    held.callback(process.wait)
    held.callback(process.kill)
    return process


def _brought_up(office: Office, web: Part, worker: Part, signer: Part, *, health: Part, public: Path) -> None:
    """Start the three, see each do its work, and end them the way both engines do."""
    with ExitStack() as held:
        processes = {"web": _begin(held, office, web, "web"), "worker": _begin(held, office, worker, "worker")}

        def healthy() -> bool:
            assert processes["web"].poll() is None, (office.folder / "web.log").read_text("utf-8")
            return subprocess.run(health.argv, env=dict(health.environment), capture_output=True).returncode == 0  # noqa: PLW1510 - asked for

        _until(healthy, "the web says that it is ready")
        assert "Clearinghouse" in httpx.get(f"http://127.0.0.1:{office.port}/").text
        assert "/join/" in (office.folder / "web.log").read_text("utf-8")
        _until(lambda: office.says("SELECT count(*) FROM procrastinate_workers") == "1", "the worker takes calls")
        _until(lambda: office.says("SELECT size >= 16 FROM ledger_head") == "t", "the worker gives acts their places")
        processes["signer"] = _begin(held, office, signer, "signer")
        _until((public / "checkpoint").exists, "the signer publishes " + str(public))
        key = NoteKey(ORIGIN, load_public_key(office.folder / "secrets" / "signing.key.pub"))
        stated = read_checkpoint(open_note((public / "checkpoint").read_text("utf-8"), key=key))
        assert stated.origin == ORIGIN and stated.size >= 1
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        ended = {name: process.wait(TIMEOUT_STOP_SECONDS) for name, process in processes.items()}
        assert ended == dict.fromkeys(processes, 0), (office.folder / "signer.log").read_text("utf-8")[-2000:]


def _lines_of(unit: Path) -> dict[str, str]:
    lines = [line for line in unit.read_text("utf-8").splitlines() if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _environment_of(unit: Path) -> dict[str, str]:
    """Return what is in the file that a unit names, as it lies in deploy/ to be copied."""
    named = DEPLOY / Path(_lines_of(unit)["EnvironmentFile"]).name
    lines = [line for line in named.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _of_unit(office: Office, name: str, line: str = "ExecStart") -> Part:
    unit = DEPLOY / f"clearinghouse-{name}.service"
    argv = shlex.split(_lines_of(unit)[line])
    argv += ["--port", str(office.port)] if (name, line) == ("web", "ExecStart") else []
    return office.part(argv, _environment_of(unit))


def test_the_units_bring_an_office_up_that_works_and_ends_in_time(office: Office) -> None:
    owner = f"postgresql://clearinghouse@db.example/clearinghouse?passfile={office.folder}/secrets/owner"
    office.run(office.part(["/bin/sh", str(DEPLOY / "roles.sh"), owner, f"{office.folder}/secrets"], {}))
    prepare = ["clearinghouse", "database", "prepare", "--database", owner]
    prepare += ["--app-role", "clearinghouse_app", "--signer-role", "clearinghouse_signer"]
    office.run(office.part(prepare, {"CLEARINGHOUSE_HOME": "/var/lib/clearinghouse"}))
    health = _of_unit(office, "web", "ExecStartPost")
    parts = [_of_unit(office, name) for name in ("web", "worker", "signer")]
    _brought_up(office, *parts, health=health, public=office.folder / "var" / "clearinghouse-signer" / "public")


def _of_service(office: Office, service: dict[str, Any]) -> Part:
    argv = [*service.get("entrypoint", ["clearinghouse"]), *service.get("command", [])]
    argv += ["--port", str(office.port)] if argv[:2] == ["clearinghouse", "serve"] else []
    home = {"CLEARINGHOUSE_HOME": "/srv/state", "CLEARINGHOUSE_CACHE": "/srv/state/cache"}  # as the image sets them
    return office.part(argv, {**home, **service["environment"]})


def test_the_services_of_the_compose_file_bring_an_office_up_that_works_and_ends_in_time(office: Office) -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    for name in ("roles", "prepare", "roles", "prepare"):  # again, as at each `up`
        office.run(_of_service(office, services[name]))
    (kind, *argv) = services["web"]["healthcheck"]["test"]
    assert kind == "CMD"
    parts = [_of_service(office, services[name]) for name in ("web", "worker", "signer")]
    _brought_up(office, *parts, health=office.part(argv, {}), public=office.folder / "srv" / "public")


def test_roles_get_no_password_that_could_end_a_statement(office: Office) -> None:
    (office.folder / "secrets" / "app").write_text("*:*:*:clearinghouse_app:'; DROP TABLE x; --")
    argv = ["/bin/sh", str(DEPLOY / "roles.sh"), "postgresql://nowhere.invalid/x", f"{office.folder}/secrets"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "hexadecimal" in done.stderr


def _engine(*argv: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [shutil.which("docker") or "docker", *argv], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_container_engine_brings_the_office_up(tmp_path: Path) -> None:
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    for asked in (("info",), ("compose", "version")):
        if (answer := _engine(*asked, folder=tmp_path)).returncode:
            pytest.skip(f"docker {' '.join(asked)}: {answer.stderr.strip().splitlines()[0]}")
    copy = tmp_path / "clearinghouse"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "node_modules", "build"))
    subprocess.run(["/bin/sh", str(copy / "deploy" / "secrets.sh")], check=True)
    project = ("compose", "--project-name", f"test-{secrets.token_hex(4)}", "--file", "deploy/compose.yaml")
    try:
        up = _engine(*project, "up", "--build", "--detach", "--wait", "web", "worker", "signer", folder=copy)
        assert up.returncode == 0, up.stderr[-3000:] + _engine(*project, "logs", folder=copy).stdout[-3000:]
        assert httpx.get("http://127.0.0.1:8000/health/ready").text == "ready\n"
    finally:
        _engine(*project, "down", "--volumes", folder=copy)
