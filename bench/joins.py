"""Joins against planted truth: time on one core, its growth with the number of findings, precision and recall.

*Pairwise* precision and recall: of all pairs of findings that end in one case, how many have one flaw; of all pairs
with one flaw, how many end in one case. A large case counts for more, as a wrong join in it costs more.

What is timed is what the rules do between the runs: choosing the trials of patches round by round, and joining once
all are answered. The trials themselves are answered from the truth. Processor time of this process is taken, for that
is what one core has to give; the machine may be busy with other things.
"""

import math
import time
from collections import Counter
from dataclasses import dataclass

from bench.options import Options
from bench.planted import Planted, planted
from clearinghouse.cases.rules.facts import Facts
from clearinghouse.cases.rules.joins import join
from clearinghouse.cases.rules.trials import trials_wanted, with_answer

SIZES = (1_000, 10_000, 30_000, 100_000)
GROWTH_FROM = 1
"""Which size growth is taken from: of the first one the largest package alone decides."""
A_PACKAGE = 50
"""Findings of one package in the mean: 100,000 over 2,000."""
GOAL_SECONDS, GOAL_SHARE, GOAL_EXPONENT = 60.0, 0.99, 1.15
SEED = 20261125


@dataclass(slots=True)
class Found:
    """What one size showed."""

    findings: int
    trial_seconds: float = 0.0
    join_seconds: float = 0.0
    trials: int = 0
    joined_right: int = 0
    joined: int = 0
    to_join: int = 0

    @property
    def precision(self) -> float:
        """Of the pairs in one case, the share with one flaw."""
        return self.joined_right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs with one flaw, the share in one case."""
        return self.joined_right / self.to_join if self.to_join else 1.0


def measured(findings: int, *, packages: int, seed: int) -> Found:
    """Return what joining that many planted findings takes and how well it does."""
    found = Found(findings)
    every: list[Facts] = []
    regions: dict[str, int] = {}
    flaw_of: dict[str, str] = {}
    for world in planted(seed, packages=packages, findings=findings):
        every += _tried(world, found).values()
        regions |= world.regions
        flaw_of |= world.flaw_of
    began = time.process_time()
    joining = join(every, regions=regions)
    found.join_seconds = time.process_time() - began
    cases = Counter({group.key: len(group.findings) for group in joining.groups})
    both = Counter((group.key, flaw_of[finding]) for group in joining.groups for finding in group.findings)
    found.joined, found.joined_right, found.to_join = _pairs(cases), _pairs(both), _pairs(Counter(flaw_of.values()))
    return found


def _tried(world: Planted, found: Found) -> dict[str, Facts]:
    """Return the facts of a package once every trial that is wanted was answered."""
    known = {one.finding: one for one in world.findings}
    while True:
        began = time.process_time()
        wanted = trials_wanted(known.values(), regions=world.regions)
        found.trial_seconds += time.process_time() - began
        if not wanted:
            return known
        found.trials += len(wanted)
        for one in wanted:
            answer = world.answers.answer(one.finding, one.patch)
            known[one.finding] = with_answer(known[one.finding], one.patch, stops=answer)


def _pairs(sizes: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def main(options: Options) -> int:
    """Measure each size; the largest must be joined in time and rightly, and time may grow little faster than size."""
    seed = SEED if options.seed is None else options.seed
    every = []
    for findings in SIZES:
        found = measured(findings, packages=findings // A_PACKAGE, seed=seed)
        every.append(found)
        print(
            f"{findings} findings over {findings // A_PACKAGE} targets: joined in {found.join_seconds:.1f} s, trials "
            f"chosen in {found.trial_seconds:.1f} s ({found.trials}, {found.trials / findings:.2f} a finding); "
            f"precision {found.precision:.4f}, recall {found.recall:.4f}",
            flush=True,
        )
    first, last = every[GROWTH_FROM], every[-1]
    exponents = {
        "joining": _exponent(first.findings, first.join_seconds, last.findings, last.join_seconds),
        "choosing trials": _exponent(first.findings, first.trial_seconds, last.findings, last.trial_seconds),
    }
    print("; ".join(f"{what} grows as n^{exponent:.2f}" for what, exponent in exponents.items()) + f" (seed {seed})")
    seconds = last.join_seconds + last.trial_seconds
    good = seconds <= GOAL_SECONDS and max(exponents.values()) <= GOAL_EXPONENT
    return 0 if good and min(last.precision, last.recall) >= GOAL_SHARE else 1


def _exponent(small: int, small_seconds: float, large: int, large_seconds: float) -> float:
    return math.log(large_seconds / small_seconds) / math.log(large / small)
