"""Tries other forms of a proof on a patch: mutants of it, what other finders handed in, and earlier bypasses.

Only a form that shows on the unpatched release, with the same function of the target to blame, says anything about a
patch. One that shows with the project's own fix too shows another flaw, and does not count against a patch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.controls.notes import TIMED, quiet, still_fires
from clearinghouse.validation.lab import Lab, Memory, Stand
from clearinghouse.validation.launch import SHORTEST_HANG_SECONDS, Start
from clearinghouse.validation.patches.looking import asked
from clearinghouse.validation.patches.mutants.forms import PLAIN, Mutant, mutants_of
from clearinghouse.validation.patches.mutants.spellings import Family
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import Bypass, Detector, PatchCheck, Run, Said, VariantName

MOST_TRIED = 18
MOST_LIVE = 5
MOST_LIVE_OF_A_FAMILY = 3
MOST_LIVE_OF_AN_EASY_FAMILY = 1
"""A blank behind the text shows little, and it must not stand for all."""
EASY = frozenset({Family.AROUND, Family.ORDER, Family.WHITESPACE, Family.CASE, Family.CONTAINERS})
SAME = frozenset({Family.ORDER})
"""Families that leave what is handed over as it is: stopped behind other calls, the proof says nothing new."""
SOUND = PLAIN | {Family.KEYS, Family.PATHS, Family.NUMBERS}
"""Families after which what must hold of a call must hold still: the same key, place or number, written otherwise."""
MOST_TRIED_TIMED = 3
MOST_LIVE_TIMED = 1
"""Timed runs are long; what they measure is one thing, so that few forms say it."""
MOST_KNOWN = 24
MOST_DATA = 4000
RESTS_ON_ITS_FORM = frozenset({Detector.INVARIANT, Detector.GROWTH, Detector.HANG})
"""Detectors whose firing means something only for the form that the finder thought of."""


class Tried(Enum):
    """What came of trying one form."""

    DEAD = "does not show before the patch, or could not run after it"
    STOPPED = "shows before the patch and not after it"
    PASSES_THE_FIX = "shows after the patch, and with the project's own fix too"
    BYPASSES = "shows after the patch"


@dataclass(frozen=True, slots=True)
class Variant:
    """A form of a proof that is known from elsewhere, and where from."""

    proof: Proof
    source: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the forms are tried."""

    lab: Lab
    memory: Memory
    proof: Proof
    first: Run
    """The run in which the proof itself fired."""
    base: Environment
    patched: Environment
    fixed: Environment | None
    """The release with the project's own fix, if there is one."""

    def stand(self, proof: Proof) -> Stand:
        """Return a stand for one form."""
        return Stand(self.lab, proof, self.base, self.memory)


@dataclass(frozen=True, slots=True)
class Attacked:
    """What an attack came to."""

    check: PatchCheck
    live: tuple[Mutant, ...] = ()
    """The forms that show before the patch and are silent after it."""
    bypasses: tuple[Bypass, ...] = ()


def try_mutants(ground: Ground) -> Attacked:
    """Return what mutants of the proof say of the patch."""
    name = CheckName.MUTANTS
    if ground.proof.form.mode not in ("calls", "input"):
        return Attacked(PatchCheck(name, Said.NOT_RUN, "the proof is a program; only data can be mutated"))
    timed = ground.proof.detector in TIMED
    most_live = MOST_LIVE_TIMED if timed else MOST_LIVE
    live: list[Mutant] = []
    tried = elsewhere = 0
    for mutant in _worth_trying(ground):
        most = MOST_LIVE_OF_AN_EASY_FAMILY if mutant.family in EASY else MOST_LIVE_OF_A_FAMILY
        if sum(one.family is mutant.family for one in live) >= most:
            continue
        if tried >= (MOST_TRIED_TIMED if timed else MOST_TRIED) or len(_others(live)) >= most_live:
            break
        tried += 1
        tried_on = _tried(ground, mutant.proof)
        if tried_on is Tried.BYPASSES:
            return _bypassed(name, mutant.what, mutant, f"a mutant of the proof of {ground.base.package}")
        if tried_on is Tried.STOPPED:
            live.append(mutant)
        elsewhere += tried_on is Tried.PASSES_THE_FIX
    other = f"; {elsewhere} more show with the project's own fix too and do not count" if elsewhere else ""
    if not live:
        return Attacked(PatchCheck(name, Said.NOT_RUN, f"none of {tried} mutants shows before the patch{other}"))
    ways = "; ".join(one.what for one in live)
    if not _others(live) and ground.proof.detector is Detector.INVARIANT and ground.fixed is not None:
        return _as_the_fix_does(ground, live)
    if not _others(live):
        detail = f"of {tried} mutants only the proof itself among other calls shows before the patch ({ways}){other}"
        return Attacked(PatchCheck(name, Said.NOT_RUN, detail), tuple(live))
    detail = f"{len(live)} of {tried} mutants show before the patch and none after it: {ways}{other}"
    return Attacked(PatchCheck(name, Said.PASSED, detail, tuple(one.data()[:MOST_DATA] for one in live)), tuple(live))


def _as_the_fix_does(ground: Ground, live: Sequence[Mutant]) -> Attacked:
    """Return what forms say where only the project's own fix tells what must hold; none of them refuses."""
    name = CheckName.MUTANTS
    stopped: list[Mutant] = []
    left: list[Mutant] = []
    rest = (one for one in mutants_of(_quick(ground.proof)) if one.family not in SOUND)
    for mutant in islice(rest, MOST_TRIED):
        if len(stopped) + len(left) >= MOST_LIVE:
            break
        found = _tried(ground, mutant.proof, always_ask_the_fix=True)
        stopped += [mutant] if found is Tried.STOPPED else []
        left += [mutant] if found is Tried.BYPASSES else []
    if len(left) > len(stopped):
        detail = f"{len(left)} of {len(left) + len(stopped)} other forms that the project's own fix stops go on"
        return Attacked(PatchCheck(name, Said.NOT_RUN, f"{detail}: {'; '.join(one.what for one in left)}"), tuple(live))
    if not stopped:
        detail = "no form of the proof but itself among other calls shows before the patch and not with the fix"
        return Attacked(PatchCheck(name, Said.NOT_RUN, detail), tuple(live))
    ways = "; ".join(one.what for one in stopped)
    detail = (
        f"{len(stopped)} other forms that the project's own fix stops show before the patch and not after it: {ways}"
    )
    shown = tuple(one.data()[:MOST_DATA] for one in stopped)
    return Attacked(PatchCheck(name, Said.PASSED, detail, shown), (*live, *stopped))


def _others(live: Sequence[Mutant]) -> list[Mutant]:
    """Return the mutants that hand over something else than the proof."""
    return [one for one in live if one.family not in SAME]


def _worth_trying(ground: Ground) -> Iterator[Mutant]:
    """Yield the mutants whose firing means what the proof's own means."""
    detector, alone = ground.proof.detector, ground.fixed is None
    kept: frozenset[Family] | None = None
    if detector is Detector.INVARIANT:
        kept = PLAIN if alone else SOUND
    elif alone and detector in RESTS_ON_ITS_FORM:
        kept = PLAIN | {Family.SIZE}
    return (one for one in mutants_of(_quick(ground.proof)) if kept is None or one.family in kept)


def _quick(proof: Proof) -> Proof:
    """Return the proof with the shortest limit that still tells a hang from a busy machine."""
    if proof.detector is Detector.HANG:
        return replace(proof, limit_seconds=min(proof.limit_seconds, SHORTEST_HANG_SECONDS))
    return proof


def try_known(ground: Ground, known: Sequence[Variant]) -> Attacked:
    """Return what the forms that are known from other findings and from earlier patches say of the patch."""
    name = CheckName.KNOWN_VARIANTS
    fitting = [one for one in known if one.proof.runtime is ground.proof.runtime and _like(one.proof, ground.proof)]
    if not fitting:
        return Attacked(PatchCheck(name, Said.NOT_RUN, "no other form of this proof is known"))
    if ground.fixed is None and ground.proof.detector in RESTS_ON_ITS_FORM:
        why = "without a published fix, nothing says that what must hold for this proof must hold for another one"
        return Attacked(PatchCheck(name, Said.NOT_RUN, why))
    shown: list[Mutant] = []
    for one in fitting[:MOST_KNOWN]:
        mutant = Mutant(Family.AROUND, one.source, _quick(one.proof))
        tried_on = _tried(ground, mutant.proof)
        if tried_on is Tried.BYPASSES:
            return _bypassed(name, one.source, mutant, one.source)
        if tried_on is Tried.STOPPED:
            shown.append(mutant)
    tried = f"{len(fitting[:MOST_KNOWN])} known forms tried"
    if not shown:
        return Attacked(PatchCheck(name, Said.NOT_RUN, f"{tried}, none shows on {ground.base.version} by the same way"))
    detail = f"{tried}, {len(shown)} show before the patch and none after it: {'; '.join(one.what for one in shown)}"
    return Attacked(PatchCheck(name, Said.PASSED, detail), tuple(shown))


def _like(one: Proof, other: Proof) -> bool:
    same = json_of(one) == json_of(other)
    return one.detector is other.detector and one.form.mode in ("calls", "input") and not same


def json_of(proof: Proof) -> tuple[str, bytes]:
    """Return what tells two data proofs apart."""
    return repr(proof.form.document), proof.form.input


def _tried(ground: Ground, proof: Proof, *, always_ask_the_fix: bool = False) -> Tried:
    """Run a form before the patch and after it; where it still fires, the project's own fix is asked too."""
    stand = ground.stand(proof)
    before = asked(stand, ground.base, Start(VariantName.PROBE))
    if not still_fires(before) or not _same_blame(before, ground.first):
        return Tried.DEAD
    if always_ask_the_fix and ground.fixed is not None:
        with_fix = asked(stand, ground.fixed, Start(VariantName.FIXED))
        if not quiet(proof, with_fix, before):
            return Tried.PASSES_THE_FIX
    fires = _fires_after(ground, proof, before)
    if fires is not True:
        return Tried.DEAD if fires is None else Tried.STOPPED
    if ground.fixed is None:
        return Tried.BYPASSES
    there = asked(stand, ground.fixed, Start(VariantName.FIXED))
    if still_fires(there) and not quiet(proof, there, before):
        return Tried.PASSES_THE_FIX
    unknown = not quiet(proof, there, before) and proof.detector in RESTS_ON_ITS_FORM
    return Tried.DEAD if unknown else Tried.BYPASSES  # an act is one, whether or not the fix can be asked


def _same_blame(one: Run, other: Run) -> bool:
    """Say whether both acts come out of the same innermost function of the target."""
    assert one.witness is not None  # noqa: S101 - it fires
    return other.witness is not None and one.witness.state()[:1] == other.witness.state()[:1]


def _fires_after(ground: Ground, proof: Proof, before: Run) -> bool | None:
    """Return whether the form still fires on the patched release; None: it could not run there."""
    stand = ground.stand(proof)
    for number in range(2 if proof.detector in TIMED else 1):  # a busy machine may mislead once
        run = asked(stand, ground.patched, Start(VariantName.PATCHED, number=number))
        if quiet(proof, run, before):
            return False
        if not still_fires(run):
            return None
    return True


def _bypassed(name: CheckName, what: str, mutant: Mutant, source: str) -> Attacked:
    form = mutant.proof.form
    bypass = Bypass(
        detector=mutant.proof.detector,
        runtime=mutant.proof.runtime.value,
        kind=form.mode,
        what=what,
        source=source,
        document=dict(form.document) if form.document is not None else None,
        input_hex=form.input.hex(),
        expect=dict(mutant.proof.expect),
        harness=dict(mutant.proof.harness) if mutant.proof.harness else None,
        sizes=mutant.proof.sizes,
        limit_seconds=mutant.proof.limit_seconds,
    )
    check = PatchCheck(name, Said.FAILED, f"it still fires in another form ({what})", (mutant.data()[:MOST_DATA],))
    return Attacked(check, bypasses=(bypass,))


def proof_of(bypass: Bypass) -> Proof:
    """Return the proof that a remembered bypass is."""
    return Proof(
        runtime=Runtime(bypass.runtime),
        kind=bypass.kind,
        detector=bypass.detector,
        form=Form(bypass.kind, document=bypass.document, input=bytes.fromhex(bypass.input_hex)),
        benign=None,
        expect=bypass.expect,
        harness=bypass.harness,
        sizes=bypass.sizes,
        limit_seconds=bypass.limit_seconds,
    )
