"""Who meets whom, by looking at every single thing: shares no code with targets, globs, ranges or the index.

Scans are of a small world, in which everything can be listed: packages built from folders of repositories, versions,
files, hours. A scan is the set of what it touches; two meet where these sets have something in common.
"""

from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

FILES: Final = ("lib/a.c", "lib/b.c", "lib/deep/a.c", "test/a.c")
VERSIONS: Final = (5, 10, 15, 20, 25, 30, 35)
"""In tenths: between two that are named lies one more, and so before the first and after the last."""
PATTERNS: Final = {
    "": FILES,
    "lib": FILES[:3],
    "lib/*.c": FILES[:2],
    "**/a.c": (FILES[0], FILES[2], FILES[3]),
    "lib/deep": FILES[2:3],
    "test/?.c": FILES[3:],
}
RANGES: Final = {
    "": VERSIONS,
    "<=2": (5, 10, 15, 20),
    ">2": (25, 30, 35),
    "2": (20,),
    "!=2": (5, 10, 15, 25, 30, 35),
    ">=1|<3": (10, 15, 20, 25),
}
PACKAGES: Final = ("x-one", "x-two", "y")
NAMED: Final = {**{name: (name,) for name in PACKAGES}, "x-*": ("x-one", "x-two")}
TECHNIQUES: Final = ("fuzzing", "symbolic-execution", "static-analysis", "ai-code-review")
_RIVALS: Final = ({"fuzzing", "symbolic-execution"}, {"static-analysis", "ai-code-review"})
HOURS: Final = 12


@dataclass(frozen=True)
class Wanted:
    """A scan in the words of the small world."""

    name: str
    versions: str
    files: str
    technique: str
    starts: int
    ends: int

    def touches(self) -> frozenset[tuple[str, int, str]]:
        """Return every file of every version of every package that it touches."""
        return frozenset(product(NAMED[self.name], RANGES[self.versions], PATTERNS[self.files]))

    def hours(self) -> frozenset[int]:
        """Return every hour in which it runs."""
        return frozenset(range(self.starts, self.ends))

    def plain(self, world: str) -> dict[str, str]:
        """Return its target as the clearinghouse takes it, in a world of its own."""
        package = f"pkg:pypi/{world}-{self.name}"
        said = {"kind": "software", "package": package, "paths": self.files}
        if self.versions:
            parts = "|".join(f"{part}.0" for part in self.versions.split("|"))
            said["versions"] = f"vers:pypi/{parts}"
        return {name: value for name, value in said.items() if value}


def must_know(one: Wanted, other: Wanted) -> bool:
    """Say whether of two scans that stand together one has to know of the other."""
    rivals = any({one.technique, other.technique} <= each for each in _RIVALS)
    return rivals and bool(one.hours() & other.hours()) and bool(one.touches() & other.touches())


def a_wish(chance: Random) -> Wanted:
    """Return a random scan; most are of one package and one technique, so that many meet."""
    starts = chance.randrange(HOURS - 1)
    return Wanted(
        name=chance.choice(("x-one", "x-one", "x-*", *NAMED)),
        versions=chance.choice(("", *RANGES)),
        files=chance.choice(("", *PATTERNS)),
        technique=chance.choice(("fuzzing", "fuzzing", *TECHNIQUES)),
        starts=starts,
        ends=chance.randrange(starts + 1, HOURS + 1),
    )
