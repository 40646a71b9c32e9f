"""The parsers of foreign bytes, each as a function of bytes, with something valid to begin from.

A target is used twice: by the tests, which feed it what was once found and what Hypothesis makes of its seeds, and by
``script/bench fuzz``, which drives it by coverage.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypi_simple import ProjectPage
from pypi_simple.errors import UnsupportedRepoVersionError

from clearinghouse import strict
from clearinghouse.archives import ArchiveLimits, read_archive
from clearinghouse.errors import ClearinghouseError
from clearinghouse.exposure.queries import bill_of_materials
from clearinghouse.findings.archives import read_report_archive
from clearinghouse.findings.intake.reading import read_document
from clearinghouse.findings.report.loading import load_calls, load_report
from clearinghouse.ledger.notes import read_checkpoint, read_proof
from clearinghouse.releases import npm, pypi
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.releases.wheels import requirements_of
from clearinghouse.signing.envelopes import parse_envelope
from clearinghouse.signing.keys import parse_public_key
from clearinghouse.signing.statements import parse_statement
from clearinghouse.standards import cvss, epss, kev, osv, purl, vers
from clearinghouse.validation.diffs import apply_diff, parse_diff
from clearinghouse.validation.records import read_records
from tests.fuzz import seeds

ABOUT = "pkg:pypi/pyyaml@5.3"
SMALL = ArchiveLimits(files=200, file_bytes=1 << 20, total_bytes=4 << 20, ratio=100, ratio_from_bytes=1 << 16)
PYTHON = Interpreter(Runtime.PYTHON, "3.12.1", Path("/"), "/", "/python", "/lib")
TREE = {"pkg/mod.py": b"def f(x):\n    return x\n\n\ndef g(x):\n    return f(x)\n", "README.md": b"# One\n\ntext\n"}


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: how it is fed, and what it is known to take in."""

    feed: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]

    def took(self, data: bytes) -> bool:
        """Feed ``data``; return whether it was taken in, False when it was refused. A fault comes out as it is."""
        try:
            self.feed(data)
        except ClearinghouseError:
            return False
        return True


def _report(name: str) -> Callable[[bytes], object]:
    return lambda data: load_report({name: data, **seeds.REPORT_FILES})


def _document(name: str) -> Callable[[bytes], object]:
    return lambda data: read_document(data, name=name, target=ABOUT)


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "replace"))


def _json(parse: Callable[[object], object]) -> Callable[[bytes], object]:
    return lambda data: parse(strict.load_json(data))


@cache
def _folder() -> Path:
    """Return a folder of this process, for parsers that read a file."""
    return Path(tempfile.mkdtemp(prefix="clearinghouse-fuzz-"))


def _bill(data: bytes) -> object:
    file = _folder() / "bom.json"
    file.write_bytes(data)
    return bill_of_materials(file)


def _metadata(data: bytes) -> object:
    """Read what a wheel says it needs."""
    folder = _folder() / "one-1.0.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_bytes(data)
    return requirements_of(_folder(), PYTHON)


def _pypi_page(data: bytes) -> object:
    """Read an index page as the client does: what the library refuses is refused by ``listed`` too."""
    try:
        if data.lstrip()[:1] == b"{":
            page = ProjectPage.from_json_data(json.loads(data), "https://index.example/one/")
        else:
            page = ProjectPage.from_html("one", data, "https://index.example/one/")
    except (ValueError, UnsupportedRepoVersionError):
        return ()
    return pypi.releases_in(page.packages, "one")


def _patch(data: bytes) -> object:
    return apply_diff(parse_diff(data.decode("utf-8", "replace")), TREE)


TARGETS: dict[str, Target] = {
    "report-yaml": Target(_report("report.yaml"), seeds.reports_yaml),
    "report-json": Target(_report("report.json"), seeds.reports_json),
    "calls": Target(lambda data: load_calls(data, name="c.yaml", runtime="python"), seeds.calls),
    "calls-json": Target(lambda data: load_calls(data, name="c.json", runtime="node", package="a"), seeds.calls_json),
    "tap": Target(_document("tap.json"), seeds.tap),
    "sarif": Target(_document("scan.sarif"), seeds.sarif),
    "osv": Target(_document("osv.json"), seeds.osv),
    "osv-record": Target(_json(osv.parse), seeds.osv),
    "cyclonedx-vdr": Target(_document("vdr.json"), seeds.vdr),
    "markdown": Target(_document("report.md"), seeds.markdown),
    "yaml": Target(strict.load_yaml, seeds.reports_yaml),
    "json": Target(strict.load_json, seeds.values),
    "archive": Target(lambda data: list(read_archive(data, SMALL)), seeds.archives),
    "report-archive": Target(read_report_archive, seeds.archives),
    "sbom": Target(_bill, seeds.bills),
    "index-npm": Target(lambda data: npm.releases_in(data, "one"), seeds.npm_documents),
    "index-pypi": Target(_pypi_page, seeds.pypi_pages),
    "wheel-metadata": Target(_metadata, seeds.metadata),
    "patch": Target(_patch, seeds.patches),
    "records": Target(lambda data: read_records(data, key=seeds.RECORDS_KEY), seeds.records),
    "envelope": Target(parse_envelope, seeds.envelopes),
    "statement": Target(parse_statement, seeds.statements),
    "public-key": Target(lambda data: parse_public_key(data, name="key"), seeds.public_keys),
    "checkpoint": Target(_text(read_checkpoint), seeds.checkpoints),
    "tlog-proof": Target(_text(read_proof), seeds.proofs),
    "kev": Target(_json(kev.parse), seeds.kev),
    "epss": Target(epss.parse, seeds.epss),
    "purl": Target(_text(purl.parse), seeds.purls),
    "vers": Target(_text(vers.parse), seeds.ranges),
    "cvss": Target(_text(cvss.parse), seeds.vectors),
}
