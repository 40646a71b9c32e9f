"""Validated findings as rows, believable to the last field: what judging, ranging and patch checks would have kept."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clearinghouse.artefacts import Artefacts
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.standards import purl
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.lines import AffectedRange, Line, ReleaseResult, ReleaseStatus
from clearinghouse.validation.models import Validation
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    Detector,
    FindingOutcome,
    Frame,
    Grade,
    Judgement,
    Outcome,
    Owner,
    PatchCheck,
    PatchResult,
    PatchSaid,
    Reason,
    Run,
    Said,
    VariantName,
    Witness,
)
from clearinghouse.validation.shapes import dump
from tests.cases.makers import NOON

STATE = ("yaml.constructor.make_python_instance", "yaml.constructor.construct_python_object_new")
PATCH = """--- a/lib/yaml/constructor.py
+++ b/lib/yaml/constructor.py
@@ -570,7 +570,7 @@ class FullConstructor(SafeConstructor):
     def make_python_instance(self, suffix, node,
             args=None, kwds=None, newobj=False, unsafe=False):
-        cls = self.find_python_name(suffix, node.start_mark)
+        cls = self.find_python_name(suffix, node.start_mark, unsafe)
         if not (unsafe or isinstance(cls, type)):
             raise ConstructorError("while constructing a Python instance")
"""


def a_run(variant: VariantName, version: str, number: int, *, fired: bool, state: Sequence[str] = STATE) -> Run:
    """Return a run as the judge keeps it."""
    named = [one.rpartition(".") for one in state]
    frames = tuple(
        Frame(Owner.TARGET, module, function, "constructor.py", 572 - place)
        for place, (module, _, function) in enumerate(named)
    )
    witness = Witness(
        Detector.COMMAND_EXECUTION, "os.system", "os.system was called with <token>", Owner.TARGET, frames
    )
    return Run(
        variant=variant,
        version=version,
        benign=False,
        number=number,
        outcome=Outcome.FIRED if fired else Outcome.SILENT,
        witness=witness if fired else None,
        wall_seconds=0.21,
        cpu_seconds=0.18,
        tier="bubblewrap",
        interpreter="python 3.12.1",
    )


def a_judgement(**changes: Any) -> Judgement:  # noqa: ANN401
    """Return a judgement of grade A on a command execution."""
    state = changes.get("state", STATE)
    fields: dict[str, Any] = {
        "outcome": FindingOutcome.VALIDATED,
        "grade": Grade.A,
        "reason": None,
        "sentence": "The proof fires on the vulnerable release and is silent on the fixed one; every control holds.",
        "detector": Detector.COMMAND_EXECUTION,
        "proof_kind": "calls",
        "target": "pkg:pypi/pyyaml@5.3",
        "fixed": "pkg:pypi/pyyaml@5.4",
        "controls": (
            Control(ControlName.BENIGN, Said.PASSED, "the harmless calls succeed on every variant and are silent"),
            Control(ControlName.SHOWS, Said.PASSED, "fired in 5 of 5 runs on 5.3"),
            Control(ControlName.FIXED, Said.PASSED, "silent in 3 of 3 runs on 5.4"),
            Control(ControlName.NULLS, Said.PASSED, "silent on a target that returns nothing and on one that raises"),
            Control(ControlName.SWAP, Said.PASSED, "follows the code, not the name or the version"),
            Control(ControlName.TOKEN, Said.PASSED, "fires with another token in another place"),
            Control(ControlName.BLAME, Said.PASSED, "the innermost frame is the target's own"),
            Control(ControlName.CODE_BY_DESIGN, Said.NOT_POSSIBLE, "the fixed release does not read this input"),
        ),
        "runs": (
            *(a_run(VariantName.VULNERABLE, "5.3", n, fired=True, state=state) for n in range(5)),
            *(a_run(VariantName.FIXED, "5.4", n, fired=False) for n in range(3)),
            a_run(VariantName.NULL_RETURNS, "5.3", 0, fired=False),
            a_run(VariantName.NULL_RAISES, "5.3", 0, fired=False),
            a_run(VariantName.SWAP_TO_FIXED, "5.3", 0, fired=True, state=state),
            a_run(VariantName.SWAP_TO_VULNERABLE, "5.4", 0, fired=False),
        ),
        "state": STATE,
        "sink": "os.system",
        "tier": "bubblewrap",
        "interpreter": "python 3.12.1",
        "document": {"steps": [{"call": "yaml.load", "args": ["!!python/object/new:os.system [x]"]}]},
    }
    return Judgement(**(fields | changes))


def a_line(*results: tuple[str, str]) -> Line:
    """Return a release line from (version, status) pairs; its events follow from them."""
    events: list[dict[str, str]] = []
    rows: list[ReleaseResult] = []
    before = ""
    for version, said in results:
        status = ReleaseStatus(said)
        why = "no interpreter at hand runs it" if status is ReleaseStatus.NOT_RUN else ""
        rows.append(ReleaseResult(version, status, "not-run" if why else "run", why, "" if why else "python 3.12.1"))
        if status is ReleaseStatus.AFFECTED and before != "affected":
            events.append({"introduced": version if rows[:-1] else "0"})
        elif status is ReleaseStatus.UNAFFECTED and before == "affected":
            events.append({"fixed": version})
        before = said if said != "not-run" else before
    if before == "affected":
        events.append({"last_affected": rows[-1].version})
    return Line(tuple(rows), probes=7, events=tuple(events))


def a_range(package: str = "pkg:pypi/pyyaml", *lines: Line) -> AffectedRange:
    """Return the affected releases of a package; of PyYAML unless lines are given."""
    usual = a_line(
        ("3.13", "not-run"),
        ("5.1", "affected"),
        ("5.1.1", "affected"),
        ("5.2", "affected"),
        ("5.3", "affected"),
        ("5.3.1", "affected"),
        ("5.4", "unaffected"),
        ("6.0", "unaffected"),
    )
    return AffectedRange(package, lines or (usual,), exhaustive=False)


def a_patch_result(digest: str, said: PatchSaid = PatchSaid.PASSED) -> PatchResult:
    """Return what the checks say of a patch."""
    checks = (
        PatchCheck("proof-stops", Said.PASSED, "silent in 3 of 3 runs on the patched release"),
        PatchCheck("benign-same", Said.PASSED, "the harmless calls return the same as before"),
        PatchCheck("report-test", Said.PASSED, "test_fix.py fails before the patch and passes after it"),
        PatchCheck("project-tests", Said.NOT_RUN, "this release carries no tests"),
    )
    return PatchResult(
        digest, "fix.patch", said, "The patch stops the proof and changes nothing else we can see.", checks
    )


def a_finding(
    artefacts: Artefacts,
    ref: str = "fa-1",
    *,
    finder: str = "finder-a",
    report: dict[str, Any] | None = None,
    files: dict[str, bytes] | None = None,
    judgement: Judgement | None = None,
    releases: AffectedRange | None = None,
    patch: str | None = PATCH,
    said: PatchSaid = PatchSaid.PASSED,
    at: datetime = NOON,
) -> Finding:
    """Keep a settled finding and its validation; by default a code execution in PyYAML of grade A with a good patch."""
    judgement = judgement or a_judgement()
    kept = {"proof.yaml": b"steps:\n- {call: yaml.load, args: ['x']}\n", "benign.yaml": b"steps: []\n"} | (files or {})
    if patch is not None:
        kept["fix.patch"] = patch.encode()
    digests = {name: artefacts.put(data) for name, data in kept.items()}
    said_of_it: dict[str, Any] = {
        "schema": "clearinghouse/report/1",
        "id": ref,
        "finder": finder,
        "credit": f"{finder.title()} Research",
        "title": "Loading a document can run commands",
        "target": judgement.target,
        "affects": [{"package": purl.parse(judgement.target).package, "range": "vers:pypi/<5.4"}],
        "aliases": ["CVE-2020-14343"],
        "references": ["https://nvd.nist.example/vuln/CVE-2020-14343"],
        "description": "The full loader builds any class that a document names.",
        "trigger": "Load a document that holds `!!python/object/new`.",
        "impact": "Whoever can hand in a document runs commands as the service.",
        "weaknesses": ["CWE-20"],
        "severity": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "locations": [{"path": "lib/yaml/constructor.py", "line": 476, "symbol": "FullConstructor.find_python_name"}],
        "environment": {"interpreter": "python >=3.6", "default_configuration": True},
        "exploited": {"value": "no", "evidence": []},
        "public": {"value": "yes", "evidence": ["https://nvd.nist.example/vuln/CVE-2020-14343"]},
        "workaround": "Use yaml.safe_load.",
        "ai": [{"phase": "discovery", "used": True, "tool": "confidential"}],
        "proofs": [
            {
                "runtime": "python",
                "kind": judgement.proof_kind,
                "entry": "proof.yaml",
                "benign": "benign.yaml",
                "detector": judgement.detector,
            }
        ],
        "patches": [{"file": "fix.patch", "base": "5.3", "licence": "MIT"}] if patch is not None else [],
    } | (report or {})
    finding = Finding.objects.create(
        key=hashlib.sha256(f"{finder}/{ref}".encode()).hexdigest(),
        finder=finder,
        finder_ref=ref,
        report=said_of_it,
        artefacts=digests,
        source="report",
        source_name=ref,
        received_at=at,
        created_at=at,
        readiness=[
            {"element": "description", "said": True, "hint": ""},
            {"element": "proof", "said": bool(judgement.detector), "hint": ""},
        ],
        state=FindingState.SETTLED,
    )
    validated = judgement.outcome is FindingOutcome.VALIDATED
    Validation.objects.create(
        finding=finding,
        state=ValidationState.SETTLED,
        created_at=at,
        judgement=dump(judgement),
        environments={judgement.target: ["sha256:" + "ab" * 32]},
        ranges=dump(releases or a_range()) if validated else None,
        patches=[dump(a_patch_result(digests["fix.patch"], said))] if validated and patch is not None else [],
    )
    return finding


def not_validated(
    outcome: FindingOutcome, reason: Reason | None, sentence: str, *, grade: Grade | None = None
) -> Judgement:
    """Return a judgement that makes no case."""
    return a_judgement(
        outcome=outcome, reason=reason, sentence=sentence, grade=grade, controls=(), runs=(), state=(), sink=""
    )


def ids() -> Any:  # noqa: ANN401
    """Return a maker of public ids that counts, so that tests know them."""
    numbers = iter(range(1, 1000))
    return lambda: f"CASE-{next(numbers):08d}"
