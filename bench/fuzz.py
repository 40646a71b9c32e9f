"""Every parser of foreign bytes driven by coverage (atheris): nothing uncaught, nothing slow, nothing that eats memory.

What is found is kept under ``tests/fuzz/corpus`` by hand, once it is understood, and stays a test.
"""

import importlib.util
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.clearings import REPOSITORY, WORK
from bench.options import Options
from tests.fuzz.targets import TARGETS

HOURS_AT_MOST = 2
RUNS = 100_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How the fuzzing of one target ended."""

    name: str
    runs: int
    slowest_seconds: float
    """Processor time of the slowest execution."""
    growth_mib: float
    """By how much the process grew at most in one execution."""
    found: tuple[str, ...]
    said: str


def main(options: Options) -> int:
    """Print a line for each target; what was found fails."""
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: it has no wheel for this machine; tests/fuzz runs the targets without it")
        return 1
    folder, runs = WORK / "fuzz", options.runs or RUNS
    with ThreadPoolExecutor(options.jobs) as pool:
        ended = list(pool.map(lambda name: _told(_fuzzed(name, folder / name, runs)), TARGETS))
    bad = [one for one in ended if one.found or one.runs < runs]
    total = sum(one.runs for one in ended)
    print(f"{len(ended)} targets, {total} executions: {len(bad)} targets with something found")
    return 1 if bad else 0


def _told(ended: Ended) -> Ended:
    more = f"; found {', '.join(ended.found)}: {ended.said}" if ended.found else ""
    worst = f"slowest {ended.slowest_seconds:.2f} s, {ended.growth_mib:.0f} MiB"
    print(f"  {ended.name:16} {ended.runs:>8} executions, {worst}{more}", flush=True)
    return ended


def _fuzzed(name: str, folder: Path, runs: int) -> Ended:
    """Fuzz one target in a process of its own; its corpus stays for the next time."""
    corpus, found = folder / "corpus", folder / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    argv = (
        *(sys.executable, "-m", "bench.fuzzing", name, str(folder)),
        *(f"-runs={runs}", "-timeout=60", "-rss_limit_mb=2048", "-max_len=65536"),
        *(f"-artifact_prefix={found}/", "-print_final_stats=1", "-close_fd_mask=1"),
    )
    before = {one.name for one in found.iterdir()}
    process = subprocess.run(
        argv,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=HOURS_AT_MOST * 3600,
        check=False,
    )
    said = process.stderr
    new = tuple(sorted({one.name for one in found.iterdir()} - before)) or (
        (f"exit code {process.returncode}",) * bool(process.returncode)
    )
    executed = re.search(r"stat::number_of_executed_units:\s+(\d+)", said)
    worst = json.loads((folder / "worst.json").read_text()) if executed else {"seconds": 0.0, "mib": 0.0}
    return Ended(name, int(executed[1]) if executed else 0, worst["seconds"], worst["mib"], new, _fault_in(said))


def _fault_in(said: str) -> str:
    """Return the line that names the exception, or the last one."""
    lines = [one.strip() for one in said.splitlines() if one.strip()]
    named = [one for one in lines if re.match(r"[\w.]*(?:Error|Exception|Warning)\b", one)]
    return (named or lines or [""])[-1][:200]
