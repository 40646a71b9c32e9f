"""A judgement with what the later steps need to run the same proof again."""

from collections.abc import Mapping
from dataclasses import dataclass

from clearinghouse.releases.rules import Interpreter
from clearinghouse.validation.brief import Proof
from clearinghouse.validation.rules import Judgement, Run


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement with what the later steps (range, patch, joins) need to run the same proof again."""

    judgement: Judgement
    proof: Proof | None = None
    """The form that was judged: for a program, the calls recorded from it."""
    first: Run | None = None
    """The run on the vulnerable release that fired."""
    interpreter: Interpreter | None = None
    environments: Mapping[str, tuple[str, ...]] | None = None
    """purl → digests of the files it was put together from."""
    index: int = 0
    """Which of the report's proofs this is."""
