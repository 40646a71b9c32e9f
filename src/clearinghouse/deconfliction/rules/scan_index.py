"""Every standing scan in a few arrays: found by source address in microseconds, written to a file as it is.

Scans are numbered in the order in which they start, so that a stretch of time is a stretch of numbers. The shared
texts (contact, organization, technique, names, constraints, state) are kept once. Source: docs/decisions/0160.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from clearinghouse.deconfliction.rules.prefixes import Address, Prefix, PrefixMap, column, little
from clearinghouse.deconfliction.rules.sightings import (
    MOST_SHOWN,
    NEAR,
    Answer,
    Match,
    Reach,
    Sighting,
    StandingScan,
    answer,
    judge,
)
from clearinghouse.errors import Malformed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MANY: Final = 64
"""A source with more scans at one time is looked up by target too."""
_PREFIX: Final = "SCAN-"
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: ten of them are 50 bits."""
_PAIRS: Final = tuple(one + other for one in _LETTERS for other in _LETTERS)
_NAME: Final = re.compile(f"{_PREFIX}[{_LETTERS}]{{10}}\\Z")
_LOW = (1 << 64) - 1

_NAMES: Final = (
    ("intents", "Q"),
    ("starts", "q"),
    ("ends", "q"),
    ("revoked", "q"),
    ("rates", "q"),
    ("texts", "I"),
    ("reach_from", "I"),
    ("reach_lengths", "H"),
    ("reach_high", "Q"),
    ("reach_low", "Q"),
    ("reach_first", "H"),
    ("reach_last", "H"),
)
"""The columns, in the order in which they are laid out; the five of the map of sources follow."""
COLUMNS: Final = (*(name for name, _ in _NAMES), "short", "short_scans", "high", "low", "long_scans")
_UNTOLD: Final = 0xFFFF
"""Stands as the only reach of a scan whose scope is not told."""
_IPV6: Final = 0x100


@dataclass(frozen=True, slots=True)
class Laid:
    """The index as bytes and the small things beside them."""

    columns: tuple[bytes, ...]
    spans: dict[str, list[int]]
    texts: list[dict[str, Any]]


class ScanIndex:
    """Standing scans, found by the address they come from."""

    def __init__(self, laid: Laid) -> None:
        """Take an index as it was laid out.

        Raises:
            Malformed: its columns do not belong together.
        """
        if len(laid.columns) != len(COLUMNS):
            raise Malformed(f"the index has {len(laid.columns)} columns; {len(COLUMNS)} would be right")
        self._columns = {name: column(code, data) for (name, code), data in zip(_NAMES, laid.columns, strict=False)}
        first, second, third, fourth, fifth = laid.columns[len(_NAMES) :]
        self._sources = PrefixMap((first, second, third, fourth, fifth), laid.spans)
        self._texts = laid.texts
        self._starts, self._ends = self._columns["starts"], self._columns["ends"]
        self._longest = max(map(int.__sub__, self._ends, self._starts), default=0)
        self._by_target: dict[tuple[int, int], tuple[PrefixMap, array[int]]] = {}
        counts = {len(self._columns[name]) for name in ("intents", "starts", "ends", "revoked", "rates", "texts")}
        if counts != {len(self)} or len(self._columns["reach_from"]) != len(self) + 1:
            raise Malformed("the columns of the index are not of one length")

    def __len__(self) -> int:
        return len(self._starts)

    @classmethod
    def build(cls, scans: Iterable[StandingScan]) -> "ScanIndex":
        """Return the index of these scans."""
        return cls(lay_out(scans))

    def laid(self) -> Laid:
        """Return the index as bytes."""
        columns = tuple(little(self._columns[name]) for name, _ in _NAMES)
        return Laid((*columns, *self._sources.columns()), self._sources.spans(), self._texts)

    def answer(self, sighting: Sighting) -> Answer:
        """Return what is known of a source seen at a time."""
        found, more = self.near(sighting)
        return answer(sighting, found, more=more)

    def near(self, sighting: Sighting) -> tuple[list[Match], bool]:
        """Return the scans that name the source around that time, judged, and whether some were left out.

        Whenever one fits the sighting, one that fits is among them. Of those that do not, there are so many as an
        answer shows.
        """
        at = _micros(sighting.at)
        low, up = bisect_left(self._starts, at - self._longest), bisect_right(self._starts, at)
        places = [
            (source, rows, (first, end), (bisect_left(rows, low, first, end), bisect_left(rows, up, first, end)))
            for source, rows, first, end in self._sources.found(sighting.source)
        ]
        fitting: dict[int, Match] = {}
        others: dict[int, Match] = {}
        for source, rows, span, now in places:
            for row in self._chosen(rows, span, now, sighting.target):
                if self._ends[row] <= at or row in fitting:
                    continue
                match = judge(self._scan(row, source), sighting)
                if not match.misses:
                    fitting[row] = match
                elif len(others) <= MOST_SHOWN:
                    others[row] = match
                if len(fitting) > MOST_SHOWN:
                    return list(fitting.values()), True
        if fitting:
            return list(fitting.values()), False
        for source, rows, span, now in places:
            for row in self._outside(rows, span, now[1], at) if len(others) <= MOST_SHOWN else ():
                others[row] = judge(self._scan(row, source), sighting)
        return list(others.values()), len(others) > MOST_SHOWN

    def _outside(self, rows: "array[int]", span: tuple[int, int], now: int, at: int) -> Iterator[int]:
        """Yield scans of one source that ended before or begin after, those first whose start is nearest."""
        near = NEAR // _MICROSECOND
        first, end = span
        for row in rows[now : min(end, now + MOST_SHOWN)]:
            if self._starts[row] <= at + near:
                yield row
        for row in reversed(rows[max(first, now - MOST_SHOWN) : now]):
            if at - near <= self._ends[row] <= at:
                yield row

    def _chosen(
        self, rows: "array[int]", span: tuple[int, int], now: tuple[int, int], target: Address | None
    ) -> Iterable[int]:
        """Return one source's scans in a stretch of time; of very many those that may reach the target, and some."""
        (first, end), (begin, stop) = span, now
        if stop - begin <= _MANY or target is None:
            return rows[begin:stop]
        key = (id(rows), first)
        if key not in self._by_target:
            told = [(row, self._reaches(row)) for row in rows[first:end]]
            entries = [(reach.network, row) for row, reaches in told for reach in reaches or ()]
            by_name = [row for row, reaches in told if reaches is None or self._texts_of(row)["hosts"]]
            self._by_target[key] = PrefixMap.build(entries), array("I", by_name)
        by_target, by_name_too = self._by_target[key]
        lowest, highest = rows[begin], rows[stop - 1]
        hit = set(_between(by_name_too, lowest, highest))
        for _, found, low, up in by_target.found(target):
            hit.update(_between(found, lowest, highest, low, up))
        return (*sorted(hit), *rows[begin : begin + MOST_SHOWN])

    def _texts_of(self, row: int) -> dict[str, Any]:
        return self._texts[self._columns["texts"][row]]

    def _scan(self, row: int, source: Prefix) -> StandingScan:
        columns = self._columns
        texts = self._texts_of(row)
        rate, revoked = columns["rates"][row], columns["revoked"][row]
        return StandingScan(
            intent=_named(columns["intents"][row]),
            sources=(source,),
            starts_at=_moment(self._starts[row]),
            ends_at=_moment(self._ends[row]),
            contact=texts["contact"],
            scanner=texts["scanner"],
            technique=texts["technique"],
            reaches=self._reaches(row),
            hosts=tuple(texts["hosts"]),
            rate_per_second=None if rate < 0 else rate,
            constraints=tuple(texts["constraints"]),
            revoked_at=None if revoked < 0 else _moment(revoked),
            state=texts["state"],
        )

    def _reaches(self, row: int) -> tuple[Reach, ...] | None:
        columns = self._columns
        found = []
        for place in range(columns["reach_from"][row], columns["reach_from"][row + 1]):
            length = columns["reach_lengths"][place]
            if length == _UNTOLD:
                return None
            version = 6 if length & _IPV6 else 4
            value = (columns["reach_high"][place] << 64) | columns["reach_low"][place]
            network = Prefix(version, length & 0xFF, value)
            found.append(Reach(network, columns["reach_first"][place], columns["reach_last"][place]))
        return tuple(found)


def lay_out(scans: Iterable[StandingScan]) -> Laid:
    """Return these scans as an index in bytes."""
    ordered = sorted(scans, key=lambda one: (one.starts_at, one.intent))
    columns: dict[str, array[int]] = {name: array(code) for name, code in _NAMES}
    texts: dict[tuple[object, ...], int] = {}
    for scan in ordered:
        columns["intents"].append(_numbered(scan.intent))
        columns["starts"].append(_micros(scan.starts_at))
        columns["ends"].append(_micros(scan.ends_at))
        columns["revoked"].append(-1 if scan.revoked_at is None else _micros(scan.revoked_at))
        columns["rates"].append(-1 if scan.rate_per_second is None else scan.rate_per_second)
        said = (scan.contact, scan.scanner, scan.technique, scan.hosts, scan.constraints, scan.state)
        columns["texts"].append(texts.setdefault(said, len(texts)))
        columns["reach_from"].append(len(columns["reach_lengths"]))
        for reach in (None,) if scan.reaches is None else scan.reaches:
            _lay_reach(columns, reach)
    columns["reach_from"].append(len(columns["reach_lengths"]))
    sources = PrefixMap.build((source, row) for row, scan in enumerate(ordered) for source in scan.sources)
    names = ("contact", "scanner", "technique", "hosts", "constraints", "state")
    shared = [
        {name: list(value) if isinstance(value, tuple) else value for name, value in zip(names, said, strict=True)}
        for said in texts
    ]
    return Laid((*(little(columns[name]) for name, _ in _NAMES), *sources.columns()), sources.spans(), shared)


def _lay_reach(columns: "dict[str, array[int]]", reach: Reach | None) -> None:
    version, length, value = (4, 0, 0) if reach is None else reach.network
    columns["reach_lengths"].append(_UNTOLD if reach is None else length | (_IPV6 if version == 6 else 0))  # noqa: PLR2004 - IPv6
    columns["reach_high"].append(value >> 64)
    columns["reach_low"].append(value & _LOW)
    columns["reach_first"].append(0 if reach is None else reach.first_port)
    columns["reach_last"].append(0 if reach is None else reach.last_port)


def _between(rows: "array[int]", lowest: int, highest: int, first: int = 0, end: int | None = None) -> "array[int]":
    """Return the numbers of a sorted stretch that lie between two, both included."""
    stop = len(rows) if end is None else end
    return rows[bisect_left(rows, lowest, first, stop) : bisect_right(rows, highest, first, stop)]


def _numbered(name: str) -> int:
    """Return the number that stands for the name of an intent.

    Raises:
        Malformed: it is no such name.
    """
    if not _NAME.match(name):
        raise Malformed(f"{name[:40]!a} is not the name of an intent, SCAN- and ten characters")
    number = 0
    for letter in name.removeprefix(_PREFIX):
        number = number << 5 | _LETTERS.index(letter)
    return number


def _named(number: int) -> str:
    """Return the name of the intent that a number stands for."""
    high, low = number >> 20, number & 0xFFFFF
    first, second, third = _PAIRS[high >> 20 & 0x3FF], _PAIRS[high >> 10 & 0x3FF], _PAIRS[high & 0x3FF]
    return f"{_PREFIX}{first}{second}{third}{_PAIRS[low >> 10]}{_PAIRS[low & 0x3FF]}"


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
