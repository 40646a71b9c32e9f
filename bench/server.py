"""Kills web processes, workers, sequencers and signers with ``kill -9`` under load, and crashes PostgreSQL.

Held to: no acknowledged act lost, no act without its entry, no effect twice, the queue drains, the published log
verifies from each checkpoint to the next.
"""

import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.options import Options
from bench.web import Web, tokens
from clearinghouse.ledger.notes import NoteKey, open_note, read_checkpoint
from clearinghouse.signing.keys import SigningKey, save_key
from tests.cluster import Cluster, NoPostgresql, a_cluster

ROOT = Path(__file__).parents[1]
ORIGIN = "bench.example/log"
LONGEST_DRAIN_SECONDS = 240.0
LONGEST_START_SECONDS = 120.0
WRITER = """
import sys, time
from datetime import UTC, datetime
from clearinghouse.commands.django import start
start(sys.argv[1])
from django.db import DatabaseError, connection, transaction
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL
number = 0
while True:
    number += 1
    try:
        with transaction.atomic():
            made = Organization.objects.create(name=f"unit {sys.argv[2]} {number}", created_at=datetime.now(UTC))
            record("parties:organization:found", subject=made, actor=LOCAL, at=datetime.now(UTC))
    except DatabaseError:
        connection.close()
        time.sleep(0.2)
        continue
    print(made.pk, flush=True)
    time.sleep(float(sys.argv[3]))
"""
CLIENT = """
import os, sys, time
from clearinghouse_client.session import NoAnswer, ServerRefused, Session
number = 0
with Session(sys.argv[1], os.environ["CLEARINGHOUSE_TOKEN"]) as session:
    while True:
        number += 1
        name = f"unit {sys.argv[2]} {number}"
        for _ in range(600):
            try:
                made = session.post("/organizations", json={"name": name}, headers={"Idempotency-Key": name}).json()
            except NoAnswer:
                time.sleep(0.2)
            except ServerRefused as refusal:
                if refusal.status not in (409, 503):
                    raise
                time.sleep(0.2)
            else:
                break
        else:
            raise SystemExit(f"{name} was never answered")
        print(made["id"], flush=True)
        time.sleep(float(sys.argv[3]))
"""
"""The same over HTTP; what was not answered is sent again with the same key, and must not be done twice."""


class Office:
    """A database and everybody who works on it; whoever is killed is replaced."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.folder, self.url = cluster, folder, cluster.create_held("office")
        self.key = SigningKey(secrets.token_bytes(32))
        save_key(self.key, folder / "key.pem")
        self.checkpoints: list[str] = []
        self.writers = 0
        command = [str(Path(sys.executable).parent / "clearinghouse"), "ledger"]
        there = ["--database", self.url]
        state = ["--key", str(folder / "key.pem"), "--state", str(folder / "state"), "--to", str(folder / "public")]
        self.duties = {
            "worker 1": [sys.executable, "-m", "tests.work.units", self.url, "0.01", "6"],
            "worker 2": [sys.executable, "-m", "tests.work.units", self.url, "0.01", "6"],
            "sequencer": [*command, "sequence", *there, "--every", "0.1"],
            "signer": [*command, "sign", *there, *state, "--every", "0.3"],
        }
        self.staff: dict[str, subprocess.Popen[bytes]] = {}
        subprocess.run([*command, "sequence", *there], check=True, capture_output=True)
        (self.token,) = tokens(self.url, ["administrator"], scope="parties")
        self.web = Web(self.url, folder, self._ours())
        self.web.wait()
        self.told = [folder / "told 0", folder / "told 1"]

    def hire(self) -> None:
        """Start whoever is missing."""
        if self.web.process.poll() is not None:
            self.web.start()
        self.staff["web"] = self.web.process
        for name, argv in self.duties.items():
            if name not in self.staff or self.staff[name].poll() is not None:
                self.staff[name] = self._start(argv, subprocess.DEVNULL)
        for number, told in enumerate(self.told):
            name = f"writer {number}"
            if name not in self.staff or self.staff[name].poll() is not None:
                self.writers += 1
                with told.open("ab") as out:
                    program, place = (CLIENT, self.web.address) if number else (WRITER, self.url)
                    argv = [sys.executable, "-c", program, place, str(self.writers), "0.02"]
                    self.staff[name] = self._start(argv, out)

    def _start(self, argv: list[str], out: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
        environment = {**os.environ, **self._ours(), "CLEARINGHOUSE_TOKEN": self.token}  # noqa: TID251 - for a child
        with (self.folder / "errors").open("ab") as errors:
            return subprocess.Popen(argv, stdout=out, stderr=errors, cwd=ROOT, env=environment)

    def _ours(self) -> dict[str, str]:
        return {"CLEARINGHOUSE_HOME": str(self.folder), "CLEARINGHOUSE_ORIGIN": ORIGIN}

    def kill(self, name: str) -> None:
        """Kill -9."""
        self.staff[name].kill()
        self.staff[name].wait()

    def look(self) -> None:
        """Keep the checkpoint that is published now, for the end."""
        try:
            note = (self.folder / "public" / "checkpoint").read_text("utf-8")
        except FileNotFoundError:
            return
        if not self.checkpoints or self.checkpoints[-1] != note:
            self.checkpoints.append(note)

    def ask(self, statement: str) -> int:
        """Return the number that the database says."""
        return int(self.cluster.execute(statement, database="office"))

    def drained(self) -> bool:
        """Say whether there is nothing left to do."""
        return not self.ask(
            "SELECT (SELECT count(*) FROM parties_organization WHERE name LIKE 'unit %')"
            " + (SELECT count(*) FROM ledger_outbox) + (SELECT count(*) FROM procrastinate_jobs)"
        )


def main(options: Options) -> int:
    """Kill so often, crash the database so often, then count."""
    seed = secrets.randbelow(1 << 32) if options.seed is None else options.seed
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    print(f"seed {seed}: {options.kills} kills, {options.crashes} crashes of PostgreSQL", flush=True)
    try:
        with a_cluster({}) as cluster, tempfile.TemporaryDirectory() as folder:
            return _run(Office(cluster, Path(folder)), options, chance)
    except NoPostgresql as missing:
        print(f"skipped: {missing}")
        return 0


def _run(office: Office, options: Options, chance: random.Random) -> int:
    moments = ["kill"] * options.kills + ["crash"] * options.crashes
    chance.shuffle(moments)
    office.hire()
    until = time.monotonic() + LONGEST_START_SECONDS
    while not office.checkpoints and time.monotonic() < until:
        time.sleep(0.5)
        office.look()
    for what in moments:
        time.sleep(chance.uniform(0.1, 3.0))
        office.look()
        if what == "crash":
            office.cluster.stop("immediate")
            office.cluster.start()
        else:
            office.kill(chance.choice(sorted(office.staff)))
        office.hire()
    for name in [one for one in office.staff if one.startswith("writer")]:
        office.kill(name)
    drained, seconds = _drain(office)
    office.look()
    for name in list(office.staff):
        office.kill(name)
    return _count(office, drained=drained, seconds=seconds)


def _drain(office: Office) -> tuple[bool, float]:
    began = time.monotonic()
    while not (drained := office.drained()) and time.monotonic() - began < LONGEST_DRAIN_SECONDS:
        time.sleep(0.5)
    seconds = time.monotonic() - began
    time.sleep(2)  # the signer's next turn
    return drained, seconds


def _count(office: Office, *, drained: bool, seconds: float) -> int:
    told = [line for file in office.told for line in file.read_text("utf-8").split("\n")[:-1]]
    office.cluster.execute("CREATE TABLE told (id uuid)", database="office")
    for first in range(0, len(told), 1000):
        values = ",".join(f"('{one}')" for one in told[first : first + 1000])
        office.cluster.execute(f"INSERT INTO told VALUES {values}", database="office")  # noqa: S608 - ids we made
    lost = office.ask(
        "SELECT count(*) FROM told WHERE NOT EXISTS (SELECT FROM ledger_event e JOIN ledger_entry n"
        " ON n.event_id = e.id WHERE e.subject = told.id::text AND e.verb = 'parties:organization:found')"
    )
    naked = office.ask(
        "SELECT (SELECT count(*) FROM parties_organization o WHERE NOT EXISTS (SELECT FROM ledger_event"
        " WHERE subject = o.id::text)) + (SELECT count(*) FROM ledger_event e WHERE NOT EXISTS"
        " (SELECT FROM ledger_entry WHERE event_id = e.id))"
    )
    twice = office.ask("SELECT count(*) FROM (SELECT FROM ledger_event GROUP BY subject, verb HAVING count(*) > 1) d")
    anew = office.ask(
        "SELECT count(*) FROM (SELECT FROM ledger_event CROSS JOIN LATERAL"
        " (SELECT convert_from(body, 'UTF8')::json #>> '{details,name}' AS name) said"
        " WHERE verb = 'parties:organization:found' AND name LIKE 'unit %' GROUP BY name HAVING count(*) > 1) d"
    )
    settled = office.ask("SELECT count(*) FROM ledger_event WHERE verb = 'parties:organization:settle'")
    given_up = office.ask("SELECT count(*) FROM work_failure")
    faults = _faults(office)
    errors = (office.folder / "errors").read_text("utf-8", "replace")
    unanswered = [line for line in errors.splitlines() if line.endswith("was never answered")]
    print(
        f"acknowledged acts {len(told)}, lost {lost}; acts or rows without their other half {naked}; "
        f"effects twice {twice} of {settled}; done again when sent again {anew}; given up {given_up}; "
        f"drained: {drained} after {seconds:.0f} s; checkpoints {len(office.checkpoints)}; "
        f"audit: {faults or 'holds together'}"
    )
    return 1 if lost or naked or twice or anew or unanswered or faults or not drained or not told or not settled else 0


def _faults(office: Office) -> str:
    """Return what the audit says, from the first and the last checkpoint that was seen too."""
    key = NoteKey(ORIGIN, office.key.public)
    sizes = [read_checkpoint(open_note(note, key=key)).size for note in office.checkpoints]
    if not sizes or sizes != sorted(sizes):
        return f"checkpoints of sizes {sizes}"
    for note in (office.checkpoints[0], office.checkpoints[len(sizes) // 2], office.checkpoints[-1]):
        (office.folder / "since.note").write_text(note, "utf-8")
        argv = [str(Path(sys.executable).parent / "clearinghouse"), "ledger", "verify", "--database", office.url]
        argv += ["--since", str(office.folder / "since.note"), "--key", str(office.folder / "key.pem.pub")]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr[-500:]
    return ""
