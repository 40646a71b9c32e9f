"""The mutants of a proof, in an order that its content alone decides: the most telling families first, taking turns."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest

from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.patches.mutants import shapes
from clearinghouse.validation.patches.mutants.keys import other_keys
from clearinghouse.validation.patches.mutants.spellings import ALL, Family
from clearinghouse.validation.rules import Detector

_MARK = re.compile(r"(@@(?:TOKEN|CANARY(?::\w+)?)@@)")
_PATHS_FIRST = (Family.PATHS, Family.AROUND, Family.ORDER, Family.ENCODING, Family.CONTAINERS, Family.CASE)
_KEYS_FIRST = (Family.KEYS, Family.AROUND, Family.ENCODING, Family.ORDER, Family.WHITESPACE, Family.CONTAINERS)
_SIZES_FIRST = (Family.SIZE, Family.NESTING, Family.AROUND, Family.ORDER, Family.WHITESPACE, Family.CASE)
TELLING: Mapping[Detector, tuple[Family, ...]] = {
    Detector.COMMAND_EXECUTION: (Family.PAYLOAD, Family.KEYS, Family.AROUND, Family.ORDER, Family.WHITESPACE),
    Detector.FILE_READ: _PATHS_FIRST,
    Detector.FILE_WRITE: _PATHS_FIRST,
    Detector.NETWORK: _PATHS_FIRST,
    Detector.POLLUTION: _KEYS_FIRST,
    Detector.INVARIANT: (*_KEYS_FIRST, Family.CASE, Family.NESTING),
    Detector.GROWTH: _SIZES_FIRST,
    Detector.HANG: _SIZES_FIRST,
    Detector.EXCEPTION: _SIZES_FIRST,
    Detector.CRASH: _SIZES_FIRST,
}
"""Which families tell most, by what is watched; the others follow."""
PLAIN = frozenset({Family.ORDER, Family.CONTAINERS})
"""Families that do not change what the proof says: where it rests on what must hold, only they keep its meaning."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A proof in another form."""

    family: Family
    what: str
    proof: Proof

    def data(self) -> str:
        """Return its form as text: the document, or the input."""
        form = self.proof.form
        if form.document is not None:
            return json.dumps(form.document, sort_keys=True, ensure_ascii=True)
        return form.input.decode("latin-1").encode("unicode_escape").decode("ascii")


def mutants_of(proof: Proof) -> Iterator[Mutant]:
    """Yield every mutant of a proof once; none for a program, whose meaning lies in its code."""
    if proof.form.mode == "calls" and proof.form.document is not None:
        made = list(_of_calls(proof))
    elif proof.form.mode == "input":
        made = list(_of_input(proof))
    else:
        return
    first_of: dict[str, Mutant | None] = {_content(proof.form): None}
    for one in made:
        first_of.setdefault(_content(one.proof.form), one)
    yield from _taking_turns([one for one in first_of.values() if one is not None], TELLING[proof.detector])


def _taking_turns(made: list[Mutant], telling: tuple[Family, ...]) -> Iterator[Mutant]:
    """Yield the first of each telling family, then the second of each, and so on; then the rest in the same way."""
    rest = tuple(one for one in Family if one not in telling)
    for families in (telling, rest):
        columns = [[one for one in made if one.family is family] for family in families]
        if columns and families is telling:
            columns[:1] = [columns[0][::2], columns[0][1::2]]  # what tells most has two turns
        for row in zip_longest(*columns):
            yield from (one for one in row if one is not None)


def _content(form: Form) -> str:
    return json.dumps([form.document, form.input.hex()], sort_keys=True)


def _of_calls(proof: Proof) -> Iterator[Mutant]:
    document = dict(proof.form.document or {})
    benign = proof.benign.document if proof.benign is not None else None
    shaped = (
        *shapes.sizes(document),
        *shapes.canaries(document),
        *other_keys(document, proof.runtime),
        *shapes.containers(document, proof.runtime),
        *shapes.surroundings(document, benign),
        *shapes.orders(document, benign),
    )
    for family, what, changed in shaped:
        yield _mutant(proof, family, what, replace(proof.form, document=changed))
    for spelling in ALL:
        changed = shapes.respelt_steps(document, spelling.respell)
        yield _mutant(proof, spelling.family, spelling.what, replace(proof.form, document=changed))


def _of_input(proof: Proof) -> Iterator[Mutant]:
    """Yield the mutants of bytes: read as Latin-1, so that each byte stays what it is, our placeholders left alone."""
    data = proof.form.input
    text = data.decode("latin-1")

    def again(family: Family, what: str, made: str) -> Iterator[Mutant]:
        try:
            changed = made.encode("latin-1")
        except UnicodeEncodeError:
            return
        yield _mutant(proof, family, what, replace(proof.form, input=changed))

    for before, behind in (("", "\n"), ("\n", ""), ("", " "), (" ", ""), ("x", ""), ("", "x"), ("x\n", "\nx")):
        yield from again(Family.AROUND, f"{before!r} before and {behind!r} behind it", before + text + behind)
    if proof.benign is not None:
        harmless = proof.benign.input.decode("latin-1")
        yield from again(Family.AROUND, "the harmless input before it", f"{harmless}\n{text}")
        yield from again(Family.AROUND, "the harmless input behind it", f"{text}\n{harmless}")
    yield from again(Family.SIZE, "twice", text + text)
    yield from again(Family.SIZE, "four times", text * 4)
    for spelling in ALL:
        yield from again(spelling.family, spelling.what, _outside_marks(text, spelling.respell))


def _outside_marks(text: str, respell: Callable[[str], str]) -> str:
    parts = _MARK.split(text)
    return "".join(part if _MARK.fullmatch(part) else respell(part) for part in parts)


def _mutant(proof: Proof, family: Family, what: str, form: Form) -> Mutant:
    return Mutant(family, what, replace(proof, form=form))
