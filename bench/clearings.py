"""Clearings of the example corpus as processes of their own."""

import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
EXAMPLES = REPOSITORY / "examples"
WORK = REPOSITORY / "build" / "bench"


def command(out: Path, *options: str, reports: Path = EXAMPLES / "reports") -> list[str]:
    """Return the command line of a clearing into ``out``."""
    program = Path(sys.executable).parent / "clearinghouse"
    return [str(program), "clear", str(reports), "--out", str(out), "--feeds", str(EXAMPLES / "feeds"), *options]


def clear(out: Path, *options: str) -> float:
    """Clear the corpus into ``out`` and return the seconds it took.

    Raises:
        RuntimeError: the clearing ended with another code than 0 or 3.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    ended = subprocess.run(command(out, *options), capture_output=True, text=True, check=False)
    if ended.returncode not in (0, 3):
        raise RuntimeError(f"clear ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return time.monotonic() - began


def finished(named: Path | None = None) -> Path:
    """Return the output folder of the finished clearing that was named; else the demo's, else the newest of a bench.

    Raises:
        FileNotFoundError: there is none.
    """
    demo = REPOSITORY / "demo-out"
    if named or _is_finished(demo):
        found = [named or demo]
    else:
        found = sorted(WORK.glob("*/*/"), key=lambda one: one.stat().st_mtime, reverse=True)
    for one in found:
        if _is_finished(one):
            return one
    where = named or "demo-out or build/bench"
    raise FileNotFoundError(f"no finished clearing in {where}; `script/demo` or `script/bench outcomes` makes one")


def _is_finished(clearing: Path) -> bool:
    """Say whether what was written is of the clearing whose state lies beside it, not of the one before."""
    written, begun = clearing / "index.json", clearing / "state" / "clearinghouse.sqlite3.migrating"
    return written.is_file() and not (begun.is_file() and begun.stat().st_mtime > written.stat().st_mtime)
