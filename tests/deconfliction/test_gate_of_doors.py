"""Owners decide at every door: no live system is scanned without authorisation, whatever technique, target, state."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client

from clearinghouse.commands.scans_here import ScansHere
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.owners import withdraw_authorisation
from clearinghouse.deconfliction.models import Authorisation, Intent
from clearinghouse.deconfliction.rules.lifecycle import STANDING, IntentState, TargetKind
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.errors import ClearinghouseError
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import a_scan, a_window, an_owner, authorised
from tests.mcp.here import called, statuses
from tests.parties.makers import a_person, a_token, right_now

pytestmark = pytest.mark.django_db
TARGETS = {
    TargetKind.NETWORK: ("198.51.100.7", "2001:db8::7"),
    TargetKind.HOST: ("www.example.org", "*.example.org"),
    TargetKind.MODEL: ("model:maker/name",),
}
LIVE = [
    (one.name, target)
    for one in techniques().known.values()
    for kind, effect in one.on.items()
    if effect is Effect.LIVE
    for target in TARGETS[kind]
]
WAYS = ("accepted", "emergency", "draft")


def a_plain_scan(technique: str, target: str) -> dict[str, Any]:
    now = right_now()
    return {
        "technique": technique,
        "targets": [target],
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=4)).isoformat(),
        "contact": "mailto:a@b.example",
        "sources": ["192.0.2.0/28"],
    }


def by_api(scan: dict[str, Any], way: str) -> Iterator[int]:
    """Yield the answers to every request that could let a scan stand."""
    person = a_person(Role.FINDER, at=right_now())
    token = a_token(person, "deconfliction", at=right_now())

    def post(path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - Django's answer
        client = Client(headers={"Authorization": f"Bearer {token}"})
        return client.post(f"/api/v1/intents{path}", json.dumps(body), content_type="application/json")

    made = post("", scan | {"begin": way, "why": "it cannot wait"})
    yield made.status_code
    if way == "draft":
        name = made.json()["intent"]["id"]
        for step in ("accept", "declare-emergency", "start", "leave-plan"):
            yield post(
                f"/{name}/{step}", {"why": "x"} if step in {"declare-emergency", "leave-plan"} else {}
            ).status_code


def by_portal(scan: dict[str, Any], way: str) -> Iterator[int]:
    client = signed_in(a_person(Role.FINDER, at=right_now()))
    form = {
        **{name: scan[name] for name in ("technique", "contact")},
        "targets": scan["targets"][0],
        "starts_at": scan["starts_at"][:16],
        "ends_at": scan["ends_at"][:16],
        "sources": "192.0.2.0/28",
        "visibility": "everyone",
        "why": "it cannot wait",
        "do": {"accepted": "announce"}.get(way, way),
    }
    yield client.post("/scans/announce", form).status_code
    if way == "draft":
        name = Intent.objects.get().public_id
        for step in ("accept", "declare-emergency", "start", "leave-plan"):
            yield client.post(f"/scans/{name}/{step}", {"why": "x"}).status_code


def by_command_line(scan: dict[str, Any], way: str) -> Iterator[int]:
    here = ScansHere()
    made = None
    try:
        made = here.announce(scan, begin=way, why="it cannot wait")
        yield 201
    except ClearinghouseError:
        yield 403
    if made is not None and way == "draft":
        name = made.intent.id
        steps: tuple[Callable[[], object], ...] = (
            lambda: here.accept(name),
            lambda: here.urgent(name, "declare-emergency", why="x"),
            lambda: here.start(name),
        )
        for step in steps:
            with suppress(ClearinghouseError):
                step()
                yield 200


def by_agent(scan: dict[str, Any], way: str) -> Iterator[int]:
    token = a_token(a_person(Role.FINDER, at=right_now()), "deconfliction", at=right_now())
    (made,) = called(token, ("announce_scan", {"scan": scan, "begin": way, "why": "it cannot wait"}))
    yield from statuses([made])
    if way == "draft":
        yield from statuses(called(token, *_leading((made.structured_content or {})["intent"]["id"])))


def _leading(name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every call of a tool that could let a scan stand."""
    for tool, more in (
        ("accept_scan", {}),
        ("start_scan", {}),
        ("renew_scan", {"ends_at": "+1d"}),
        ("leave_plan", {"why": "x"}),
        ("leave_plan", {"why": "x", "emergency": True}),
    ):
        yield tool, {"intent": name, **more}


DOORS = {"API": by_api, "portal": by_portal, "command line": by_command_line, "agents": by_agent}


@pytest.mark.parametrize("door", DOORS)
def test_no_live_scan_stands_that_nobody_authorised(door: str) -> None:
    tried = 0
    for (technique, target), way in product(LIVE, WAYS):
        Intent.objects.all().delete()
        answers = list(DOORS[door](a_plain_scan(technique, target), way))
        tried += len(answers)
        standing = Intent.objects.filter(state__in=STANDING)
        assert not standing.exists(), (technique, target, way, answers)
        assert answers[0] == (302 if door == "portal" else 201) if way == "draft" else answers[0] in {403, 409}
        assert not [one for one in answers[1:] if one < 400], (technique, target, way, answers)
    assert tried >= 3 * len(LIVE) and len(LIVE) >= 14


@pytest.mark.parametrize("state", [IntentState.ACCEPTED, IntentState.ACTIVE])
def test_a_scan_whose_authorisation_is_gone_is_led_nowhere_at_any_door(state: IntentState) -> None:
    now = right_now()
    owner, _ = an_owner("192.0.2.0/24")
    person = a_person(Role.FINDER, at=now)
    scanner = actor_for_person(person, at=now)
    authorised(owner, scanner, "192.0.2.0/24", window=None)
    Authorisation.objects.update(starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=9))
    from clearinghouse.deconfliction.models import Place

    Place.objects.filter(of="authorisation").update(starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=9))
    window = type(a_window())(now, now + timedelta(hours=4))
    said = a_scan("192.0.2.7", technique="active-network-scanning", window=window)
    made = announce_intent(said, actor=scanner, at=now).intent
    client = signed_in(person)
    if state is IntentState.ACTIVE:
        assert client.post(f"/scans/{made.public_id}/start").status_code == 302
    withdraw_authorisation(Authorisation.objects.get(), actor=owner, at=now)
    token = a_token(person, "deconfliction", at=now)
    program = Client(headers={"Authorization": f"Bearer {token}", "If-Match": "*"})
    assert set(statuses(called(token, *_leading(made.public_id)))) <= {403, 409}
    later = (now + timedelta(days=1)).isoformat()
    for step, body in (
        ("start", {}),
        ("renew", {"ends_at": later}),
        ("leave-plan", {"why": "x"}),
        ("declare-emergency", {"why": "x"}),
        ("accept", {}),
    ):
        path = f"/api/v1/intents/{made.public_id}/{step}"
        assert program.post(path, json.dumps(body), content_type="application/json").status_code in {403, 409}, step
        form = body | {"version": "x", "ends_at": later[:16]}
        assert client.post(f"/scans/{made.public_id}/{step}", form).status_code in {403, 409, 412}, step
    made.refresh_from_db()
    assert made.state == IntentState.ENDED
