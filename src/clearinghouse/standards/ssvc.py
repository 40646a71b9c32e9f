"""SSVC decision points and tables: versioned values, and what a table says when not every value is known.

A table is a data file under ``data/``; an old version stays beside the new one, so that an old decision can be
explained. A factor that is unknown stands for every value it could have; the answer is the set of rows it could mean.

Source: CERT/CC SSVC 2026.7 (schema 2.0.0); CISA BOD 26-04; CISA SSVC guide; docs/decisions/0013.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clearinghouse.errors import Malformed, NotFound

BOD_26_04 = "cisa_bod_26_04_1_0_0"
"""Remediation timelines of CISA BOD 26-04: KEV, PE, A, TI to FSU, 60D, 14D, 3D or 3DF."""
CISA_COORDINATOR = "cisa_coordinator_2_0_3"
"""CISA's coordinator table: E, A, TI, MWI to T, T*, AT or AC."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a decision point."""

    key: str
    name: str
    meaning: str
    days: int | None = None
    """For an outcome with a deadline: how many days."""


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """A question with a closed list of answers, in order from least to most."""

    id: str
    """``namespace:KEY:version``, like ``ssvc:E:1.1.0``."""
    name: str
    question: str
    values: tuple[Value, ...]

    @property
    def key(self) -> str:
        """The short name by which a table is asked: ``E``."""
        return self.id.split(":")[1]

    def value(self, key: str) -> Value:
        """Return the value with this key.

        Raises:
            Malformed: the point has no such value.
        """
        for one in self.values:
            if one.key == key:
                return one
        known = ", ".join(one.key for one in self.values)
        raise Malformed(f"{self.name} has no value {key!r}; it is one of {known}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a value key for each point, and the outcome's."""

    number: int
    """From 0, as the published table counts."""
    values: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table says: the rows that could apply, and their outcomes from least to most."""

    table: "DecisionTable"
    rows: tuple[Row, ...]
    outcomes: tuple[Value, ...]

    @property
    def is_certain(self) -> bool:
        """Whether every row that could apply has the same outcome."""
        return len(self.outcomes) == 1

    @property
    def least(self) -> Value:
        """The mildest outcome it could be."""
        return self.outcomes[0]

    @property
    def most(self) -> Value:
        """The most pressing outcome it could be."""
        return self.outcomes[-1]

    def in_words(self) -> str:
        """Return the outcome, or the range of outcomes, as people say it."""
        return self.least.name if self.is_certain else f"{self.least.name} to {self.most.name}"


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Points, an outcome, and one row for every combination of values."""

    id: str
    name: str
    source: str
    points: tuple[DecisionPoint, ...]
    outcome: DecisionPoint
    rows: tuple[Row, ...]

    def point(self, key: str) -> DecisionPoint:
        """Return the decision point with this short name.

        Raises:
            Malformed: the table asks no such thing.
        """
        for one in self.points:
            if one.key == key:
                return one
        raise Malformed(f"{self.name} does not ask {key!r}; it asks {', '.join(one.key for one in self.points)}")

    def look_up(self, known: Mapping[str, str | Collection[str]]) -> Decision:
        """Return what the table says, given a value, or the values it could be, by the short name of each point.

        A point that is left out is unknown and stands for all its values.

        Raises:
            Malformed: a point that the table does not ask, a value that the point does not have, or no value at all.
        """
        allowed = {one.key: {value.key for value in one.values} for one in self.points}
        for key, given in known.items():
            point = self.point(key)
            keys = {given} if isinstance(given, str) else set(given)
            if not keys:
                raise Malformed(f"{point.name} is given as no value at all; leave it out when it is unknown")
            allowed[key] = {point.value(one).key for one in keys}
        ordered = [allowed[one.key] for one in self.points]
        rows = tuple(row for row in self.rows if all(map(set.__contains__, ordered, row.values)))
        found = {row.outcome for row in rows}
        return Decision(self, rows, tuple(one for one in self.outcome.values if one.key in found))


@cache
def decision_table(name: str) -> DecisionTable:
    """Return a table by the name of its data file, without the ending.

    Raises:
        NotFound: there is no such table here.
    """
    file = Path(__file__).parent / "data" / f"{name}.json"
    if not name.isidentifier() or not file.is_file():
        raise NotFound(f"no decision table {name!r} here")
    content = json.loads(file.read_text("utf-8"))
    return DecisionTable(
        id=content["id"],
        name=content["name"],
        source=content["source"],
        points=tuple(map(_point, content["points"])),
        outcome=_point(content["outcome"]),
        rows=tuple(Row(number, tuple(one[:-1]), one[-1]) for number, one in enumerate(content["rows"])),
    )


def _point(content: dict[str, Any]) -> DecisionPoint:
    values = tuple(Value(one["key"], one["name"], one["meaning"], one.get("days")) for one in content["values"])
    return DecisionPoint(content["id"], content["name"], content["question"], values)
