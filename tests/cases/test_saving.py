"""Tests of clearinghouse/cases/saving.py, and of the API and the client about saved views."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.leaving import leave
from clearinghouse.cases.models import SavedView
from clearinghouse.cases.queries.queue import saved_view_for, saved_views_for
from clearinghouse.cases.rules.queue import MOST_VIEWS, Filters, View
from clearinghouse.cases.saving import delete_view, save_view
from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.sight.asking import beyond_sight
from clearinghouse_client.cases import Cases
from clearinghouse_client.queue import SavedViews
from clearinghouse_client.session import ServerRefused, Session
from tests.advisories.world import World, a_world
from tests.cases.makers import NOON
from tests.cases.test_leaving import new_id
from tests.clearinghouse_client.here import answered
from tests.parties.makers import a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db


def acting(person: Person) -> Actor:
    return actor_for_person(person, second_factor=True, at=right_now())


@pytest.fixture
def somebody() -> Actor:
    return acting(a_person(Role.COORDINATOR, organization=an_organization()))


def test_a_name_that_one_has_used_gets_what_is_looked_at_now(somebody: Actor) -> None:
    before = Event.objects.count()
    first = save_view("Mine", Filters(words="yaml"), actor=somebody, at=NOON)
    again = save_view("  Mine ", Filters(view=View.DUE, band="URGENT"), actor=somebody, at=right_now())
    assert again.pk == first.pk and again.created_at == NOON
    assert [one.wanted for one in saved_views_for(somebody)] == [Filters(view="due", band="URGENT")]
    assert Event.objects.count() == before, "a note to oneself is no act"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_name_is_not_kept(somebody: Actor, name: str) -> None:
    with pytest.raises(Malformed, match="1 to 60"):
        save_view(name, Filters(), actor=somebody, at=NOON)


def test_nobody_keeps_more_than_the_most_and_an_old_name_still_takes_something_new(somebody: Actor) -> None:
    for number in range(MOST_VIEWS):
        save_view(f"v{number}", Filters(), actor=somebody, at=NOON)
    with pytest.raises(Conflict, match="delete one first"):
        save_view("one more", Filters(), actor=somebody, at=NOON)
    save_view("v7", Filters(words="yaml"), actor=somebody, at=NOON)
    delete_view(saved_views_for(somebody)[0], actor=somebody)
    save_view("one more", Filters(), actor=somebody, at=NOON)
    assert SavedView.objects.filter(person=somebody.id).count() == MOST_VIEWS


def test_the_views_of_others_are_not_there(somebody: Actor) -> None:
    other = acting(a_person(Role.COORDINATOR, organization=an_organization()))
    kept = save_view("Mine", Filters(), actor=somebody, at=NOON)
    save_view("Mine", Filters(), actor=other, at=NOON)
    with pytest.raises(NotFound):
        saved_view_for(other, kept.pk)
    with pytest.raises(NotFound):
        delete_view(kept, actor=other)


def test_only_people_with_an_account_who_read_cases_save_views() -> None:
    administrator = acting(a_person(Role.ADMINISTRATOR, organization=an_organization()))
    for actor in (administrator, CLEARINGHOUSE, LOCAL):
        with pytest.raises(NotPermitted):
            save_view("Mine", Filters(), actor=actor, at=NOON)


def test_whoever_is_erased_leaves_no_view(tmp_path: Path) -> None:
    store = Artefacts(tmp_path / "artefacts")
    world = a_world(store)
    home, actor = Organization.objects.get(name="Blue Lab"), acting(world.finder)
    save_view("Mine", Filters(words="secret words"), actor=actor, at=NOON)
    a_person(Role.ADMINISTRATOR, organization=an_organization("Installation"))
    leave(home, erase=True, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    with beyond_sight():
        assert not SavedView.objects.exists()


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return a_world(Artefacts(tmp_path / "artefacts"))


def test_a_program_narrows_the_queue_and_keeps_views_of_it(world: World) -> None:
    # Where a case stands follows from what its reports say, which PostgreSQL shows only to a token that reads them.
    scopes = ("cases", "findings", "validation")
    token = a_token(world.coordinator, *scopes, at=right_now(), second_factor=True)
    with Session("http://clearinghouse.example", token, transport=httpx.MockTransport(answered)) as session:
        cases, views = Cases(session), SavedViews(session)
        wanted = {"q": "prototype", "view": "to-confirm", "package": "pkg:npm/minimist", "state": "to-confirm"}
        assert [one.case for one in cases.queue(**wanted)] == [world.doubted.public_id]
        assert [one.case for one in cases.queue(band="URGENT", state="open")] == [world.case.public_id]
        assert not list(cases.queue(view="second-person"))
        assert len(list(cases.queue())) == 2
        kept = views.save("Mine", **wanted)
        assert [one.case for one in cases.queue(**kept.wanted)] == [world.doubted.public_id]
        assert views.save("Mine").id == kept.id
        assert [(one.name, one.view, one.q) for one in views.saved()] == [("Mine", "all", "")]
        with pytest.raises(ServerRefused, match="422"):
            views.save("Mine", view="nothing")
        views.delete(kept.id)
        assert not list(views.saved())
        with pytest.raises(ServerRefused, match="404"):
            views.delete(kept.id)


def test_a_token_for_something_else_is_told_in_words_and_by_the_verb(world: World) -> None:
    token = a_token(world.coordinator, "findings", at=right_now(), second_factor=True)
    answer = Client(headers={"Authorization": f"Bearer {token}"}).post(
        "/api/v1/views", {"name": "Mine"}, content_type="application/json"
    )
    told = answer.json()
    assert (answer.status_code, told["code"], told["verb"]) == (403, "not-permitted", "cases:saved-view:save")
    assert "this token may not save a view of the queue" in told["detail"]
