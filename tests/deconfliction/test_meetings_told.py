"""Who has met which confidential scan: told to the office, and to each organization what it has met itself."""

import pytest
from django.test import Client

from clearinghouse.deconfliction.models import Intent, Meeting
from clearinghouse.deconfliction.queries.intents import meetings_for
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.parties.models import Organization, Person
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, an_owner, announced, home_of
from tests.parties.makers import a_person, a_token, an_organization, right_now

PACKAGE = "pkg:pypi/pyyaml"
pytestmark = pytest.mark.django_db


def _scan(actor: Actor, target: str = PACKAGE, *, is_confidential: bool = False) -> Intent:
    now = right_now()
    visibility = Visibility.THOSE_MET if is_confidential else Visibility.EVERYONE
    said = a_scan(target, window=Window(now, now + 4 * HOUR), visibility=visibility)
    return announced(said, actor, at=now).intent


def _told(person: Person, **wanted: str) -> list[tuple[str, str, str]]:
    token = a_token(person, "deconfliction", at=right_now(), second_factor=True)
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/meetings", wanted)
    assert answer.status_code == 200, answer.content
    return sorted((one["intent"], one["met_by"], one["by"]) for one in answer.json()["items"])


@pytest.fixture
def lab() -> Organization:
    return an_organization("Green Lab")


def test_the_office_reads_who_met_whom_and_others_what_they_have_met(lab: Organization) -> None:
    hider, passer = a_member(), a_member()
    hidden, other = _scan(hider, is_confidential=True), _scan(hider, "pkg:pypi/other", is_confidential=True)
    _scan(a_member(organization=lab))
    _scan(passer, "pkg:pypi/other")
    by_lab = (hidden.public_id, str(lab.pk), "intent")
    by_passer = (other.public_id, str(passer.organization), "intent")
    office, auditor = (a_person(role, at=right_now()) for role in (Role.COORDINATOR, Role.AUDITOR))
    assert _told(office) == _told(auditor) == sorted([by_passer, by_lab])
    assert _told(office, intent=hidden.public_id) == [by_lab]
    assert _told(a_person(Role.FINDER, organization=lab, at=right_now())) == [by_lab]
    # Not even whose scan it is learns of it here: they see the other scan itself.
    for organization in (home_of(hider), an_organization()):
        assert _told(a_person(Role.FINDER, organization=organization, at=right_now())) == []
    assert Client().get("/api/v1/meetings").status_code == 401
    stranger = a_token(a_person(Role.FINDER, at=right_now()), "deconfliction", at=right_now())
    asking = Client(headers={"Authorization": f"Bearer {stranger}"})
    unseen, absent = (asking.get("/api/v1/meetings", {"intent": one}) for one in (hidden.public_id, "SCAN-0"))
    assert unseen.status_code == absent.status_code == 404


def test_an_owner_meets_by_owning() -> None:
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    hidden = _scan(a_member(), is_confidential=True)
    assert [(one.intent, one.by) for one in meetings_for(owner)] == [(hidden, "ownership")]


def test_pages_tell_the_same(lab: Organization) -> None:
    hidden = _scan(a_member(), is_confidential=True)
    _scan(a_member(organization=lab))
    office = signed_in(a_person(Role.COORDINATOR, at=right_now()), second_factor=True)
    assert "Green Lab, by a scan of theirs" in office.get("/scans/meetings").content.decode()
    assert "Green Lab, since" in office.get(f"/scans/{hidden.public_id}").content.decode()
    met = signed_in(a_person(Role.FINDER, organization=lab, at=right_now())).get("/scans/meetings").content.decode()
    assert hidden.public_id in met and str(hidden.organization_id) in met and hidden.organization.name not in met
    stranger = signed_in(a_person(Role.FINDER, at=right_now()))
    page = stranger.get("/scans/meetings").content.decode()
    assert "Green Lab" not in page and hidden.public_id not in page
    assert stranger.get(f"/scans/{hidden.public_id}").status_code == 404


def test_a_long_list_has_pages() -> None:
    hidden = _scan(a_member(), is_confidential=True)
    now = right_now()
    Meeting.objects.bulk_create(
        Meeting(intent=hidden, organization=an_organization(f"Lab {n:02}"), by="intent", created_at=now)
        for n in range(60)
    )
    office = signed_in(a_person(Role.COORDINATOR, at=right_now()), second_factor=True)
    first = office.get("/scans/meetings").content.decode()
    after = first.partition("/scans/meetings?after=")[2].partition('"')[0]
    second = office.get(f"/scans/meetings?after={after}").content.decode()
    told = [[name for name in (f"Lab {n:02}" for n in range(60)) if name in page] for page in (first, second)]
    assert [len(one) for one in told] == [50, 10] and not set(told[0]) & set(told[1])
