"""The affected releases by search against those by running every release, on every validated finding of the corpus."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.clearings import WORK, clear
from bench.options import Options
from clearinghouse.validation.ranges import budget


def ranges_in(out: str) -> dict[str, list[dict[str, Any]]]:
    """Return what a clearing found per finding, read from its database."""
    from clearinghouse.commands.django import start

    start(Path(out))
    from clearinghouse.validation.models import Validation

    rows = Validation.objects.filter(ranges__isnull=False).select_related("finding").order_by("finding__key")
    return {f"{row.finding.finder} {row.finding.finder_ref}": row.ranges["lines"] for row in rows if row.ranges}


def main(options: Options) -> int:  # noqa: ARG001 - every bench is started alike
    """Compare; no release may be judged otherwise, and no line may take more probes than its budget.

    What the search infers from its neighbours but cannot be run at all is counted apart: no run contradicts it.
    """
    searched, exhaustive = WORK / "ranges" / "searched", WORK / "ranges" / "exhaustive"
    shutil.rmtree(WORK / "ranges", ignore_errors=True)
    clear(searched, "--jobs", "2")
    clear(exhaustive, "--jobs", "2", "--exhaustive")
    found = _in_process(searched)
    truth = _in_process(exhaustive)
    misjudged, unrunnable, over, releases, events = 0, 0, 0, 0, 0
    for name, lines in truth.items():
        for line, other in zip(lines, found[name], strict=True):
            releases += len(line["results"])
            over += other["probes"] > budget(len(other["results"]))
            events += line["events"] != other["events"]
            for want, got in zip(line["results"], other["results"], strict=True):
                if want["status"] == got["status"]:
                    continue
                inferred = want["status"] == "not-run" and got["how"] == "inferred"
                unrunnable += inferred
                misjudged += not inferred
                print(f"  {name} {want['version']}: {got['status']} ({got['how']}), but run it is {want['status']}")
    print(
        f"{len(truth)} findings, {releases} releases: {misjudged} misjudged, {events} lines with other borders; "
        f"{unrunnable} inferred that cannot be run; {over} lines over their budget"
    )
    return 1 if misjudged or events or over or set(found) != set(truth) else 0


def _in_process(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Read a clearing's ranges in a process of its own: Django is set up once per process, for one database."""
    code = "import json, sys; from bench.ranges import ranges_in; print(json.dumps(ranges_in(sys.argv[1])))"
    ended = subprocess.run([sys.executable, "-c", code, str(out)], capture_output=True, text=True, check=True)
    result: dict[str, list[dict[str, Any]]] = json.loads(ended.stdout)
    return result
