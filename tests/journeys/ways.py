"""Every way through every door that is not public: its address filled in, what is sent to it, what the table says."""

import json
import re
import secrets
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.consulting import ask_about_case
from clearinghouse.cases.models import Join
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.responding import hand_in_fix, propose_embargo, respond
from clearinghouse.cases.rules.queue import Filters
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.saving import save_view
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
from clearinghouse.findings.receipts import RECEIPT_LENGTH, receipt_from
from clearinghouse.findings.submissions import hand_in
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Invitation, Membership, Token
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE, AcceptanceState
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.permissions.table import the_table
from clearinghouse.records import Record, model_of
from clearinghouse.signing.keys import save_key
from tests.advisories.world import World, a_world
from tests.cases.rows import PATCH, ids
from tests.cases.test_tap import REPORT
from tests.config.bodies import OPERATIONS, QUERY, body_of, sent
from tests.deconfliction.makers import a_member, a_scan, authorised, home_of
from tests.deconfliction.rules.test_warrants import HOUSE
from tests.findings.test_submissions import a_tar
from tests.journeys.forms import filled_in
from tests.notices.makers import a_webhook
from tests.parties.makers import NOON, a_person, a_token, an_organization, right_now

MARK = "XYZZY-7Q4M2XKD"
"""Stands in everything that finders said; whoever may not read it never gets it."""
SENT_AWAY = frozenset({401, 403, 404, 409})
"""For want of a right, as what is not there, or for the state: never for what was sent, which is right everywhere."""
NO_SUCH_WAY = 405
TELLS_EACH = "/api/v1/interchange"
"""Refuses each record by itself, so that one that is wrong keeps none of the others out."""


OF_ONESELF = frozenset({"parties:person:secure", "parties:person:read"})
"""What these doors are about is whoever asks."""


@dataclass(frozen=True)
class Way:
    """One address with everything filled in, one method, and what it names."""

    address: str
    method: str
    door: Door
    route: str
    named: tuple[Record, ...]

    @property
    def about(self) -> Record | None:
        """The last thing that it names; None: a list, or something yet to be made."""
        return self.named[-1] if self.named else None

    @property
    def kind(self) -> str:
        """The kind of thing that its door decides on."""
        return self.door.verb.split(":")[1]


def a_house(settings: Any, tmp_path: Path) -> World:  # noqa: ANN401 - pytest-django's
    """Make a server that keeps its files in a folder of the test."""
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path, tmp_path / "key"
    save_key(HOUSE, tmp_path / "key")
    keep_lists(Artefacts(tmp_path / "artefacts"), origin="here", key=HOUSE, actor=CLEARINGHOUSE, at=right_now())
    return a_world(Artefacts(tmp_path / "artefacts"), title=MARK, description=MARK, trigger=MARK)


def things_of(world: World) -> dict[str, Record]:
    """Return one of each kind that addresses name, none of it of whoever asks."""
    office, other = (
        actor_for_person(a_person(Role.COORDINATOR, at=right_now()), second_factor=True, at=right_now())
        for _ in range(2)
    )
    maintainer = a_person(Role.MAINTAINER, organization=an_organization("Upstream"), at=right_now())
    seat = Seat(maintainer, Part.MAINTAINER, Tier.ALL)
    asked = ask_seat(world.case, seat, actor=office, at=right_now(), why="")
    participant, _ = give_seat(world.case, seat, asked, actor=other, at=right_now())
    a_token(maintainer, "parties", at=right_now())
    upstream = Membership.objects.get(person=maintainer).organization
    due, scanner, owner = right_now() + timedelta(days=9), a_member(), a_member(Role.OPERATOR)
    scan = announce_intent(a_scan(f"pkg:npm/{MARK.lower()}", visibility=Visibility.THOSE_MET), actor=scanner, at=NOON)
    block = target_from_text("192.0.2.0/24")
    rule, _ = state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, block, actor=owner, at=NOON)
    tried = announce_intent(a_scan("pkg:npm/tried", visibility=Visibility.THOSE_MET), actor=scanner, at=NOON).intent
    start_intent(tried, actor=scanner, at=NOON)
    (covered,) = record_coverage(tried, [Tried(target_of(tried.targets[0]))], actor=scanner, at=NOON)
    asks = ask_about_case(world.case, upstream.name, MARK, due_at=due, actor=office, at=right_now())
    seated, store = actor_for_person(maintainer, at=right_now()), the_artefacts()
    said = respond(world.case, ResponseSaid.CONFIRMED, artefacts=store, new_id=ids(), actor=seated, at=right_now())
    fix = hand_in_fix(world.case, PATCH.encode(), file="own.patch", artefacts=store, actor=seated, at=right_now())
    handed_in = hand_in(
        a_tar(),
        name="report.tar.gz",
        receipt=receipt_from(secrets.token_bytes(RECEIPT_LENGTH)),
        artefacts=store,
        actor=actor_for_person(world.finder, at=right_now()),
        at=right_now(),
    )
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
        "join": Join.objects.get(finding=world.findings[0], ended_at=None),
        "embargo": propose_embargo(world.case, due, actor=seated, at=right_now()),
        "response": said,
        "fix": fix,
        "submission": handed_in,
        "saved-view": save_view("kept", Filters(words=MARK), actor=office, at=right_now()),
        "mapping": add_mapping("pkg:npm/kept", "https://git.example/kept", actor=scanner, at=NOON),
    }


_OTHERS = {"version": "1", "entry": "0", "provider_id": "office", "secret": "x", "pk": "1", "draft": "csaf.json"}
"""Parts of addresses that name no thing by itself."""
_CALLED = {"name": "case", "asked": "request", "key": "finding", "receipt": "submission", "path": "finding"}
_CALLED |= {"view": "saved-view", "view_id": "saved-view"}
"""Which thing a part of an address names that is not called like it."""


def _filled(part: str, things: dict[str, Record]) -> tuple[str, Record | None]:
    """Return what stands in an address where a part is to be named, and the thing that it names."""
    if part == "digest":
        return next(iter(things["finding"].artefacts.values())), things["case"]  # type: ignore[attr-defined]
    thing = things.get(_CALLED.get(part, part.removesuffix("_id")))
    if thing is None:
        return _OTHERS[part], things["case"] if part == "draft" else None
    if part == "path":
        return "fix.patch", thing
    by = "pk" if part.endswith("_id") else part if part in {"key", "receipt"} else "public_id"
    return str(getattr(thing, by, thing.pk)), thing


def the_ways(things: dict[str, Record]) -> Iterator[Way]:
    """Yield every way through a door that is not public."""
    return (one for one in every_way(things) if not one.door.public)


def every_way(things: dict[str, Record]) -> Iterator[Way]:
    """Yield every way through every door, but to the files that pages are made with."""
    for route, view in every_address():
        for method, found in doors_of(view).items():
            if found is None or route.startswith("/static/"):
                continue
            filled, named = list[str](), list[Record]()
            for part in route.split("/"):
                inner, end = part[part.find("<") + 1 : part.find(">")].rpartition(":")[2], part.partition(">")[2]
                inner = "path" if "path:name" in part else inner
                inner = "draft" if inner == "name" and "drafts" in filled else inner
                text, thing = _filled(inner, things) if "<" in part else (part, None)
                filled.append(text + end)
                named += [thing] if thing is not None else []
            for one in ("GET", "POST") if method == "*" else (method,):
                yield Way("/".join(filled), one, found, route, tuple(named))


_PART = re.compile(r"[<{](?:\w+:)?(\w+)[>}]")
_OPERATIONS = {(one.method, _PART.sub(r"{\1}", one.path)): one for one in OPERATIONS.values()}
"""Each operation by its method and its path, without what converts the parts of the path."""


def ask(client: Client, way: Way, things: dict[str, Record]) -> Any:  # noqa: ANN401 - Django's untyped answer
    """Ask with everything that is to be sent, and right; whoever may, does it."""
    names = {
        "proposed": things["embargo"].proposed_ends_at.isoformat(),  # type: ignore[attr-defined]
        "person": str(things["person"].pk),
        "email": things["person"].email,  # type: ignore[attr-defined]
        "organization": str(things["organization"].pk),
        "organization_id": str(things["organization"].pk),
        "key": things["finding"].key,  # type: ignore[attr-defined]
    }
    operation = _OPERATIONS.get((way.method.lower(), _PART.sub(r"{\1}", way.route)))
    if operation is not None:
        query = urlencode({one: QUERY[one] for one in operation.asks})
        said = sent(operation.name, body_of(operation.name, names))
        return client.generic(way.method, way.address, headers={"If-Match": "*"}, QUERY_STRING=query, **said)
    if way.method == "GET":
        return client.get(way.address)
    if way.address.startswith("/tap/"):
        return client.post(way.address, REPORT, content_type="application/json")
    return client.post(way.address, filled_in(way.route, names))


@dataclass(frozen=True)
class Asked:
    """A way that was asked by somebody: what the table says, what came back, and how much was written down."""

    way: Way
    allowed: bool
    answer: Any
    """Django's untyped answer."""
    traces: int

    @property
    def is_sent_away(self) -> bool:
        """Whether it is refused for want of a right; a list may show what is one's own, which is nothing."""
        way, code = self.way, self.answer.status_code
        if code == HTTPStatus.FOUND:
            return bool(self.answer["Location"].startswith(("/sign-in?", "/account/")))
        if way.address == TELLS_EACH and way.method == "POST":
            return {one["outcome"] for one in json.loads(self.answer.content)} == {"refused"}
        return code in SENT_AWAY or (_is_list(way) and code == HTTPStatus.OK)

    @property
    def told(self) -> str:
        """What came back, but for the address that was asked; streams have tests of their own."""
        told = "" if self.answer.streaming else self.answer.content.decode(errors="replace")
        return told.replace(self.way.address, "")

    def __str__(self) -> str:
        return f"{self.way.method} {self.way.address}: {self.answer.status_code}, {self.traces} written down"


def asked_by(actor: Actor, client: Client, way: Way, things: dict[str, Record]) -> Asked:
    """Ask as somebody, and take back whatever is done, the session included."""
    cookies, allowed = deepcopy(client.cookies), may(actor, way, things)
    with transaction.atomic():
        before = _written_down(way)
        answer = ask(client, way, things)
        traces = _written_down(way) - before
        transaction.set_rollback(True)
    client.cookies = cookies
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, way
    return Asked(way, allowed, answer, traces)


def _is_list(way: Way) -> bool:
    return way.about is None and (way.method == "GET" or way.door.verb.endswith(":read"))


def _written_down(way: Way) -> int:
    """Return how much the ledger holds; a list writes down who read what on it was theirs to read."""
    rows = Event.objects.exclude(verb__endswith=":read") if _is_list(way) else Event.objects.all()
    return rows.count()


def _own(verb: str, actor: Actor) -> Record | None:
    """Return a row, kept nowhere, that is of whoever asks: what a door that names none decides on."""
    kind = verb.split(":")[1]
    try:
        model = model_of(kind)
    except LookupError:
        return None
    fields = {field.name: field.attname for field in model._meta.concrete_fields}
    own = {"organization": actor.organization, "person": actor.id, "asked_by": actor.id}
    known = {fields[name]: value for name, value in own.items() if name in fields}
    if kind == "organization":
        known["id"] = actor.organization
    found = model(**known)
    if kind == "acceptance":
        found.state = AcceptanceState.STANDING  # type: ignore[attr-defined]
    return found


def may(actor: Actor, way: Way, things: dict[str, Record]) -> bool:
    """Say what the table decides about this way: the verb of the door on the thing of its kind."""
    if way.door.verb in OF_ONESELF:
        return True
    if way.method == "GET" and way.about is not None:  # a page about a thing may be seen by whoever may read the thing
        reading = f"{way.about._meta.app_label}:{way.about.kind}:read"
        if the_table().decide(actor, reading, way.about).allowed:
            return True
    subject = things.get(way.kind)
    if way.about is None and way.method != "GET":
        subject = _own(way.door.verb, actor) or subject  # yet to be made, or found by whose it is
    if way.about is None and subject is None:
        return the_table().decide(actor, way.door.verb).allowed
    return the_table().decide(actor, way.door.verb, subject or way.about).allowed
