"""A small world with rows of every kind, in every state and relation that the permission table speaks about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

from clearinghouse.cases.models import Case, Embargo, Fix, Join, Link, Marking, Participant, Response, SavedView, Trial
from clearinghouse.cases.rules.facts import FOUNDING, How
from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState, FixState, ResponseState
from clearinghouse.cases.rules.marking import Turn
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.rules.seats import Part, SeatState
from clearinghouse.feeds.models import Snapshot
from clearinghouse.feeds.rules import Feed
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.rules import FindingState, Source, SubmissionState
from clearinghouse.notices.models import Delivery, Notice, Webhook
from clearinghouse.notices.rules import Happened, WebhookState
from clearinghouse.parties.models import (
    Acceptance,
    Consultation,
    Invitation,
    Membership,
    Organization,
    Person,
    Request,
    Terms,
    Token,
)
from clearinghouse.parties.rules import AcceptanceState, ConsultationState, RequestState
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.standards.tlp import Tlp
from clearinghouse.validation.lifecycle import ValidationState
from clearinghouse.validation.models import Answer, KnownBypass, Validation
from tests.deconfliction.rows import scans

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ME, YOU, INVITED = (UUID(int=number) for number in (1, 2, 3))
OURS, THEIRS = UUID(int=11), UUID(int=12)


def a_world() -> None:
    """Make one row for each way in which rows of a kind can differ for the table."""
    _parties()
    findings = _findings()
    _cases(findings)
    _of_findings(findings)
    scans(OURS, THEIRS, (ME, YOU))


def _parties() -> None:
    for number, home in enumerate((OURS, THEIRS)):
        Organization.objects.create(pk=home, name=f"organization {number}", created_at=NOON)
    for person in (ME, YOU, INVITED):
        Person.objects.create(pk=person, email=f"{person.int}@people.example", name="somebody", created_at=NOON)
    for person, home, role in product((ME, YOU), (OURS, THEIRS), (Role.FINDER, Role.COORDINATOR)):
        Membership.objects.create(person_id=person, organization_id=home, role=role, created_at=NOON)
    for person, revoked in product((ME, YOU), (None, NOON)):
        Token.objects.create(
            person_id=person,
            organization_id=OURS,
            name="t",
            digest=uuid4().hex,
            scopes=["parties"],
            second_factor=False,
            expires_at=NOON,
            revoked_at=revoked,
            created_at=NOON,
        )
    for role, inviter in product((Role.MAINTAINER, Role.COORDINATOR), (ME, YOU)):
        _invitation(role, inviter)
    for state, asked_by in product(RequestState, (ME, YOU)):
        decided = None if state in (RequestState.OPEN, RequestState.WITHDRAWN, RequestState.VOID) else INVITED
        Request.objects.create(
            verb="cases:participant:seat",
            subject_kind="case",
            subject_id="x",
            digest="0" * 64,
            requested_by=asked_by,
            decided_by=decided,
            decided_at=NOON if decided else None,
            state=state,
            created_at=NOON,
        )
    terms = Terms.objects.create(version=1, text="t", envelope="{}", published_by=YOU, created_at=NOON)
    for home, stands in product((OURS, THEIRS), AcceptanceState):
        Acceptance.objects.create(terms=terms, organization_id=home, accepted_by=ME, state=stands, created_at=NOON)
    for home, asked_by, stage in product((OURS, THEIRS), (ME, YOU), ConsultationState):
        Consultation.objects.create(
            about_kind="case",
            about_id="x",
            question="q",
            organization_id=home,
            asked_by=asked_by,
            due_at=NOON,
            answer="a",
            answered_by=ME,
            answered_at=NOON,
            state=stage,
            created_at=NOON,
        )
    _notices()
    Snapshot.objects.create(
        feed=next(iter(Feed)), version="1", published_at=NOON, digest="d", source="s", count=0, created_at=NOON
    )


def _notices() -> None:
    """Tell every party and the office something, and make a webhook in every state for every home and person."""
    parties = [{"organization_id": OURS}, {"organization_id": THEIRS}, {"person_id": ME}, {"person_id": YOU}, {}]
    told = [
        Notice.objects.create(
            happening=uuid4(),
            event=Happened.CASE_OPENED,
            subject_kind="case",
            subject_id="x",
            place=uuid4(),
            created_at=NOON,
            **party,
        )
        for party in parties
    ]
    for state, home, person in product(WebhookState, (OURS, THEIRS), (ME, YOU)):
        webhook = Webhook.objects.create(
            organization_id=home,
            person_id=person,
            second_factor=True,
            url="https://hooks.example/",
            events=[],
            state=state,
            created_at=NOON,
        )
        Delivery.objects.create(webhook=webhook, notice=told[0], organization_id=home, next_at=NOON, created_at=NOON)


def _invitation(role: Role = Role.MAINTAINER, inviter: UUID = YOU, *, accepted_by: UUID | None = None) -> Invitation:
    return Invitation.objects.create(
        organization_id=THEIRS,
        role=role,
        invited_by=inviter,
        digest=uuid4().hex,
        expires_at=NOON,
        accepted_at=NOON if accepted_by else None,
        accepted_by_id=accepted_by,
        created_at=NOON,
    )


def _findings() -> list[Finding]:
    """Return a finding for every state and home, and three more that only cases speak of."""
    ways = [*product(FindingState, (OURS, THEIRS, None)), *[(FindingState.SETTLED, None)] * 3]
    return [
        Finding.objects.create(
            key=f"{number:064x}",
            organization_id=home,
            finder="f",
            finder_ref=f"f-{number}",
            report={},
            source=Source.REPORT,
            source_name="f",
            received_at=NOON,
            state=state,
            created_at=NOON,
        )
        for number, (state, home) in enumerate(ways)
    ]


def _seats() -> list[dict[str, object]]:
    """Return every way to sit in a case: whose seat, how much it shows, until when, whether it stands, how marked."""
    later, earlier = NOON + timedelta(days=1), NOON - timedelta(days=1)
    parties: list[dict[str, object]] = [
        {"person_id": ME},
        {"person_id": YOU},
        {"organization_id": OURS},
        {"organization_id": THEIRS},
        {"invitation": None},
        {"invitation": INVITED},
        {"invitation": ME},
    ]
    ends = [(SeatState.SEATED, None), (SeatState.SEATED, later), (SeatState.SEATED, earlier), (SeatState.REMOVED, None)]
    ways = [*product(ends, (Tlp.AMBER,)), *product(ends[:1], [one for one in Tlp if one is not Tlp.AMBER])]
    return [
        {**party, "tier": tier, "state": state, "until_at": until, "tlp": label}
        for party, tier, ((state, until), label) in product(parties, range(4), ways)
    ]


def _cases(findings: list[Finding]) -> None:
    """Make a case for each seat, each with a join that stands and one that has ended; and one in every state."""
    for person in (ME, YOU):
        SavedView.objects.create(person_id=person, name="v", created_at=NOON)
    for number, seat in enumerate(_seats()):
        case = _case(number, CaseState.OPEN, str(seat.pop("tlp")))
        if "invitation" in seat:
            accepted_by = seat["invitation"]
            assert accepted_by is None or isinstance(accepted_by, UUID)
            seat["invitation"] = _invitation(accepted_by=accepted_by)
        Participant.objects.create(case=case, part=Part.MAINTAINER, invited_by=YOU, created_at=NOON, **seat)
        finding = Finding.objects.create(
            key=f"c{number:063x}",
            finder="c",
            finder_ref=f"c-{number}",
            report={},
            source=Source.REPORT,
            source_name="c",
            received_at=NOON,
            state=FindingState.SETTLED,
            created_at=NOON,
        )
        Join.objects.create(case=case, finding=finding, how=FOUNDING, reason="", created_at=NOON)
        Join.objects.create(case=case, finding=findings[0], how=FOUNDING, reason="", ended_at=NOON, created_at=NOON)
        _validation(finding, ValidationState.SETTLED)
        _at_the_table(case, number)
    for number, state in enumerate(CaseState, 1000):
        _case(number, state)
    Link.objects.create(one=findings[0], other=findings[1], how=next(iter(How)), reason="", created_at=NOON)
    Trial.objects.create(finding=findings[0], patch="sha256:0", stops=True, created_at=NOON)


def _at_the_table(case: Case, number: int) -> None:
    """Put something said, agreed and handed in on the table of a case; the states and people take turns."""
    person = (ME, YOU, None)[number % 3]
    Marking.objects.create(case=case, turn=Turn.RAISE, label=Tlp.RED, basis="0" * 64, by=YOU, created_at=NOON)
    state = [*EmbargoState][number % len(EmbargoState)]
    Embargo.objects.create(case=case, proposed_by=person, ends_at=NOON, state=state, created_at=NOON)
    for turn, response in enumerate(ResponseState):
        Response.objects.create(
            case=case,
            said=ResponseSaid.CONFIRMED,
            by="",
            person_id=(ME, YOU)[(number + turn) % 2],
            state=response,
            created_at=NOON,
        )
    state_of_fix = [*FixState][number % len(FixState)]
    Fix.objects.create(case=case, digest="d", file="f", by="", person_id=ME, state=state_of_fix, created_at=NOON)


def _validation(finding: Finding, state: ValidationState) -> None:
    judgement = None if state is ValidationState.WAITING else {"outcome": "refused"}
    Validation.objects.create(finding=finding, state=state, judgement=judgement, created_at=NOON)


def _case(number: int, state: CaseState, label: str = Tlp.AMBER) -> Case:
    return Case.objects.create(
        public_id=f"CASE-{number:08d}",
        key=f"{number:016x}",
        package="pkg:pypi/x",
        tlp=label,
        state=state,
        created_at=NOON,
    )


def _of_findings(findings: list[Finding]) -> None:
    for finding, state in zip(findings, [*ValidationState] * 9, strict=False):
        _validation(finding, state)
    for ended in (None, NOON):
        Answer.objects.create(
            finding=findings[0], question="q", yes=True, why="", by="", actor=ME, ended_at=ended, created_at=NOON
        )
    KnownBypass.objects.create(package="p", digest="0" * 64, detector="d", patch="x", bypass={}, created_at=NOON)
    RefusedReport.objects.create(name="r", problems=[], received_at=NOON, created_at=NOON)
    for number, (state, home) in enumerate(product(SubmissionState, (OURS, THEIRS))):
        _submission(number, state, home)


def _submission(number: int, state: SubmissionState, home: UUID) -> None:
    Submission.objects.create(
        receipt=f"SUB-{number}",
        organization_id=home,
        person=ME,
        name="s",
        digest="d",
        size_bytes=1,
        state=state,
        read_at=None if state is SubmissionState.QUEUED else NOON,
        created_at=NOON,
    )


def the_actors() -> list[Actor]:
    """Return an actor for each role, and for all, in all the ways that the table tells apart."""
    roles = [frozenset({role}) for role in Role] + [frozenset(Role), frozenset[Role]()]
    strong = [Actor(ME, "me", held, OURS, second_factor=True, asks_at=NOON) for held in roles]
    varied = [
        change
        for one in strong
        for change in (
            Actor(INVITED, "invited", one.roles, None, second_factor=True, asks_at=NOON),
            Actor(ME, "me", one.roles, OURS, second_factor=False, asks_at=NOON),
            Actor(ME, "me", one.roles, OURS, second_factor=True, asks_at=None),
            replace(one, scopes=frozenset({"cases", "findings:finding:read"})),
        )
    ]
    return strong + varied
