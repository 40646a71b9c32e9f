"""Starts one run: from a proof and an environment to what was seen, through a fresh sandbox."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.pressure import is_starved
from clearinghouse.sandbox.profile import Ended, Job, Limits, Mount, Sandbox
from clearinghouse.validation import outside
from clearinghouse.validation.brief import DEPENDENCIES_ROOT, TARGET_ROOT, Form, Proof, Secrets, make_brief
from clearinghouse.validation.detectors import WATCHES, Seen, points_of
from clearinghouse.validation.exchange import Place, exchanged
from clearinghouse.validation.records import Records, read_records
from clearinghouse.validation.rules import Detector, Outcome, Run, Step, VariantName

GRACE_SECONDS = 10.0
"""What start-up, imports and the runner's own work may take beyond the proof's limit."""
HANG_GRACE_SECONDS = 2.0
SIZE_MARK = "$n"
MOST_MADE = 600
DIED = "the program ends with"
OUT_OF_TIME = "it ran out of time before its end"
FLOODS = "it wrote more than a run may write"
SHORTEST_HANG_SECONDS = 5.0
"""A shorter limit than this passes by itself on a busy machine."""


@dataclass(frozen=True, slots=True)
class Start:
    """Everything that tells one run from another."""

    variant: VariantName
    benign: bool = False
    number: int = 0
    null: str | None = None
    hold: Mapping[int, Any] | None = None
    identity: tuple[str, str] | None = None
    metadata_only: bool = False
    """For the identity swap: the version that the code itself states stays as it is."""
    files: tuple[str, ...] = ()
    """For the change alone: the files of the target that are exchanged."""
    exchange: tuple[Place, ...] = ()
    """Where the proof has what its harmless form has."""
    hooked: bool = False
    """For a timed proof: run its smallest form once with the hook, which sees code being made."""


def mounts_of(environment: Environment) -> tuple[Mount, ...]:
    """Return the mounts for an environment: the same places whatever the variant."""
    interpreter = environment.interpreter
    runtime = interpreter.runtime
    mounts = [Mount(interpreter.root, interpreter.inside_root)]
    if environment.dependencies is not None:
        mounts.append(Mount(environment.dependencies, DEPENDENCIES_ROOT[runtime]))
    root = TARGET_ROOT[runtime]
    mounts.append(Mount(environment.target, root if runtime is Runtime.PYTHON else f"{root}/{environment.names[0]}"))
    return tuple(mounts)


def argv_of(environment: Environment) -> tuple[str, ...]:
    """Return the command line of the runner; nothing in it tells one variant from another."""
    if environment.interpreter.runtime is Runtime.PYTHON:
        return (environment.interpreter.program, "-I", "-B", "-S", "/runner/main.py", "{brief}", "{records}")
    return (environment.interpreter.program, "/runner/main.js", "{brief}", "{records}")


def launch(
    proof: Proof, environment: Environment, sandbox: Sandbox, start: Start, *, runner: Path, secrets: Secrets
) -> tuple[Run, Records]:
    """Run ``proof`` (or its benign form) once and return what was seen, with the raw records; ``runner`` is its folder.

    Raises:
        Malformed: the benign form was asked for and there is none.
    """
    if start.exchange:
        proof = exchanged(proof, start.exchange)
    if start.hooked:
        proof = hooked(proof)
    form = proof.benign if start.benign and proof.benign is not None else proof.form
    files = {} if form.mode in ("calls", "input") else {f"proof/{name}": data for name, data in form.files.items()}
    job = Job(
        argv=argv_of(environment),
        mounts=(*mounts_of(environment), Mount(runner, "/runner")),
        brief=make_brief(
            proof, form, environment, secrets=secrets, null=start.null, hold=start.hold, identity=start.identity
        ),
        files=files,
        limits=Limits(wall_seconds=wall_seconds(proof)),
        watching=outside.watching(proof.detector, form, secrets.token),
    )
    ended = sandbox.run(job)
    records = read_records(ended.records, key=secrets.key)
    run = conclude(proof, records, ended, start, token=secrets.token)
    interpreter = f"{environment.interpreter.runtime.value} {environment.interpreter.version}"
    return replace(run, version=environment.version, interpreter=interpreter), records


def hooked(proof: Proof) -> Proof:
    """Return a timed proof as one that is watched and not timed, at its smallest size."""
    size = proof.sizes[0] if proof.sizes else 1
    form, benign = (one and replace(one, document=_sized(one.document, size)) for one in (proof.form, proof.benign))
    assert form is not None  # noqa: S101 - every proof has a form
    return replace(proof, detector=Detector.COMMAND_EXECUTION, form=form, benign=benign, sizes=())


def _sized(value: Any, size: int) -> Any:  # noqa: ANN401 - any JSON value
    """Return a document in which every ``$n`` is a number."""
    if isinstance(value, Mapping):
        repeated = value.get("$repeat")
        if isinstance(repeated, list) and repeated[1:] == [SIZE_MARK]:
            return {"$repeat": [repeated[0], size]}
        return {key: _sized(one, size) for key, one in value.items()}
    return [_sized(one, size) for one in value] if isinstance(value, list) else value


def conclude(proof: Proof, records: Records, ended: Ended, start: Start, *, token: str) -> Run:
    """Return what one run showed, from its records and the way it ended; nothing here starts anything."""
    watch = WATCHES[proof.detector]
    steps = tuple(
        Step(int(one["index"]), bool(one.get("ok")), str(one.get("raised", "")), one.get("value"))
        for one in records.of("step")
    )
    base = Run(
        variant=start.variant,
        version="",
        benign=start.benign,
        number=start.number,
        outcome=Outcome.COULD_NOT_RUN,
        steps=steps,
        points=points_of(records),
        beside=points_of(records, "beside"),
        wall_seconds=ended.wall_seconds,
        cpu_seconds=ended.cpu_seconds,
        pressure=None if ended.pressure is None else round(ended.pressure, 3),
        tier=ended.tier,
        facts=_facts(records),
    )
    tamper = records.first("tamper")
    if records.broken or tamper is not None:
        what = records.broken or f"{tamper.get('event', '?') if tamper else '?'} by the proof"
        return replace(base, tampered=what, why="the records of this run cannot be trusted")
    form = proof.benign if start.benign and proof.benign is not None else proof.form
    if form.mode == "program":
        base = replace(base, why=_died(records))
    fault = records.first("fault")
    if fault is not None:
        facts = {**base.facts, "fault": str(fault.get("code", ""))}
        return replace(base, why=f"{fault.get('code')}: {str(fault.get('detail', ''))[:300]}", facts=facts)
    seen = watch.look(records, ended, proof, token=token)
    if proof.detector in outside.KINDS and form.mode != "record":
        seen = _beside_the_observer(seen, proof.detector, form, records, ended, token=token)
        if seen.forged:
            return replace(base, tampered=seen.forged, why="the records of this run cannot be trusted")
    facts = {**base.facts, **(seen.facts or {})}
    if seen.outcome is Outcome.SILENT and any(one.get("importing") for one in records.of("step")):
        return replace(base, why=f"import-failed: {base.why}", facts={**facts, "fault": "import-failed"})
    if seen.outcome is Outcome.SILENT:
        stopped = _stopped(records, ended)
        if stopped:
            starved = ended.timed_out and is_starved(
                ended.cpu_seconds, wall_seconds(proof), ended.pressure, waited_seconds=ended.waited_seconds
            )
            return replace(base, why=stopped, facts={**facts, "starved": True} if starved else facts)
    return replace(base, outcome=seen.outcome, why=seen.why or base.why, witness=seen.witness, facts=facts)


def _beside_the_observer(
    seen: Seen, detector: Detector, form: Form, records: Records, ended: Ended, *, token: str
) -> Seen:
    """Return what the hook saw, held beside what the observer outside saw."""
    if seen.witness is not None:
        compared = outside.compare(detector, seen.witness.event, form, records, ended)
        facts = {**(seen.facts or {}), "outside": compared.fact()}
        return replace(seen, facts=facts, forged=compared.why if compared.forged else "")
    witness = outside.witness_below(detector, form, records, ended, token=token)
    if witness is None:
        return seen
    compared = outside.Compared(outside.Outside.BELOW, "the kernel was asked to do it, and no hook saw it")
    return Seen(Outcome.FIRED, witness, facts={"outside": compared.fact()})


def _facts(records: Records) -> dict[str, Any]:
    """Return what the runner noted beside the witness."""
    changed = records.first("changed")
    facts: dict[str, Any] = {"code_from_input": True} if records.of("code") else {}
    made = records.first("made")
    if made is not None:
        facts["made"] = {
            name: [str(one)[:64] for one in made.get(name, [])[:MOST_MADE]] for name in ("shapes", "whole")
        }
    declared = {str(one["index"]): one["declared"] for one in records.of("step") if one.get("declared") is not None}
    if declared:
        facts["declared"] = declared
    child = records.first("child")
    if child is not None:
        facts["child"] = str(child.get("event", ""))[:80]
    return {**facts, "changed": str(changed.get("what", ""))[:200]} if changed else facts


def _died(records: Records) -> str:
    """Return how a program ended by itself, in words; empty when nothing was thrown that it did not catch."""
    last = next((one for one in records.of("step") if not one.get("ok")), None)
    if last is None:
        return ""
    said = f"{last.get('raised', '?')}: {last.get('text') or ''}".rstrip(": ")
    where = f" ({last['at']})" if last.get("at") else ""
    return f"{DIED} {said}{where}"


def _stopped(records: Records, ended: Ended) -> str:
    """Return why a run that showed nothing cannot count as silent; empty when it ran to its end."""
    if records.ended:
        return ""
    if ended.out_of_memory:
        return "it ran out of memory before its end"
    if ended.timed_out:
        return OUT_OF_TIME
    if ended.signal == signal.SIGXFSZ:
        return FLOODS
    if ended.signal is not None:
        return f"it was ended by signal {ended.signal}"
    return f"the runner stopped before its end (exit code {ended.exit_code})"


def wall_seconds(proof: Proof) -> float:
    """Return how long a run may take: the proof's own limit, and what start-up and imports need beside it."""
    if proof.detector is Detector.HANG:
        return max(proof.limit_seconds, SHORTEST_HANG_SECONDS) + HANG_GRACE_SECONDS
    return proof.limit_seconds + GRACE_SECONDS


def ran_through(run: Run, form: Form) -> bool:
    """Say whether a benign run did all its steps: what must raise raised, everything else did not.

    A program has come through when nothing was thrown that it did not catch; its exit code says nothing, for many a
    program tells with it what it found. Timed runs carry no reports of steps; that they came to their end is all there
    is to see.
    """
    if run.outcome is not Outcome.SILENT:
        return False
    steps = form.steps()
    if form.mode == "program":
        return all(one.ok for one in run.steps)
    if not steps or run.points:
        return True
    wanted = {index for index, step in enumerate(steps) if step.get("must_raise")}
    reported = {one.index: one.ok for one in run.steps}
    return set(reported) == set(range(len(steps))) and all(ok != (index in wanted) for index, ok in reported.items())
