"""Every page of the portal in a real browser, wide and narrow; derived from the addresses: none is forgotten."""

import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from clearinghouse.cases.models import Fix
from clearinghouse.cases.rules.queue import Filters
from clearinghouse.cases.saving import save_view
from clearinghouse.parties.actions import make_invitation
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.terms import publish_terms
from clearinghouse.permissions.rules import Role
from clearinghouse.records import Record
from clearinghouse.signing.keys import SigningKey
from tests.advisories.world import World, signed_in
from tests.journeys.browser import CHROMIUM, walking
from tests.journeys.ways import a_house, every_way, things_of
from tests.parties.makers import ADMINISTRATOR, a_person, an_organization, right_now

pytestmark = [
    pytest.mark.only_on("sqlite"),  # a page looks the same whatever holds its rows
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.enable_socket,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
]
OF_PROGRAMS = ("/api/", "/tap/")
NO_PAGE: Final = frozenset({302, 403, 404})
"""Statuses of what is elsewhere, or is not for whoever asks."""
ONLY_SENT: Final = 405
SEEN_BY_NOBODY: Final = {
    "/account/factors/authenticate/": "stands between password and second factor; test_second_factor looks at it",
    "/account/factors/webauthn/keys/<int:pk>/edit/": "needs a key that a browser made; test_second_factor looks at it",
    "/account/factors/webauthn/keys/<int:pk>/remove/": "the same",
    "/account/factors/webauthn/login/": "answers the script of the sign-in page, with JSON",
    "/account/factors/webauthn/reauthenticate/": "needs a key that a browser made; test_second_factor looks at it",
    "/sign-in/with/sign-up": "follows an answer of a provider; tests/parties/test_providers.py walks there",
    "/sign-in/with/(?P<provider_id>[^/]+)/login/": "leads to a provider, and none is set up",
    "/sign-in/with/(?P<provider_id>[^/]+)/login/callback/": "takes the answer of a provider, and none is set up",
}
"""Addresses that answer nobody here with a page or a file, although GET is not refused, and why."""


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    cache.clear()  # rate limits and used codes are counted there
    return a_house(settings, tmp_path)


@pytest.fixture
def things(world: World) -> dict[str, Record]:
    return things_of(world)


def fresh(client: Client) -> Client:
    """Say of a session that password and second factor were shown just now."""
    session, now = client.session, {"at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [{"method": one} | now for one in ("password", "mfa")]
    session.save()
    return client


def everybody(world: World, things: dict[str, Record]) -> dict[str, Client]:
    """Return who looks, in the order in which they are asked whether they see a page; a second factor by every way."""
    secured = a_person(Role.ADMINISTRATOR, organization=an_organization("Installation"), at=right_now())
    TOTP.activate(secured, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(secured)
    newcomer = a_person(Role.COORDINATOR, organization=an_organization("Newcomers"), at=right_now())
    newcomer.set_unusable_password()
    newcomer.save()
    upstream = Person.objects.get(pk=things["person"].pk)
    return {
        "coordinator": signed_in(world.coordinator, second_factor=True),
        "maintainer": signed_in(upstream),
        "finder": signed_in(world.finder),
        "secured": fresh(signed_in(secured, second_factor=True)),
        "newcomer": fresh(signed_in(newcomer, second_factor=True)),
        "stranger": Client(),
    }


def more_on_pages(world: World, things: dict[str, Record]) -> dict[str, str]:
    """Fill pages that would be empty, and return addresses that name what ``things`` has no name for."""
    at = right_now()
    publish_terms("Leave whenever you like.", key=SigningKey(b"7" * 32), actor=ADMINISTRATOR, at=at)
    office = actor_for_person(world.coordinator, second_factor=True, at=at)
    save_view("Of pyyaml", Filters(words="pyyaml"), actor=office, at=at)
    home = Organization.objects.get(pk=things["organization"].pk)
    _, secret = make_invitation(home, Role.FINDER, email="new@people.example", actor=ADMINISTRATOR, at=at)
    patch = Fix.objects.get(pk=things["fix"].pk).digest
    return {
        "/cases/<str:name>/patches/<str:digest>": f"/cases/{world.case.public_id}/patches/{patch}",
        "/join/<str:secret>": f"/join/{secret}",
    }


def beside(world: World, things: dict[str, Record]) -> list[tuple[str, str]]:
    """Return who looks at what else: what another role sees, what is found, what is empty, and every refusal."""
    case = f"/cases/{world.case.public_id}"
    return [
        ("stranger", "/"),
        ("stranger", "/nowhere"),
        ("finder", "/status"),
        ("finder", case),
        ("finder", "/cases"),
        ("finder", f"/reports/{world.findings[3].key}"),
        ("maintainer", "/cases"),
        ("maintainer", case),
        ("maintainer", "/hand-in"),
        ("secured", "/account"),
        ("secured", "/account/factors/"),
        ("coordinator", "/cases?q=nothing-like-it"),
        ("coordinator", "/cases?band=PRESSING"),
        ("coordinator", f"/audit?case={world.case.public_id}&person={world.coordinator.email}"),
        ("coordinator", "/audit?case=CASE-ZZZZZZZZ"),
        ("coordinator", "/scans/whois?source=203.0.113.7"),
        ("coordinator", f"/scans/{things['intent'].public_id}?after=x"),  # type: ignore[attr-defined]
    ]


def seen_by(people: dict[str, Client], address: str) -> tuple[str, str]:
    """Return who sees an address first, and what it is: page, file, only-sent, or nothing, which nobody sees."""
    for name, client in people.items():
        answer = client.get(address)
        if answer.status_code == ONLY_SENT:
            return "", "only-sent"
        if answer.status_code not in NO_PAGE:
            return name, "page" if answer.headers.get("Content-Type", "").startswith("text/html") else "file"
    return "", "nothing"


def test_every_page_is_accessible_wide_and_narrow_and_so_is_every_refusal(
    browser: Browser, live_server: LiveServer, world: World, things: dict[str, Record]
) -> None:
    people = everybody(world, things)
    named, tours, unseen = more_on_pages(world, things), defaultdict[str, list[str]](list), set[str]()
    for way in every_way(things):
        if way.method != "GET" or way.address.startswith(OF_PROGRAMS):
            continue
        address = named.get(way.route, way.address)
        name, what = seen_by(people, address)
        if what == "page":
            tours[name].append(address)
        elif what == "nothing":
            unseen.add(way.route)
    assert unseen == set(SEEN_BY_NOBODY), "give somebody what lets them see it, or say why nobody does"
    for name, address in beside(world, things):
        tours[name].append(address)
    wrong = list[str]()
    for name, addresses in tours.items():
        with walking(browser, live_server.url, None if name == "stranger" else people[name]) as walk:
            wrong += [f"{name}: {found}" for address in addresses for found in walk.look_at(address)]
    assert not wrong, "\n".join(wrong)
    assert sum(map(len, tours.values())) > len(tours) * 5
