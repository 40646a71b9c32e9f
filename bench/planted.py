"""Findings whose true cases are known: packages, flaws, proofs and patches drawn from a seed, as the joiner sees them.

Nothing here knows how joining works. What is modelled, and where it was met:

- frames go missing (compiled code, tail calls) or are inlined in some releases; the state keeps the innermost three of
  what is left (ClusterFuzz keeps three; "fixed" was declared there because a symbol changed: oss-fuzz 5138, 7287);
- functions are renamed between releases, and finders prove their flaw on different releases;
- two flaws lie in one function, and one release often fixes two flaws, with one patch (oss-fuzz 8389, 3787: merged);
- one flaw shows by two ways through the code, with other frames, another sink, another detector (4786: split);
- finders word it differently: another place, a wider weakness, no identifier or a wrong one; they call other functions;
- a patch is the project's own or the finder's, narrow or broad, and stops all of a flaw or one of its ways only;
- ranges are equal, or cut short because a proof needs a younger function or a release cannot be run;
- a trial of a patch may not be possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from clearinghouse.cases.rules.facts import Facts, Place, place_of

MOST_FRAMES = 3
"""Of a crash state, as in validation/rules.py."""

DETECTORS = {
    "command-execution": ("os.system", "subprocess.Popen"),
    "code-execution": ("builtins.eval", "builtins.exec"),
    "file-read": ("builtins.open",),
    "file-write": ("builtins.open",),
    "network": ("socket.connect",),
    "growth": ("cpu",),
    "hang": ("hang",),
    "exception": ("exception",),
    "invariant": ("invariant",),
    "pollution": ("pollution",),
}
"""Detectors with the sinks that they see."""

ALSO_SEEN_AS = {
    "command-execution": "code-execution",
    "code-execution": "command-execution",
    "growth": "hang",
    "hang": "growth",
    "file-read": "invariant",
    "file-write": "invariant",
    "pollution": "invariant",
}
"""What another finder may prove of the same flaw."""

WEAKNESSES = ("deserialization", "injection", "path", "resources", "prototype", "signature", "input", "comparison")


@dataclass(frozen=True, slots=True)
class Chances:
    """How often each difficulty is met."""

    two_flaws_in_one_function: float = 0.15
    fixed_by_the_same_release: float = 0.35
    two_ways: float = 0.2
    another_detector: float = 0.12
    renamed: float = 0.12
    """A function, once in the life of the package."""
    inlined: float = 0.06
    """A function, from some release on."""
    frame_missing: float = 0.06
    """Of one proof."""
    with_patch: float = 0.5
    projects_patch: float = 0.4
    """Of the patches."""
    broad: float = 0.25
    """Of the finders' own; of the project's, those of a release that fixes two flaws."""
    one_way_only: float = 0.1
    """A finder's patch that stops one way and leaves the other."""
    symptom_only: float = 0.05
    """A finder's patch that passed its checks and yet stops some proofs of the flaw only."""
    stops_its_neighbour: float = 0.1
    """A patch of one flaw that stops another in the same function too."""
    no_trial: float = 0.03
    younger_proof: float = 0.12
    release_not_run: float = 0.03
    right_place: float = 0.6
    no_place: float = 0.2
    right_weakness: float = 0.75
    has_identifier: float = 0.4
    names_identifier: float = 0.6
    wrong_identifier: float = 0.02


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a flaw: functions by number, from the called one to the innermost, and what is seen there."""

    functions: tuple[int, ...]
    detector: str
    sink: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """A root cause with one fix."""

    name: str
    ways: tuple[Way, ...]
    introduced: int
    fixed: int
    weakness: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch and what it stops: (flaw, number of the way)."""

    digest: str
    regions: int
    stops: frozenset[tuple[str, int]]
    leaky: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What a trial of any patch on any proof would show; drawn when asked, for all together are too many to keep."""

    seed: int
    no_trial: float
    patches: Mapping[str, Patch]
    shown: Mapping[str, tuple[str, int]]
    """The flaw, and the way to it, that each proof shows."""
    own: Mapping[str, frozenset[str]]
    """The patches that came with each finding."""

    def answer(self, finding: str, patch: str) -> bool | None:
        """Return whether a patch stops a proof, or None when it cannot be tried; the same however often it is asked."""
        chance = Random(f"{self.seed} {finding} {patch}")  # noqa: S311 - drawn to be repeated
        if chance.random() < self.no_trial:
            return None
        known = self.patches[patch]
        if known.leaky and patch not in self.own[finding] and chance.random() < 0.5:  # noqa: PLR2004 - half of them
            return False
        return self.shown[finding] in known.stops


@dataclass(frozen=True, slots=True)
class Planted:
    """One package: its findings as the joiner sees them before any trial, and the truth."""

    findings: tuple[Facts, ...]
    flaw_of: Mapping[str, str]
    regions: Mapping[str, int]
    answers: "Answers"


@dataclass(slots=True)
class _Code:
    """The functions of one package through its releases."""

    releases: int
    names: list[str] = field(default_factory=list)
    renamed_at: dict[int, int] = field(default_factory=dict)
    inlined_from: dict[int, int] = field(default_factory=dict)

    def name(self, function: int, release: int) -> str:
        """Return what a function is called in a release."""
        moved = release >= self.renamed_at.get(function, self.releases)
        return f"{self.names[function]}_v2" if moved else self.names[function]

    def frames(self, functions: Sequence[int], release: int) -> list[str]:
        """Return the names on the stack, innermost first, without what is inlined in this release."""
        seen = [one for one in functions if release < self.inlined_from.get(one, self.releases)]
        return [self.name(one, release) for one in reversed(seen)]


def planted(seed: int, *, packages: int, findings: int, chances: Chances = Chances()) -> Iterator[Planted]:
    """Yield that many packages with that many findings in all; the same seed plants the same.

    Packages differ in size: some are looked at by many, most by few.
    """
    chance = Random(seed)  # noqa: S311 - drawn to be repeated
    weights = [chance.paretovariate(1.6) for _ in range(packages)]
    total = sum(weights)
    left = findings
    for number, weight in enumerate(weights):
        rest = packages - number - 1
        share = min(max(1, round(findings * weight / total)), left - rest) if rest else left
        left -= share
        yield _package(Random(f"{seed} {number}"), f"pkg:pypi/planted-{number}", share, chances)  # noqa: S311


def _package(chance: Random, package: str, count: int, chances: Chances) -> Planted:
    code = _code(chance, chances)
    flaws = _flaws(chance, package, code, max(1, min(12, round(count**0.5 * chance.uniform(0.5, 1.5)))), chances)
    popular = [chance.paretovariate(1.2) for _ in flaws]
    projects = _projects_patches(chance, flaws, chances)
    found: list[Facts] = []
    shown: dict[str, tuple[str, int]] = {}
    patches: dict[str, Patch] = {}
    for _ in range(count):
        flaw = chance.choices(flaws, popular)[0]
        way = chance.randrange(len(flaw.ways))
        key = f"{chance.getrandbits(128):032x}"
        facts = _finding(chance, key, package=package, code=code, flaw=flaw, way=flaw.ways[way], chances=chances)
        if chance.random() < chances.with_patch:
            patch = _patch(chance, flaws, flaw, way, projects=projects, chances=chances)
            patches[patch.digest] = patch
            facts = replace(facts, patches=frozenset({patch.digest}), stopped_by=frozenset({patch.digest}))
        found.append(facts)
        shown[key] = (flaw.name, way)
    answers = Answers(
        seed=chance.getrandbits(64),
        no_trial=chances.no_trial,
        patches=patches,
        shown=shown,
        own={one.finding: one.patches for one in found},
    )
    flaw_of = {finding: flaw for finding, (flaw, _) in shown.items()}
    return Planted(tuple(found), flaw_of, {one.digest: one.regions for one in patches.values()}, answers)


def _code(chance: Random, chances: Chances) -> _Code:
    code = _Code(releases=chance.randint(6, 40))
    for number in range(chance.randint(12, 60)):
        code.names.append(f"module{chance.randrange(6)}.function{number}")
        if chance.random() < chances.renamed:
            code.renamed_at[number] = chance.randrange(1, code.releases)
        if chance.random() < chances.inlined:
            code.inlined_from[number] = chance.randrange(1, code.releases)
    return code


def _flaws(chance: Random, package: str, code: _Code, count: int, chances: Chances) -> list[Flaw]:
    flaws: list[Flaw] = []
    for number in range(count):
        neighbour = chance.choice(flaws) if flaws and chance.random() < chances.two_flaws_in_one_function else None
        ways = [_way(chance, code, neighbour.ways[0] if neighbour else None)]
        if chance.random() < chances.two_ways:
            ways.append(_way(chance, code, None, root=ways[0].functions[-1]))
        introduced = chance.randrange(code.releases - 2)
        fixed = chance.randrange(introduced + 1, code.releases)
        if flaws and chance.random() < chances.fixed_by_the_same_release:
            fixed = chance.choice(flaws).fixed
            introduced = min(introduced, fixed - 1)
        identifier = f"CVE-{package}-{number}" if chance.random() < chances.has_identifier else ""
        flaws.append(Flaw(f"{package} {number}", tuple(ways), introduced, fixed, chance.choice(WEAKNESSES), identifier))
    return flaws


def _way(chance: Random, code: _Code, like: Way | None, root: int | None = None) -> Way:
    """Return a way to a new flaw, to one in the function of ``like``, or another way to the function ``root``."""
    detector = chance.choice(list(DETECTORS))
    sink = chance.choice(DETECTORS[detector])
    if like is not None:
        same = chance.random() < 0.5  # noqa: PLR2004 - half of the time
        return Way(like.functions, like.detector, like.sink) if same else Way(like.functions, detector, sink)
    functions = chance.sample(range(len(code.names)), chance.randint(2, 6))
    if root is not None:
        functions = [one for one in functions if one != root] + ([root] if chance.random() < 0.5 else [])  # noqa: PLR2004
    return Way(tuple(functions), detector, sink)


def _projects_patches(chance: Random, flaws: Sequence[Flaw], chances: Chances) -> dict[str, Patch]:
    """Return for each flaw what the project's own fix is; one release may fix several by one patch."""
    found: dict[str, Patch] = {}
    for flaw in flaws:
        twin = next((one for one in flaws if one.fixed == flaw.fixed and one.name in found), None)
        if twin is not None and chance.random() < 0.5:  # noqa: PLR2004 - one commit, or one each
            both = found[twin.name]
            merged = replace(both, regions=max(2, both.regions + 1), stops=both.stops | _all_ways(flaw))
            found.update({name: merged for name, patch in found.items() if patch.digest == both.digest})
            found[flaw.name] = merged
        else:
            regions = chance.choice((1, 1, 1, 2, 3, 5))
            stops = _all_ways(flaw) | _neighbours(chance, flaws, flaw, chances)
            found[flaw.name] = Patch(f"project {flaw.name}", regions, stops)
    return found


def _all_ways(flaw: Flaw) -> frozenset[tuple[str, int]]:
    return frozenset((flaw.name, number) for number in range(len(flaw.ways)))


def _neighbours(chance: Random, flaws: Sequence[Flaw], flaw: Flaw, chances: Chances) -> frozenset[tuple[str, int]]:
    """Return what else a patch of this flaw stops: now and then the other flaw in the same function."""
    root = flaw.ways[0].functions
    found: frozenset[tuple[str, int]] = frozenset()
    for one in flaws:
        if one is not flaw and one.ways[0].functions == root and chance.random() < chances.stops_its_neighbour:
            found |= {(one.name, 0)}
    return found


def _patch(
    chance: Random, flaws: Sequence[Flaw], flaw: Flaw, way: int, *, projects: Mapping[str, Patch], chances: Chances
) -> Patch:
    if chance.random() < chances.projects_patch:
        return projects[flaw.name]
    digest = f"own {chance.getrandbits(64):016x}"
    if len(flaw.ways) > 1 and chance.random() < chances.one_way_only:
        return Patch(digest, 1, frozenset({(flaw.name, way)}))
    regions = chance.randint(2, 6) if chance.random() < chances.broad else 1
    leaky = chance.random() < chances.symptom_only
    return Patch(digest, regions, _all_ways(flaw) | _neighbours(chance, flaws, flaw, chances), leaky=leaky)


def _finding(chance: Random, key: str, *, package: str, code: _Code, flaw: Flaw, way: Way, chances: Chances) -> Facts:
    since = flaw.introduced
    if chance.random() < chances.younger_proof:
        since = chance.randrange(flaw.introduced, flaw.fixed)
    runs = [one for one in range(code.releases) if chance.random() >= chances.release_not_run]
    affected = [one for one in runs if since <= one < flaw.fixed] or [flaw.fixed - 1]
    target = chance.choice(affected)
    frames = code.frames(way.functions, target)
    if frames and chance.random() < chances.frame_missing:
        del frames[chance.randrange(len(frames))]
    detector, sink = way.detector, way.sink
    if detector in ALSO_SEEN_AS and chance.random() < chances.another_detector:
        detector = ALSO_SEEN_AS[detector]
        sink = chance.choice(DETECTORS[detector])
    return Facts(
        finding=key,
        package=package,
        target=str(target),
        detector=detector,
        sink=sink,
        state=tuple(frames[:MOST_FRAMES]),
        entries=frozenset({code.name(way.functions[0], target)}),
        affected=frozenset(str(one) for one in affected),
        unaffected=frozenset(str(one) for one in runs if one not in affected),
        places=_places(chance, code, way, target, chances),
        weaknesses=_weaknesses(chance, flaw, chances),
        aliases=_aliases(chance, package, flaw, chances),
    )


def _places(chance: Random, code: _Code, way: Way, target: int, chances: Chances) -> frozenset[Place]:
    if chance.random() < chances.no_place:
        return frozenset()
    function = way.functions[-1] if chance.random() < chances.right_place else chance.choice(way.functions)
    module, _, symbol = code.name(function, target).partition(".")
    place = place_of(f"{module}.py", symbol=symbol)
    return frozenset({place} if place else ())


def _weaknesses(chance: Random, flaw: Flaw, chances: Chances) -> frozenset[str]:
    right = chance.random() < chances.right_weakness
    return frozenset({flaw.weakness if right else chance.choice(WEAKNESSES)})


def _aliases(chance: Random, package: str, flaw: Flaw, chances: Chances) -> frozenset[str]:
    if chance.random() < chances.wrong_identifier:
        return frozenset({f"CVE-{package}-{chance.randrange(12)}"})
    named = flaw.identifier and chance.random() < chances.names_identifier
    return frozenset({flaw.identifier} if named else ())
