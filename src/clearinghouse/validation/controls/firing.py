"""How often a proof fires: what so many runs say of it, and how many more would settle it.

The rate is unknown between 0 and 1, each value as likely as the other; after ``fired`` of ``runs`` it follows a Beta
distribution with whole parameters, whose mass below a rate is a sum of binomials: exact, in whole numbers.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

LEVEL = Fraction(95, 100)
TAIL = (1 - LEVEL) / 2
SHOWS_ABOVE = Fraction(1, 2)
"""A proof that fired each time shows, once its rate surely lies above this: 5 of 5."""
NEVER_BELOW = Fraction(1, 3)
"""A proof that never fired never shows, once its rate surely lies below this: 0 of 9. A refusal asks for more."""
MOST_RUNS = 20
"""A rate near one half is never settled; then the interval is told as it is."""
BATCH = 4
_STEPS = 14


@dataclass(frozen=True, slots=True)
class Firing:
    """So many of so many runs fired; only runs that count."""

    fired: int
    runs: int

    def is_mixed(self) -> bool:
        """Say whether some runs fired and some did not."""
        return 0 < self.fired < self.runs

    def mass_below(self, rate: Fraction) -> Fraction:
        """Return how probable it is that the proof fires less often than ``rate``."""
        many = self.runs + 1
        hits = range(self.fired + 1, many + 1)
        return sum((comb(many, k) * rate**k * (1 - rate) ** (many - k) for k in hits), Fraction(0))

    def interval(self) -> tuple[float, float]:
        """Return the rates between which it lies with a probability of 95 %, the rest halved on both sides."""
        return float(self._quantile(TAIL)), float(self._quantile(1 - TAIL))

    def more(self) -> int:
        """Return how many more runs to make; 0 when it is settled, or when more would not settle it."""
        if self.is_settled() or self.runs >= MOST_RUNS:
            return 0
        if self.is_mixed():
            return min(BATCH, MOST_RUNS - self.runs)
        return next(n for n in range(1, MOST_RUNS) if self._alike(n).is_settled())

    def in_words(self) -> str:
        """Return it for people: ``3 of 9 runs, firing rate between 0.12 and 0.65 (95 %)``."""
        low, high = self.interval()
        return f"{self.fired} of {self.runs} runs, firing rate between {low:.2f} and {high:.2f} (95 %)"

    def is_settled(self) -> bool:
        """Say whether the interval lies wholly on one side of what is asked."""
        if self.fired == 0:
            return 1 - self.mass_below(NEVER_BELOW) <= TAIL
        below = self.mass_below(SHOWS_ABOVE)
        return below <= TAIL or (self.is_mixed() and 1 - below <= TAIL)

    def _alike(self, more: int) -> "Firing":
        return Firing(self.fired + (more if self.fired else 0), self.runs + more)

    def _quantile(self, mass: Fraction) -> Fraction:
        low, high = Fraction(0), Fraction(1)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.mass_below(middle) < mass else (low, middle)
        return (low + high) / 2
