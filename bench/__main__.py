"""``script/bench NAME…``: measures and prints; ``docs/reference/benchmarks.md`` keeps what was found."""

import importlib
import sys

BENCHES = {
    "outcomes": "expected outcomes on examples/reports, three runs in a row, then with two jobs",
    "ranges": "affected ranges by search against every release run",
    "kill": "kill -9 at random moments, resume: same index.json, no orphans, no ledger faults",
    "csaf": "mandatory tests of the foreign CSAF validator on what was written",
    "overhead": "clearing against the sum of bare runs; a fresh sandbox against none",
    "startup": "clearinghouse --help against importing click",
}


def main() -> int:
    """Run the named benches, or all of them."""
    names = [one for one in sys.argv[1:] if not one.startswith("-")] or list(BENCHES)
    unknown = [one for one in names if one not in BENCHES]
    if unknown:
        print(f"no bench {unknown[0]!r}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names:
        print(f"== {name}: {BENCHES[name]}", flush=True)
        failed += importlib.import_module(f"bench.{name}").main()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
