"""What the command line of ``script/bench`` may say."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options of all benches; each reads those that concern it."""

    names: tuple[str, ...] = ()
    clearing: Path | None = None
    wall_seconds: float | None = None
    jobs: int = 2
    repeats: int = 15
    sample: int = 60
    runs: int | None = None
    seed: int | None = None
    cold: bool = False
    passes: int = 0
    keep: Path | None = None
    only: tuple[str, ...] = ()
    entries: int = 1_000_000
    kills: int = 300
    crashes: int = 20
    requests: int | None = None
    postgresql: bool = False


def options_from(arguments: list[str], benches: dict[str, str]) -> Options:
    """Return what ``arguments`` say; ends the program with its usage where they say something else."""
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures and prints; docs/reference/benchmarks.md keeps what was found.",
        epilog="\n".join(f"{name:10} {what}" for name, what in benches.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="benches to run; all when none is named")
    parser.add_argument("--clearing", type=Path, help="csaf, overhead: output folder of a finished clearing")
    parser.add_argument(
        "--wall", type=float, dest="wall_seconds", help="overhead: seconds that clearing took; load: so long each (20)"
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        help="overhead: its jobs; fuzz, validation: so many at a time (all cores)",
    )
    parser.add_argument("--repeats", type=int, default=15, help="overhead: rounds of with and without a sandbox (15)")
    parser.add_argument("--sample", type=int, default=60, help="overhead: stored runs that are made again (60)")
    parser.add_argument("--runs", type=int, help="fuzz: executions of each target (100000); benign: runs (1000)")
    parser.add_argument("--seed", type=int, help="kill, overhead, benign, server, foe: seed of the random choices")
    parser.add_argument("--cold", action="store_true", help="demo: from nothing instead of with releases cached")
    parser.add_argument("--passes", type=int, default=0, help="validation: judge all so often again, under load")
    parser.add_argument("--keep", type=Path, help="validation: folder of whole passes, to go on after them")
    parser.add_argument("--entries", type=int, default=1_000_000, help="ledger, foe: so many entries (1000000)")
    parser.add_argument("--kills", type=int, default=300, help="server: kill -9 so often (300)")
    parser.add_argument("--crashes", type=int, default=20, help="server: crash PostgreSQL so often (20)")
    parser.add_argument(
        "--requests",
        type=int,
        help="worlds: of each outsider (5000); attacks: of each role (10000)",
    )
    parser.add_argument("--postgresql", action="store_true", help="worlds: on PostgreSQL instead of SQLite")
    parser.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="WORD",
        help="validation, benign: reports with it; deconfliction: parts; attacks: which",
    )
    said = parser.parse_intermixed_args(arguments)
    unknown = [one for one in said.names if one not in benches]
    if unknown:
        parser.error(f"no bench {unknown[0]!r}; there are: {', '.join(benches)}")
    return Options(**{**vars(said), "names": tuple(said.names), "only": tuple(said.only)})
