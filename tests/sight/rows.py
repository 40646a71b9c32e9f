"""A few rows in every table that has a wall: of two organizations, and of none."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models

from clearinghouse.cases.models import Case, Embargo, Fix, Join, Link, Marking, Participant, Response, SavedView, Trial
from clearinghouse.cases.rules.facts import FOUNDING, How
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.seats import Part
from clearinghouse.edges.models import KeptFile
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.rules import FindingState, Source, SubmissionState
from clearinghouse.parties.models import Organization, Person
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.models import Answer, KnownBypass, StoredRun, Validation
from tests.deconfliction.rows import scans
from tests.notices.rows import listeners
from tests.parties.makers import NOON

HOME, AWAY, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)


def _make[M: models.Model](model: type[M], **fields: object) -> M:
    return model._base_manager.create(**fields)


def fill() -> None:
    """Put the rows there."""
    for key in (HOME, AWAY):
        _make(Organization, id=key, name=str(key), created_at=NOON)
    findings = [
        _make(
            Finding,
            key=f"{number:064x}",
            organization_id=owner,
            finder="ada",
            finder_ref=str(number),
            report={},
            source=Source.REPORT,
            source_name="ada",
            received_at=NOON,
            created_at=NOON,
            state=state,
        )
        for number, (owner, state) in enumerate(
            (owner, state) for owner in (HOME, AWAY, None) for state in (FindingState.TAKEN_IN, FindingState.JUDGED)
        )
    ]
    one, other = findings[:2]
    for finding in findings:
        _make(Validation, finding=finding, state=ValidationState.WAITING, created_at=NOON)
        _make(StoredRun, key=finding.key, finding=finding, run={})
        _make(Answer, finding=finding, question="why", yes=True, why="", by="Ada", actor=PERSON, created_at=NOON)
        _make(Trial, finding=finding, patch="sha256:1", created_at=NOON)
    _make(RefusedReport, name="bad", problems=[], received_at=NOON, created_at=NOON)
    _make(KnownBypass, package="pkg:pypi/a", digest="1", detector="sql", bypass={}, patch="sha256:1", created_at=NOON)
    case = _make(
        Case, public_id="CASE-1", key="1", package="pkg:pypi/a", tlp="AMBER", state=CaseState.OPEN, created_at=NOON
    )
    _make(Join, case=case, finding=one, how=FOUNDING, reason="", created_at=NOON)
    _make(Join, case=case, finding=other, other=one, how=next(iter(How)), reason="", created_at=NOON)
    _make(Link, one=one, other=findings[2], how=next(iter(How)), reason="", created_at=NOON)
    party = {"by": "Ada", "person_id": PERSON, "organization_id": HOME, "created_at": NOON}
    _make(Response, case=case, said="confirmed", state="standing", **party)
    _make(Marking, case=case, turn="raise", label="AMBER", basis="0" * 64, by=PERSON, created_at=NOON)
    _make(Embargo, case=case, state="none", created_at=NOON)
    _make(Fix, case=case, digest="sha256:1", file="fix.patch", state="waiting", **party)
    _make(Person, id=PERSON, email="ada@people.example", name="Ada", created_at=NOON)
    _make(Person, id=UUID(int=4), email="bob@people.example", name="Bob", created_at=NOON)
    for person in (PERSON, UUID(int=4)):
        _make(SavedView, person_id=person, name="mine", created_at=NOON)
    other_case = _make(
        Case, public_id="CASE-2", key="2", package="pkg:pypi/b", tlp="AMBER", state=CaseState.OPEN, created_at=NOON
    )
    _make(Join, case=other_case, finding=findings[3], how=FOUNDING, reason="", created_at=NOON)
    seats: list[tuple[Case, int, dict[str, object], datetime | None]] = [
        (case, 1, {"person_id": PERSON}, NOON + timedelta(days=1)),
        (case, 3, {"organization_id": AWAY}, None),
        (other_case, 0, {"organization_id": HOME}, NOON),
    ]
    for sits_in, tier, party, until in seats:
        _make(
            Participant,
            case=sits_in,
            part=next(iter(Part)),
            tier=tier,
            until_at=until,
            invited_by=PERSON,
            state="seated",
            created_at=NOON,
            **party,
        )
    for number, owner in enumerate((HOME, AWAY)):
        _make(
            Submission,
            receipt=str(number),
            organization_id=owner,
            person=PERSON,
            name="a.zip",
            digest="sha256:1",
            size_bytes=1,
            state=SubmissionState.QUEUED,
            created_at=NOON,
        )
    _make(KeptFile, name="scan-list/members", digest="sha256:1", kept_at=NOON)
    scans(HOME, AWAY, (PERSON,))
    listeners(HOME, AWAY, PERSON)
