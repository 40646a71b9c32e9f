"""Harmless programs, watched as the judge watches them: nothing of ours may crash, raise, fire or change what they do.

Draws the harmless forms of the honest corpus and of the believed ``examples/reports`` in rotation, through the judge's
own launch. What a form prints, how its steps and its process end is held against the same form in the same sandbox
without hooks; one that does not do the same twice by itself is held against nothing: it is looked at for faults.
"""

import collections
import os
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.clearings import EXAMPLES
from bench.corpus import CORPUS
from bench.expected import expected_in
from bench.options import Options
from clearinghouse.commands.attempt import read_subject
from clearinghouse.errors import ClearinghouseError, NotPossible
from clearinghouse.releases.rules import Environment, Release, Runtime
from clearinghouse.sandbox.profile import Ended, Job, Sandbox
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.equipment import open_lab
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import Start, hooked, launch
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Outcome, Run, VariantName

RUNS = 1000
MOST_LENT = 12
"""So many harmless forms are watched by a detector that no report of their ecosystem names."""
MOST_LOOKS = 4
"""So often a form is run again without hooks before a difference counts: some differ by themselves now and then."""
GAVE_UP = (b"clearinghouse runner:", b"/runner/")
"""What the runner's own failure leaves on standard error."""
HERE = Start(VariantName.VULNERABLE)


class Kept:
    """A sandbox that remembers how the last job ended."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.tier = sandbox.tier
        self.last: Ended | None = None

    def run(self, job: Job) -> Ended:
        """Run ``job`` and remember how it ended."""
        self.last = self._sandbox.run(job)
        return self.last


@dataclass(frozen=True, slots=True)
class Style:
    """One way of watching a harmless form."""

    name: str
    watched: Proof
    """The harmless form in the place of the proof."""
    plain: Proof | None
    """The same without hooks; None where the watched one has none either."""


@dataclass(frozen=True, slots=True)
class Case:
    """A harmless form where it runs, watched in one way."""

    report: str
    environment: Environment
    style: Style

    @property
    def group(self) -> tuple[str, str, str]:
        """What it is counted under: ecosystem, detector and style."""
        return self.style.watched.runtime.value, self.style.watched.detector.value, self.style.name


@dataclass(frozen=True, slots=True)
class Done:
    """What a form did, as far as it must not change; texts without what is new in every run."""

    exit_code: int | None
    signal: int | None
    printed: bytes
    steps: tuple[tuple[int, bool, str, str], ...]
    gave_up: bool


def main(options: Options) -> int:
    """Run harmless forms in rotation; every run in which something of ours shows is printed, and fails."""
    from clearinghouse.config import settings

    lab = open_lab(settings.CLEARINGHOUSE_CACHE, demand=settings.CLEARINGHOUSE_SANDBOX)
    desk = Desk(replace(lab, sandbox=Kept(lab.sandbox)))
    cases = list(_cases(lab, options.only))
    cases += lent(cases)
    if not cases:
        print("no harmless form can be run here")
        return 1
    random.Random(options.seed or 0).shuffle(cases)  # noqa: S311 - an order, not a secret
    wanted, began = options.runs or RUNS, time.monotonic()
    counts: dict[tuple[str, str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for number in range(wanted):
        case = cases[number % len(cases)]
        said = desk.look(case)
        counts[case.group][said.kind] += 1
        if said.kind == "fault":
            print(f"  {case.report} ({' '.join(case.group)}): {'; '.join(said.faults)}", flush=True)
        if number % 100 == 99:  # noqa: PLR2004 - a sign of life now and then
            print(f"  {number + 1} of {wanted}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    faults = _table(counts)
    seconds = time.monotonic() - began
    print(f"{wanted} harmless runs of {len(cases)} forms and styles in {seconds:.0f} s: {faults} with a fault of ours")
    print(f"load average at the end {', '.join(f'{one:.1f}' for one in os.getloadavg())}")
    return 1 if faults else 0


def _table(counts: Mapping[tuple[str, str, str], collections.Counter[str]]) -> int:
    """Print the counts of each group; return how many runs had a fault."""
    for group, found in sorted(counts.items()):
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
        print(f"  {' '.join(group):46} {sum(found.values()):5} runs: {said}")
    return sum(found["fault"] for found in counts.values())


def _cases(lab: Lab, only: Sequence[str]) -> Iterator[Case]:
    """Yield every harmless form that can be run here, in every style; say which cannot."""
    believed = [name for name, want in expected_in(EXAMPLES).items() if want.get("outcome") == "validated"]
    folders = [*(CORPUS / "honest").iterdir(), *(EXAMPLES / "reports" / name for name in believed)]
    for folder in sorted(one for one in folders if one.is_dir()):
        if only and not any(word in folder.name for word in only):
            continue
        try:
            yield from _cases_of(lab, folder)
        except ClearinghouseError as refusal:
            print(f"  not run, {folder.name}: {str(refusal)[:160]}", flush=True)


def _cases_of(lab: Lab, folder: Path) -> Iterator[Case]:
    subject = read_subject(folder)
    proofs = [one for one in subject.proofs if one.benign is not None]
    if proofs:
        release = lab.release(subject.package, subject.version)
        for proof in proofs:
            environment = _where_it_imports(lab, release, proof)
            yield from (Case(folder.name, environment, style) for style in styles_of(proof))


def _where_it_imports(lab: Lab, release: Release, proof: Proof) -> Environment:
    """Return the environment that the judge would come to: the first in which the target can be imported.

    Raises:
        NotPossible: there is none.
    """
    assert proof.benign is not None  # noqa: S101 - asked for before
    harmless = replace(proof, form=proof.benign, benign=None)
    for environment, _ in lab.environments.one_by_one(release):
        if environment is not None:
            runner = lab.runners.folder(environment.interpreter)
            run, _records = launch(harmless, environment, lab.sandbox, HERE, runner=runner, secrets=lab.secrets())
            if run.facts.get("fault") != "import-failed":
                return environment
    raise NotPossible("no interpreter here imports it")


def lent(cases: Sequence[Case]) -> list[Case]:
    """Return cases for the detectors that no report of an ecosystem names: other reports' harmless forms."""
    found = []
    for runtime in {one.environment.interpreter.runtime for one in cases}:
        here = [one for one in cases if one.environment.interpreter.runtime is runtime and one.style.name == "hooked"]
        named = {one.style.watched.detector for one in here} | {Detector.GROWTH, Detector.HANG}
        if runtime is Runtime.PYTHON:
            named.add(Detector.POLLUTION)  # Node's alone
        for detector in sorted(set(Detector) - named):
            for case in here[:MOST_LENT]:
                watched = replace(case.style.watched, detector=detector, expect={})
                found.append(replace(case, style=replace(case.style, watched=watched)))
    return found


def styles_of(proof: Proof) -> list[Style]:
    """Return the ways in which the harmless form of a proof is watched."""
    form = proof.benign
    assert form is not None  # noqa: S101 - asked for before
    harmless = replace(proof, form=form, benign=None)
    bare = replace(harmless, detector=Detector.HANG)
    if proof.detector is Detector.GROWTH:
        small = hooked(harmless)
        timed = Style("measured by turns", replace(harmless, benign=form), None)
        return [timed, Style("smallest size", small, replace(small, detector=Detector.HANG))]
    watched = Style("hooked" if proof.detector is not Detector.HANG else "timed", harmless,
                    bare if proof.detector is not Detector.HANG else None)  # fmt: skip
    if form.mode != "program":
        return [watched]
    return [watched, Style("recorded", replace(harmless, form=replace(form, mode="record")), bare)]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one run."""

    kind: str
    """``same``; ``quiet``, where there is nothing to hold it against; ``unclear``, on a busy machine; or ``fault``."""
    faults: tuple[str, ...] = ()


class Desk:
    """Runs cases, and knows what each form does without hooks."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._plain: dict[str, list[Done]] = {}

    def look(self, case: Case) -> Said:
        """Run a case once and say what became of it."""
        run, records, ended, done = self._run(case, case.style.watched)
        if run.facts.get("starved") or run.facts.get("unclear"):
            return Said("unclear")
        faults = faults_of(run, records, ended)
        plain = self._known(case)
        steady = bool(plain) and plain[0] == plain[1]
        if steady and done not in plain and not self._differs_by_itself(case, done):
            faults.append(f"it does otherwise without hooks: {_difference(done, plain[0])}")
        if not steady and done.gave_up and not any(one.gave_up for one in plain):
            faults.append("the runner stands on standard error")
        if faults:
            return Said("fault", tuple(faults))
        return Said("same" if steady else "quiet")

    def _known(self, case: Case) -> list[Done]:
        """Return what a form did in its runs without hooks; nothing where there are none of it."""
        if case.style.plain is None:
            return []
        key = f"{case.report} {id(case.style.plain.form)} {case.style.plain.form.document}"
        if key not in self._plain:
            self._plain[key] = [self._run(case, case.style.plain)[3] for _ in range(2)]
        return self._plain[key]

    def _differs_by_itself(self, case: Case, done: Done) -> bool:
        """Say whether the form does that without hooks too, now and then."""
        assert case.style.plain is not None  # noqa: S101 - it has been compared
        known = self._known(case)
        for _ in range(MOST_LOOKS):
            known.append(self._run(case, case.style.plain)[3])
            if known[-1] == done:
                return True
        return False

    def _run(self, case: Case, proof: Proof) -> tuple[Run, Records, Ended, Done]:
        secrets = self._lab.secrets()
        runner = self._lab.runners.folder(case.environment.interpreter)
        run, records = launch(proof, case.environment, self._lab.sandbox, HERE, runner=runner, secrets=secrets)
        assert isinstance(self._lab.sandbox, Kept)  # noqa: S101 - made so
        ended = self._lab.sandbox.last
        assert ended is not None  # noqa: S101 - it has just run
        return run, records, ended, done_of(records, ended, secrets.token)


def done_of(records: Records, ended: Ended, token: str) -> Done:
    """Return what a form did: what it printed, how its steps and its process ended."""
    steps = tuple(
        (int(one.get("index", 0)), bool(one.get("ok")), str(one.get("raised", "")),
         repr(one.get("value")).replace(token, "<token>"))
        for one in records.of("step")
    )  # fmt: skip
    printed = ended.stdout.replace(token.encode("ascii"), b"<token>")
    gave_up = any(one in ended.stderr for one in GAVE_UP)
    return Done(ended.exit_code, ended.signal, printed, steps, gave_up)


def faults_of(run: Run, records: Records, ended: Ended) -> list[str]:
    """Return what of ours went wrong in a run that must show nothing."""
    found = []
    if run.tampered:
        found.append(f"its records cannot be trusted: {run.tampered}")
    if run.outcome is Outcome.FIRED:
        found.append(f"it fired: {run.witness.summary if run.witness else ''}")
    if run.facts.get("fault"):
        found.append(f"the runner says {run.why}")
    elif not records.ended and not run.tampered:
        found.append(f"it did not come to its end: {run.why or 'without a word'}")
    if ended.observed is not None and ended.observed.why:
        found.append(f"the observer could not look: {ended.observed.why}")
    return found


def _difference(one: Done, other: Done) -> str:
    """Return where two differ, in words."""
    names = [name for name in Done.__slots__ if getattr(one, name) != getattr(other, name)]
    return ", ".join(f"{name} {str(getattr(one, name))[:80]} for {str(getattr(other, name))[:80]}" for name in names)
