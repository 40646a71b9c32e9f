"""What is known of a case when its place is decided: each factor known, assumed or unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from clearinghouse.cases.rules.policy import Policy

DEMONSTRATED = frozenset({"A", "A-patch", "B"})
"""Grades that count as demonstrated: independently run, with the claimed effect."""


class Certainty(StrEnum):
    """How far a factor can be relied on."""

    KNOWN = "known"
    """Seen by a run of ours or stated by an authority."""
    ASSUMED = "assumed"
    """Said by a finder."""
    UNKNOWN = "unknown"
    """Nobody has said."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of one case."""

    name: str
    value: str | None
    """None: unknown."""
    certainty: Certainty
    says: str
    """In plain words, with where it is from."""
    possible: frozenset[str]
    """What the value may be: itself alone, unless more cannot be ruled out."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one report of a case brings to its place in the order."""

    finding: str
    grade: str
    detector: str
    received_at: datetime
    exploited: str = "unknown"
    """yes, no or unknown, as the finder says."""
    exploited_evidence: tuple[str, ...] = ()
    public: str = "unknown"
    vectors: tuple[str, ...] = ()
    rating: str = ""
    """Qualitative CVSS rating of the finder's most severe vector, lower case."""
    default_configuration: bool | None = None
    deadline: date | None = None
    public_ai_tool: bool = False
    """A public hosted model was used: assume that others know."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of a case besides its reports."""

    key: str
    reports: tuple[Report, ...]
    in_kev: bool | None = None
    """Listed in CISA's KEV; None: there is no snapshot or no identifier to look for."""
    fix_exists: bool | None = None
    newest_affected: bool | None = None
    installations: int | None = None
    """Known installations that are affected; None: nobody counted."""

    @property
    def first_received_at(self) -> datetime:
        """When its first report came in."""
        return min(one.received_at for one in self.reports)


def factors_of(case: Weighed, policy: Policy, *, on: date) -> dict[str, Factor]:
    """Return every factor of ``case``, each the most pressing that any of its reports gives."""
    found = (
        _exposure(case),
        _evidence(case),
        _impact(case, policy),
        _prerequisites(case),
        _reach(case, policy),
        _scope(case),
        _window(case, policy, on),
    )
    return {one.name: one for one in found}


def _known(name: str, value: str, says: str, *, or_also: Sequence[str] = ()) -> Factor:
    return Factor(name, value, Certainty.KNOWN, says, frozenset({value, *or_also}))


def _assumed(name: str, value: str, says: str, *, or_also: Sequence[str] = ()) -> Factor:
    return Factor(name, value, Certainty.ASSUMED, says, frozenset({value, *or_also}))


def _unknown(name: str, says: str, possible: Sequence[str]) -> Factor:
    return Factor(name, None, Certainty.UNKNOWN, says, frozenset(possible))


def claimed_exploited(case: Weighed) -> bool:
    """Say whether a report claims exploitation and gives evidence for it."""
    return any(one.exploited == "yes" and one.exploited_evidence for one in case.reports)


def _exposure(case: Weighed) -> Factor:
    name = "exposure"
    if case.in_kev:
        return _known(name, "exploited", "CISA lists it as known to be exploited (KEV)")
    if claimed_exploited(case):
        return _assumed(name, "exploited", "a finder says it is exploited and gives evidence")
    perhaps = ["exploited"] if any(one.exploited != "no" for one in case.reports) else []
    more = "; nobody has said whether it is exploited" if perhaps else "; no finder has seen it exploited"
    if any(one.exploited == "yes" for one in case.reports):
        more = "; a finder says it is exploited but gives no evidence"
    known_public = any(one.public == "yes" for one in case.reports)
    if known_public and case.fix_exists is None:
        return _assumed(
            name, "public", f"a finder says it is public; whether a fix exists is open{more}",
            or_also=[*perhaps, "public-without-fix"],
        )  # fmt: skip
    if known_public:
        value = "public" if case.fix_exists else "public-without-fix"
        fix = "a fix exists" if case.fix_exists else "no fix is known"
        return _assumed(name, value, f"a finder says it is public, and {fix}{more}", or_also=perhaps)
    if all(one.public == "no" for one in case.reports):
        return _assumed(name, "private", f"every finder says it is not public{more}", or_also=perhaps)
    possible = [*perhaps, "private", "public" if case.fix_exists else "public-without-fix"]
    return _unknown(name, f"nobody has said whether it is public{more}", possible)


def _evidence(case: Weighed) -> Factor:
    if case.in_kev or claimed_exploited(case):
        return Factor(
            "evidence",
            "active",
            Certainty.KNOWN if case.in_kev else Certainty.ASSUMED,
            "it was seen used against real targets",
            frozenset({"active"}),
        )
    grades = sorted({one.grade for one in case.reports})
    if DEMONSTRATED.intersection(grades):
        best = next(grade for grade in ("A", "A-patch", "B") if grade in grades)
        return _known("evidence", "demonstrated", f"we ran the proof and it showed the flaw (grade {best})")
    return _known("evidence", "poc", "a proof shows it, but a control was not possible (grade C)")


def _impact(case: Weighed, policy: Policy) -> Factor:
    """Return the worst impact of any report: what our detector saw, else the finder's rating."""
    ranked = policy.factors["impact"]
    given = []
    for one in case.reports:
        if one.detector in policy.detectors:
            seen = policy.detectors[one.detector]
            given.append(_known("impact", seen.impact, f"our detector saw that the target {seen.says}"))
        elif one.rating in policy.ratings:
            value = policy.ratings[one.rating]
            says = f"finders rate it {value}; our detector cannot say how bad it is"
            given.append(_assumed("impact", value, says))
    if not given:
        return _unknown("impact", "no finder rated it, and our detector cannot say how bad it is", list(ranked.values))
    return min(given, key=lambda one: (ranked.rank(one.value), one.certainty is not Certainty.KNOWN))


def metrics_of(vector: str) -> Mapping[str, str]:
    """Return the metrics of a CVSS 3.x or 4.0 vector by their short names."""
    return dict(part.split(":", 1) for part in vector.split("/") if ":" in part)


def _prerequisites(case: Weighed) -> Factor:
    levels = [level for one in case.reports for level in _hurdles(one)]
    if not levels:
        return _unknown("prerequisites", "no finder has said what an attacker needs", ["low", "some", "high"])
    value = min(levels, key=["low", "some", "high"].index)
    return _assumed("prerequisites", value, f"the finders' CVSS vectors and settings say: {value}")


def _hurdles(report: Report) -> list[str]:
    found = []
    for vector in report.vectors:
        metrics = metrics_of(vector)
        if metrics.get("AV") != "N" or metrics.get("AC") != "L" or metrics.get("AT", "N") != "N":
            found.append("high")
        elif metrics.get("PR") != "N" or metrics.get("UI") != "N" or report.default_configuration is False:
            found.append("some")
        else:
            found.append("low")
    return found


def _reach(case: Weighed, policy: Policy) -> Factor:
    if case.installations is None:
        return _unknown("reach", "nobody has counted where it is installed", ["widespread", "limited"])
    value = "widespread" if case.installations >= policy.widespread_from else "limited"
    return _known("reach", value, f"{case.installations} known installations are affected")


def _scope(case: Weighed) -> Factor:
    if case.newest_affected is None:
        return _unknown("scope", "the newest release could not be run", ["current", "older"])
    if case.newest_affected:
        return _known("scope", "current", "the newest release is affected: the proof fired on it")
    return _known("scope", "older", "the newest release is not affected: the proof was silent on it")


def nearest_deadline(case: Weighed) -> date | None:
    """Return the earliest day on which a finder means to publish."""
    return min((one.deadline for one in case.reports if one.deadline), default=None)


def _window(case: Weighed, policy: Policy, on: date) -> Factor:
    deadline = nearest_deadline(case)
    if deadline is None:
        return _known("window", "closed", "no finder has set a date")
    if (deadline - on).days <= policy.window_days:
        return _known("window", "open", f"a finder means to publish on {deadline.isoformat()}")
    return _known("window", "closed", f"the nearest date, {deadline.isoformat()}, is far off")
