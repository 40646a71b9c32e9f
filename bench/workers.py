"""The whole path of a worker on PostgreSQL against the same judging without a database, and two workers against one.

Path: reports handed in, read, judged, searched through their releases, their patches checked, joined into cases.
Without a database the same reports are judged, searched and checked in as many plain processes. Both count runs a
second: those that the judge keeps, over the time from the handing in (or the first report) to the last settled one.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench.clearings import REPOSITORY
from bench.corpus import the_lab
from bench.expected import expected_in
from bench.options import Options
from clearinghouse.commands.attempt import read_subject
from clearinghouse.validation.affected import affected_range
from clearinghouse.validation.controls.notes import TIMED
from clearinghouse.validation.judge import judge
from clearinghouse.validation.lab import Forgetful
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.rules import FindingOutcome, Run
from tests.cluster import Cluster, NoPostgresql, a_cluster

EXAMPLES = REPOSITORY / "examples"
PATH_GOAL = 0.7
SCALING_GOAL = 0.85
ROUNDS = 3
LONGEST_SECONDS = 1200.0
LOOK_SECONDS = 0.1
HAND_IN = """
import secrets, sys
from datetime import UTC, datetime
from pathlib import Path
from clearinghouse.commands.django import start
start(sys.argv[1])
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.findings.archives import packed
from clearinghouse.findings.folders import read_folder
from clearinghouse.findings.receipts import RECEIPT_LENGTH, receipt_from
from clearinghouse.findings.submissions import hand_in
from clearinghouse.parties.actions import local_actor
actor = local_actor(at=datetime.now(UTC))
found = {Path(one).name: packed(read_folder(Path(one))) for one in sys.argv[2:]}
print("ready", flush=True)
sys.stdin.readline()
for name, data in found.items():
    receipt = receipt_from(secrets.token_bytes(RECEIPT_LENGTH))
    hand_in(data, name=name, receipt=receipt, artefacts=the_artefacts(), actor=actor, at=datetime.now(UTC))
"""
LEFT = """
SELECT (SELECT count(*) FROM findings_submission WHERE state = 'queued')
 + (SELECT count(*) FROM findings_finding WHERE state IN ('taken-in', 'judged'))
 + (SELECT count(*) FROM procrastinate_jobs) + (SELECT %d - count(*) FROM findings_submission)
"""


class MemoryOfOne(Forgetful):
    """Counts the runs that it keeps."""

    kept = 0

    def keep(self, key: str, run: Run) -> Run:
        """Keep a run."""
        self.kept += 1
        return super().keep(key, run)


def main(options: Options) -> int:
    """Measure both ratios, a round after the other; one that misses its goal is told, and fails nothing."""
    reports = _reports(options.only)
    print(f"{len(reports)} reports: {', '.join(one.name for one in reports)}", flush=True)
    try:
        with a_cluster({}) as cluster, tempfile.TemporaryDirectory() as folder:
            return _measured(cluster, Path(folder), reports)
    except NoPostgresql as missing:
        print(f"skipped: {missing}")
        return 0


def _reports(only: Sequence[str]) -> list[Path]:
    """Return the folders of honest reports, one of each package, none with a proof that is timed: limits hide costs."""
    found: dict[str, Path] = {}
    for name, said in expected_in(EXAMPLES).items():
        folder = EXAMPLES / "reports" / name
        wanted = not only or any(word in name for word in only)
        if not (wanted and said.get("outcome") == "validated" and folder.is_dir()):
            continue
        subject = read_subject(folder)
        if not any(one.detector in TIMED for one in subject.proofs):
            found.setdefault(subject.package, folder)
    return list(found.values())


def _measured(cluster: Cluster, folder: Path, reports: Sequence[Path]) -> int:
    _bare(reports, os.cpu_count() or 1)  # so that whatever is fetched and built lies ready
    rates: dict[tuple[str, int], list[float]] = {}
    failed = 0
    for number in range(ROUNDS):
        for count in (1, 2):
            for how in ("without", "with"):
                if how == "without":
                    runs, seconds = _bare(reports, count)
                else:
                    runs, seconds, unsettled = _worked(cluster, folder / f"{number}-{count}", reports, count)
                    failed += unsettled
                rates.setdefault((how, count), []).append(runs / seconds)
                print(f"  {how} a database, {count} at once: {runs} runs in {seconds:.1f} s", flush=True)
    middle = {key: statistics.median(found) for key, found in rates.items()}
    path = middle["with", 1] / middle["without", 1]
    scaling = (middle["with", 2] / middle["with", 1]) / (middle["without", 2] / middle["without", 1])
    print(
        f"runs a second: {middle['without', 1]:.2f} without a database, {middle['with', 1]:.2f} by a worker: "
        f"{path:.2f} (goal {PATH_GOAL}); two: {middle['without', 2]:.2f} and {middle['with', 2]:.2f}, "
        f"scaling of workers ÷ of loops {scaling:.2f} (goal {SCALING_GOAL}); left unsettled {failed}"
    )
    return 1 if failed else 0


def _bare(reports: Sequence[Path], count: int) -> tuple[int, float]:
    """Return how many runs so many processes made, and in how many seconds, from the first report on."""
    with ProcessPoolExecutor(count) as pool:
        list(pool.map(_awake, range(count)))
        began = time.monotonic()
        runs = sum(pool.map(_whole, reports))
        return runs, time.monotonic() - began


def _awake(_: int) -> None:
    the_lab()
    time.sleep(1)  # so that each process takes one


def _whole(report: Path) -> int:
    """Judge one report whole, and return how many runs were kept."""
    subject, memory = read_subject(report), MemoryOfOne()
    judged = judge(subject, the_lab(), memory=memory)
    if judged.judgement.outcome is FindingOutcome.VALIDATED:
        affected_range(subject, judged, the_lab(), memory=memory)
        for patch in subject.patches:
            check_patch(patch, subject, judged, the_lab(), memory=memory)
    return memory.kept


def _worked(cluster: Cluster, folder: Path, reports: Sequence[Path], count: int) -> tuple[int, float, int]:
    """Return runs, seconds and what was left, by so many workers on a new database."""
    from clearinghouse.config import settings

    folder.mkdir()
    name = f"works_{folder.name.replace('-', '_')}"
    url = cluster.create_held(name)
    ours = {"CLEARINGHOUSE_HOME": str(folder), "CLEARINGHOUSE_CACHE": str(settings.CLEARINGHOUSE_CACHE)}
    environment = {**os.environ, **ours}  # noqa: TID251 - for children
    command = str(Path(sys.executable).parent / "clearinghouse")
    subprocess.run([command, "ledger", "sequence", "--database", url], check=True, capture_output=True, env=environment)

    def asked(statement: str) -> int:
        return int(cluster.execute(statement, database=name))

    with ExitStack() as held, (folder / "errors").open("ab") as errors:
        for _ in range(count):
            argv = [command, "worker", "--database", url, "--concurrency", "1"]
            held.callback(_end, subprocess.Popen(argv, stdout=errors, stderr=errors, env=environment))
        argv = [sys.executable, "-c", HAND_IN, url, *map(str, reports)]
        giver = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)
        held.callback(_end, giver)
        assert giver.stdout is not None  # noqa: S101 - it is a pipe
        giver.stdout.readline()
        while asked("SELECT count(*) FROM procrastinate_workers") < count:
            time.sleep(LOOK_SECONDS)
        began = time.monotonic()
        giver.communicate("now\n")
        if giver.returncode:
            raise RuntimeError(f"the reports could not be handed in; see {folder / 'errors'}")
        while (left := asked(LEFT % len(reports))) and time.monotonic() - began < LONGEST_SECONDS:
            time.sleep(LOOK_SECONDS)
        return asked("SELECT count(*) FROM validation_storedrun"), time.monotonic() - began, left


def _end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait()
