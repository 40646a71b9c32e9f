"""Stands for whole verdicts on small made targets, in a real sandbox: two releases as files, no index."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Sandbox
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.controls.notes import Setting
from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.lab import Forgetful, Lab, Stand
from clearinghouse.validation.rules import Detector, Judgement, Said
from clearinghouse.validation.runners import Runners
from clearinghouse.validation.variants import Variants

SETTING = Setting(fixed="1.1", identities=(("pkg", "1.0"), ("pkg", "1.1")))


def open_folder() -> Iterator[Path]:
    """Yield a folder that the sandbox's user may enter; pytest closes its own to all others."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where stands are made."""

    folder: Path
    sandbox: Sandbox
    interpreters: Interpreters

    def release(self, runtime: Runtime, version: str, files: Mapping[str, str]) -> Environment:
        """Return a release of ``pkg`` made of ``files``."""
        target = self.folder / f"{runtime}-{version}"
        for name, text in files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o644)
        for one in (target, *target.rglob("*")):
            if one.is_dir():
                one.chmod(0o755)
        kind = "pypi" if runtime is Runtime.PYTHON else "npm"
        return Environment(
            package=f"pkg:{kind}/pkg",
            version=version,
            target=target,
            dependencies=None,
            names=("pkg",),
            digests=(f"sha256:{version}",),
            interpreter=self.interpreters.own(runtime),
        )

    def stand(self, proof: Proof, before: Mapping[str, str], after: Mapping[str, str]) -> Stand:
        """Return a stand for ``proof`` between two releases."""
        runners = Runners(self.folder / "runners", self.sandbox)
        variants = Variants(self.folder / "variants", self.sandbox)
        nothing = cast("Any", None)
        lab = Lab(cast("Indexes", nothing), cast("Environments", nothing), variants, runners, self.sandbox)
        return Stand(
            lab,
            proof,
            self.release(proof.runtime, "1.0", before),
            Forgetful(),
            fixed=self.release(proof.runtime, "1.1", after),
        )

    def judged(
        self, proof: Proof, before: Mapping[str, str], after: Mapping[str, str], *, far: bool = False
    ) -> Judgement:
        """Return what all controls make of a proof."""
        setting = replace(SETTING, far=far, program=proof.kind == "program")
        return drive(plan(proof, setting), self.stand(proof, before, after).run)


def calls(runtime: Runtime, *steps: Mapping[str, Any], benign: list[Mapping[str, Any]], **more: Any) -> Proof:  # noqa: ANN401
    """Return a proof that is a list of calls."""
    return Proof(
        runtime=runtime,
        kind="calls",
        detector=more.pop("detector", Detector.COMMAND_EXECUTION),
        form=Form("calls", document={"steps": list(steps)}),
        benign=Form("calls", document={"steps": benign}),
        **more,
    )


def program(runtime: Runtime, text: str, benign: str) -> Proof:
    """Return a proof that is a program of the finder's."""
    name = "proof.py" if runtime is Runtime.PYTHON else "proof.js"
    return Proof(
        runtime=runtime,
        kind="program",
        detector=Detector.COMMAND_EXECUTION,
        form=Form("program", program=name, files={name: text.encode()}),
        benign=Form("program", program=name, files={name: benign.encode()}),
    )


def answers(judgement: Judgement) -> dict[str, Said]:
    """Return what each control said."""
    return {one.name.value: one.said for one in judgement.controls}
