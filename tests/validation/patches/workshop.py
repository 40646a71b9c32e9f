"""A workshop for patches: made packages in the place of an index, a real sandbox, real runs."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from clearinghouse.errors import NotFound
from clearinghouse.releases.rules import Environment, Interpreter, Release, Runtime
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.lab import Forgetful, Lab, Stand
from clearinghouse.validation.launch import Start
from clearinghouse.validation.patches.attack import Ground, Variant
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.rules import (
    FindingOutcome,
    Grade,
    Judgement,
    PatchCheck,
    PatchResult,
    Run,
    Said,
    VariantName,
)
from clearinghouse.validation.runners import Runners
from clearinghouse.validation.subject import Patch, ReportTest, Subject
from clearinghouse.validation.variants import Variants
from tests.validation.patches.targets import Flaw

FLAWED, FIXED = "1.0", "2.0"
KIND = {Runtime.PYTHON: "pypi", Runtime.NODE: "npm"}


@dataclass
class Shelf:
    """Releases that lie on disk: stands in for the indexes and for what puts releases together."""

    folder: Path
    interpreters: Mapping[Runtime, Interpreter]

    def put(self, runtime: Runtime, version: str, files: Mapping[str, str]) -> None:
        """Lay a release down."""
        for name, text in files.items():
            path = self._place(f"pkg:{KIND[runtime]}/pkg", version) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _place(self, package: str, version: str) -> Path:
        return self.folder / package.partition(":")[2].replace("/", "-") / version

    def release(self, purl: str) -> Release:
        """Return a release by its purl."""
        package, _, version = purl.rpartition("@")
        if not self._place(package, version).is_dir():
            raise NotFound(f"there is no {purl}")
        return Release(package, version, None, (), "", yanked=False)

    def interpreters_for(self, release: Release) -> tuple[Interpreter, ...]:
        """Return the one interpreter."""
        return (self.interpreters[Runtime.NODE if "npm" in release.package else Runtime.PYTHON],)

    def environment(self, release: Release, interpreter: Interpreter) -> Environment:
        """Return a release as it lies there."""
        target = self._place(release.package, release.version)
        return Environment(release.package, release.version, target, None, ("pkg",), (release.version,), interpreter)

    def source_tree(self, release: Release) -> Path | None:  # noqa: ARG002 - asked as the real one is
        """Return nothing: these releases have no source apart."""
        return None


@dataclass
class Workshop:
    """Where a flaw is laid out and patches for it are checked."""

    shelf: Shelf
    lab: Lab
    memory: Forgetful = field(default_factory=Forgetful)

    @classmethod
    def opened(cls, folder: Path, interpreters: Mapping[Runtime, Interpreter], runners: Runners) -> "Workshop":
        """Return a workshop in ``folder``."""
        shelf = Shelf(folder / "shelf", interpreters)
        shelf.folder.mkdir()
        stand_in = cast("Any", shelf)
        return cls(
            shelf, Lab(stand_in, stand_in, Variants(folder / "variants", runners.sandbox), runners, runners.sandbox)
        )

    def check(
        self,
        flaw: Flaw,
        patched: Mapping[str, str],
        *,
        fix_is_published: bool = True,
        known: Sequence[Variant] = (),
        tests: Mapping[str, str] | None = None,
    ) -> PatchResult:
        """Check the patch that turns the flawed files into ``patched``."""
        base, first = self._shown(flaw)
        package = base.package
        judgement = Judgement(
            FindingOutcome.VALIDATED,
            Grade.A,
            None,
            "it shows",
            fixed=f"{package}@{FIXED}" if fix_is_published else "",
        )
        judged = Judged(judgement, proof=flaw.proof(), first=first, interpreter=base.interpreter)
        files = {name: text.encode() for name, text in (tests or {}).items()}
        program = "python" if flaw.runtime is Runtime.PYTHON else "node"
        subject = Subject(
            package=package,
            version=FLAWED,
            runtime=flaw.runtime,
            affects=(),
            not_affected=(),
            proofs=(flaw.proof(),),
            patches=(),
            tests=tuple(ReportTest(name, f"{program} {name}") for name in files),
            files=files,
        )
        patch = Patch("sha256:0", "fix.patch", FLAWED, diff_of(flaw.flawed, patched).encode())
        return check_patch(patch, subject, judged, self.lab, memory=self.memory, known=known)

    def ground(self, flaw: Flaw, patched: Mapping[str, str]) -> Ground:
        """Return where other forms of a proof are tried on the patch that turns the flawed files into ``patched``."""
        base, first = self._shown(flaw)
        fixed = self.shelf.environment(self.shelf.release(f"{base.package}@{FIXED}"), base.interpreter)
        with_patch = self.lab.variants.patched(base, diff_of(flaw.flawed, patched).encode())
        return Ground(self.lab, self.memory, flaw.proof(), first, base, with_patch, fixed)

    def _shown(self, flaw: Flaw) -> tuple[Environment, Run]:
        """Lay both releases down; return the flawed one, and the run in which the proof fires there."""
        self.shelf.put(flaw.runtime, FLAWED, flaw.flawed)
        self.shelf.put(flaw.runtime, FIXED, {**flaw.flawed, **flaw.fixed})
        release = self.shelf.release(f"pkg:{KIND[flaw.runtime]}/pkg@{FLAWED}")
        base = self.shelf.environment(release, self.shelf.interpreters[flaw.runtime])
        first = Stand(self.lab, flaw.proof(), base, self.memory).on(base, Start(VariantName.VULNERABLE))
        assert first.witness is not None, first.why
        return base, first


def diff_of(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff from the files before to those after; what ``after`` lacks stays as it was."""
    parts: list[str] = []
    for name, text in after.items():
        old = f"a/{name}" if name in before else "/dev/null"
        lines = (before.get(name, "").splitlines(), text.splitlines())
        parts += difflib.unified_diff(*lines, old, f"b/{name}", lineterm="")
    return "\n".join(parts) + "\n"


def failed(result: PatchResult) -> set[str]:
    """Return the names of the checks that failed."""
    return {one.name for one in result.checks if one.said is Said.FAILED}


def said(result: PatchResult, name: str) -> PatchCheck:
    """Return what one check said."""
    return next(one for one in result.checks if one.name == name)
