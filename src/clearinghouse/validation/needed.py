"""Leaves out the steps of a ``calls`` document that are not needed to fire, so that nothing can hide among them.

Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002) over steps; what a
kept step refers to is kept with it. The number of tries is bounded: what it comes to is smaller, not always smallest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from clearinghouse.validation.brief import Proof, used_results
from clearinghouse.validation.controls.notes import TIMED
from clearinghouse.validation.detectors import CLEAN
from clearinghouse.validation.rules import Detector, Outcome, Run

MOST_TRIES: Final = 16
"""Runs of a proof; a list of calls in which more than a dozen steps prepare the last one is rare."""
ONE_TRY: Final = TIMED | {Detector.CRASH}
"""Detectors that do not tell which step fired, or whose runs are dear: the last step with what it needs, or all."""

WHOLE: Final = frozenset({Detector.INVARIANT})
"""Detectors that speak of what did not happen: without the steps that lead up to it, ``must_raise`` breaks anywhere."""


@dataclass(frozen=True, slots=True)
class Needed:
    """The steps that are needed, as places in the original document."""

    proof: Proof
    kept: tuple[int, ...]
    left_out: tuple[int, ...]


def needed_steps(proof: Proof, first: Run, run: Callable[[Proof], Run], silent: Callable[[Proof], bool]) -> Needed:
    """Return the proof without the steps that it fires without.

    Args:
        proof: in the form ``calls``.
        first: how it fired on the vulnerable release.
        run: runs a shorter proof there.
        silent: says whether a shorter proof is silent on the fixed release. One that is not has lost what makes the
            proof one, such as the step that turns a protection on.
    """
    steps = proof.form.steps()
    every = tuple(range(len(steps)))
    fired_at = first.facts.get("step")
    known = proof.detector not in ONE_TRY and isinstance(fired_at, int) and 0 <= fired_at < len(steps)
    core = with_needs(steps, {fired_at if known and isinstance(fired_at, int) else every[-1]})
    tries = 0

    def fires(kept: frozenset[int]) -> bool:
        nonlocal tries
        tries += 1
        shorter = shortened(proof, kept)
        return alike(run(shorter), first) and silent(shorter)

    def result(kept: frozenset[int]) -> Needed:
        left = tuple(one for one in every if one not in kept)
        return Needed(shortened(proof, kept) if left else proof, tuple(sorted(kept)), left)

    if len(core) == len(steps) or fires(core):
        return result(core)
    if not known:
        return result(frozenset(every))
    rest = [one for one in every if one not in core]
    rest = _smallest(rest, lambda left: tries < MOST_TRIES and fires(core | with_needs(steps, left)))
    return result(core | with_needs(steps, rest))


def _smallest(rest: list[int], fires: Callable[[list[int]], bool]) -> list[int]:
    """Return a part of ``rest`` that still fires and from which no single chunk that was tried can go."""
    parts = 2
    while len(rest) > 1:
        candidates = ([one for one in rest if one not in chunk] for chunk in _chunks(rest, parts))
        smaller = next((one for one in candidates if fires(one)), None)
        if smaller is not None:
            rest, parts = smaller, max(2, parts - 1)
        elif parts < len(rest):
            parts = min(len(rest), parts * 2)
        else:
            break
    return rest


def with_needs(steps: list[Mapping[str, Any]], wanted: Iterable[int]) -> frozenset[int]:
    """Return some steps and all those whose results they need, directly or through others."""
    found: set[int] = set()
    waiting = list(wanted)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(each for each in used_results([steps[one]]) if each < one)
    return frozenset(found)


def shortened(proof: Proof, kept: frozenset[int]) -> Proof:
    """Return the proof with some of its steps only; what refers to a step refers to its new place."""
    places = {old: new for new, old in enumerate(sorted(kept))}
    steps = [moved(step, places) for index, step in enumerate(proof.form.steps()) if index in kept]
    document = {**(proof.form.document or {}), "steps": steps}
    return replace(proof, form=replace(proof.form, document=document))


def moved(value: Any, places: Mapping[int, int]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value in which what refers to a step refers to its new place."""
    if isinstance(value, Mapping):
        if set(value) == {"$ref"} and value["$ref"] in places:
            return {"$ref": places[value["$ref"]]}
        return {key: moved(one, places) for key, one in value.items()}
    return [moved(one, places) for one in value] if isinstance(value, list) else value


def _chunks(items: list[int], parts: int) -> list[list[int]]:
    size, more = divmod(len(items), parts)
    cuts = [0]
    for number in range(parts):
        cuts.append(cuts[-1] + size + (number < more))
    return [items[begin:end] for begin, end in pairwise(cuts) if end > begin]


def alike(run: Run, first: Run) -> bool:
    """Say whether a shorter proof shows the same thing: the same act or break, from a function it came from before."""
    if run.outcome is not Outcome.FIRED or run.witness is None or first.witness is None:
        return False
    if run.witness.blamed not in CLEAN or run.witness.event != first.witness.event:
        return False
    now, before = run.witness.state(), first.witness.state()
    return now == before or bool(set(now) & set(before))
