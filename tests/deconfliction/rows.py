"""Rows of every kind that is kept about scans: in every state, of two organizations, seen by all or by those met."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

from clearinghouse.deconfliction.models import (
    Attempt,
    Authorisation,
    Availability,
    Constraint,
    Coverage,
    ForeignRecord,
    Intent,
    Mapping,
    Meeting,
    Ownership,
    Place,
    ScanSource,
    ShownRequest,
    Subscription,
    Untold,
    WatchedCell,
)
from clearinghouse.deconfliction.rules.lifecycle import (
    AuthorisationState,
    ConstraintKind,
    ConstraintState,
    IntentState,
    MappingState,
    OwnershipState,
    SubscriptionState,
    Visibility,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_WINDOW = {"starts_at": NOON, "ends_at": NOON + timedelta(hours=1)}
_DECIDER = UUID(int=0xD)


def scans(ours: UUID, theirs: UUID, people: Sequence[UUID]) -> None:
    """Make one row for each way in which rows of a kind can differ for the table."""
    homes = (ours, theirs)
    for state, home, visibility, met in product(IntentState, homes, Visibility, (None, ours, theirs)):
        intent = _intent(state, home, visibility, people[0])
        if met is not None:
            Meeting.objects.create(intent=intent, organization_id=met, by="intent", created_at=NOON)
    for home, says, person in product(homes, ConstraintState, people):
        Constraint.objects.create(
            public_id=f"RULE-{uuid4().hex[:10]}",
            organization_id=home,
            person_id=person,
            says=ConstraintKind.DO_NOT_SCAN,
            target={},
            version_key=uuid4().hex,
            state=says,
            created_at=NOON,
        )
    for home, scanner, stands in product(homes, homes, AuthorisationState):
        Authorisation.objects.create(
            public_id=f"AUTH-{uuid4().hex[:10]}",
            organization_id=home,
            scanner_id=scanner,
            person_id=people[0],
            targets=[],
            state=stands,
            created_at=NOON,
            **_WINDOW,
        )
    for home, claim, person in product(homes, OwnershipState, people):
        Ownership.objects.create(
            organization_id=home,
            target={},
            criticality=1,
            evidence="e",
            requested_by=person,
            decided_by=_DECIDER,
            decided_at=NOON,
            state=claim,
            created_at=NOON,
        )
    for home, said in product(homes, MappingState):
        Mapping.objects.create(
            organization_id=home,
            person_id=people[0],
            package=f"pkg:pypi/{uuid4().hex}",
            url="u",
            state=said,
            created_at=NOON,
        )
    for home, watched, person in product(homes, SubscriptionState, people):
        watch = Subscription.objects.create(
            public_id=f"WATCH-{uuid4().hex[:10]}",
            organization_id=home,
            person_id=person,
            target={},
            state=watched,
            created_at=NOON,
        )
        WatchedCell.objects.create(cell=1, subscription=watch)
    for home in homes:
        Availability.objects.create(organization_id=home, answering="down", since_at=NOON, created_at=NOON)
    for home, visibility in product(homes, Visibility):
        Coverage.objects.create(
            organization_id=home,
            target={},
            target_kind="software",
            target_name="p",
            technique="fuzzing",
            visibility=visibility,
            is_complete=True,
            covered_at=NOON,
            created_at=NOON,
        )
        Attempt.objects.create(organization_id=home, scan="0" * 64, outcome="unaware", is_open=True, created_at=NOON)
        ForeignRecord.objects.create(
            organization_id=home,
            said_kind="route",
            subject="s",
            digest="0" * 64,
            statement={},
            fingerprint=uuid4().hex * 2,
            created_at=NOON,
        )
    ScanSource.objects.create(intent=Intent.objects.first(), block="192.0.2.0/28", **_WINDOW)  # type: ignore[misc]
    ShownRequest.objects.create(digest="0" * 64, shown_at=NOON, expires_at=NOON)
    Untold.objects.create(event="scan.ended", of="intent", subject_id=uuid4(), at=NOON)
    Place.objects.create(cell=1, of="intent", holder=ours, subject_id=uuid4(), number=0, target="{}", **_WINDOW)


def _intent(state: IntentState, home: UUID, visibility: Visibility, person: UUID) -> Intent:
    return Intent.objects.create(
        public_id=f"SCAN-{uuid4().hex[:10]}",
        organization_id=home,
        person_id=person,
        technique="fuzzing",
        table="1",
        targets=[],
        contact="mailto:c@lab.example",
        visibility=visibility,
        version_key=uuid4().hex,
        state=state,
        changed_at=NOON,
        created_at=NOON,
        **_WINDOW,
    )
