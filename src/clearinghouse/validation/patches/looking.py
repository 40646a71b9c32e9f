"""Runs that are made to be looked at closely: what each step gave, what was printed and written, which lines ran.

They say nothing of whether a proof fires; that is the judge's own run, which nothing watches.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Ended, Job, Limits, Mount
from clearinghouse.validation.brief import Form, make_brief
from clearinghouse.validation.lab import Stand
from clearinghouse.validation.launch import OUT_OF_TIME, Start, argv_of, conclude, mounts_of, wall_seconds
from clearinghouse.validation.patches.covering import COVER, covering, lines_run
from clearinghouse.validation.records import read_records
from clearinghouse.validation.rules import Detector, Outcome, Run, VariantName

PROBES = Path(__file__).parents[1] / "runtimes" / "probes"
MOST_AGAIN = 2
NEAR_SECONDS = 86_400.0
UNITS = (1.0, 1e3, 1e6, 1e9)
"""Of a second, in which programs count since 1970."""
_NUMBER = re.compile(r"(?<![\w.])\d{10,19}(?:\.\d+)?(?!\w)")
_BOX = "box"
_ADDRESS = re.compile(rb"0x[0-9a-fA-F]{6,}")
_PLACE = re.compile(rb"/job/[\w./-]*")


class Kind(StrEnum):
    """What is looked at."""

    EFFECTS = "effects"
    """Results of the steps, what was printed, files in the working folder."""
    LINES = "lines"
    """Lines of the target that ran."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a run of a harmless form did, as far as it can be told apart."""

    steps: Mapping[str, str]
    """Step or channel → what it gave, as text."""
    through: bool
    """Whether it came to its end."""
    why: str = ""


def asked(stand: Stand, environment: Environment, start: Start) -> Run:
    """Return a run; one that a busy machine cut off is made again, for that says nothing of a patch."""
    run = stand.on(environment, start)
    for again in range(1, 1 + MOST_AGAIN):
        if not _was_cut_off(run):
            break
        run = stand.on(environment, replace(start, number=start.number + 100 * again))
    return run


def _was_cut_off(run: Run) -> bool:
    """Say whether a run may come to its end when made again: not where it had its time and used it."""
    if run.outcome is not Outcome.COULD_NOT_RUN or run.facts.get("fault") or run.tampered:
        return False
    return bool(run.facts.get("starved")) or run.why != OUT_OF_TIME


def effects_of(stand: Stand, environment: Environment, form: Form, *, number: int = 0) -> Effects:
    """Run a form and return what it did; ``number`` tells one run from its repetition."""
    run = _looked(stand, environment, _telling(form, stand), Kind.EFFECTS, number=number)
    steps = {
        f"step {one.index}": f"raises {one.raised}" if not one.ok else _timeless(json.dumps(one.value, sort_keys=True))
        for one in run.steps
    }
    return Effects(steps | dict(run.facts.get("effects", {})), run.outcome is not Outcome.COULD_NOT_RUN, run.why)


def _timeless(text: str) -> str:
    """Return a result without the time of day: what is near it now, in any of the usual units, differs by itself."""
    now = time.time()

    def without(found: re.Match[str]) -> str:
        near = any(abs(float(found[0]) / unit - now) < NEAR_SECONDS for unit in UNITS)
        return "NOW" if near else found[0]

    return _NUMBER.sub(without, text)


def lines_of(
    stand: Stand, environment: Environment, form: Form, *, files: frozenset[str]
) -> dict[str, list[int]] | None:
    """Run a form and return which lines of ``files`` ran, by file; None when the run left no trace of them."""
    run = _looked(stand, environment, _telling(form, stand), Kind.LINES, files=files)
    found: dict[str, list[int]] | None = run.facts.get("lines")
    return found


def _telling(form: Form, stand: Stand) -> Form:
    """Return the form asking for the value of every step, with a size where the proof has many."""
    if form.mode != "calls" or form.document is None:
        return form
    sized = at_size(form.document, stand.proof.sizes[0]) if stand.proof.sizes else form.document
    return replace(form, document={**sized, "report_values": True})


def at_size(value: Any, size: int) -> Any:  # noqa: ANN401 - any JSON value
    """Return ``value`` with ``$n`` put at ``size``."""
    if isinstance(value, Mapping):
        repeated = value.get("$repeat")
        if isinstance(repeated, list) and len(repeated) == 2 and repeated[1] == "$n":  # noqa: PLR2004
            return {"$repeat": [at_size(repeated[0], size), size]}
        return {key: at_size(one, size) for key, one in value.items()}
    return [at_size(one, size) for one in value] if isinstance(value, list) else value


def _looked(
    stand: Stand,
    environment: Environment,
    form: Form,
    kind: Kind,
    *,
    number: int = 0,
    files: frozenset[str] = frozenset(),
) -> Run:
    """Run a form once under a look, or recall it."""
    detector = stand.proof.detector
    watched = Detector.INVARIANT if detector in (Detector.GROWTH, Detector.CRASH) else detector
    proof = replace(stand.proof, form=form, benign=None, detector=watched, sizes=())
    other = replace(stand, proof=proof)
    start = Start(VariantName.PROBE, number=number)
    key = hashlib.sha256(f"{other.key(environment, start)}\0look 2\0{kind}\0{sorted(files)}".encode()).hexdigest()
    known = stand.memory.recall(key)
    if known is not None:
        return known
    run = _made(other, environment, start, kind, files)
    for _ in range(MOST_AGAIN):
        if not _was_cut_off(run):
            break
        run = _made(other, environment, start, kind, files)
    if run.outcome is not Outcome.COULD_NOT_RUN or run.facts.get("fault"):
        run = stand.memory.keep(key, run)
    stand.lab.on_run(run)
    return run


def _made(stand: Stand, environment: Environment, start: Start, kind: Kind, changed: frozenset[str]) -> Run:
    secrets = stand.lab.secrets()
    proof = stand.proof
    argv = argv_of(environment)
    env: dict[str, str] = {}
    mounts = [*mounts_of(environment), Mount(stand.lab.runners.folder(environment.interpreter), "/runner")]
    if kind is Kind.LINES:
        argv, env = covering(argv, environment)
        if environment.interpreter.runtime is Runtime.PYTHON:
            mounts.append(Mount(PROBES / "python", COVER))
    form = proof.form
    files = {} if form.mode in ("calls", "input") else {f"proof/{name}": data for name, data in form.files.items()}
    job = Job(
        argv=argv,
        mounts=tuple(mounts),
        brief=make_brief(proof, form, environment, secrets=secrets),
        env=env,
        files=files,
        collect="cover" if kind is Kind.LINES else _BOX,
        limits=Limits(wall_seconds=wall_seconds(proof)),
    )
    ended = stand.lab.sandbox.run(job)
    run = conclude(proof, read_records(ended.records, key=secrets.key), ended, start, token=secrets.token)
    facts = {**run.facts}
    if kind is Kind.LINES:
        found = lines_run(ended, environment)
        if found is not None:
            facts["lines"] = {path: lines for path, lines in found.items() if path in changed}
    else:
        facts["effects"] = _channels(ended, secrets.token)
    steps = tuple(replace(one, value=_without(one.value, secrets.token)) for one in run.steps)
    interpreter = f"{environment.interpreter.runtime.value} {environment.interpreter.version}"
    return replace(run, version=environment.version, interpreter=interpreter, facts=facts, steps=steps)


def _without(value: Any, token: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value as it would be with any other token."""
    return json.loads(json.dumps(value).replace(token, "TOKEN")) if value is not None else None


def _channels(ended: Ended, token: str) -> dict[str, str]:
    """Return digests of what was printed and of the files left in the working folder."""
    told = {"printed": ended.stdout, "printed as errors": ended.stderr}
    told |= {f"file {name}": data for name, data in sorted(ended.collected.items())[:200]}
    return {name: _digest(data, token) for name, data in told.items() if data}


def _digest(data: bytes, token: str) -> str:
    plain = _PLACE.sub(b"/job", _ADDRESS.sub(b"0x", data.replace(token.encode(), b"TOKEN")))
    return hashlib.sha256(plain).hexdigest()[:32]
