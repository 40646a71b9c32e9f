"""One small foreign document of each kind, and what becomes of it."""

import json
from typing import Any

import pytest

from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.intake.reading import read_document

OSV: dict[str, Any] = {
    "schema_version": "1.6.0",
    "id": "PYSEC-2021-142",
    "modified": "2021-07-15T02:22:00Z",
    "aliases": ["CVE-2020-14343"],
    "details": "It runs commands.",
    "affected": [
        {
            "package": {"name": "PyYAML", "ecosystem": "PyPI", "purl": "pkg:pypi/pyyaml"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.4"}]}],
            "versions": ["3.10", "5.3"],
        }
    ],
    "references": [{"type": "WEB", "url": "https://example.org/"}, {"type": "WEB", "url": "javascript:alert(1)"}],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "database_specific": {"cwe_ids": ["CWE-20"]},
}
VDR: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"manufacturer": {"name": "Finder A, Inc."}},
    "components": [{"bom-ref": "r1", "type": "library", "name": "lodash", "purl": "pkg:npm/lodash@4.17.20"}],
    "vulnerabilities": [
        {
            "id": "CVE-2021-23337",
            "description": "Templates run code",
            "cwes": [94],
            "ratings": [{"method": "CVSSv31", "vector": "AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}],
            "affects": [{"ref": "r1"}],
        }
    ],
}
SARIF: dict[str, Any] = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {"name": "Scanner One", "rules": [{"id": "r/eval", "properties": {"tags": ["CWE-95"]}}]}
            },
            "results": [
                {
                    "ruleId": "r/eval",
                    "message": {"text": "eval of input"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}
                    ],
                },
                {"ruleId": "r/eval", "message": {"text": "again"}, "suppressions": [{"kind": "external"}]},
                {"ruleId": "r/eval", "message": {"text": "fine"}, "kind": "pass"},
            ],
        }
    ],
}
TAP: dict[str, Any] = {
    "purl": "pkg:npm/example-lib@1.0.1",
    "versions": ["1.0.0", "1.0.1"],
    "affected_symbol": {"file": "src/parse.js", "function": "parseHeader", "line": 142},
    "exploit": "A header longer than 8 KiB",
    "exploit_content_type": "text/plain",
    "upstream_ids": ["CVE-2026-12345"],
    "discovery_method": "manual",
    "email": "reporter@finder-a.example",
    "enrichment": {"cwe": "CWE-120 overflow"},
    "attachments": [
        {
            "filename": "fix.patch",
            "data": "LS0tIGEveAorKysgYi94CkBAIC0xICsxIEBACi1hCitiCg==",
            "content_type": "text/plain",
            "type": "patch",
        }
    ],
}
MARKDOWN = """# Vulnerability Report — Intake Template

## Reporter
- **Name / handle:** Finder A
- **Contact (email / other):** security@finder-a.example
- **Credit preference:** {{credit me as "____" / keep me anonymous}}

## The vulnerability
- **One-line summary:** Loading runs commands
- **Affected project / package / component:** pkg:pypi/pyyaml
- **Affected version(s):** 5.1 to 5.3

## Reproduction
- **Steps to reproduce:**
  1. Load the document
- **★ Proof of concept / proof of vulnerability:** held

## Impact & severity
- **★ Severity estimate** {{required}}**:**
  - CVSS v3.1 vector / score: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H

## Status & exploitation
- **Actively exploited in the wild?** no
- **Already public anywhere?** https://example.org/a

## Remediation
- **★ Proposed patch:**

```diff
--- a/x.py
+++ b/x.py
@@ -1 +1 @@
-a
+b
```

- **★ Unit test(s) proving the fix:**

```python
assert True
```
"""


def as_bytes(value: object) -> bytes:
    """Return a value as a JSON document."""
    return json.dumps(value).encode()


def problems_of(data: bytes) -> tuple[Problem, ...]:
    """Return what a document is refused for; nothing when it is read, which gives at least one claim."""
    try:
        assert read_document(data, name="a", target="pkg:pypi/a@1")
    except Refused as refusal:
        return refusal.problems
    return ()


def code_of(data: bytes, name: str = "a", target: str = "") -> str:
    """Return the first code that a document is refused with."""
    with pytest.raises(Refused) as caught:
        read_document(data, name=name, target=target)
    return caught.value.problems[0].code
