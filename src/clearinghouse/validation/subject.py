"""What is judged, taken out of a report: the target, its proofs, patches and tests, without any row or file system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearinghouse.errors import Malformed
from clearinghouse.releases.rules import Runtime
from clearinghouse.standards import purl
from clearinghouse.strict import load_json, load_yaml
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.rules import Detector


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch handed in with a report."""

    digest: str
    file: str
    base: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReportTest:
    """A test handed in with a report: fails before the patch, passes after it."""

    file: str
    command: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A range of versions that a report states."""

    package: str
    range: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that judging needs of one finding."""

    package: str
    version: str
    runtime: Runtime
    affects: tuple[Claimed, ...]
    not_affected: tuple[Claimed, ...]
    proofs: tuple[Proof, ...]
    patches: tuple[Patch, ...]
    tests: tuple[ReportTest, ...]
    files: Mapping[str, bytes]

    @property
    def target(self) -> str:
        """The purl with the version."""
        return f"{self.package}@{self.version}"


RUNTIME_OF = {"pypi": Runtime.PYTHON, "npm": Runtime.NODE}


def subject_of(report: Mapping[str, Any], files: Mapping[str, bytes], digests: Mapping[str, str]) -> Subject:
    """Return the subject of a report.

    Args:
        report: the report as data (version 1 of the format, already checked at intake).
        files: every file of the report by name.
        digests: the ``sha256:hex`` of each file.

    Raises:
        Malformed: the target's type has no runtime here, or a proof's file cannot be read as what it should be.
    """
    target = purl.parse(str(report["target"]))
    if target.type not in RUNTIME_OF:
        raise Malformed(f"targets of type {target.type!r} cannot be run here; pypi and npm can")
    package, version = target.package, target.version
    return Subject(
        package=package,
        version=version,
        runtime=RUNTIME_OF[target.type],
        affects=_claimed(report.get("affects") or []),
        not_affected=_claimed(report.get("not_affected") or []),
        proofs=tuple(_proof(one, files) for one in report.get("proofs") or []),
        patches=tuple(
            Patch(digests[one["file"]], one["file"], str(one.get("base") or version), files[one["file"]])
            for one in report.get("patches") or []
        ),
        tests=tuple(ReportTest(one["file"], one["command"]) for one in report.get("tests") or []),
        files=files,
    )


def _claimed(items: Sequence[Mapping[str, Any]]) -> tuple[Claimed, ...]:
    return tuple(Claimed(purl.canonical(str(one["package"])), str(one["range"])) for one in items)


def _proof(stated: Mapping[str, Any], files: Mapping[str, bytes]) -> Proof:
    benign = stated.get("benign")
    return Proof(
        runtime=Runtime(stated["runtime"]),
        kind=str(stated["kind"]),
        detector=Detector(stated["detector"]),
        form=_form(stated["kind"], stated["entry"], files),
        benign=_form(stated["kind"], benign, files) if benign else None,
        expect=dict(stated.get("expect") or {}),
        harness=stated.get("harness"),
        sizes=tuple(stated.get("sizes") or ()),
        limit_seconds=float(stated.get("limit_seconds") or 20),
    )


def _form(kind: str, name: str, files: Mapping[str, bytes]) -> Form:
    data = files[name]
    if kind == "calls":
        document = load_json(data) if name.endswith(".json") else load_yaml(data)
        if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
            raise Malformed(f"{name} is no `calls` document: it needs a list of `steps`")
        return Form("calls", document=document)
    if kind == "input":
        return Form("input", input=data)
    return Form("program", program=name, files=dict(files))
