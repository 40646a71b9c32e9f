"""Every address in every state of what it names, asked by strangers of every role and by those whom it concerns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from clearinghouse.cases.models import Embargo
from clearinghouse.deconfliction.models import Ownership
from clearinghouse.parties.models import Consultation, Organization, Person, Request
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import PEOPLE, Role
from clearinghouse.records import Record, StatefulRecord, kind_of
from tests.advisories.world import signed_in
from tests.house.sources import lifecycles
from tests.journeys.ways import NO_SUCH_WAY, Way, a_house, asked_by, the_ways, things_of
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db
CONCERNED = {"finding": Role.FINDER, "person": Role.MAINTAINER, "intent": Role.FINDER, "constraint": Role.OPERATOR}
"""Things whose own people ask: whoever reported, a maintainer with a seat, who scans, and an owner."""


@pytest.fixture
def things(settings: Any, tmp_path: Path) -> dict[str, Record]:  # noqa: ANN401 - pytest-django's
    return things_of(a_house(settings, tmp_path))


def whoever(who: Role | str, things: dict[str, Record]) -> Person:
    """Return a stranger of a role, the maintainer, or somebody of the organization that a thing is of."""
    if isinstance(who, Role):
        return a_person(who, organization=an_organization("Strangers"), at=right_now())
    thing: Any = type(things[who])._base_manager.get(pk=things[who].pk)
    home = None if isinstance(thing, Person) else Organization.objects.get(pk=thing.organization_id)
    return thing if home is None else a_person(CONCERNED[who], organization=home, at=right_now())


@contextmanager
def in_state(kind: str, state: str, things: dict[str, Record]) -> Iterator[dict[str, Record]]:
    """Put a thing in a state, with what the database wants of one in it, and return everything as it is then read."""
    row: Any = things[kind]
    somebody, soon = things["person"].pk, right_now() + timedelta(days=3)
    more: dict[type[Record], dict[str, Any]] = {
        Consultation: {"answered_by": somebody, "answered_at": right_now(), "answer": "mine"},
        Embargo: {"ends_at": soon},
        Ownership: {"decided_by": somebody},
        Request: {"decided_by": somebody, "decided_at": right_now()},
    }
    with transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(state=state, **more.get(type(row), {}))
        yield {name: type(one)._base_manager.get(pk=one.pk) for name, one in things.items()}
        transaction.set_rollback(True)


def states(things: dict[str, Record]) -> Iterator[tuple[str, str]]:
    """Yield every state of every thing that has any."""
    known = lifecycles()
    for kind, row in things.items():
        if isinstance(row, StatefulRecord):
            for state in sorted(known[f"{row._meta.app_label}:{kind_of(type(row))}"].reachable()):
                yield kind, state


def concerns(way: Way, kind: str, things: dict[str, Record]) -> bool:
    """Say whether a way names a thing, or is decided on by its kind."""
    return way.kind == kind or things[kind] in way.named


STRANGERS = (
    pytest.param(one, marks=() if one is Role.COORDINATOR else pytest.mark.only_on("sqlite")) for one in PEOPLE
)
"""PostgreSQL's walls keep strangers out once more; there it is tried that whoever is let in runs against none."""


@pytest.mark.parametrize("who", [*STRANGERS, *CONCERNED])
def test_who_may_not_in_this_state_is_sent_away_and_leaves_no_trace(who: Role | str, things: dict[str, Record]) -> None:
    person = whoever(who, things)
    actor = actor_for_person(person, second_factor=True, at=right_now())
    client = signed_in(person, second_factor=True)
    wrong, refused = list[str](), 0
    for kind, state in states(things):
        with in_state(kind, state, things) as now:
            for way in the_ways(now):
                if not concerns(way, kind, now):
                    continue
                asked = asked_by(actor, client, way, now)
                if asked.answer.status_code == NO_SUCH_WAY:
                    continue
                refused += not asked.allowed
                if not asked.allowed and (asked.traces or not asked.is_sent_away):
                    wrong.append(f"{kind} {state}: {asked}")
                is_kept_out = asked.answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
                if asked.allowed and is_kept_out and way.method != "GET":  # pages about a thing may want more
                    wrong.append(f"{kind} {state}: {asked}, and they may")
    assert not wrong, "\n".join(wrong)
    assert refused > 50
