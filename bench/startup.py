"""How long the command takes to answer ``--help``, against importing click alone."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.options import Options

ROUNDS = 15
GOAL = 4.0


def _seconds(*argv: str) -> float:
    began = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main(options: Options) -> int:  # noqa: ARG001 - every bench is started alike
    """Print the ratio of medians; reported, not a gate."""
    program = str(Path(sys.executable).parent / "clearinghouse")
    pairs = [(_seconds(program, "--help"), _seconds(sys.executable, "-c", "import click")) for _ in range(ROUNDS)]
    ours, bare = (statistics.median(one) for one in zip(*pairs, strict=True))
    print(f"--help {ours * 1000:.0f} ms, import click {bare * 1000:.0f} ms, ratio {ours / bare:.2f} (goal {GOAL:g})")
    return 0
