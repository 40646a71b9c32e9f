"""CVSS vectors: their scores, and how severe that is in a word.

Versions 3.1 and 4.0 are what reports bring; 2.0 and 3.0 are read because old records carry them. The arithmetic is the
``cvss`` library's, which is checked against its own and the standards' vectors.

Source: CVSS 4.0 specification sections 6 and 8; CVSS 3.1 sections 5 and 7; CVSS 2.0 section 3.2 (words: NVD).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clearinghouse.errors import Malformed

_LONGEST = 500
_METRICS = re.compile(r"[A-Za-z]{1,3}:[A-Za-z]{1,6}\Z")


class Severity(StrEnum):
    """The qualitative severity rating, worst last."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITIES = tuple(Severity)
"""From least to worst; their order is the rating's."""
_FLOORS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))


@dataclass(frozen=True, slots=True)
class Score:
    """A vector and what it comes to."""

    vector: str
    version: str
    """``2.0``, ``3.0``, ``3.1`` or ``4.0``."""
    base: float
    """For 4.0 the one score, which counts threat and environment where the vector has them."""
    severity: Severity
    """Of ``base``."""
    temporal: float | None = None
    environmental: float | None = None


def parse(vector: str) -> Score:
    """Return the scores of a CVSS vector.

    Raises:
        Malformed: it is no complete vector of a known version, or has parts that none knows.
    """
    from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]
    from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

    if len(vector) > _LONGEST:
        raise Malformed(f"a CVSS vector of {len(vector)} characters; at most {_LONGEST}")
    prefix, _, rest = vector.partition("/")
    known: dict[str, tuple[str, Any]] = {
        "CVSS:3.0": ("3.0", CVSS3),
        "CVSS:3.1": ("3.1", CVSS3),
        "CVSS:4.0": ("4.0", CVSS4),
    }
    version, reader = known.get(prefix, ("2.0", CVSS2))
    metrics = (vector if version == "2.0" else rest).split("/")
    if prefix.startswith("CVSS:") and prefix not in known:
        raise Malformed(f"{prefix!r} is no version of CVSS that is read here; write CVSS:3.1 or CVSS:4.0")
    if not all(map(_METRICS.match, metrics)):
        raise Malformed(f"{vector!r} is no CVSS vector; write METRIC:VALUE parts separated by /")
    try:
        found = reader(vector)
    except (CVSSError, ValueError, KeyError) as error:
        raise Malformed(f"{vector!r} is no CVSS {version} vector: {error}") from None
    scores = [None if one is None else abs(float(one)) for one in found.scores()]
    base = scores[0] or 0.0
    temporal, environmental = (scores[1], scores[2]) if len(scores) > 1 else (None, None)
    return Score(vector, version, base, severity_of(base, version), temporal, environmental)


def severity_of(score: float, version: str = "3.1") -> Severity:
    """Return the word for a score from 0 to 10; version 2.0 knows neither none nor critical."""
    if version == "2.0":
        return Severity.HIGH if score >= 7 else Severity.MEDIUM if score >= 4 else Severity.LOW  # noqa: PLR2004
    return next((word for floor, word in _FLOORS if score >= floor), Severity.NONE)


def worst(vectors: tuple[str, ...]) -> Score | None:
    """Return the best-scored vector: newest version of CVSS first, then the highest score; none if there is none.

    Raises:
        Malformed: one of them is no vector.
    """
    return max(map(parse, vectors), key=lambda one: (one.version, one.base), default=None)


def csaf_score(score: Score) -> tuple[str, dict[str, Any]] | None:
    """Return the property of a CSAF 2.0 score and its value, or nothing: CSAF 2.0 has no place for 4.0.

    Source: CSAF 2.0 section 3.2.3.13.
    """
    if score.version == "4.0":
        return None
    if score.version == "2.0":
        return "cvss_v2", {"version": "2.0", "vectorString": score.vector, "baseScore": score.base}
    severity = score.severity.upper()
    return "cvss_v3", {
        "version": score.version,
        "vectorString": score.vector,
        "baseScore": score.base,
        "baseSeverity": severity,
    }
