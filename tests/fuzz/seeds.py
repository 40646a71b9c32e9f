"""Something valid for each parser under fire; a fuzzer that begins with noise never gets past the first brace."""

import gzip
import hashlib
import hmac
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clearinghouse.ledger.notes import Checkpoint, StoredProof
from clearinghouse.signing.envelopes import IN_TOTO_PAYLOAD, seal
from clearinghouse.signing.keys import SigningKey
from clearinghouse.signing.statements import Statement
from clearinghouse.strict import load_yaml
from tests.findings.intake.documents import MARKDOWN, OSV, SARIF, TAP, VDR, as_bytes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "reports"
REPORT = EXAMPLES / "finder-a-h11-chunk-end"
REPORT_FILES = {
    one.relative_to(REPORT).as_posix(): one.read_bytes()
    for one in sorted(REPORT.rglob("*"))
    if one.is_file() and one.name != "report.yaml"
}
"""What the report that is spoilt names."""
RECORDS_KEY = "ab" * 32
KEY = SigningKey(b"\x07" * 32)
PATCH = b"""--- a/pkg/mod.py
+++ b/pkg/mod.py
@@ -1,2 +1,3 @@
 def f(x):
+    x = str(x)
     return x
"""


def _examples(pattern: str, most: int) -> list[bytes]:
    return [one.read_bytes() for one in sorted(EXAMPLES.glob(pattern))[:most]]


def reports_yaml() -> list[bytes]:
    """Return a report of the example corpus."""
    return [(REPORT / "report.yaml").read_bytes()]


def reports_json() -> list[bytes]:
    """Return the same report in JSON."""
    return [json.dumps(load_yaml(one), default=str).encode() for one in reports_yaml()]


def values() -> list[bytes]:
    """Return JSON with every kind of value."""
    return [b'{"a": [1, -0.5e3, true, null, "\\u00e9\\ud83d\\ude00"], "b": {"c": {}}}', *reports_json()]


def calls() -> list[bytes]:
    """Return a document of calls."""
    return [b"steps:\n  - {call: a.b, args: [1]}\n"]


def calls_json() -> list[bytes]:
    """Return documents of calls in JSON, one with every form of value."""
    steps: list[dict[str, Any]] = [
        {"call": "a#parse", "args": [{"$repeat": ["x", "$n"]}, {"$cat": ["a", {"$nonce": True}]}]},
        {"new": "a#Thing", "args": [{"$json": {"a": 1}}, {"$b64": "aGk="}, {"$zip": {"x": "y"}}]},
        {"method": "go", "on": {"$ref": 1}, "args": [{"$canary": "relative"}], "must_raise": True},
    ]
    return [json.dumps({"steps": steps, "setup": {"files": {"a.txt": "x"}}}).encode()]


def tap() -> list[bytes]:
    """Return a report in the form of the Akrites intake."""
    return [as_bytes(TAP)]


def sarif() -> list[bytes]:
    """Return scan logs."""
    return [as_bytes(SARIF), *_examples("*.sarif", 2)]


def osv() -> list[bytes]:
    """Return OSV records."""
    return [as_bytes(OSV), *_examples("*.osv.json", 2)]


def vdr() -> list[bytes]:
    """Return a CycloneDX disclosure report."""
    return [as_bytes(VDR)]


def markdown() -> list[bytes]:
    """Return reports by the intake template."""
    return [MARKDOWN.encode(), *_examples("*.md", 2)]


def archives() -> list[bytes]:
    """Return the same files as zip and as tar, plain and compressed."""
    found = []
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("r/report.yaml", reports_yaml()[0])
        archive.writestr("r/fix.patch", PATCH)
    found.append(packed.getvalue())
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as archive:
            for name, data in (("r/report.yaml", b"schema: clearinghouse/report/1\n"), ("r/fix.patch", PATCH)):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        found.append(packed.getvalue())
    return found


def bills() -> list[bytes]:
    """Return bills of materials of both kinds."""
    package = {
        "SPDXID": "SPDXRef-a", "name": "lodash", "versionInfo": "4.17.20",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": "pkg:npm/lodash@4.17.20"}],
    }  # fmt: skip
    spdx = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": [package]}
    return [as_bytes(VDR), as_bytes(spdx)]


def npm_documents() -> list[bytes]:
    """Return a registry's answer about a package."""
    version = {
        "dist": {"tarball": "https://registry.example/one/-/one-1.0.0.tgz", "integrity": "sha512-YQ=="},
        "engines": {"node": ">=4"},
    }
    times = {"1.0.0": "2015-01-01T00:00:00.000Z", "2.0.0-rc.1": "2016-01-01T00:00:00.000Z"}
    return [as_bytes({"name": "one", "versions": {"1.0.0": version, "2.0.0-rc.1": version}, "time": times})]


def pypi_pages() -> list[bytes]:
    """Return an index page about a package, in JSON and in HTML."""
    file = {
        "filename": "one-1.0-py3-none-any.whl", "url": "one-1.0-py3-none-any.whl", "hashes": {"sha256": "a" * 64},
        "requires-python": ">=3.6", "upload-time": "2020-01-01T00:00:00Z", "size": 3, "yanked": False,
    }  # fmt: skip
    page = {"meta": {"api-version": "1.1"}, "name": "one", "versions": ["1.0"], "files": [file]}
    sdist = {**file, "filename": "one-1.0.tar.gz", "url": "one-1.0.tar.gz"}
    link = f'<a href="one-1.0.tar.gz#sha256={"a" * 64}" data-requires-python="&gt;=3.6">one-1.0.tar.gz</a>'
    html = f'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head><body>{link}</body>'
    return [as_bytes(page), as_bytes({**page, "files": [file, sdist]}), html.encode()]


def metadata() -> list[bytes]:
    """Return a wheel's metadata."""
    marked = b'Requires-Dist: three[extra] ~=1.4 ; python_version < "3.13" and extra == "x"\n\nText\n'
    return [b"Metadata-Version: 2.1\nName: one\nVersion: 1.0\nRequires-Dist: two (>=1.0,<2)\n" + marked]


def patches() -> list[bytes]:
    """Return unified diffs, one as git writes it."""
    new = b"diff --git a/n.py b/n.py\nnew file mode 100644\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x = 1\n"
    return [PATCH, new + PATCH, *_examples("*/*.patch", 6)]


def records() -> list[bytes]:
    """Return the records of a run, each with its code."""
    lines = []
    for number, record in enumerate(({"t": "step", "index": 0, "ok": True}, {"t": "end"})):
        body = json.dumps(record).encode()
        code = hmac.new(bytes.fromhex(RECORDS_KEY), b"%d " % number + body, hashlib.sha256).hexdigest()
        lines.append(code.encode() + b" " + body + b"\n")
    return [b"".join(lines)]


def statements() -> list[bytes]:
    """Return a statement."""
    return [Statement({"a/b.txt": "0" * 64}, "https://example.org/p/v1", {"a": [1, None]}).dump()]


def envelopes() -> list[bytes]:
    """Return a sealed statement."""
    return [seal(statements()[0], payload_type=IN_TOTO_PAYLOAD, key=KEY).dump()]


def public_keys() -> list[bytes]:
    """Return a public key."""
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key()
    return [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)]


def checkpoints() -> list[bytes]:
    """Return the text of a checkpoint."""
    return [Checkpoint("example.org/log", 5, b"\x01" * 32).text.encode()]


def proofs() -> list[bytes]:
    """Return a stored proof."""
    return [StoredProof(3, (b"\x01" * 32,), "text\n\n— a YQ==\n", b"salt").text.encode()]


def kev() -> list[bytes]:
    """Return a catalogue of exploited vulnerabilities."""
    file = EXAMPLES.parent / "feeds" / "kev.json"
    whole = json.loads(file.read_bytes())
    return [as_bytes({**whole, "vulnerabilities": whole["vulnerabilities"][:2], "count": 2})]


def epss() -> list[bytes]:
    """Return a day's scores, plain and compressed."""
    plain = (
        b"#model_version:v2025.03.14,score_date:2026-11-01T00:00:00Z\ncve,epss,percentile\nCVE-2021-23337,0.5,0.97\n"
    )
    return [plain, gzip.compress(plain, mtime=0)]


def purls() -> list[bytes]:
    """Return package names."""
    return [b"pkg:npm/%40scope/name@1.0.0?a=b#c/d", b"pkg:pypi/PyYAML@5.3", b"pkg:golang/example.org/a/b@v1.0.0"]


def ranges() -> list[bytes]:
    """Return version ranges."""
    return [b"vers:pypi/>=1.0|!=1.5|<2.0", b"vers:npm/*", b"vers:npm/1.0.0-rc.1|>=2.0.0"]


def vectors() -> list[bytes]:
    """Return severity vectors of both generations."""
    return [
        b"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        b"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A",
    ]
