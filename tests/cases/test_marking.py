"""Tests of clearinghouse/cases/marking.py: TLP as audience; one person narrows it, two people widen it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.actions import join_findings, undo_join
from clearinghouse.cases.marking import ask_lower_marking, forget_reports, lower_marking, raise_marking
from clearinghouse.cases.models import Case, Join, Marking, Participant
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.cases.queries.marks import marking_of, markings_for
from clearinghouse.cases.rules.marking import Change, Turn, basis_of, marking, recipient_of
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat
from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted, StepRefused
from clearinghouse.findings.queries import findings_for
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Request
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE, RequestState
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.standards.tlp import AUDIENCE, Recipient, Tlp, is_narrower, may_be_told, narrowest
from tests.cases.rows import a_finding, ids
from tests.cases.test_seating import a_case, a_coordinator, maintainers_seat, seated
from tests.parties.makers import NOON, a_person, an_organization

LATER = NOON + timedelta(days=1)
LABELS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(Tlp), max_size=4)
CHANGES = st.lists(st.tuples(st.sampled_from(Turn), st.sampled_from(Tlp), st.booleans()), max_size=6)


def _changes(labels: dict[str, Tlp], drawn: list[tuple[Turn, Tlp, bool]]) -> list[Change]:
    present, basis = frozenset(labels), basis_of(labels)
    return [Change(turn, label, present, basis if on_these else "another") for turn, label, on_these in drawn]


def test_each_label_lets_in_a_wider_audience_than_the_next() -> None:
    sizes = [len(AUDIENCE[label]) for label in Tlp]
    assert sizes == sorted(sizes, reverse=True) == [5, 4, 3, 2, 1]
    assert all(AUDIENCE[label] >= {Recipient.PERSON} for label in Tlp)


@given(LABELS, CHANGES)
def test_nothing_widens_a_case_beyond_its_reports_but_a_lowering_on_exactly_these(
    labels: dict[str, Tlp], drawn: list[tuple[Turn, Tlp, bool]]
) -> None:
    found = marking(labels, frozenset(labels), _changes(labels, drawn))
    lowered = any(turn is Turn.LOWER and on_these for turn, _, on_these in drawn)
    assert lowered or not is_narrower(narrowest(*labels.values()), found)


@given(LABELS, CHANGES, st.sampled_from(Tlp))
def test_a_report_that_joins_never_widens_a_case_and_voids_every_lowering(
    labels: dict[str, Tlp], drawn: list[tuple[Turn, Tlp, bool]], new: Tlp
) -> None:
    changes = _changes(labels, drawn)
    after = {**labels, "e": new}
    raised = narrowest(*(one.label for one in changes if one.turn is Turn.RAISE and labels))
    assert marking(after, frozenset(after), changes) == narrowest(*after.values(), raised)


@given(LABELS, CHANGES)
def test_what_was_last_decided_on_exactly_these_reports_holds(
    labels: dict[str, Tlp], drawn: list[tuple[Turn, Tlp, bool]]
) -> None:
    last = (Turn.LOWER, Tlp.CLEAR, True)
    assert marking(labels, frozenset(labels), _changes(labels, [*drawn, last])) is Tlp.CLEAR


def test_a_raise_goes_along_with_its_reports_and_touches_no_others() -> None:
    raised = [Change(Turn.RAISE, Tlp.RED, frozenset({"f/1", "f/2"}), "x")]
    assert marking({"k": Tlp.GREEN}, frozenset({"f/2"}), raised) is Tlp.RED
    assert marking({"k": Tlp.GREEN}, frozenset({"g/9"}), raised) is Tlp.GREEN


@pytest.mark.django_db
@pytest.mark.parametrize("label", list(Tlp))
@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("whole", [False, True], ids=["in person", "as an organization"])
def test_a_seat_sees_a_case_exactly_where_its_marking_lets_such_a_recipient_in(
    label: Tlp, tier: Tier, *, whole: bool
) -> None:
    home, case = an_organization(), a_case()
    person = a_person(Role.MAINTAINER, organization=home)
    Case.objects.update(tlp=label)
    party = {"organization": home} if whole else {"person": person}
    Participant.objects.create(
        case=case, part=Part.MAINTAINER, tier=tier, invited_by=person.pk, state="seated", created_at=NOON, **party
    )
    actor = actor_for_person(person, at=NOON)
    told = may_be_told(label, recipient_of(tier, whole_organization=whole))
    if whole and tier >= Tier.FIX:
        told = told and may_be_told(label, Recipient.ORGANIZATION)
    assert cases_for(actor).exists() is told
    assert findings_for(actor).exists() is (told and tier <= Tier.NEEDED)


@pytest.mark.django_db
def test_one_coordinator_narrows_a_case_and_its_reason_is_kept() -> None:
    case = a_case()
    raise_marking(case, Tlp.RED, actor=a_coordinator(), at=NOON, why="a name is in it")
    case.refresh_from_db()
    assert (case.tlp, marking_of(case)) == ("RED", Tlp.RED)
    said = _said("cases:marking:raise")
    assert (said["to"], said["why"]) == ("RED", "a name is in it")


def _said(verb: str) -> dict[str, str]:
    """Return what the ledger keeps of the one act of this kind."""
    found: dict[str, str] = json.loads(bytes(Event.objects.get(verb=verb).body or b""))["details"]
    return found


@pytest.mark.django_db
def test_what_is_not_narrower_is_no_raise_and_what_is_not_wider_no_lowering() -> None:
    case = a_case()
    for label in (Tlp.AMBER, Tlp.GREEN):
        with pytest.raises(Malformed, match="not narrower than TLP:AMBER"):
            raise_marking(case, label, actor=a_coordinator(), at=NOON, why="")
    for label in (Tlp.AMBER, Tlp.RED):
        with pytest.raises(Malformed, match="not wider than TLP:AMBER"):
            ask_lower_marking(case, label, actor=a_coordinator(), at=NOON, why="")
    assert not Marking.objects.exists() and not Request.objects.exists()


@pytest.mark.django_db
def test_an_organization_that_sits_there_is_shut_out_when_the_case_becomes_red_and_the_finder_narrows_it_too() -> None:
    home, case, finder = an_organization(), a_case(), a_person(Role.FINDER)
    maintainer = a_person(Role.MAINTAINER, organization=home)
    seated(case, maintainers_seat(maintainer, party=home))
    seated(case, Seat(finder, Part.FINDER, Tier.ALL))
    assert cases_for(actor_for_person(maintainer, at=NOON)).exists()
    with pytest.raises(NotPermitted):
        raise_marking(case, Tlp.RED, actor=actor_for_person(maintainer, at=NOON), at=NOON, why="")
    raise_marking(case, Tlp.RED, actor=actor_for_person(finder, at=NOON), at=NOON, why="it names a person")
    assert not cases_for(actor_for_person(maintainer, at=NOON)).exists()
    assert cases_for(actor_for_person(finder, at=NOON)).exists()


@pytest.mark.django_db
def test_who_may_not_know_of_a_case_is_told_that_there_is_none_and_marks_nothing() -> None:
    case = a_case()
    for role in (Role.FINDER, Role.MAINTAINER, Role.ADMINISTRATOR, Role.AUDITOR):
        actor = actor_for_person(a_person(role), second_factor=True, at=NOON)
        with pytest.raises((NotFound, NotPermitted)):
            raise_marking(case, Tlp.RED, actor=actor, at=NOON, why="")
        with pytest.raises((NotFound, NotPermitted)):
            ask_lower_marking(case, Tlp.GREEN, actor=actor, at=NOON, why="")
    assert not Marking.objects.exists() and not Request.objects.exists()


@pytest.mark.django_db
def test_no_seat_is_given_to_whom_the_marking_shuts_out() -> None:
    case, home = a_case(), an_organization()
    raise_marking(case, Tlp.AMBER_STRICT, actor=a_coordinator(), at=NOON, why="")
    downstream = Seat(a_person(Role.MAINTAINER), Part.DISTRIBUTOR, Tier.FIX, LATER)
    with pytest.raises(Malformed, match=r"TLP:AMBER\+STRICT.*lower the marking"):
        ask_seat(case, downstream, actor=a_coordinator(), at=NOON, why="")
    seated(case, maintainers_seat(a_person(Role.MAINTAINER), party=home))
    raise_marking(case, Tlp.RED, actor=a_coordinator(), at=NOON, why="")
    with pytest.raises(Malformed, match="seat a person by name"):
        seated(case, maintainers_seat(a_person(Role.MAINTAINER), party=an_organization()))
    seated(case, maintainers_seat(a_person(Role.MAINTAINER)))


def _lowered(case: Case, label: Tlp, asker: Actor | None = None) -> None:
    later = NOON + timedelta(minutes=1)
    request = ask_lower_marking(case, label, actor=asker or a_coordinator(), at=later, why="the finder agrees")
    lower_marking(case, label, request, actor=a_coordinator(), at=later)


@pytest.mark.django_db
def test_two_people_widen_a_case_and_what_was_raised_is_undone_by_it() -> None:
    case, coordinator = a_case(), a_coordinator()
    raise_marking(case, Tlp.RED, actor=coordinator, at=NOON, why="")
    _lowered(case, Tlp.GREEN)
    case.refresh_from_db()
    assert case.tlp == "GREEN"
    assert [one.turn for one in markings_for(coordinator, case)] == ["lower", "raise"]
    assert _said("cases:marking:lower")["from"] == "RED"


@pytest.mark.django_db
def test_one_person_alone_widens_nothing() -> None:
    case, coordinator = a_case(), a_coordinator()
    request = ask_lower_marking(case, Tlp.GREEN, actor=coordinator, at=NOON, why="")
    with pytest.raises(NotPermitted, match="cannot also grant"):
        lower_marking(case, Tlp.GREEN, request, actor=coordinator, at=NOON)
    assert marking_of(case) is Tlp.AMBER


@pytest.mark.django_db(transaction=True)
def test_another_label_than_the_one_asked_for_is_refused_and_the_request_is_void() -> None:
    case = a_case()
    request = ask_lower_marking(case, Tlp.GREEN, actor=a_coordinator(), at=NOON, why="")
    with pytest.raises(Conflict, match="changed since"):
        lower_marking(case, Tlp.CLEAR, request, actor=a_coordinator(), at=NOON)
    assert Request.objects.get().state == RequestState.VOID and marking_of(case) is Tlp.AMBER


@pytest.mark.django_db
def test_a_request_for_a_seat_widens_nothing() -> None:
    case = a_case()
    request = ask_seat(case, maintainers_seat(a_person(Role.MAINTAINER)), actor=a_coordinator(), at=NOON, why="")
    with pytest.raises(StepRefused, match="something else"):
        lower_marking(case, Tlp.CLEAR, request, actor=a_coordinator(), at=NOON)


@pytest.fixture
def store(tmp_path: Path) -> Artefacts:
    return Artefacts(tmp_path)


_NEW_ID = ids()


def _join(store: Artefacts) -> list[Case]:
    join_findings(artefacts=store, new_id=_NEW_ID, actor=CLEARINGHOUSE, at=NOON)
    return list(cases_for(CLEARINGHOUSE))


@pytest.mark.django_db
def test_a_case_is_marked_as_its_narrowest_report_and_a_report_that_joins_voids_a_lowering(store: Artefacts) -> None:
    a_finding(store, "fa-1", report={"tlp": "GREEN"})
    (case,) = _join(store)
    assert case.tlp == "GREEN"
    _lowered(case, Tlp.CLEAR)
    a_finding(store, "fb-1", finder="finder-b", report={"tlp": "AMBER+STRICT"})
    (case,) = _join(store)
    assert case.tlp == "AMBER+STRICT"


@pytest.mark.django_db
def test_a_raise_goes_along_when_a_report_is_taken_out_of_its_case(store: Artefacts) -> None:
    a_finding(store, "fa-1", report={"tlp": "GREEN"})
    a_finding(store, "fb-1", finder="finder-b", report={"tlp": "GREEN"})
    (case,) = _join(store)
    raise_marking(case, Tlp.RED, actor=a_coordinator(), at=NOON, why="")
    row = Join.objects.get(ended_at=None, other__isnull=False)
    other = undo_join(row, why="apart", artefacts=store, new_id=_NEW_ID, actor=a_coordinator(), at=NOON)
    assert other.pk != case.pk
    assert {one.tlp for one in cases_for(CLEARINGHOUSE)} == {"RED"}


@pytest.mark.django_db
def test_an_erased_report_leaves_no_name_in_what_was_decided() -> None:
    case = a_case()
    raise_marking(case, Tlp.RED, actor=a_coordinator(), at=NOON, why="")
    assert Marking.objects.get().reports == ["f/f-1"]
    forget_reports(["f/f-1"])
    assert Marking.objects.get().reports == []
