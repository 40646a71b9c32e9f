"""A small believable world: cases of three packages, a claim, a held, a refused and a not judged report."""

from dataclasses import replace
from typing import Any

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions
from clearinghouse.findings.models import RefusedReport
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.signing.keys import SigningKey
from clearinghouse.validation.lines import AffectedRange
from clearinghouse.validation.rules import (
    Control,
    ControlName,
    Detector,
    FindingOutcome,
    Grade,
    PatchSaid,
    Reason,
    Said,
    VariantName,
)
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, a_line, a_range, a_run, ids, not_validated

SIGNER = SigningKey(bytes(range(32)))
LODASH_STATE = ("lodash.baseZipObject", "lodash.zipObjectDeep")

LODASH_PATCH = """--- a/lodash.js
+++ b/lodash.js
@@ -3970,6 +3970,9 @@
       while (++index < length) {
+        if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
+          return object;
+        }
         var path = paths[index],
"""


def lodash_range() -> AffectedRange:
    """Return the releases of lodash: two lines, one with a backport."""
    old = a_line(*((f"3.{n}.0", "not-run") for n in range(4)), ("3.10.1", "affected"), ("3.10.2", "unaffected"))
    new = a_line(
        *((f"4.{n}.0", "affected") for n in range(1, 17)),
        *((f"4.17.{n}", "affected") for n in range(19)),
        ("4.17.19", "unaffected"),
        ("4.17.20", "unaffected"),
        ("4.17.21", "unaffected"),
    )
    return a_range("pkg:npm/lodash", old, new)


def lodash_judgement(**changes: Any) -> Any:  # noqa: ANN401
    """Return a judgement of a polluted prototype in lodash."""
    fields: dict[str, Any] = {
        "target": "pkg:npm/lodash@4.17.15",
        "fixed": "pkg:npm/lodash@4.17.19",
        "detector": Detector.POLLUTION,
        "state": LODASH_STATE,
        "sink": "Object.prototype",
        "interpreter": "node 20.20.0",
        "document": {"steps": [{"call": "lodash#zipObjectDeep", "args": [["__proto__.x"], [1]]}]},
    }
    return a_judgement(**(fields | changes))


def a_world(store: Artefacts) -> None:
    """Keep the world and join it."""
    a_finding(store, "fa-2026-0042")
    a_finding(
        store,
        "B-17",
        finder="finder-b",
        patch=None,
        report={
            "title": "FullLoader executes shell commands found in YAML",
            "ai": [
                {"phase": "discovery", "used": True, "tool": "confidential", "name": "in-house agent"},
                {"phase": "patch-development", "used": True, "tool": "confidential"},
            ],
        },
    )
    a_finding(
        store,
        "c_0009",
        finder="finder-c",
        patch=None,
        judgement=a_judgement(state=("yaml.constructor.find_python_name",), sink="import", document={"steps": []}),
        report={"title": "Any module can be imported by a document", "locations": [], "weaknesses": ["CWE-913"]},
    )
    for finder, ref in (("finder-b", "B-21"), ("finder-d", "D/2026/3")):
        a_finding(
            store,
            ref,
            finder=finder,
            judgement=lodash_judgement(),
            releases=lodash_range(),
            patch=LODASH_PATCH,
            report={
                "title": "zipObjectDeep lets input change the prototype of every object",
                "aliases": ["CVE-2020-8203", "GHSA-p6mc-m468-83gw"],
                "affects": [],
                "description": "A path such as `__proto__.x` is followed into the prototype.",
                "trigger": "Call `zipObjectDeep` with paths that a client sends.",
                "impact": "Other code then sees values it never set: checks can be passed or the service stopped.",
                "weaknesses": ["CWE-1321"],
                "severity": ["CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H"],
                "locations": [{"path": "lodash.js", "symbol": "baseZipObject"}],
                "references": ["https://nvd.nist.example/vuln/CVE-2020-8203"],
                "workaround": None,
                "ai": [] if finder == "finder-d" else [{"phase": "discovery", "used": False}],
            },
        )
    a_finding(
        store,
        "fa-2026-0051",
        judgement=a_judgement(
            target="pkg:npm/semver@7.3.0",
            fixed="pkg:npm/semver@7.5.2",
            detector=Detector.GROWTH,
            grade=Grade.B,
            reason=Reason.NEEDS_PERSON,
            proof_kind="program",
            state=(),
            sink="growth",
            document={"steps": [{"call": "semver#Range"}]},
        ),
        releases=a_range(
            "pkg:npm/semver",
            a_line(*((f"7.{n}.0", "affected") for n in range(5)), ("7.5.1", "affected"), ("7.5.2", "unaffected")),
        ),
        said=PatchSaid.HELD,
        report={
            "title": "A long range takes quadratic time",
            "aliases": ["CVE-2022-25883"],
            "affects": [],
            "weaknesses": ["CWE-1333"],
            "severity": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"],
            "locations": [],
            "public": {"value": "unknown", "evidence": []},
            "exploited": {"value": "unknown", "evidence": []},
            "references": [],
            "workaround": None,
        },
    )
    aside = (
        (
            FindingOutcome.CLAIM,
            Reason.NO_PROOF,
            "The report carries no proof that can be run; it is listed as a claim.",
        ),
        (FindingOutcome.REFUSED, Reason.FINDERS_ACT, "What was seen was done by the proof's own code, not the target."),
        (FindingOutcome.HELD, Reason.FLAKY, "The proof shows in some runs and not in others (3 of 5)."),
        (FindingOutcome.NOT_JUDGED, Reason.NO_INTERPRETER, "No interpreter here can run the release."),
    )
    flaky = (
        a_run(VariantName.VULNERABLE, "5.3", 0, fired=True),
        a_run(VariantName.VULNERABLE, "5.3", 1, fired=False),
    )
    seen: dict[FindingOutcome, dict[str, Any]] = {
        FindingOutcome.HELD: {
            "runs": flaky,
            "controls": (Control(ControlName.REPEAT, Said.FAILED, "The proof shows in 3 of 5 runs."),),
        },
    }
    for number, (outcome, reason, sentence) in enumerate(aside):
        grade = Grade.D if outcome is FindingOutcome.CLAIM else None
        a_finding(
            store,
            f"D-{number}",
            finder="finder-d",
            judgement=replace(not_validated(outcome, reason, sentence, grade=grade), **seen.get(outcome, {})),
            report={"title": "A template can read files of the host", "aliases": []},
        )
    RefusedReport.objects.create(
        name="broken.tar.gz",
        problems=[
            {
                "code": "leaves-folder",
                "field": "proofs[0].entry",
                "reason": "../../etc/passwd leaves the folder",
                "fix": "name a file of the report",
            }
        ],
        received_at=NOON,
        created_at=NOON,
    )
    actions.join_findings(artefacts=store, new_id=ids(), actor=CLEARINGHOUSE, at=NOON)
