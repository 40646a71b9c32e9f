"""``script/bench NAME…``: measures and prints; ``docs/reference/benchmarks.md`` keeps what was found."""

import importlib
import os
import sys

from bench.options import options_from

BENCHES = {
    "outcomes": "expected outcomes on examples/reports, three runs in a row, then with two jobs",
    "ranges": "affected ranges by search against every release run",
    "kill": "kill -9 at random moments, resume: same index.json, no orphans, no ledger faults",
    "csaf": "mandatory tests of the foreign CSAF validator on what was written",
    "demo": "script/demo judging all anew with releases cached; with --cold from nothing",
    "joins": "joining 100,000 planted findings over 2,000 targets: time, growth, precision and recall",
    "bundles": "evidence bundles that carry their releases, verified in an empty place offline; every flipped byte",
    "overhead": "clearing against the sum of bare runs; a fresh sandbox against none",
    "observer": "a fresh sandbox with the observer outside against one without",
    "standards": "purl, vers, CVSS and SARIF reference data",
    "validation": "honest and dishonest proofs and patches through the judge; with --passes under load",
    "benign": "harmless forms watched in the sandbox: hooks, recorder, observer and timing change and crash nothing",
    "fuzz": "every parser of foreign bytes under coverage-guided fuzzing",
    "ledger": "a million entries: cost of an act in its transaction, proofs, audit; on both databases",
    "server": "kill -9 of web, worker, sequencer, signer and crashes of PostgreSQL: nothing lost, nothing twice",
    "workers": "the whole path of a worker on PostgreSQL against judging without a database; two workers against one",
    "load": "many people at once, nine of ten reading: errors, times, rate against a bare view; both databases",
    "deconfliction": "writers race, are killed and crash: nobody unaware, nothing lost; hot cell, search, over HTTP",
    "foe": "a million standing scans known by source address, in process; the signed list of 100,000, offline",
    "attacks": "calls made up from OpenAPI, bombs over HTTP, the time of answers; --only calls, uploads or timing",
    "worlds": "the same server with and without a hidden case, asked the same by outsiders: every byte the same",
    "startup": "clearinghouse --help against importing click",
}


def main() -> int:
    """Run the named benches, or all of them."""
    options = options_from(sys.argv[1:], BENCHES)
    failed = 0
    for name in options.names or BENCHES:
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(f"== {name}: {BENCHES[name]} (load average {load})", flush=True)
        failed += importlib.import_module(f"bench.{name}").main(options)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
