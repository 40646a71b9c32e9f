"""Reports, documents and folders for tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CALLS = b"steps:\n- {call: yaml.load, args: ['a: 1']}\n"
DIFF = b"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"


def a_report(**changed: object) -> dict[str, Any]:
    """Return a whole report as JSON types; a key given as None is left out."""
    report: dict[str, Any] = {
        "schema": "clearinghouse/report/1",
        "id": "fa-1",
        "finder": "finder-a",
        "title": "Loading runs commands",
        "target": "pkg:pypi/pyyaml@5.3",
        "description": "What is wrong.",
        "trigger": "How it is triggered.",
        "severity": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "proofs": [a_proof()],
        "patches": [{"file": "fix.patch", "base": "5.3", "licence": "MIT"}],
        "tests": [{"file": "test_fix.py", "command": "python test_fix.py"}],
    }
    report.update(changed)
    return {key: value for key, value in report.items() if value is not None}


def a_proof(**changed: object) -> dict[str, Any]:
    """Return a proof as JSON types; a key given as None is left out."""
    proof: dict[str, Any] = {
        "runtime": "python",
        "kind": "calls",
        "entry": "proof.yaml",
        "benign": "benign.yaml",
        "detector": "command-execution",
    }
    proof.update(changed)
    return {key: value for key, value in proof.items() if value is not None}


def some_files(report: Mapping[str, Any] | None = None, **more: bytes) -> dict[str, bytes]:
    """Return the files of a report's folder; ``more`` are further ones, ``__`` in a name stands for a dot."""
    files = {
        "report.json": json.dumps(a_report() if report is None else report).encode(),
        "proof.yaml": CALLS,
        "benign.yaml": CALLS,
        "fix.patch": DIFF,
        "test_fix.py": b"assert True\n",
    }
    return files | {name.replace("__", "."): data for name, data in more.items()}


def a_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` below ``path`` and return it."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path
