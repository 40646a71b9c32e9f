"""The honest and the dishonest reports under ``tests/validation/corpus``, and the judgement of one of them."""

import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.clearings import REPOSITORY
from clearinghouse.commands.attempt import read_subject
from clearinghouse.errors import ClearinghouseError
from clearinghouse.strict import load_yaml
from clearinghouse.validation.equipment import open_lab
from clearinghouse.validation.judge import judge
from clearinghouse.validation.lab import Forgetful, Lab
from clearinghouse.validation.patches.check import check_patch
from clearinghouse.validation.rules import FindingOutcome

CORPUS = REPOSITORY / "tests" / "validation" / "corpus"


@dataclass(frozen=True, slots=True)
class Listed:
    """One report of a corpus and what its table says of it."""

    name: str
    folder: Path
    honest: bool
    said: Mapping[str, Any]

    @property
    def honest_proof(self) -> bool:
        """Whether its proof is honest: in the dishonest corpus too, where only its patches are not."""
        return self.honest or bool(self.said.get("patches"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge said of one report, without what is of one run alone."""

    outcome: str
    grade: str
    reason: str
    failed: tuple[str, ...] = ()
    """Controls that said no."""
    patches: Mapping[str, str] = field(default_factory=dict)
    """File name → what the checks say of it."""
    runs: int = 0
    sandbox_seconds: float = 0.0
    seconds: float = 0.0
    """From the report read to the last patch checked."""

    def same(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        """Return what must be the same in every pass."""
        return self.outcome, self.grade, self.reason, tuple(sorted(self.patches.items()))


def listed() -> list[Listed]:
    """Return every report of both corpora, in the order of their tables."""
    found = []
    for half in ("honest", "dishonest"):
        table = load_yaml((CORPUS / half / "table.yaml").read_bytes())["reports"]
        found += [Listed(name, CORPUS / half / name, half == "honest", said) for name, said in table.items()]
    return found


@cache
def the_lab() -> Lab:
    """Return this process's laboratory."""
    from clearinghouse.config import settings

    return open_lab(settings.CLEARINGHOUSE_CACHE, demand=settings.CLEARINGHOUSE_SANDBOX)


def judged(one: Listed) -> Verdict:
    """Judge a report anew, with its patches where it has any; what cannot be taken in is a verdict too."""
    random.seed(os.urandom(8))
    began = time.monotonic()
    try:
        subject = read_subject(one.folder)
        memory = Forgetful()
        found = judge(subject, the_lab(), memory=memory)
        patches = {}
        if found.judgement.outcome is FindingOutcome.VALIDATED:
            for patch in subject.patches:
                patches[patch.file] = check_patch(patch, subject, found, the_lab(), memory=memory).said.value
    except ClearinghouseError as refusal:
        return Verdict("not-taken-in", "", str(refusal)[:200], seconds=time.monotonic() - began)
    judgement = found.judgement
    return Verdict(
        outcome=judgement.outcome.value,
        grade=judgement.grade.value if judgement.grade else "",
        reason=judgement.reason.value if judgement.reason else "",
        failed=tuple(control.name.value for control in judgement.controls if control.said.value == "failed"),
        patches=patches,
        runs=len(judgement.runs),
        sandbox_seconds=sum(run.wall_seconds for run in judgement.runs),
        seconds=time.monotonic() - began,
    )
