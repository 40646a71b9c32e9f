"""The skeleton of a report: files with comments and blanks, which `check` accepts once the blanks are filled."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.errors import Conflict, Malformed
from clearinghouse.findings.report.loading import BLANK
from clearinghouse.findings.report.proof import DETECTORS

_BLANKS = (
    "report.yaml: finder, contact, title, target, description, trigger, severity",
    "{entry}: what shows the flaw",
    "{benign}: the same on harmless values",
    "fix.patch: the change that ends the flaw, as a unified diff (or remove patches)",
    "{test}: fails before the change, passes after it (or remove tests)",
)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What was written, and what is left to the finder."""

    files: tuple[Path, ...]
    blanks: tuple[str, ...]


def write_skeleton(folder: Path, *, kind: str, runtime: str, detector: str) -> Skeleton:
    """Write the skeleton of a report into ``folder``.

    Raises:
        Malformed: the detector is not known, or does not go with the kind or the runtime.
        Conflict: the folder holds a report already.
    """
    files = skeleton_files(kind=kind, runtime=runtime, detector=detector)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Skeleton(tuple(folder / name for name in files), blanks_of(kind=kind, runtime=runtime))


def skeleton_files(*, kind: str, runtime: str, detector: str) -> dict[str, str]:
    """Return the files of the skeleton of a report, by name.

    Raises:
        Malformed: the detector is not known, or does not go with the kind or the runtime.
    """
    _check(kind, runtime, detector)
    names = _names(kind, runtime)
    return {
        "report.yaml": _report(kind, runtime, detector, names),
        names["entry"]: _proof(kind, runtime, detector, harmless=False),
        names["benign"]: _proof(kind, runtime, detector, harmless=True),
        "fix.patch": "--- a/fill-this-in\n+++ b/fill-this-in\n@@ -1 +1 @@\n-fill-this-in\n+fill-this-in\n",
        names["test"]: _test(runtime),
    }


def blanks_of(*, kind: str, runtime: str) -> tuple[str, ...]:
    """Return what a skeleton leaves to the finder."""
    names = _names(kind, runtime)
    return tuple(one.format(**names) for one in _BLANKS)


def _check(kind: str, runtime: str, detector: str) -> None:
    if detector not in DETECTORS:
        raise Malformed(f"{detector!r} is no detector; use one of {', '.join(DETECTORS)}")
    if detector in ("growth", "invariant") and kind != "calls":
        raise Malformed(f"{detector} is judged on calls only; use --kind calls")
    if detector == "pollution" and runtime != "node":
        raise Malformed("only Node has prototypes to pollute; use --runtime node")


def _names(kind: str, runtime: str) -> dict[str, str]:
    ending = {"calls": "yaml", "input": "bin", "program": "py" if runtime == "python" else "js"}[kind]
    script = "py" if runtime == "python" else "js"
    return {"entry": f"proof.{ending}", "benign": f"benign.{ending}", "test": f"test_fix.{script}"}


def _report(kind: str, runtime: str, detector: str, names: Mapping[str, str]) -> str:
    ecosystem = "pypi" if runtime == "python" else "npm"
    program = "python" if runtime == "python" else "node"
    lines = [
        "# A report to the clearinghouse. Every key: docs/guide/report-format.md. Your own keys begin with x-.",
        "schema: clearinghouse/report/1",
        f"id: {BLANK}                      # your own name for it; handing it in again is the same report",
        f"finder: {BLANK}                  # your handle",
        "contact: fill-this-in@example.org",
        "# credit: How you wish to be named",
        "tlp: AMBER                       # CLEAR GREEN AMBER AMBER+STRICT RED",
        '# deadline: {date: 2099-01-20, policy: "https://example.org/policy"}',
        "ai:",
        "  - {phase: discovery, used: false}",
        "  # - {phase: validation, used: true, tool: confidential}   # public or confidential",
        f'title: "{BLANK}"',
        f"target: pkg:{ecosystem}/{BLANK}@0  # the release on which you saw it",
        f'# affects: [{{package: "pkg:{ecosystem}/name", range: "vers:{ecosystem}/<1.0"}}]',
        "# aliases: [CVE-2020-14343]",
        "# references: [https://example.org/]",
        "description: |                   # 1. what is wrong",
        f"  {BLANK}",
        "trigger: |                       # 2. how it is triggered",
        f"  {BLANK}",
        "severity:                        # 3. CVSS 3.1 or 4.0",
        '  - "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"',
        "# weaknesses: [CWE-20]",
        "# locations: [{path: src/file, line: 1, symbol: name}]",
        "proofs:                          # 4. what shows it",
        f"  - runtime: {runtime}",
        f"    kind: {kind}",
        f"    entry: {names['entry']}",
        f"    benign: {names['benign']}          # the same on harmless values: the control",
        f"    detector: {detector}",
        *_extras(kind, runtime, detector),
        "    limit_seconds: 20",
        "patches:                         # 5. what ends it",
        f'  - {{file: fix.patch, base: "{BLANK}", licence: MIT}}',
        "tests:                           # 6. fails before the patch, passes after it",
        f"  - {{file: {names['test']}, command: {program} {names['test']}}}",
    ]
    return "\n".join(lines) + "\n"


def _extras(kind: str, runtime: str, detector: str) -> list[str]:
    call = "fill_this_in.load" if runtime == "python" else f"{BLANK}#load"
    lines = []
    if kind == "input":
        lines.append(f'    harness: {{call: "{call}", as: bytes}}')
    if detector == "exception":
        lines.append("    expect: {exception: RecursionError}")
    if detector == "growth":
        lines.append("    sizes: [1000, 2000, 4000, 8000]")
    return lines


def _proof(kind: str, runtime: str, detector: str, *, harmless: bool) -> str:
    if kind == "calls":
        return _calls(runtime, detector, harmless=harmless)
    bait = "harmless" if harmless else "@@TOKEN@@"
    if kind == "input":
        return f"{BLANK} {bait}\n"
    if runtime == "python":
        return f'import fill_this_in  # the target\n\nfill_this_in.load("{bait}")\n'
    return f'const target = require("{BLANK}");\n\ntarget.load("{bait}");\n'


def _calls(runtime: str, detector: str, *, harmless: bool) -> str:
    path = "fill_this_in.load" if runtime == "python" else f"{BLANK}#load"
    value = json.dumps("harmless") if harmless else _bait(detector)
    expectation = ", must_equal: null" if detector == "invariant" else ""
    return (
        "# A list of calls into the target, as data. Marks: docs/guide/report-format.md.\n"
        "steps:\n"
        f'  - {{call: "{path}", args: [{value}]{expectation}}}\n'
    )


def _bait(detector: str) -> str:
    return {
        "file-read": "{$canary: absolute}",
        "file-write": "{$canary: absolute}",
        "growth": '{$repeat: ["a", "$n"]}',
        "pollution": '{$map: [["__proto__", {$map: [[{$nonce: true}, 1]]}]]}',
        "network": '{$cat: ["http://", {$nonce: true}, ".invalid/"]}',
    }.get(detector, "{$nonce: true}")


def _test(runtime: str) -> str:
    if runtime == "python":
        docstring = '"""Fails on the flawed release, passes once the patch is applied."""'
        return f"{docstring}\n\nimport fill_this_in  # the target\n"
    return f'// Fails on the flawed release, passes once the patch is applied.\nrequire("{BLANK}");\n'
