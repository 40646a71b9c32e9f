"""The process that fuzzes one target: ``python -m bench.fuzzing TARGET FOLDER [libFuzzer options]``.

Time and memory are measured here, for each execution: processor time, and by how much the process grew at its peak.
"""

import json
import resource
import sys
import time
from pathlib import Path

import atheris  # type: ignore[import-untyped]

LIMIT_SECONDS = 2.0
LIMIT_MIB = 256


class TooMuchError(Exception):
    """One execution took more time or memory than any may."""


class Meter:
    """Measures executions, and keeps the worst in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.seconds, self.mib = 0.0, 0.0

    def measure(self, seconds: float, mib: float) -> None:
        """Take in one execution.

        Raises:
            TooMuchError: it passed a limit.
        """
        if seconds > self.seconds or mib > self.mib:
            self.seconds, self.mib = max(seconds, self.seconds), max(mib, self.mib)
            self._file.write_text(json.dumps({"seconds": self.seconds, "mib": self.mib}))
        if seconds > LIMIT_SECONDS or mib > LIMIT_MIB:
            raise TooMuchError(f"{seconds:.2f} s of processor time, {mib:.0f} MiB")


def peak_mib() -> float:
    """Return the largest size this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Drive one parser by coverage until its executions are spent or a fault is found."""
    with atheris.instrument_imports(include=["clearinghouse", "pypi_simple", "unidiff", "yaml"]):
        from tests.fuzz.targets import TARGETS
    target, folder = TARGETS[sys.argv[1]], Path(sys.argv[2])
    for seed in target.seeds():
        target.took(seed)  # what is loaded on first use is not an execution's
    meter = Meter(folder / "worst.json")

    def once(data: bytes) -> None:
        size, began = peak_mib(), time.process_time()
        target.took(data)
        meter.measure(time.process_time() - began, peak_mib() - size)

    atheris.Setup([sys.argv[0], str(folder / "corpus"), *sys.argv[3:]], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
