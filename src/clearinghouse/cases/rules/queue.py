"""Which cases of the queue somebody wants to see: filters, and how many of them one person may keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_VIEWS: Final = 50
"""Saved views of one person."""
LONGEST_NAME: Final = 60
LONGEST_WORDS: Final = 200
LONGEST_PACKAGE: Final = 1500


class View(StrEnum):
    """What is looked at: one question to every case."""

    ALL = "all"
    TO_CONFIRM = "to-confirm"
    PATCHED = "patched"
    DUE = "due"
    SECOND_PERSON = "second-person"

    @property
    def label(self) -> str:
        """What stands on its link."""
        return _LABELS[self]


_LABELS: Final[Mapping[View, str]] = {
    View.ALL: "All",
    View.TO_CONFIRM: "To be confirmed",
    View.PATCHED: "With a patch that passed",
    View.DUE: "Due",
    View.SECOND_PERSON: "Waits for a second person",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a case has to meet, all at once; what is empty lets every case through."""

    words: str = ""
    """Each of them stands in its id, package, titles, names or finders."""
    view: str = View.ALL
    band: str = ""
    package: str = ""
    """A purl without version, whole."""
    state: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The filters that hold something, as the addresses of queue and API name them."""
        view = "" if self.view == View.ALL else str(self.view)
        named = {"q": self.words, "view": view, "band": self.band, "package": self.package, "state": self.state}
        return {name: value for name, value in named.items() if value}
