"""What a stranger's machine needs to run a case's proofs again without a network, found by judging once more.

The judge itself says what it needs: it judges each finding again, with every run remembered, on a cache that is empty
at first and has from the usual one what is asked for. Nothing is run but what making the environments takes.
Source: docs/decisions/0083.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from clearinghouse.advisories.rules import Dossier
from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import ClearinghouseError, Unavailable
from clearinghouse.findings.models import Finding
from clearinghouse.releases.carrying import carried
from clearinghouse.releases.supply import Supply
from clearinghouse.validation.actions import RunsOf
from clearinghouse.validation.equipment import open_lab
from clearinghouse.validation.judge import judge
from clearinghouse.validation.subject import subject_of

type Carry = Callable[[Dossier], dict[str, bytes]]
"""Returns the releases that a case's bundle carries, by relative name."""


def carrying(artefacts: Artefacts, *, cache: Path, demand: str | None) -> Carry:
    """Return what finds the releases of a case.

    Args:
        artefacts: where the reports' files are kept.
        cache: the usual cache, which judging has filled.
        demand: the only tier of sandbox that will do.
    """

    def carry(dossier: Dossier) -> dict[str, bytes]:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".carrying-", dir=cache) as folder:
            own = Path(folder)
            own.chmod(0o755)
            lab = open_lab(own, demand=demand, supply=Supply(behind=cache), own=cache)
            for one in dossier.reports:
                files = {name: artefacts.get(digest) for name, digest in one.artefacts.items()}
                memory = RunsOf(Finding.objects.get(key=one.key))
                try:
                    judge(subject_of(one.report, files, one.artefacts), lab, memory=memory)
                except ClearinghouseError as refusal:
                    what = f"the releases of {one.finder}/{one.ref} cannot be carried along: {refusal}"
                    raise Unavailable(what) from refusal
            return carried(own)

    return carry
