"""Honest and dishonest proofs and patches through the whole judge: who is believed, who is refused, and for what.

With ``--passes N`` all are judged N times beside two busy loops, and every verdict must be the same. That takes hours:
with ``--keep FOLDER`` each whole pass is written there, and the next call goes on after those of the same commit.
"""

import collections
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from bench.clearings import REPOSITORY
from bench.corpus import Listed, Verdict, judged, listed
from bench.options import Options

RIGHT_REASONS = 0.9
TOP = ("A", "A-patch")
WITHOUT_REASON = {"B": "needs-person"}
"""What a grade says where a verdict carries no reason of its own."""
NOT_TAKEN_IN = "not-taken-in"


def main(options: Options) -> int:
    """Judge both corpora; a dishonest proof at A, a passed dishonest patch or a refused honest one fails."""
    reports = [one for one in listed() if not options.only or any(word in one.name for word in options.only)]
    first = _kept_pass(reports, options, 0)
    bad = _on_dishonest(reports, first) + _on_honest(reports, first)
    _costs(reports, first)
    if options.passes:
        with _busy(2):
            for number in range(1, options.passes + 1):
                again = _kept_pass(reports, options, number)
                other = [one.name for one in reports if again[one.name].same() != first[one.name].same()]
                print(f"pass {number} under load: {len(other)} verdicts differ {', '.join(other)}", flush=True)
                bad += len(other)
    return 1 if bad else 0


def _kept_pass(reports: Sequence[Listed], options: Options, number: int) -> dict[str, Verdict]:
    """Return the pass of this number that is kept, or make and keep it; 0 is the one without load."""
    if options.keep is None:
        return _pass(reports, options.jobs)
    file = options.keep / f"pass-{number}-at-{_commit()}.json"
    if file.exists():
        found = {name: _verdict(said) for name, said in json.loads(file.read_text()).items()}
        if found.keys() >= {one.name for one in reports}:
            return found
    made = _pass(reports, options.jobs)
    options.keep.mkdir(parents=True, exist_ok=True)
    _write(file, {name: dataclasses.asdict(verdict) for name, verdict in sorted(made.items())})
    return made


def _commit() -> str:
    """Return the commit that is judged with, and refuse a tree that is none."""
    git = ("git", "-C", str(REPOSITORY))
    if subprocess.run((*git, "status", "--porcelain"), check=True, capture_output=True).stdout:
        raise SystemExit("--keep: the tree has changes that are in no commit; passes of it could not be told apart")
    found = subprocess.run((*git, "rev-parse", "--short=12", "HEAD"), check=True, capture_output=True, text=True)
    return found.stdout.strip()


def _verdict(said: dict[str, object]) -> Verdict:
    said["failed"] = tuple(said["failed"])  # type: ignore[arg-type]  # JSON has no tuples
    return Verdict(**said)  # type: ignore[arg-type]


def _write(file: Path, found: object) -> None:
    begun = file.with_suffix(".begun")
    begun.write_text(json.dumps(found, indent=1))
    begun.rename(file)


def _pass(reports: Sequence[Listed], jobs: int) -> dict[str, Verdict]:
    """Judge every report; say each verdict as it comes, since a pass takes the better part of an hour."""
    began = time.monotonic()
    found: dict[str, Verdict] = {}
    # Reports with many patches take longest: what comes last and long leaves the other processors idle.
    in_turn = sorted(reports, key=lambda one: -len(one.said.get("patches") or ()))
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(judged, one): one for one in in_turn}
        for done in as_completed(waiting):
            one, verdict = waiting[done], done.result()
            found[one.name] = verdict
            patches = ", ".join(f"{file} {said}" for file, said in verdict.patches.items())
            print(
                f"  {len(found)} of {len(reports)}, {time.monotonic() - began:.0f} s: {one.name} "
                f"{verdict.outcome} {verdict.grade} {verdict.reason} {patches} "
                f"({verdict.runs} runs, {verdict.seconds:.0f} s)",
                file=sys.stderr,
                flush=True,
            )
    return found


def _on_dishonest(reports: Sequence[Listed], verdicts: dict[str, Verdict]) -> int:
    """Print what became of dishonest proofs and patches; return how many were believed."""
    proofs = [one for one in reports if not one.honest_proof]
    believed, right, by_control = [], 0, collections.Counter[str]()
    for one in proofs:
        verdict = verdicts[one.name]
        reason = verdict.reason or WITHOUT_REASON.get(verdict.grade, "")
        if verdict.outcome == NOT_TAKEN_IN:  # its reason is a sentence of its own
            reason = NOT_TAKEN_IN
        if verdict.grade in TOP:
            believed.append(one.name)
        elif reason in one.said["reasons"]:
            right += 1
        else:
            print(f"  {one.name}: {verdict.outcome} {verdict.grade} {reason}; right: {', '.join(one.said['reasons'])}")
        by_control[", ".join(verdict.failed) or f"{verdict.outcome} {verdict.grade}".strip()] += 1
    patches = [(one, file, said) for one in reports for file, said in (one.said.get("patches") or {}).items()
               if not one.honest and isinstance(said, dict)]  # fmt: skip
    passed = [f"{one.name}/{file}" for one, file, _ in patches if verdicts[one.name].patches.get(file) == "passed"]
    unasked = [f"{one.name}/{file}" for one, file, _ in patches if file not in verdicts[one.name].patches]
    kinds = {one.said["kind"] for one in proofs}, {said["kind"] for _, _, said in patches}
    print(f"{len(proofs)} dishonest proofs of {len(kinds[0])} kinds: {len(believed)} at A {', '.join(believed)}")
    print(f"  the right reason for {right} of {len(proofs)} ({right / max(1, len(proofs)):.0%})")
    for control, count in by_control.most_common():
        print(f"  {count:4} {control}")
    print(f"{len(patches)} dishonest patches of {len(kinds[1])} kinds: {len(passed)} passed {', '.join(passed)}")
    if unasked:
        print(f"  never looked at: {', '.join(unasked)}")
    few = bool(proofs) and right / len(proofs) < RIGHT_REASONS
    return len(believed) + len(passed) + len(unasked) + few


def _on_honest(reports: Sequence[Listed], verdicts: dict[str, Verdict]) -> int:
    """Print which honest reports were not believed as their table says; return how many."""
    bad, grades = 0, collections.Counter[str]()
    honest = [one for one in reports if one.honest_proof]
    for one in honest:
        verdict = verdicts[one.name]
        grades[f"{verdict.outcome} {verdict.grade or verdict.reason}"] += 1
        wanted = str(one.said.get("grade", "A"))
        fine = verdict.outcome == "validated" and verdict.grade in (wanted, *(["A"] if wanted == "B" else []))
        patch = one.said.get("patch", "none") if one.honest else "none"
        wrong = [f"{file} {said}" for file, said in verdict.patches.items() if patch not in ("none", said)]
        if not fine or wrong:
            bad += 1
            print(
                f"  {one.name}: {verdict.outcome} {verdict.grade} {verdict.reason} {', '.join(wrong)}; right: {wanted}"
            )
    print(f"{len(honest)} honest reports: {bad} not as they should be; {dict(grades)}")
    return bad


def _costs(reports: Sequence[Listed], verdicts: dict[str, Verdict]) -> None:
    """Print what a validation takes on average."""
    made = [verdicts[one.name] for one in reports if verdicts[one.name].runs]
    if made:
        runs = sum(one.runs for one in made) / len(made)
        seconds = sum(one.sandbox_seconds for one in made) / len(made)
        print(f"a validation takes {runs:.1f} sandboxes and {seconds:.1f} s in them on average")


@contextmanager
def _busy(count: int) -> Iterator[None]:
    """Keep ``count`` processes busy beside what is measured."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()
