"""What the observer outside costs: the same job in a fresh sandbox with and without it, by what it looks at, in turn.

Processor time, of the job, of ourselves and of the warden, in which the observer lives, tells more than wall time on a
machine that others use too.
"""

import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from bench.options import Options
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Runtime
from clearinghouse.sandbox.profile import Job, Kind, Mount, Watching
from clearinghouse.sandbox.select import sandbox_for

JOBS: Mapping[str, str] = {
    "python -c pass": "pass",
    "imports of a common proof": "import asyncio, http.client, json, logging, unittest, zipfile",
    "starts 20 programs": "import os\nfor _ in range(20): os.system('true')",
}
LOOKS: Mapping[str, tuple[Kind, ...]] = {
    "nobody": (),
    "command-execution": (Kind.EXEC,),
    "file-write": (Kind.WRITES,),
    "file-read": (Kind.READS,),
    "network": (Kind.NETWORK,),
}


def main(options: Options) -> int:
    """Print medians and least times; reported, not a gate."""
    from clearinghouse.config import settings

    python = Interpreters(settings.CLEARINGHOUSE_CACHE).own(Runtime.PYTHON)
    sandbox = sandbox_for()
    for name, code in JOBS.items():
        seconds: dict[str, list[float]] = {one: [] for one in LOOKS}
        used: dict[str, list[float]] = {one: [] for one in LOOKS}
        looked = dict.fromkeys(LOOKS, 0)
        for _ in range(options.repeats + 1):
            for look, kinds in LOOKS.items():
                watching = Watching(frozenset(kinds), "k3jx9w2m4q", "/job/zone-k3jx9w2m4q") if kinds else None
                mounts = (Mount(python.root, python.inside_root),)
                job = Job(argv=(python.program, "-I", "-S", "-c", code), mounts=mounts, watching=watching)
                began, spent = time.monotonic(), _processor_seconds()
                ended = sandbox.run(job)
                seconds[look].append(time.monotonic() - began)
                used[look].append(_processor_seconds() - spent + ended.cpu_seconds)
                if ended.exit_code != 0 or (ended.observed and ended.observed.why):
                    raise RuntimeError(f"{name} does not run: {ended.stderr!r} {ended.observed}")
                looked[look] = ended.observed.looked if ended.observed else 0
        for look in LOOKS:
            wall, processor = _medians(seconds, look), _medians(used, look)
            print(
                f"{name}, looked at for {look} ({looked[look]} calls): wall {wall}, processor {processor}", flush=True
            )
    print(f"load average at the end {', '.join(f'{one:.1f}' for one in os.getloadavg())}")
    return 0


def _medians(found: Mapping[str, list[float]], look: str) -> str:
    """Return the median of one, and its ratio to that of a job nobody looks at; the first round does not count."""
    median, bare = (statistics.median(found[one][1:]) for one in (look, "nobody"))
    return f"{median * 1000:.1f} ms ({median / bare:.2f})"


def _processor_seconds() -> float:
    """Return what this process and its children that live (the warden is one) have used."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    spent = [int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) for pid in children]
    return time.process_time() + sum(spent) / 1e9
