"""What the walls and the clearing around them cost, against the same runs as plain processes.

Fresh sandbox ÷ bare: one job both ways in turn, medians. Clearing ÷ bare: the wall time of a finished clearing over
the sum of its stored runs made bare; each package's sum is estimated from a sample, by the ratio of bare to stored
time in it. Whatever waits for a limit (the hang detector, runs that ran out of time) is left out of both sides.
"""

import json
import os
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bench.bare import Bare, Timed
from bench.clearings import finished
from bench.options import Options
from clearinghouse.errors import ClearinghouseError
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Job, Mount, Sandbox
from clearinghouse.sandbox.select import TIERS, sandbox_for
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.lab import Lab, best_environment
from clearinghouse.validation.launch import Start, launch
from clearinghouse.validation.rules import Detector, Outcome, Run, VariantName
from clearinghouse.validation.subject import Subject

PASS_GOAL = 2.5
PROOF_GOAL = 1.3
WALL_GOALS = {1: 3.0, 2: 1.8}
SEED = 20260801
RESUMED_SECONDS = 30.0
"""An engine that started so long after the first report came in is not the first."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One run that a clearing kept, with all that is needed to make it again."""

    run: Run
    subject: Subject
    proof: Proof
    fixed: str
    """Version of the release that served as the fixed one; empty when none."""

    @property
    def stratum(self) -> tuple[str, str]:
        """What it is sampled by: runtime and package."""
        return self.proof.runtime.value, self.subject.package

    @property
    def waits(self) -> bool:
        """Whether its time is that of a limit."""
        return self.proof.detector is Detector.HANG or "out of time" in self.run.why


def main(options: Options) -> int:
    """Print the ratios; reported, not gates."""
    clearing = finished(options.clearing)
    runs, lab = _opened(clearing)
    with Bare() as bare:
        for tier in TIERS:
            try:
                sandbox = sandbox_for(demand=tier)
            except ClearinghouseError as refusal:
                print(f"{tier}: not measured: {refusal}")
                continue
            here = replace(lab, sandbox=sandbox)
            _on_pass(here, bare, options.repeats)
            _on_median_proof(here, bare, runs, options.repeats)
        _on_clearing(clearing, lab, bare, runs, options)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"load average at the end {load}; bare runs as user {'65534' if os.geteuid() == 0 else os.geteuid()}")
    return 0


def _on_pass(lab: Lab, bare: Bare, rounds: int) -> None:
    python = lab.environments.interpreters.own(Runtime.PYTHON)
    job = Job(argv=(python.program, "-c", "pass"), mounts=(Mount(python.root, python.inside_root),))
    timed = Timed(lab.sandbox)

    def once(sandbox: Timed | Bare) -> float:
        if sandbox.run(job).exit_code != 0:
            raise RuntimeError(f"python -c pass does not run in {sandbox.tier}")
        return sandbox.seconds

    _print(f"{timed.tier}: python -c pass", *_in_turn(lambda: once(timed), lambda: once(bare), rounds), PASS_GOAL)


def _on_median_proof(lab: Lab, bare: Bare, runs: Sequence[Stored], rounds: int) -> None:
    proofs = [
        one
        for one in runs
        if one.run.variant is VariantName.VULNERABLE and one.run.outcome is Outcome.FIRED and not one.run.benign
        if not one.waits
    ]
    middle = statistics.median_low([one.run.wall_seconds for one in proofs])
    stored = next(one for one in proofs if one.run.wall_seconds == middle)
    environment, start = _again(lab, stored)
    timed = Timed(lab.sandbox)

    def once(sandbox: Timed | Bare) -> float:
        run = _made(lab, stored.proof, environment, start, sandbox)
        if run.outcome is not stored.run.outcome:
            raise RuntimeError(f"{stored.subject.target} is {run.outcome} in {sandbox.tier}: {run.why}")
        return sandbox.seconds

    which = f"{stored.subject.target}, {stored.proof.detector}, {middle * 1000:.0f} ms"
    name = f"{timed.tier}: median proof of {len(proofs)} ({which})"
    _print(name, *_in_turn(lambda: once(timed), lambda: once(bare), rounds), PROOF_GOAL)


def _on_clearing(clearing: Path, lab: Lab, bare: Bare, runs: Sequence[Stored], options: Options) -> None:
    wall, source = _wall(clearing, options)
    if wall is None:
        print(f"{clearing.name}: not measured: {source}")
        return
    chance = random.Random(SEED if options.seed is None else options.seed)  # noqa: S311 - a sample, not a secret
    working = [one for one in runs if not one.waits]
    strata: dict[tuple[str, str], list[Stored]] = defaultdict(list)
    for one in working:
        strata[one.stratum].append(one)
    total = sampled = failed = differ = 0
    estimate = 0.0
    for members in strata.values():
        wanted = max(1, -(-options.sample * len(members) // len(working)))
        sample, times = chance.sample(members, min(wanted, len(members))), []
        for one in sample:
            try:
                environment, start = _again(lab, one)
                run = _made(lab, one.proof, environment, start, bare)
            except ClearinghouseError as refusal:
                failed += 1
                print(f"  not made again: {one.subject.package} {one.run.variant}: {refusal}")
                continue
            if run.outcome is not one.run.outcome:
                differ += 1
                name = f"{one.subject.package}@{one.run.version} {one.run.variant}"
                print(f"  {name}: was {one.run.outcome}, is {run.outcome}")
            times.append((bare.seconds, one.run.wall_seconds))
        total, sampled = total + len(members), sampled + len(times)
        if times:
            share = sum(one for one, _ in times) / sum(one for _, one in times)
            estimate += share * sum(one.run.wall_seconds for one in members)
    waited = sum(one.run.wall_seconds for one in runs if one.waits)
    inside = sum(one.run.wall_seconds for one in working)
    ratio = (wall - waited / options.jobs) / estimate
    goal = WALL_GOALS.get(options.jobs)
    print(
        f"{clearing.name}: {wall:.0f} s at {options.jobs} job(s) ({source}), of that {waited / options.jobs:.0f} s "
        f"for {len(runs) - len(working)} runs that wait for a limit; {total} other runs: {inside:.0f} s inside their "
        f"sandboxes, {estimate:.0f} s bare (estimated per package from {sampled} made again, {failed} could not be, "
        f"{differ} ended otherwise); ratio {ratio:.2f}" + (f" (goal {goal:g})" if goal else "")
    )
    print(
        "  not among the bare runs, but in the wall time: tests of reports and projects, recording, building, fetching"
    )


def _wall(clearing: Path, options: Options) -> tuple[float | None, str]:
    """Return how long the clearing took, None when that cannot be told, and how it is known."""
    if options.wall_seconds is not None:
        return options.wall_seconds, "as told"
    said = json.loads((clearing / "run.json").read_bytes())
    began = [
        datetime.fromisoformat(one["received_at"])
        for case in said["cases"].values()
        for one in case["findings"].values()
    ]
    engine = clearing / "state" / "clearinghouse.sqlite3.engine"
    if engine.is_file() and engine.stat().st_mtime - min(began).timestamp() > RESUMED_SECONDS:
        return None, "it was stopped and resumed, so run.json does not tell; give --wall"
    return (datetime.fromisoformat(said["written_at"]) - min(began)).total_seconds(), "run.json, intake to writing"


def _opened(clearing: Path) -> tuple[list[Stored], Lab]:
    """Return the stored runs of a clearing, and a laboratory on this machine's cache."""
    from clearinghouse.commands.django import start

    start(clearing, must_exist=True)
    from clearinghouse.config import settings
    from clearinghouse.validation.equipment import open_lab

    lab = open_lab(settings.CLEARINGHOUSE_CACHE)
    return list(_stored(lab)), lab


def _stored(lab: Lab) -> Iterator[Stored]:
    from clearinghouse.validation.actions import judged_of, subject_from
    from clearinghouse.validation.models import StoredRun, Validation
    from clearinghouse.validation.shapes import load
    from clearinghouse.validation.tasks import the_artefacts

    for row in Validation.objects.exclude(judgement=None).select_related("finding").order_by("finding__key"):
        kept = StoredRun.objects.filter(finding=row.finding).order_by("key")
        if not kept:
            continue
        subject = subject_from(row.finding, the_artefacts())
        judged = judged_of(row, subject, lab)
        proof = judged.proof or (subject.proofs[0] if subject.proofs else None)
        if proof is not None:
            fixed = judged.judgement.fixed.rpartition("@")[2]
            yield from (Stored(load(Run, one.run), subject, proof, fixed) for one in kept)


def _again(lab: Lab, stored: Stored) -> tuple[Environment, Start]:
    """Return where a stored run was made, and how it was started.

    Held results are not kept, and another finding's patch is not at hand: such a run is made without.
    """
    run, subject = stored.run, stored.subject
    release = lab.release(subject.package, run.version)
    wanted = next(
        (
            one
            for one in lab.environments.interpreters_for(release)
            if f"{one.runtime.value} {one.version}" == run.interpreter
        ),
        None,
    )
    environment = best_environment(lab, release, like=wanted)
    nulls = {VariantName.NULL_RETURNS: "returns", VariantName.NULL_RAISES: "raises"}
    start = Start(run.variant, benign=run.benign, number=run.number, null=nulls.get(run.variant))
    if run.variant is VariantName.PATCHED:
        patch = next((one for one in subject.patches if one.base == run.version), None)
        return (lab.variants.patched(environment, patch.data) if patch else environment), start
    if run.variant in (VariantName.SWAP_TO_FIXED, VariantName.SWAP_TO_VULNERABLE):
        stated = stored.fixed if run.variant is VariantName.SWAP_TO_FIXED else subject.version
        name = subject.package.rsplit("/", 1)[-1]
        start = Start(run.variant, benign=run.benign, number=run.number, identity=(name, stated))
        return lab.variants.swapped(environment, version=stated), start
    return environment, start


def _made(lab: Lab, proof: Proof, environment: Environment, start: Start, sandbox: Sandbox) -> Run:
    runner = lab.runners.folder(environment.interpreter)
    secrets = lab.secrets(other=start.variant is VariantName.TOKEN)
    return launch(proof, environment, sandbox, start, runner=runner, secrets=secrets)[0]


def _in_turn(ours: Callable[[], float], bare: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Return the median seconds of each, taken in turn after one round that does not count."""
    pairs = [(ours(), bare()) for _ in range(rounds + 1)][1:]
    first, second = zip(*pairs, strict=True)
    return statistics.median(first), statistics.median(second)


def _print(name: str, ours: float, bare: float, goal: float) -> None:
    times = f"fresh sandbox {ours * 1000:.0f} ms, bare {bare * 1000:.0f} ms"
    print(f"{name}: {times}, ratio {ours / bare:.2f} (goal {goal:g})", flush=True)
