"""What the federal tables say of a case, beside its band: rows that could apply when not everything is known.

Source: CISA BOD 26-04 (16 rows); CISA SSVC coordinator table 2.0.3; docs/decisions/0013, 0052.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clearinghouse.cases.rules.factors import Certainty, Factor, Weighed, metrics_of
from clearinghouse.cases.rules.policy import Policy
from clearinghouse.standards.ssvc import BOD_26_04, CISA_COORDINATOR, Decision, decision_table


@dataclass(frozen=True, slots=True)
class Answer:
    """What is put to a table for one decision point."""

    values: tuple[str, ...]
    """Keys of the values it could have; empty: any."""
    certainty: Certainty
    says: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one table says of one case."""

    decision: Decision
    answers: Mapping[str, Answer]
    """By the key of the decision point."""

    @property
    def says(self) -> str:
        """The outcome or the range of outcomes, in words."""
        return self.decision.in_words()


def outcomes(case: Weighed, factors: Mapping[str, Factor], policy: Policy) -> tuple[Outcome, ...]:
    """Return what BOD 26-04 and CISA's coordinator table say; an unknown point shows every row it could mean."""
    kev, exploitation = _kev(case), _exploitation(factors["exposure"])
    automatable, impact = _automatable(case), _technical_impact(case, policy)
    exposed = Answer((), Certainty.UNKNOWN, "depends on each system; ask whoever runs it")
    mission = Answer((), Certainty.UNKNOWN, "depends on each organization's mission; nobody has said")
    asked = (
        (BOD_26_04, {"KEV": kev, "PE": exposed, "A": automatable, "TI": impact}),
        (CISA_COORDINATOR, {"E": exploitation, "A": automatable, "TI": impact, "MWI": mission}),
    )
    return tuple(
        Outcome(decision_table(name).look_up({key: one.values for key, one in answers.items() if one.values}), answers)
        for name, answers in asked
    )


def _kev(case: Weighed) -> Answer:
    if case.in_kev is None:
        return Answer((), Certainty.UNKNOWN, "there is no identifier or no list to look it up in")
    if case.in_kev:
        return Answer(("Y",), Certainty.KNOWN, "CISA lists it as known to be exploited")
    return Answer(("N",), Certainty.KNOWN, "CISA does not list it as known to be exploited")


def _exploitation(exposure: Factor) -> Answer:
    keys = {"exploited": "A", "public": "P", "public-without-fix": "P", "private": "N"}
    values = tuple(sorted({keys[value] for value in exposure.possible}))
    return Answer(values, exposure.certainty, exposure.says)


def _automatable(case: Weighed) -> Answer:
    vectors = [metrics_of(vector) for one in case.reports for vector in one.vectors]
    if not vectors:
        return Answer((), Certainty.UNKNOWN, "no finder has said what an attacker needs")
    wide_open = {"AV": "N", "AC": "L", "PR": "N", "UI": "N"}
    if any(wide_open.items() <= vector.items() for vector in vectors):
        return Answer(("Y",), Certainty.ASSUMED, "a finder's CVSS vector needs neither account nor user")
    return Answer(("N",), Certainty.ASSUMED, "every finder's CVSS vector needs an account, a user or a hard condition")


def _technical_impact(case: Weighed, policy: Policy) -> Answer:
    seen = [policy.detectors[one.detector] for one in case.reports if one.detector in policy.detectors]
    if any(one.technical_impact == "total" for one in seen):
        return Answer(("T",), Certainty.KNOWN, "our detector saw control over the machine's files or programs")
    if seen:
        return Answer(("P",), Certainty.KNOWN, "our detector saw less than full control")
    return Answer((), Certainty.UNKNOWN, "our detector cannot say how far an attacker gets")
