"""Tests of clearinghouse/notices/stream.py and edges/streams.py: what is heard, by whom, and when it ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.test import Client

from clearinghouse.edges import streams
from clearinghouse.edges.doors import finder_of
from clearinghouse.errors import TooMany
from clearinghouse.notices.models import Notice
from clearinghouse.notices.queries import BEGIN
from clearinghouse.notices.stream import lines_for
from clearinghouse.notices.telling import settle
from clearinghouse.parties.models import Consultation, Organization, Person, Token
from clearinghouse.parties.queries import actor_for_person, actor_for_token
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import signed_in
from tests.notices.makers import told
from tests.parties.makers import NOON, a_person, a_token, an_organization, right_now

on_threads = pytest.mark.django_db(transaction=True)
"""A stream reads in threads of its own, which see only what has committed."""


def listen(
    find_actor: Callable[[], Actor], place: UUID | None, *, count: int, happens: Callable[[], object] = lambda: None
) -> list[str]:
    """Return the first ``count`` lines of a stream; ``happens`` is done once it has begun."""

    async def heard() -> list[str]:
        said: list[str] = []
        async with asyncio.timeout(20), aclosing(_lines(find_actor, place)) as lines:
            async for line in lines:
                said.append(line)
                if len(said) == 1:
                    await asyncio.to_thread(_committed, happens)
                if len(said) == count:
                    return said
        return said

    return asyncio.run(heard())


def _lines(find_actor: Callable[[], Actor], place: UUID | None) -> AsyncGenerator[str]:
    return lines_for(find_actor, place, heartbeat_seconds=0.3)


def _committed(happens: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            happens()
        settle()
    finally:
        connections.close_all()


def _ours() -> tuple[Organization, Actor]:
    person = a_person()
    return person.memberships.get().organization, actor_for_person(person, at=NOON)


@on_threads
def test_what_happens_is_heard_with_a_place_to_go_on_from() -> None:
    home, actor = _ours()
    begin, line = listen(lambda: actor, None, count=2, happens=lambda: told(home, settled=False))
    notice = Notice.objects.get()
    assert begin.startswith("retry: ")
    assert line.startswith(f"id: {notice.place}\nevent: consultation.asked\ndata: {{") and line.endswith("}\n\n")
    again = listen(lambda: actor, BEGIN, count=2)
    assert again[1] == line
    assert listen(lambda: actor, notice.place, count=2)[1] == streams.HEARTBEAT


@on_threads
def test_from_now_on_means_after_the_last_that_one_may_hear_whatever_else_there_is() -> None:
    home, actor = _ours()
    _committed(lambda: told(home, settled=False))
    mine = Notice.objects.get().place
    _committed(lambda: told(an_organization(), settled=False))
    (begin, heartbeat) = listen(lambda: actor, None, count=2)
    assert f"id: {mine}\n" in begin and heartbeat == streams.HEARTBEAT


@on_threads
def test_nothing_of_others_is_heard_and_nothing_that_is_no_longer_ones_own() -> None:
    home, actor = _ours()

    def happens() -> None:
        told(an_organization(), settled=False)
        gone = told(home, settled=False)
        Consultation.objects.filter(pk=gone.subject_id).update(organization=an_organization())

    assert listen(lambda: actor, BEGIN, count=3, happens=happens)[1:] == [streams.HEARTBEAT] * 2


@on_threads
def test_it_ends_with_the_token() -> None:
    now, person = right_now(), a_person(at=right_now())
    secret = a_token(person, "notices", "parties", at=now)

    def revoke() -> None:
        Token.objects.update(revoked_at=now)

    said = listen(lambda: actor_for_token(secret, at=now), None, count=9, happens=revoke)
    assert said[-1].startswith("event: end\n") and "does not hold" in said[-1]


@on_threads
def test_it_ends_when_the_last_role_is_taken() -> None:
    person = a_person()
    said = listen(
        lambda: actor_for_person(person, at=NOON), None, count=9, happens=lambda: person.memberships.all().delete()
    )
    assert said[-1].startswith("event: end\n")


@on_threads
def test_a_token_hears_only_of_what_it_may_read() -> None:
    person = a_person(at=right_now())
    home = person.memberships.get().organization
    narrow = a_token(person, "notices", at=right_now())
    wide = a_token(person, "notices", "parties:consultation:read", at=right_now())
    _committed(lambda: told(home, settled=False))
    assert listen(lambda: actor_for_token(narrow, at=right_now()), BEGIN, count=2)[1] == streams.HEARTBEAT
    assert "consultation.asked" in listen(lambda: actor_for_token(wide, at=right_now()), BEGIN, count=2)[1]


@on_threads
def test_nobody_has_more_streams_than_there_may_be() -> None:
    _, actor = _ours()

    async def too_many() -> None:
        opened = [_lines(lambda: actor, None) for _ in range(streams.MOST_EACH + 1)]
        try:
            for one in opened[:-1]:
                await anext(one)
            with pytest.raises(TooMany, match="open"):
                await anext(opened[-1])
        finally:
            for one in opened:
                await one.aclose()
        async with aclosing(_lines(lambda: actor, None)) as free:
            assert (await anext(free)).startswith("retry")

    asyncio.run(too_many())


@on_threads
def test_whoever_has_too_many_streams_is_refused_by_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_EACH", 0)
    person = a_person(at=right_now())
    client = Client(headers={"Authorization": f"Bearer {a_token(person, 'notices', at=right_now())}"})
    answer = client.get("/api/v1/events")
    assert answer.status_code == 429 and answer.json()["code"] == "too-many-requests"


@on_threads
@pytest.mark.parametrize("ending", ["signed out", "another password", "closed"])
def test_it_ends_with_the_session(ending: str) -> None:
    person = a_person(at=right_now())
    client = signed_in(person)
    request = client.get("/notices").wsgi_request
    find_actor = finder_of(request)

    def end() -> None:
        if ending == "signed out":
            client.logout()
        elif ending == "closed":
            Person.objects.update(is_active=False)
        else:
            person.set_password("quite another and longer sentence")
            person.save()

    assert listen(find_actor, None, count=2)[-1] == streams.HEARTBEAT
    assert listen(find_actor, None, count=9, happens=end)[-1].startswith("event: end\n")


@pytest.mark.django_db
def test_whoever_may_hear_of_nothing_is_refused_before_it_begins() -> None:
    person = a_person(at=right_now())
    client = Client(headers={"Authorization": f"Bearer {a_token(person, 'findings', at=right_now())}"})
    for address in ("/api/v1/events", "/api/v1/notices"):
        assert client.get(address).status_code == 403
        assert Client().get(address).status_code == 401
    assert signed_in(a_person(Role.COORDINATOR)).get("/api/v1/notices").status_code == 403, "without a second factor"


@pytest.mark.django_db
def test_a_cursor_that_is_none_of_ours_is_refused() -> None:
    person = a_person(at=right_now())
    client = Client(headers={"Authorization": f"Bearer {a_token(person, 'notices', at=right_now())}"})
    assert client.get("/api/v1/notices?after=yesterday").status_code == 422
    assert client.get("/api/v1/events", headers={"Last-Event-ID": "yesterday"}).status_code == 422


@pytest.mark.django_db
def test_page_by_page_the_same_is_heard() -> None:
    person = a_person(at=right_now())
    home = person.memberships.get().organization
    wanted = [str(told(home).place) for _ in range(5)]
    client = Client(headers={"Authorization": f"Bearer {a_token(person, 'notices', 'parties', at=right_now())}"})
    heard, after = [], ""
    while True:
        page = client.get(f"/api/v1/notices?limit=2&after={after}").json()
        heard += [one["place"] for one in page["items"]]
        after = page["next"]
        if not page["items"]:
            break
    assert heard == wanted and after == wanted[-1]
