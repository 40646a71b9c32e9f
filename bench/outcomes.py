"""Expected outcomes on ``examples/reports``: three clearings in a row, then one with two jobs."""

import json
import shutil

from bench.clearings import EXAMPLES, WORK, clear
from bench.expected import differences, expected_in
from bench.options import Options


def main(options: Options) -> int:  # noqa: ARG001 - every bench is started alike
    """Clear anew each time, releases cached; every report must end as expected and every index be the same bytes."""
    expected, bad, indexes = expected_in(EXAMPLES), 0, set()
    for number, jobs in enumerate(("1", "1", "1", "2"), 1):
        out = WORK / "outcomes" / str(number)
        shutil.rmtree(out, ignore_errors=True)
        seconds = clear(out, "--jobs", jobs)
        raw = (out / "index.json").read_bytes()
        indexes.add(raw)
        found = differences(json.loads(raw), expected)
        bad += len(found)
        print(
            f"run {number}, {jobs} job(s): {seconds:.0f} s, {len(expected)} reports, {len(found)} not as expected",
            flush=True,
        )
        for one in found:
            print(f"  {one}")
    print(f"{len(indexes)} different index.json over all runs")
    return 1 if bad or len(indexes) > 1 else 0
