"""What a policy pack says: factors and their values, bands and their triggers, tie-breaks, figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clearinghouse.errors import Malformed
from clearinghouse.strict import load_json


class Band(StrEnum):
    """Response bands, most pressing first. Source: Akrites SIRT, report prioritisation."""

    INCIDENT = "INCIDENT"
    URGENT = "URGENT"
    STANDARD = "STANDARD"
    NEEDS_INFO = "NEEDS-INFO"

    @property
    def rank(self) -> int:
        """0 for the most pressing."""
        return list(Band).index(self)


@dataclass(frozen=True, slots=True)
class FactorPolicy:
    """A factor: its values, most pressing first, each with plain words, and where an unknown one stands."""

    name: str
    title: str
    values: Mapping[str, str]
    unknown_ranks_as: str

    def rank(self, value: str | None) -> int:
        """Return the place of ``value`` among the values; None: not known."""
        return list(self.values).index(self.unknown_ranks_as if value is None else value)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that puts a case into a band when all its conditions hold."""

    name: str
    says: str
    when: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class BandPolicy:
    """A band: its triggers and what is owed how soon."""

    band: Band
    acknowledge_hours: int
    validate_hours: int
    plan_days: int
    plan: str
    triggers: tuple[Trigger, ...]


@dataclass(frozen=True, slots=True)
class DetectorPolicy:
    """What a flaw that this detector saw can do at least."""

    impact: str
    technical_impact: str
    says: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy pack, replaceable as a whole."""

    name: str
    source: str
    factors: Mapping[str, FactorPolicy]
    bands: tuple[BandPolicy, ...]
    tie_breaks: tuple[str, ...]
    detectors: Mapping[str, DetectorPolicy]
    ratings: Mapping[str, str]
    widespread_from: int
    window_days: int
    embargo_days: int
    families: Mapping[str, str]
    """CWE (``CWE-22``) → family of weaknesses."""

    def band(self, band: Band) -> BandPolicy:
        """Return what the pack says of ``band``."""
        return next(one for one in self.bands if one.band is band)

    def family(self, weakness: str) -> str:
        """Return the family of a CWE; the CWE itself when it belongs to none."""
        return self.families.get(weakness, weakness)


BY_ITSELF = ("coordination", "age")
"""Tie-breaks that are a date and a number, not one of a few values."""


def parse_policy(data: bytes) -> Policy:
    """Return the policy pack that ``data`` holds.

    Raises:
        Malformed: a trigger or tie-break names a factor or value that the pack does not have, or a band is missing.
    """
    found = load_json(data)
    factors = {one["name"]: _factor(one) for one in found["factors"]}
    bands = tuple(_band(one, factors) for one in found["bands"])
    if [one.band for one in bands] != list(Band):
        raise Malformed(f"a policy pack names the bands {', '.join(Band)}, in this order")
    strange = set(found["tie_breaks"]) - set(factors) - set(BY_ITSELF)
    if strange:
        raise Malformed(f"tie-breaks name {', '.join(sorted(strange))}, which is no factor of this pack")
    return Policy(
        name=found["name"],
        source=found["source"],
        factors=factors,
        bands=bands,
        tie_breaks=tuple(found["tie_breaks"]),
        detectors={name: DetectorPolicy(**one) for name, one in found["detectors"].items()},
        ratings=found["ratings"],
        widespread_from=found["widespread_from"],
        window_days=found["window_days"],
        embargo_days=found["embargo_days"],
        families={f"CWE-{number}": name for name, ids in found["weakness_families"].items() for number in ids},
    )


def _factor(found: Mapping[str, Any]) -> FactorPolicy:
    values = {one["value"]: one["says"] for one in found["values"]}
    if found["unknown_ranks_as"] not in values:
        raise Malformed(f"{found['name']} ranks unknown as {found['unknown_ranks_as']}, which is none of its values")
    return FactorPolicy(found["name"], found["title"], values, found["unknown_ranks_as"])


def _band(found: Mapping[str, Any], factors: Mapping[str, FactorPolicy]) -> BandPolicy:
    triggers = tuple(
        Trigger(one["name"], one["says"], {factor: frozenset(values) for factor, values in one["when"].items()})
        for one in found["triggers"]
    )
    for trigger in triggers:
        for factor, values in trigger.when.items():
            if factor not in factors or not values <= set(factors[factor].values):
                raise Malformed(
                    f"trigger {trigger.name} asks {factor} for {', '.join(sorted(values))}, not in this pack"
                )
    return BandPolicy(
        Band(found["band"]),
        found["acknowledge_hours"],
        found["validate_hours"],
        found["plan_days"],
        found["plan"],
        triggers,
    )
