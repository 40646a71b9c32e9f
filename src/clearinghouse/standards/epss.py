"""EPSS scores: how likely it is that a vulnerability is exploited in the next thirty days, as FIRST publishes them.

A file is CSV, or CSV in gzip: a comment line with model and date, a line of names, then one line for each CVE.

Source: FIRST EPSS data files (epss_scores-YYYY-MM-DD.csv.gz), model v4 (March 2025).
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from clearinghouse.errors import Malformed
from clearinghouse.standards.kev import is_cve

_LARGEST_BYTES = 128 * 1024 * 1024
_MOST_LINES = 2_000_000
_COMMENT = re.compile(r"#model_version:(?P<model>[A-Za-z0-9.]{1,30}),score_date:(?P<date>[^,\s]{10,40})")
_NAMES = "cve,epss,percentile"
_NUMBER = re.compile(r"(?:0|1|0?\.[0-9]{1,20}|0\.[0-9]{1,20}|1\.0{1,20}|[0-9](?:\.[0-9]{1,20})?[eE]-[0-9]{1,3})\Z")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class EpssScore:
    """The score of one vulnerability; both from 0 to 1."""

    probability: float
    percentile: float


@dataclass(frozen=True, slots=True)
class EpssFile:
    """All scores of one day."""

    model: str
    scored_at: datetime
    scores: Mapping[str, EpssScore]
    """By CVE id."""


def parse(data: bytes) -> EpssFile:
    """Return the scores in a file as published, compressed or not.

    Raises:
        Malformed: it is no such file, is too large when decompressed, or a line is not what it must be.
    """
    text = _text(data)
    comment, _, rest = text.partition("\n")
    head = _COMMENT.match(comment)
    if head is None:
        raise Malformed("line 1: an EPSS file begins with #model_version:…,score_date:…")
    names, _, rest = rest.partition("\n")
    if names.strip() != _NAMES:
        raise Malformed(f"line 2: {names[:60]!r}; the names must be {_NAMES}")
    scores: dict[str, EpssScore] = {}
    for number, line in enumerate(rest.splitlines(), start=3):
        if number > _MOST_LINES:
            raise Malformed(f"more than {_MOST_LINES} lines")
        if line.startswith("#") or not line:
            continue
        cve, score = _score(line, number)
        if cve in scores:
            raise Malformed(f"line {number}: {cve} stands twice")
        scores[cve] = score
    return EpssFile(head["model"], _time(head["date"]), scores)


def _score(line: str, number: int) -> tuple[str, EpssScore]:
    cve, *numbers = line.split(",")
    if not is_cve(cve) or len(numbers) != 2 or not all(map(_NUMBER.match, numbers)):  # noqa: PLR2004 - two columns
        raise Malformed(f"line {number}: {line[:80]!r}; it must be a CVE id and two numbers from 0 to 1")
    return cve, EpssScore(float(numbers[0]), float(numbers[1]))


def _text(data: bytes) -> str:
    if data.startswith(_GZIP):
        reader = zlib.decompressobj(wbits=31)
        try:
            data = reader.decompress(data, _LARGEST_BYTES)
        except zlib.error:
            raise Malformed("the file begins like gzip and is none") from None
        if reader.unconsumed_tail:
            raise Malformed(f"more than {_LARGEST_BYTES} bytes when decompressed")
        if not reader.eof or reader.unused_data:
            raise Malformed("the gzip file is cut short or has something behind its end")
    if len(data) > _LARGEST_BYTES:
        raise Malformed(f"{len(data)} bytes; at most {_LARGEST_BYTES}")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("an EPSS file is plain ASCII") from None


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"line 1: {text!r} is no date") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
