"""An outsider hears the same, from the same places, whether or not there is a case that they may not know of."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Participant
from clearinghouse.cases.responding import propose_embargo
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat, give_seat, remove_participant
from clearinghouse.notices.models import Notice
from clearinghouse.notices.queries import BEGIN, newest_place, notices_after
from clearinghouse.notices.rules import Happened
from clearinghouse.notices.telling import settle
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import World, a_world, signed_in
from tests.notices.makers import a_webhook, told
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db


@dataclass
class Office:
    """A server with cases, two coordinators, and a maintainer who may be seated."""

    world: World
    people: list[Actor] = field(default_factory=list)

    def seat(self, person: Person) -> Participant:
        """Seat somebody in the case, as two coordinators do."""
        one, other = self.people
        seat, now = Seat(person, Part.MAINTAINER, Tier.ALL), right_now()
        asked = ask_seat(self.world.case, seat, actor=one, at=now, why="they mend it")
        return give_seat(self.world.case, seat, asked, actor=other, at=now)[0]

    def stir(self) -> None:
        """Let something happen to the case that everybody at its table hears of."""
        until = right_now() + timedelta(days=5)
        propose_embargo(self.world.case, until, why="", actor=self.people[0], at=right_now())
        settle()


@pytest.fixture
def office(settings: Any, tmp_path: Path) -> Office:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    people = [actor_for_person(a_person(Role.COORDINATOR), second_factor=True, at=right_now()) for _ in range(2)]
    return Office(a_world(Artefacts(tmp_path / "artefacts")), people)


def _heard(actor: Actor) -> list[str]:
    return [one.event for one in notices_after(actor, BEGIN)]


def _now(person: Person) -> Actor:
    return actor_for_person(person, at=right_now())


def test_who_sits_in_a_case_hears_of_it_until_the_seat_is_taken_and_then_no_more_even_of_what_was(
    office: Office,
) -> None:
    maintainer = a_person(Role.MAINTAINER, organization=an_organization("Upstream"))
    participant = office.seat(maintainer)
    office.stir()
    assert _heard(_now(maintainer)) == [Happened.SEAT_GIVEN, Happened.EMBARGO_CHANGED]
    remove_participant(participant, actor=office.people[0], at=right_now(), why="it leaked")
    settle()
    assert _heard(_now(maintainer)) == [Happened.SEAT_ENDED], "and nothing else, not even of before"
    assert Notice.objects.get(event=Happened.SEAT_ENDED, person=maintainer).name == "", "it names no case"


def test_a_finder_is_not_told_that_others_reported_the_same_unless_seated(office: Office) -> None:
    settle()
    assert Notice.objects.filter(event=Happened.FINDING_JOINED).exists()
    home = office.world.finder.memberships.get().organization
    assert not Notice.objects.filter(organization=home).exists(), "not even a row that is never shown"
    assert _heard(_now(office.world.finder)) == []


def test_an_outsider_hears_and_sees_the_same_with_and_without_what_is_hidden(office: Office) -> None:
    outsider = a_person(Role.FINDER, organization=an_organization("Strangers"))
    a_webhook(outsider)
    home, client = outsider.memberships.get().organization, signed_in(outsider)
    with transaction.atomic():
        told(home)

    def seen() -> tuple[object, ...]:
        webhook = home.webhooks.get().pk
        addresses = ("/api/v1/notices", "/notices", "/webhooks", f"/api/v1/webhooks/{webhook}/deliveries")
        return newest_place(_now(outsider)), *(_body(client, one) for one in addresses)

    before = seen()
    maintainer = a_person(Role.MAINTAINER, organization=an_organization("Upstream"))
    for _ in range(3):
        participant = office.seat(maintainer)
        remove_participant(participant, actor=office.people[0], at=right_now(), why="")
    office.stir()
    assert Notice.objects.count() > 8
    assert seen() == before


def _body(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"\n".join(line for line in answer.content.splitlines() if b"csrfmiddlewaretoken" not in line)
