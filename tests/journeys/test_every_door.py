"""Every address, asked by every role for what is not theirs and for what is: the table decides, over HTTP too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.consulting import ask_about_case
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat, give_seat
from clearinghouse.deconfliction.actions.coverage import Tried, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_intent, start_intent
from clearinghouse.deconfliction.actions.lists import keep_lists
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import claim_ownership, state_constraint
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.edges.checks import every_address
from clearinghouse.edges.doors import Door, doors_of
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Invitation, Membership, Token
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import NEED_SECOND_FACTOR, PEOPLE, Actor, Role
from clearinghouse.permissions.table import the_table
from clearinghouse.records import Record
from clearinghouse.signing.keys import save_key
from tests.advisories.world import World, a_world, signed_in
from tests.deconfliction.makers import a_member, a_scan, authorised, home_of
from tests.deconfliction.rules.test_warrants import HOUSE
from tests.notices.makers import a_webhook
from tests.parties.makers import NOON, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db
MARK = "XYZZY-7Q4M2XKD"
"""Stands in everything that finders said; whoever may not read it never gets it."""
FORM = "application/x-www-form-urlencoded"
SENT_AWAY = frozenset({302, 400, 401, 403, 404, 405, 409, 412, 415, 422, 428})


OF_ONESELF = frozenset({"parties:person:secure", "parties:person:read"})
"""What these doors are about is whoever asks."""


@dataclass(frozen=True)
class Way:
    """One address with everything filled in, one method, and what it is about."""

    address: str
    method: str
    door: Door
    about: Record | None
    """The thing it names; None: a list, or something yet to be made."""


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path, tmp_path / "key"
    save_key(HOUSE, tmp_path / "key")
    keep_lists(Artefacts(tmp_path / "artefacts"), origin="here", key=HOUSE, actor=CLEARINGHOUSE, at=right_now())
    return a_world(Artefacts(tmp_path / "artefacts"), title=MARK, description=MARK, trigger=MARK)


@pytest.fixture
def things(world: World) -> dict[str, Record]:
    """Return one of each kind that addresses name, none of it of whoever asks."""
    office, other = (
        actor_for_person(a_person(Role.COORDINATOR, at=right_now()), second_factor=True, at=right_now())
        for _ in range(2)
    )
    maintainer = a_person(Role.MAINTAINER, organization=an_organization("Upstream"), at=right_now())
    seat = Seat(maintainer, Part.MAINTAINER, Tier.ALL)
    asked = ask_seat(world.case, seat, actor=office, at=right_now(), why="")
    participant, _ = give_seat(world.case, seat, asked, actor=other, at=right_now())
    a_token(maintainer, "cases", at=right_now())
    upstream = Membership.objects.get(person=maintainer).organization
    due, scanner, owner = right_now() + timedelta(days=9), a_member(), a_member(Role.OPERATOR)
    scan = announce_intent(a_scan(f"pkg:npm/{MARK.lower()}", visibility=Visibility.THOSE_MET), actor=scanner, at=NOON)
    block = target_from_text("192.0.2.0/24")
    rule, _ = state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, block, actor=owner, at=NOON)
    tried = announce_intent(a_scan("pkg:npm/tried", visibility=Visibility.THOSE_MET), actor=scanner, at=NOON).intent
    start_intent(tried, actor=scanner, at=NOON)
    (covered,) = record_coverage(tried, [Tried(target_of(tried.targets[0]))], actor=scanner, at=NOON)
    asks = ask_about_case(world.case, upstream.name, MARK, due_at=due, actor=office, at=right_now())
    return {
        "case": world.case,
        "finding": world.findings[0],
        "participant": participant,
        "consultation": asks,
        "request": asked,
        "token": Token.objects.get(person=maintainer),
        "membership": Membership.objects.get(person=maintainer),
        "invitation": Invitation.objects.latest("created_at"),
        "organization": Membership.objects.get(person=maintainer).organization,
        "person": maintainer,
        "webhook": a_webhook(maintainer),
        "intent": scan.intent,
        "coverage": covered,
        "constraint": rule,
        "authorisation": authorised(owner, scanner, "192.0.2.0/24"),
        "ownership": claim_ownership(home_of(owner), block, criticality=5, evidence=MARK, actor=owner, at=NOON),
        "subscription": begin_subscription(target_from_text(f"pkg:npm/{MARK.lower()}"), actor=scanner, at=NOON),
        "mapping": add_mapping("pkg:npm/kept", "https://git.example/kept", actor=scanner, at=NOON),
    }


def _filled(route: str, things: dict[str, Record]) -> tuple[str, Record | None]:
    """Return an address with the names of real things in it, and the last thing that it names."""
    case, finding = things["case"], things["finding"]
    digest = next(iter(finding.artefacts.values()))  # type: ignore[attr-defined]
    names: dict[str, tuple[str, Record | None]] = {
        "case": (case.public_id, case),  # type: ignore[attr-defined]
        "name": (case.public_id, case),  # type: ignore[attr-defined]
        "path": ("fix.patch", finding),
        "digest": (digest, case),
        "key": (finding.key, finding),  # type: ignore[attr-defined]
        "finding_id": (str(finding.pk), finding),
        "participant": (str(things["participant"].pk), things["participant"]),
        "asked": (str(things["request"].pk), things["request"]),
        "token": (str(things["token"].pk), things["token"]),
        "token_id": (str(things["token"].pk), things["token"]),
        "person_id": (str(things["person"].pk), things["person"]),
        "membership_id": (str(things["membership"].pk), things["membership"]),
        "invitation_id": (str(things["invitation"].pk), things["invitation"]),
        "organization_id": (str(things["organization"].pk), things["organization"]),
        "membership": (str(things["membership"].pk), things["membership"]),
        "invitation": (str(things["invitation"].pk), things["invitation"]),
        "organization": (str(things["organization"].pk), things["organization"]),
        "consultation": (str(things["consultation"].pk), things["consultation"]),
        **{
            name: (getattr(things[name], "public_id", str(things[name].pk)), things[name])
            for name in ("intent", "coverage", "constraint", "authorisation", "ownership", "mapping", "subscription")
        },
        "version": ("1", None),
        "response": (str(UUID(int=1)), None),
        "response_id": (str(UUID(int=1)), None),
        "receipt": ("SUB-" + "0" * 26, None),
        "entry": ("0", None),
        "provider_id": ("office", None),
        "webhook": (str(things["webhook"].pk), things["webhook"]),
        "webhook_id": (str(things["webhook"].pk), things["webhook"]),
        "secret": ("x", None),
        "pk": ("1", None),
    }
    filled, about = [], None
    for part in route.split("/"):
        if "<" not in part:
            filled.append(part)
            continue
        inner = part[part.index("<") + 1 : part.index(">")].rpartition(":")[2]
        inner = "path" if "path:name" in part else inner
        inner = "draft" if route.endswith("drafts/<name>") and inner == "name" else inner
        text, thing = ("csaf.json", case) if inner == "draft" else names[inner]
        about = thing or about
        filled.append(text + next((end for end in (".zip", ".json") if part.endswith(">" + end)), ""))
    return "/".join(filled), about


def the_ways(things: dict[str, Record]) -> Iterator[Way]:
    """Yield every way through a door that is not public."""
    for route, view in every_address():
        for method, found in doors_of(view).items():
            if found is None or found.public or "static" in route:
                continue
            address, about = _filled(route, things)
            for one in ("GET", "POST") if method == "*" else (method,):
                yield Way(address, one, found, about)


def _ask(client: Client, way: Way) -> HttpResponse:
    body = {} if way.method == "GET" else {"data": "{}" if way.address.startswith(("/api/", "/tap/")) else b""}
    content_type = "application/json" if way.address.startswith(("/api/", "/tap/")) else FORM
    answer: HttpResponse = client.generic(way.method, way.address, content_type=content_type, **body)  # type: ignore[arg-type,assignment]
    return answer


def _may(actor: Actor, way: Way, things: dict[str, Record]) -> bool:
    """Say what the table decides about this way: the verb of the door on the thing of its kind."""
    if way.door.verb in OF_ONESELF:
        return True
    if way.method == "GET" and way.about is not None:  # a page about a thing may be seen by whoever may read the thing
        reading = f"{way.about._meta.app_label}:{way.about.kind}:read"
        if the_table().decide(actor, reading, way.about).allowed:
            return True
    subject = things.get(way.door.verb.split(":")[1])
    if way.about is None and subject is None:
        return the_table().decide(actor, way.door.verb).allowed
    return the_table().decide(actor, way.door.verb, subject or way.about).allowed


@pytest.mark.parametrize("second_factor", [True, False])
@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_not_is_sent_away_gets_no_byte_of_it_and_leaves_no_trace(
    role: Role, *, second_factor: bool, things: dict[str, Record]
) -> None:
    if not second_factor and role not in NEED_SECOND_FACTOR:
        pytest.skip("a second factor changes nothing for this role")
    person = a_person(role, organization=an_organization("Strangers"), at=right_now())
    actor = actor_for_person(person, second_factor=second_factor, at=right_now())
    client, refused = signed_in(person, second_factor=second_factor), 0
    client.raise_request_exception = False
    case_is_hidden = not the_table().decide(actor, "cases:case:read", things["case"]).allowed
    for way in the_ways(things):
        before = Event.objects.count()
        answer = _ask(client, way)
        assert answer.status_code < 500, way
        if not _may(actor, way, things):
            refused += 1
            is_list = way.about is None and way.method == "GET"
            assert answer.status_code in SENT_AWAY or (is_list and answer.status_code == 200), (way, answer.status_code)
            assert Event.objects.count() == before, way
        if case_is_hidden and not answer.streaming:  # what is heard on a stream has tests of its own
            told = answer.content.decode(errors="replace")
            for secret in (MARK, things["case"].public_id):  # type: ignore[attr-defined]
                assert secret not in told.replace(way.address, ""), (way, secret)
    assert refused > 15


def test_a_stranger_is_asked_to_sign_in_at_every_door(things: dict[str, Record]) -> None:
    tried = 0
    for way in the_ways(things):
        tried += 1
        answer = _ask(Client(), way)
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in?")
        assert to_sign_in or answer.status_code == 401, (way, answer.status_code)
        assert MARK.encode() not in answer.content
    assert tried > 80


def test_what_is_hidden_is_answered_like_what_is_not_there(things: dict[str, Record]) -> None:
    client = signed_in(a_person(Role.FINDER, organization=an_organization("Strangers"), at=right_now()))
    compared = 0
    for way in the_ways(things):
        if way.about is None or way.method != "GET":
            continue
        hidden = _ask(client, way)
        absent_at = way.address
        for thing in things.values():
            absent_at = absent_at.replace(str(thing.pk), str(UUID(int=9)))
            kind, _, name = getattr(thing, "public_id", "").partition("-")
            absent_at = absent_at.replace(f"{kind}-{name}", f"{kind}-{'Z' * len(name)}") if name else absent_at
            key = getattr(thing, "key", "")
            absent_at = absent_at.replace(key, "f" * len(key)) if key else absent_at
        absent = client.get(absent_at)
        if hidden.status_code == 404:
            compared += 1
            assert absent_at != way.address, "another name is asked for"
            assert absent.status_code == 404 and absent.content == hidden.content, (way, absent_at)
            assert {k: v for k, v in absent.items() if k != "Set-Cookie"} == {
                k: v for k, v in hidden.items() if k != "Set-Cookie"
            }
    assert compared > 8


def test_reading_what_is_confidential_is_written_down_before_the_answer(
    things: dict[str, Record], world: World
) -> None:
    client = signed_in(world.coordinator, second_factor=True)
    case, finding = things["case"], things["finding"]
    digest = finding.artefacts["proof.yaml"]  # type: ignore[attr-defined]
    readings = {
        f"/cases/{case.public_id}": (case, 1),  # type: ignore[attr-defined]
        f"/api/v1/cases/{case.public_id}": (case, 0),  # type: ignore[attr-defined]
        f"/cases/{case.public_id}/files/{digest}": (case, 1),  # type: ignore[attr-defined]
        f"/cases/{case.public_id}/reports/{finding.key}.zip": (case, 1),  # type: ignore[attr-defined]
        f"/reports/{finding.key}": (finding, 1),  # type: ignore[attr-defined]
        f"/api/v1/findings/{finding.pk}": (finding, 0),
        f"/api/v1/findings/{finding.pk}/verdict": (finding, 0),
        f"/api/v1/findings/{finding.pk}/artefacts/proof.yaml": (finding, 1),
    }
    for address, (row, more) in readings.items():
        verb = f"{row._meta.app_label}:{row.kind}:read"
        read = Event.objects.filter(verb=verb, subject=str(row.pk), actor=world.coordinator.pk)
        before = read.count()
        assert client.get(address).status_code == 200, address
        assert read.count() == before + more, f"{address}: one reading a day, and every file that is taken"


def test_a_finder_reads_their_own_without_being_written_down(things: dict[str, Record], world: World) -> None:
    client, before = signed_in(world.finder), Event.objects.count()
    assert client.get(f"/reports/{things['finding'].key}").status_code == 200  # type: ignore[attr-defined]
    assert Event.objects.count() == before
