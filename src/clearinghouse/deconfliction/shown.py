"""What programs are shown of scans: only what whoever asks may see; the same on the command line and over HTTP."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from clearinghouse.deconfliction.models import (
    Authorisation,
    Constraint,
    Coverage,
    Intent,
    Mapping,
    Ownership,
    Subscription,
)
from clearinghouse.deconfliction.queries.advice import Advice
from clearinghouse.deconfliction.queries.covering import told_findings
from clearinghouse.deconfliction.queries.meeting import Survey, reference_of
from clearinghouse.deconfliction.rules.awareness import Standing
from clearinghouse.deconfliction.rules.binding import Refusal
from clearinghouse.deconfliction.rules.lifecycle import OwnershipState
from clearinghouse.deconfliction.rules.suggestions import Worth
from clearinghouse.deconfliction.rules.targets.kinds import plain_of
from clearinghouse.deconfliction.rules.windows import times_of
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table


class IntentShown(BaseModel):
    """An announced scan."""

    id: str = Field(examples=["SCAN-7Q4M2XKD0A"])
    organization: UUID
    is_own: bool
    state: str
    technique: str
    table: str = Field(description="Version of the table of techniques.")
    targets: list[dict[str, Any]]
    starts_at: datetime
    ends_at: datetime = Field(description="Not included; whatever the state says, nothing stands after it.")
    rate_per_second: int | None
    contact: str
    visibility: str
    version_key: str = Field(description="Send it along as seen when you meet this.")
    revision: int
    changed_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    why: str
    sources: list[str] = Field(description="Your own scans alone: defenders ask for others by address.")
    scanner_key: str = Field(description="Your own scans alone.")
    acknowledged: list[str] = Field(description="Your own scans alone: what was seen when it was accepted.")


class MetShown(BaseModel):
    """What a scan meets."""

    what: str = Field(description="intent or constraint")
    id: str
    version_key: str
    organization: UUID
    relation: str = Field(description="compete, share or endanger")
    targets: list[dict[str, Any]] = Field(description="Those that are met.")
    says: str = Field("", description="Of a constraint: what is asked; times, rate, why and contact say the rest.")
    times: dict[str, Any] | None = None
    when: str = Field("", description="The times in words.")
    rate_per_second: int | None = None
    why: str = ""
    technique: str = ""
    state: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    contact: str = ""


class HeldShown(BaseModel):
    """Why owners do not let a scan run."""

    code: str
    reason: str
    constraint: str
    contact: str = Field(description="Whom to ask; empty: nobody is named.")


class AnnouncedShown(BaseModel):
    """What became of an announcement, and everyone whom it meets."""

    intent: IntentShown
    met: list[MetShown]


class ConstraintShown(BaseModel):
    """What an organization asks of whoever scans a target."""

    id: str = Field(examples=["RULE-7Q4M2XKD0A"])
    organization: UUID
    is_own: bool
    says: str
    target: dict[str, Any]
    techniques: list[str]
    times: dict[str, Any] | None = Field(description="Weekly times are in minutes from Monday 00:00 UTC.")
    when: str = Field(description="The times in words.")
    rate_per_second: int | None
    why: str
    contact: str = Field(description="Whom scanners ask about it.")
    state: str
    version_key: str
    created_at: datetime
    ended_at: datetime | None


class ConstraintStated(BaseModel):
    """A constraint that was stated, and the scans that it halted at once."""

    constraint: ConstraintShown
    halted: list[str]


class AuthorisationShown(BaseModel):
    """That an organization lets another scan what is its own."""

    id: str = Field(examples=["AUTH-7Q4M2XKD0A"])
    organization: UUID
    scanner: UUID
    targets: list[dict[str, Any]]
    techniques: list[str]
    starts_at: datetime
    ends_at: datetime
    rate_per_second: int | None
    reference: str
    state: str


class OwnershipShown(BaseModel):
    """That something is claimed to be an organization's."""

    id: UUID
    organization: UUID
    target: dict[str, Any]
    criticality: int
    contact: str = Field(description="Whom scanners ask for an authorisation.")
    evidence: str = Field(description="Your own claims, and for the office that looks into them.")
    state: str
    decided_at: datetime | None
    decided_why: str


class SubscriptionShown(BaseModel):
    """A target that an organization watches."""

    id: str = Field(examples=["WATCH-7Q4M2XKD0A"])
    target: dict[str, Any]
    techniques: list[str]
    state: str
    created_at: datetime
    ended_at: datetime | None


class MappingShown(BaseModel):
    """That a package is built from a repository."""

    id: UUID
    organization: UUID
    package: str
    url: str
    folder: str
    state: str


class CoverageShown(BaseModel):
    """That one target was tried."""

    id: UUID
    intent: str | None = Field(description="Your own alone.")
    is_own: bool
    target: dict[str, Any]
    technique: str
    version: str
    is_complete: bool
    covered_at: datetime
    findings: int | None = Field(description="Your own, and those that are published.")
    published: str = Field(description="Where the findings are published; empty: they are not.")


def intent_shown(actor: Actor, one: Intent) -> IntentShown:
    """Return an intent as ``actor`` may see it: where it comes from is told to its own organization."""
    own = one.organization_id == actor.organization
    return IntentShown(
        id=one.public_id,
        organization=one.organization_id,
        is_own=own,
        state=one.state,
        technique=one.technique,
        table=one.table,
        targets=one.targets,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        rate_per_second=one.rate_per_second,
        contact=one.contact,
        visibility=one.visibility,
        version_key=one.version_key,
        revision=one.revision,
        changed_at=one.changed_at,
        began_at=one.began_at,
        ended_at=one.ended_at,
        why=one.why,
        sources=one.sources if own else [],
        scanner_key=one.scanner_key if own else "",
        acknowledged=sorted(one.acknowledged) if own else [],
    )


def met_shown(those: Iterable[Standing]) -> list[MetShown]:
    """Return what is met, of what may be seen."""
    return [MetShown(**reference_of(one)) for one in those if one.is_visible]


def held_shown(those: Iterable[Refusal]) -> list[HeldShown]:
    """Return what owners say against a scan."""
    return [
        HeldShown(code=one.code, reason=one.reason, constraint=one.constraint, contact=one.contact) for one in those
    ]


def times_text(one: Constraint) -> str:
    """Return when a constraint lets scans run, in words; empty where it says nothing about times."""
    return str(times_of(one.times)) if one.times else ""


def constraint_shown(actor: Actor, one: Constraint) -> ConstraintShown:
    """Return a constraint."""
    return ConstraintShown(
        id=one.public_id,
        organization=one.organization_id,
        is_own=one.organization_id == actor.organization,
        says=one.says,
        target=one.target,
        techniques=one.techniques,
        times=one.times,
        when=times_text(one),
        rate_per_second=one.rate_per_second,
        why=one.why,
        contact=one.contact,
        state=one.state,
        version_key=one.version_key,
        created_at=one.created_at,
        ended_at=one.ended_at,
    )


def authorisation_shown(one: Authorisation) -> AuthorisationShown:
    """Return an authorisation; whoever sees it gave it or was given it."""
    return AuthorisationShown(
        id=one.public_id,
        organization=one.organization_id,
        scanner=one.scanner_id,
        targets=one.targets,
        techniques=one.techniques,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        rate_per_second=one.rate_per_second,
        reference=one.reference,
        state=one.state,
    )


def ownership_shown(actor: Actor, one: Ownership) -> OwnershipShown:
    """Return an ownership; what shows it, and what was looked at, to its own people and whoever looks into claims."""
    claimed = Ownership(organization_id=one.organization_id, state=OwnershipState.CLAIMED)
    looks_into = the_table().decide(actor, "deconfliction:ownership:read", claimed).allowed
    is_whole = looks_into or one.organization_id == actor.organization
    return OwnershipShown(
        id=one.pk,
        organization=one.organization_id,
        target=one.target,
        criticality=one.criticality,
        contact=one.contact,
        evidence=one.evidence if is_whole else "",
        state=one.state,
        decided_at=one.decided_at,
        decided_why=one.decided_why if is_whole else "",
    )


def subscription_shown(one: Subscription) -> SubscriptionShown:
    """Return a subscription; whoever sees it is of its organization."""
    return SubscriptionShown(
        id=one.public_id,
        target=one.target,
        techniques=one.techniques,
        state=one.state,
        created_at=one.created_at,
        ended_at=one.ended_at,
    )


def mapping_shown(one: Mapping) -> MappingShown:
    """Return a mapping."""
    return MappingShown(
        id=one.pk,
        organization=one.organization_id,
        package=one.package,
        url=one.url,
        folder=one.folder,
        state=one.state,
    )


def coverage_shown(actor: Actor, one: Coverage) -> CoverageShown:
    """Return what was covered; how much came of it is its own organization's to know."""
    own = one.organization_id == actor.organization
    return CoverageShown(
        id=one.pk,
        intent=one.intent.public_id if own and one.intent else None,
        is_own=own,
        target=one.target,
        technique=one.technique,
        version=one.version,
        is_complete=one.is_complete,
        covered_at=one.covered_at,
        findings=told_findings(actor, one),
        published=one.published,
    )


class SurveyShown(BaseModel):
    """Who is on this already, and what owners would say."""

    met: list[MetShown]
    own: list[MetShown] = Field(description="Of your own organization.")
    refusals: list[HeldShown] = Field(description="Why owners would not let it run.")


def survey_shown(found: Survey) -> SurveyShown:
    """Return the answer to "is anyone on this?"."""
    return SurveyShown(met=met_shown(found.met), own=met_shown(found.own), refusals=held_shown(found.refusals))


class ShareShown(BaseModel):
    """What one of the willing takes on."""

    organization: UUID
    paths: list[str]
    technique: str = Field(description="Where no folders were named: by what.")
    why: str


class AdviceShown(BaseModel):
    """What to do instead of a scan that meets others."""

    starts_at: datetime | None = Field(description="Of the earliest free window of the same length; null: none.")
    ends_at: datetime | None
    techniques: list[str] = Field(description="Get in nobody's way in the window that was asked for.")
    unclaimed: list[str] = Field(description="Of the folders that were named: nobody is on these.")
    shares: list[ShareShown]


def advice_shown(one: Advice) -> AdviceShown:
    """Return what to do instead."""
    return AdviceShown(
        starts_at=one.window.starts_at if one.window else None,
        ends_at=one.window.ends_at if one.window else None,
        techniques=list(one.techniques),
        unclaimed=list(one.unclaimed),
        shares=[
            ShareShown(organization=each.organization, paths=list(each.paths), technique=each.technique, why=each.why)
            for each in one.shares
        ],
    )


class WorthShown(BaseModel):
    """A target that is worth looking at."""

    target: dict[str, Any]
    criticality: int = Field(description="1 to 5, as its owner says.")
    value: float = Field(description="Criticality times the days since all of it was covered.")
    covered_at: datetime | None = Field(description="When all of it was last covered; null: never.")
    part_covered_at: datetime | None = Field(description="When some of it was.")
    why: str


def worth_shown(one: Worth) -> WorthShown:
    """Return what looking at a target is worth."""
    return WorthShown(
        target=plain_of(one.candidate.target),
        criticality=one.candidate.criticality,
        value=round(one.value, 1),
        covered_at=one.candidate.covered_at,
        part_covered_at=one.candidate.part_covered_at,
        why=one.why,
    )
