"""The affected releases of a package, by running the proof on the real ones."""

from collections.abc import Callable

from clearinghouse.releases.rules import Environment, Release
from clearinghouse.standards import versions
from clearinghouse.validation.controls.notes import TIMED, quiet
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Lab, Memory, Stand
from clearinghouse.validation.launch import Start, ran_through
from clearinghouse.validation.lines import AffectedRange, Line, ReleaseResult, ReleaseStatus
from clearinghouse.validation.ranges import lines_of, search
from clearinghouse.validation.rules import ControlName, Outcome, Run, Said, VariantName
from clearinghouse.validation.subject import Subject

TRIES = 3
"""A timing that is neither clearly slow nor clearly fast is looked at so often."""


class Prober:
    """Says of one release after the other whether the proof shows on it."""

    def __init__(self, subject: Subject, judged: Judged, lab: Lab, memory: Memory) -> None:
        if judged.proof is None or judged.first is None:
            raise ValueError("only a proof that fired can be probed")
        self.subject, self.judged, self.lab, self.memory = subject, judged, lab, memory
        self.proof, self.first = judged.proof, judged.first

    def probe(self, release: Release) -> ReleaseResult:
        """Run the proof on ``release``; where it is silent its benign form must run through."""
        why = "no file of this release can be run"
        every = self.lab.environments.one_by_one(release, first=self.judged.interpreter) if release.files else ()
        for environment, refusal in every:
            if environment is None:
                why = refusal
                continue
            status, why, imports = self._on(environment)
            if status is not ReleaseStatus.NOT_RUN:
                interpreter = f"{environment.interpreter.runtime.value} {environment.interpreter.version}"
                return ReleaseResult(release.version, status, "run", "", interpreter)
            if imports:
                break
        return ReleaseResult(release.version, ReleaseStatus.NOT_RUN, "not-run", why)

    def _on(self, environment: Environment) -> tuple[ReleaseStatus, str, bool]:
        """Return what the release is on this interpreter, why it was not run, and whether it imports there at all."""
        stand = Stand(self.lab, self.proof, environment, self.memory)
        run = stand.on(environment, Start(VariantName.PROBE))
        for number in range(1, TRIES):
            if not self._unclear(run):
                break
            run = stand.on(environment, Start(VariantName.PROBE, number=number))
        if self._unclear(run):
            return ReleaseStatus.NOT_RUN, "its time grows neither clearly nor clearly not", True
        if run.outcome is Outcome.FIRED:
            return ReleaseStatus.AFFECTED, "", True
        if run.outcome is Outcome.COULD_NOT_RUN:
            return ReleaseStatus.NOT_RUN, run.why, run.facts.get("fault") != "import-failed"
        if self.proof.benign is None:
            return ReleaseStatus.NOT_RUN, "silent, but there is no harmless form to show that it ran", True
        benign = stand.on(environment, Start(VariantName.PROBE, benign=True))
        if ran_through(benign, self.proof.benign):
            return ReleaseStatus.UNAFFECTED, "", True
        failed = next((f"step {one.index} raises {one.raised}" for one in benign.steps if not one.ok), benign.why)
        return ReleaseStatus.NOT_RUN, f"silent, but the harmless form does not run through: {failed}", True

    def _unclear(self, run: Run) -> bool:
        timing = self.proof.detector in TIMED
        if not timing or run.facts.get("fault"):
            return False
        return run.outcome is not Outcome.FIRED and not quiet(self.proof, run, self.first)


def affected_range(
    subject: Subject,
    judged: Judged,
    lab: Lab,
    *,
    memory: Memory,
    exhaustive: bool = False,
    on_probe: Callable[[str], None] = lambda version: None,  # noqa: ARG005 - nobody listens
) -> AffectedRange:
    """Return the affected releases of the target's package, line by line."""
    releases = lab.indexes.releases(subject.package)
    by_version = {one.version: one for one in releases}
    prober = Prober(subject, judged, lab, memory)
    interpreter = judged.first.interpreter if judged.first else ""
    known = {subject.version: ReleaseResult(subject.version, ReleaseStatus.AFFECTED, "run", "", interpreter)}
    spared = _spared(judged)
    if spared:
        known[spared] = ReleaseResult(spared, ReleaseStatus.UNAFFECTED, "run", "", interpreter)
    kind = subject.package.split(":", 1)[1].split("/", 1)[0]
    early = frozenset(one for one in by_version if _is_early(kind, one))
    lines: list[Line] = []
    for line in lines_of(releases):
        steps = search(line, known=known, exhaustive=exhaustive, early=early)
        try:
            wanted = next(steps)
            while True:
                on_probe(wanted)
                wanted = steps.send(prober.probe(by_version[wanted]))
        except StopIteration as end:
            lines.append(end.value)
    return AffectedRange(package=subject.package, lines=tuple(lines), exhaustive=exhaustive)


def _spared(judged: Judged) -> str:
    """Return the version of the fixed release that the controls saw unaffected; empty when there is none."""
    passed = {one.name for one in judged.judgement.controls if one.said is Said.PASSED}
    release = judged.judgement.fixed.rpartition("@")[2]
    return release if {ControlName.FIXED, ControlName.BENIGN} <= passed else ""


def _is_early(kind: str, version: str) -> bool:
    """Say whether a version is a pre-release; indexes list some that are none at all."""
    return versions.is_version(kind, version) and versions.is_prerelease(kind, version)
