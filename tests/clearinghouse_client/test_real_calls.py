"""Every call of the client, made to the API itself by those whom it concerns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction

from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat
from clearinghouse.ledger.models import Event
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import PEOPLE, Role
from clearinghouse.permissions.table import the_table
from clearinghouse.records import Record
from clearinghouse_client.session import ServerRefused
from tests.clearinghouse_client.calls import CALLS, Named
from tests.clearinghouse_client.here import at_home
from tests.journeys.ways import a_house, things_of
from tests.parties.makers import a_person, a_token, right_now

pytestmark = pytest.mark.django_db
FOR_WANT_OF_A_RIGHT: Final = frozenset({401, 403, 404, 409})
"""As in ``tests.journeys.ways``: never for the shape of what is sent, nor for a header that is missing."""
ELSEWHERE: Final = frozenset({"events", "whois_request"})
"""What listens to a server of its own (``tests/journeys/test_notices.py``), and what needs a warrant and its key."""


@pytest.fixture
def things(settings: Any, tmp_path: Path) -> dict[str, Record]:  # noqa: ANN401 - pytest-django's
    made = things_of(a_house(settings, tmp_path))
    return {name: type(one)._base_manager.get(pk=one.pk) for name, one in made.items()}


def named(things: dict[str, Any]) -> Named:
    """Return what the calls name."""
    ids = {name: things[name].pk for name in Named.__slots__ if name in things}
    public = {
        name: things[name].public_id for name in ("case", "intent", "constraint", "authorisation", "subscription")
    }
    somebody = a_person(Role.MAINTAINER, at=right_now())
    seat, office = (
        Seat(a_person(Role.MAINTAINER, at=right_now()), Part.MAINTAINER, Tier.ALL),
        actor_for_person(a_person(Role.COORDINATOR), second_factor=True),
    )
    asked = ask_seat(things["case"], seat, actor=office, at=right_now(), why="")
    sequence_all()
    own: dict[str, Any] = {
        "person": somebody.pk,
        "request": asked.pk,
        "mapping": str(things["mapping"].pk),
        "receipt": things["submission"].receipt,
        "home": things["organization"].name,
        "act": Event.objects.latest("at").pk,
    }
    return Named(now=right_now(), **ids | public | own)


def tokens(things: dict[str, Any]) -> Iterator[str]:
    """Yield a token for everything of each who is concerned: of the office, a scanner, an owner and a maintainer."""
    scopes = sorted({verb.partition(":")[0] for verb in the_table().verbs})
    homes = [things[one].organization_id for one in ("intent", "constraint", "finding")]
    people = [
        a_person(*PEOPLE, organization=home, at=right_now())
        for home in (None, *(Organization.objects.get(pk=one) for one in homes))
    ]
    for person in (*people, things["person"]):
        assert isinstance(person, Person)
        yield a_token(person, *scopes, at=right_now(), second_factor=True)


def test_every_call_is_right_and_somebody_may_make_it(things: dict[str, Record]) -> None:
    names, wrong = named(things), list[str]()
    waiting = set(CALLS) - ELSEWHERE
    for token in tokens(things):
        for name in sorted(set(CALLS) - ELSEWHERE):
            with transaction.atomic(), at_home(token) as session:
                try:
                    made = CALLS[name](session, names)
                    _ = list(made) if isinstance(made, Iterator) else made
                    waiting.discard(name)
                except ServerRefused as refusal:
                    if refusal.status not in FOR_WANT_OF_A_RIGHT:
                        wrong.append(f"{name}: {refusal}")
                transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
    assert not waiting, " ".join(sorted(waiting))
