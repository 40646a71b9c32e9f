"""Tests of clearinghouse/cases/seating.py: two people give a seat, and it shows exactly one case."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clearinghouse.cases.marking import raise_marking, settle_marking
from clearinghouse.cases.models import Case, Join, Participant
from clearinghouse.cases.queries.cases import case_for, cases_for
from clearinghouse.cases.rules.facts import FOUNDING
from clearinghouse.cases.rules.lifecycle import CASE, CaseStep
from clearinghouse.cases.rules.seats import Part, SeatState, Tier, check_seat
from clearinghouse.cases.seating import (
    Seat,
    ask_seat,
    give_seat,
    leave_seat,
    participants_of,
    remove_participant,
)
from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted
from clearinghouse.findings.models import Finding
from clearinghouse.findings.queries import findings_for
from clearinghouse.ledger.models import Event
from clearinghouse.parties.actions import accept_invitation
from clearinghouse.parties.models import Organization, Person, Request
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import RequestState
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.records import advance
from clearinghouse.standards.tlp import Tlp
from tests.parties.makers import NOON, PASSWORD, a_person, an_organization

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def a_case(number: int = 1) -> Case:
    case = Case.objects.create(
        public_id=f"CASE-{number:08d}",
        key=f"{number:016x}",
        package="pkg:pypi/x",
        tlp="AMBER",
        state=CASE.initial,
        created_at=NOON,
    )
    finding = Finding.objects.create(
        key=f"{number:064x}",
        finder="f",
        finder_ref=f"f-{number}",
        report={},
        source="report",
        source_name="f",
        received_at=NOON,
        state="settled",
        created_at=NOON,
    )
    Join.objects.create(case=case, finding=finding, how=FOUNDING, reason="", created_at=NOON)
    return case


def a_coordinator() -> Actor:
    return actor_for_person(a_person(Role.COORDINATOR), second_factor=True, at=NOON)


def seated(case: Case, seat: Seat, organization: Organization | None = None) -> tuple[Participant, str | None]:
    """Give a seat as two coordinators do."""
    request = ask_seat(case, seat, actor=a_coordinator(), at=NOON, why="they mend it")
    return give_seat(case, seat, request, organization=organization, actor=a_coordinator(), at=NOON)


def asking(person: Person, *, at: object = NOON) -> Actor:
    assert at is NOON or at is LATER
    return actor_for_person(person, at=NOON if at is NOON else LATER)


def maintainers_seat(person: Person, **changes: object) -> Seat:
    return Seat(**({"party": person, "part": Part.MAINTAINER, "tier": Tier.ALL} | changes))  # type: ignore[arg-type]


def test_a_seat_shows_exactly_that_case_and_what_stands_in_it() -> None:
    case, other = a_case(1), a_case(2)
    person = a_person(Role.MAINTAINER)
    assert not cases_for(asking(person)).exists()
    seated(case, maintainers_seat(person))
    actor = asking(person)
    assert list(cases_for(actor)) == [case]
    assert [one.finder_ref for one in findings_for(actor)] == ["f-1"]
    with pytest.raises(NotFound):
        case_for(actor, other.public_id)


def test_a_seat_of_an_organization_is_everybodys_who_acts_for_it() -> None:
    home, case = an_organization(), a_case()
    person, stranger = a_person(Role.MAINTAINER, organization=home), a_person(Role.MAINTAINER)
    seated(case, maintainers_seat(person, party=home))
    assert list(cases_for(asking(person))) == [case] and not cases_for(asking(stranger)).exists()


def test_whoever_takes_up_an_invitation_by_link_sits_where_they_were_invited_to() -> None:
    case, _ = a_case(1), a_case(2)
    seat = maintainers_seat(a_person(), party="mia@upstream.example")
    _, secret = seated(case, seat, an_organization())
    assert secret is not None
    person = accept_invitation(secret, email="Mia@upstream.example", name="Mia", password=PASSWORD, at=NOON)
    assert list(cases_for(asking(person))) == [case]
    assert [one.state for one in participants_of(case, asking(person))] == [SeatState.SEATED]


def test_an_invitation_to_a_seat_needs_an_organization() -> None:
    with pytest.raises(Malformed, match="organization"):
        seated(a_case(), maintainers_seat(a_person(), party="mia@upstream.example"))
    assert not Participant.objects.exists()


def test_a_seat_of_a_higher_tier_shows_the_case_and_no_proof() -> None:
    person = a_person(Role.MAINTAINER)
    until = NOON + timedelta(days=2)
    seated(a_case(), maintainers_seat(person, part=Part.DISTRIBUTOR, tier=Tier.FIX, until_at=until))
    assert cases_for(asking(person)).exists() and not findings_for(asking(person)).exists()


def test_a_seat_ends_at_its_moment() -> None:
    person, case = a_person(Role.MAINTAINER), a_case()
    seated(case, maintainers_seat(person, until_at=LATER))
    assert cases_for(asking(person)).exists()
    assert not cases_for(asking(person, at=LATER)).exists()


def test_a_seat_that_is_taken_away_shows_nothing_at_the_next_request() -> None:
    person, case = a_person(Role.MAINTAINER), a_case()
    participant, _ = seated(case, maintainers_seat(person))
    remove_participant(participant, actor=a_coordinator(), at=NOON, why="they told others")
    assert not cases_for(asking(person)).exists() and not findings_for(asking(person)).exists()


def test_a_seat_is_left_at_will_by_who_sits_there_alone() -> None:
    person, other, case = a_person(Role.MAINTAINER), a_person(Role.MAINTAINER), a_case()
    participant, _ = seated(case, maintainers_seat(person))
    seated(case, maintainers_seat(other))
    with pytest.raises(NotPermitted, match="another's seat"):
        leave_seat(participant, actor=asking(other), at=NOON)
    leave_seat(participant, actor=asking(person), at=NOON)
    assert not cases_for(asking(person)).exists() and cases_for(asking(other)).exists()


def test_taking_away_a_seat_ends_the_invitation_to_it() -> None:
    participant, secret = seated(
        a_case(), maintainers_seat(a_person(), party="mia@upstream.example"), an_organization()
    )
    remove_participant(participant, actor=a_coordinator(), at=NOON, why="a mistake")
    with pytest.raises(NotFound):
        accept_invitation(str(secret), email="mia@upstream.example", name="Mia", password=PASSWORD, at=NOON)


def test_one_person_alone_gives_no_seat() -> None:
    coordinator, case = a_coordinator(), a_case()
    seat = maintainers_seat(a_person(Role.MAINTAINER))
    request = ask_seat(case, seat, actor=coordinator, at=NOON, why="")
    with pytest.raises(NotPermitted, match="cannot also grant"):
        give_seat(case, seat, request, actor=coordinator, at=NOON)
    assert not Participant.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_seat_other_than_the_one_asked_for_is_refused_and_the_request_is_void() -> None:
    case, person = a_case(), a_person(Role.MAINTAINER)
    request = ask_seat(case, maintainers_seat(person, until_at=LATER), actor=a_coordinator(), at=NOON, why="")
    with pytest.raises(Conflict, match="changed since"):
        give_seat(case, maintainers_seat(person), request, actor=a_coordinator(), at=NOON)
    assert Request.objects.get().state == RequestState.VOID and not Participant.objects.exists()
    assert Event.objects.filter(verb="parties:request:void").exists()


@pytest.mark.django_db(transaction=True)
def test_a_case_that_has_moved_on_voids_what_was_asked_for_it() -> None:
    case, person = a_case(), a_person(Role.MAINTAINER)
    coordinator = a_coordinator()
    request = ask_seat(case, maintainers_seat(person), actor=coordinator, at=NOON, why="")
    advance(case, CASE, CaseStep.DOUBT, actor=coordinator, at=NOON)
    with pytest.raises(Conflict, match="changed since"):
        give_seat(case, maintainers_seat(person), request, actor=a_coordinator(), at=NOON)


def _narrowed(case: Case) -> None:
    raise_marking(case, Tlp.AMBER, actor=a_coordinator(), at=NOON, why="a name is in it")


def _joined(case: Case) -> None:
    Join.objects.filter(case=a_case(2)).update(case=case)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [_narrowed, _joined])
def test_a_case_told_less_far_or_with_another_report_voids_what_was_asked_for_it(
    change: Callable[[Case], None],
) -> None:
    case, person = a_case(), a_person(Role.MAINTAINER)
    Finding.objects.update(report={"tlp": "GREEN"})
    settle_marking([case])
    request = ask_seat(case, maintainers_seat(person), actor=a_coordinator(), at=NOON, why="")
    change(case)
    with pytest.raises(Conflict, match="changed since"):
        give_seat(case, maintainers_seat(person), request, actor=a_coordinator(), at=NOON)
    assert Request.objects.get().state == RequestState.VOID and not Participant.objects.exists()


def test_an_agreement_is_used_once() -> None:
    case, person = a_case(), a_person(Role.MAINTAINER)
    participant, _ = seated(case, maintainers_seat(person))
    remove_participant(participant, actor=a_coordinator(), at=NOON, why="")
    with pytest.raises(Exception, match="used"):
        give_seat(case, maintainers_seat(person), Request.objects.get(), actor=a_coordinator(), at=NOON)


def test_who_may_not_give_seats_may_not_ask_for_them_and_leaves_no_trace() -> None:
    with pytest.raises(NotFound):
        ask_seat(a_case(), maintainers_seat(a_person()), actor=asking(a_person(Role.FINDER)), at=NOON, why="")
    assert not Request.objects.exists()


def test_nobody_sits_twice_in_a_case() -> None:
    case, person = a_case(), a_person(Role.MAINTAINER)
    seated(case, maintainers_seat(person))
    with pytest.raises(Conflict, match="already"):
        seated(case, maintainers_seat(person))


@pytest.mark.parametrize(
    ("part", "tier", "until_days", "said"),
    [
        (Part.EXPERT, 0, 3, "tier 1 or higher"),
        (Part.REGISTRY, 2, 3, "tier 3 or higher"),
        (Part.EXPERT, 1, None, "needs an end"),
        (Part.MAINTAINER, 0, -1, "cannot end"),
        (Part.MAINTAINER, 0, 400, "cannot end"),
        (Part.MAINTAINER, 4, None, "no tier 4"),
        (Part.MAINTAINER, -1, None, "no tier -1"),
    ],
)
def test_a_seat_shows_no_more_and_lasts_no_longer_than_its_part_needs(
    part: Part, tier: int, until_days: int | None, said: str
) -> None:
    until = None if until_days is None else NOON + timedelta(days=until_days)
    with pytest.raises(Malformed, match=said):
        check_seat(part, tier, until, at=NOON)
