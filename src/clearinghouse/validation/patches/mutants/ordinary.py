"""Harmless forms with other ordinary words in them: capitals, a blank, an accent, what any user may write.

A fix that refuses more than the flaw leaves the one harmless form of the report alone, and fails its neighbours.
"""

import re
from collections.abc import Callable, Iterator

from clearinghouse.validation.patches.mutants.shapes import Document, respelt_steps

_WORD = re.compile(r"[A-Za-z]{3,}")
_ACCENTS = str.maketrans("aeiouncAEIOUNC", "äéîöúñçÄÉÎÖÚÑÇ")
LONG = 12
ACCENT = "an accent"
MOST_TEXTS = 4
"""So many texts are changed one by one, too: where all are, an option among them may make the call fail."""


def _inside(mark: str) -> Callable[[str], str]:
    return lambda word: f"{word[:2]}{mark}{word[2:]}"


WAYS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("a blank inside", _inside(" ")),
    ("an underscore inside", _inside("_")),
    (ACCENT, lambda word: word.translate(_ACCENTS)),
    ("a capital", str.capitalize),
    ("a digit inside", _inside("7")),
    ("a dot inside", _inside(".")),
    ("longer", lambda word: word * LONG),
    ("a hyphen inside", _inside("-")),
)
"""What is done to every word of a text, and how it is called."""


def ordinary(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield (what was done, document) for the harmless forms beside one: all its texts changed, then one alone."""
    count = _texts(document)
    for only in (None, *(range(min(count, MOST_TEXTS)) if count > 1 else ())):
        for what, change in WAYS:
            made = respelt_steps(document, _Nth(change, only))
            if made != document:
                yield what if only is None else f"{what}, in text {only + 1} alone", made


def _texts(document: Document) -> int:
    counter = _Nth(lambda word: word, None)
    respelt_steps(document, counter)
    return counter.seen


class _Nth:
    """Changes the words of the nth text that it is asked for, or of every one."""

    def __init__(self, change: Callable[[str], str], only: int | None) -> None:
        self.seen = 0
        self._change = change
        self._only = only

    def __call__(self, text: str) -> str:
        if not _WORD.search(text):
            return text
        self.seen += 1
        if self._only is not None and self.seen - 1 != self._only:
            return text
        return _WORD.sub(lambda found: self._change(found[0]), text)
