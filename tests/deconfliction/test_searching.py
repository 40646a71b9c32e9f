"""Tests of "is anyone on this?" at every door: the search that writers make, so that its "nobody" is true."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearinghouse.commands.scans_here import ScansHere
from clearinghouse.deconfliction.actions.intents import announce_intent, draft_intent, end_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import (
    claim_ownership,
    state_constraint,
    verify_ownership,
    withdraw_constraint,
)
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.pictures import MOST_BARS, timeline
from clearinghouse.deconfliction.queries import searching
from clearinghouse.deconfliction.queries.advice import advise
from clearinghouse.deconfliction.queries.intents import intents_wanted
from clearinghouse.deconfliction.queries.registered import about, constraints_for
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.edges.pages import USUAL
from clearinghouse.errors import Conflict
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, announced, home_of
from tests.mcp.here import called
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = pytest.mark.django_db

PACKAGE, TREE = "pkg:pypi/pyyaml", "https://github.com/yaml/pyyaml"


def _announced_now(target: str, *, visibility: Visibility = Visibility.EVERYONE) -> Intent:
    now = right_now()
    said = a_scan(target, window=Window(now, now + 4 * HOUR), visibility=visibility)
    return announced(said, a_member(), at=now).intent


def _found_at_every_door(wanted: str) -> list[set[str]]:
    """Return the scans that the API, the page, the command line and an agent tell of a target."""
    person = a_person(Role.FINDER, at=right_now())
    token = a_token(person, "deconfliction", at=right_now())
    program = Client(headers={"Authorization": f"Bearer {token}"})
    told = program.get("/api/v1/intents", {"target": wanted, "standing": "1"}).json()["items"]
    page = signed_in(person).get("/scans", {"target": wanted}).content.decode()
    (agent,) = called(token, ("list_scans", {"target": wanted}))
    return [
        {one["id"] for one in told},
        set(re.findall("SCAN-[0-9A-Z]{10}", page)),
        {one.id for one in ScansHere().intents(target=wanted, standing=1)},
        {one["id"] for one in (agent.structured_content or {})["intents"]},
    ]


@pytest.mark.parametrize(
    ("scanned", "wanted"),
    [
        (TREE, PACKAGE),
        (PACKAGE, TREE),
        ("pkg:github/pallets/flask", "https://github.com/pallets/flask"),
        ("https://github.com/pallets/flask", "pkg:github/pallets/flask"),
    ],
)
def test_whoever_is_on_the_same_code_under_another_name_is_found_at_every_door(scanned: str, wanted: str) -> None:
    add_mapping(PACKAGE, TREE, actor=a_member(), at=NOON)
    intent = _announced_now(scanned)
    _announced_now("pkg:pypi/another")
    assert _found_at_every_door(wanted) == [{intent.public_id}] * 4


def test_what_owners_ask_under_another_name_is_found() -> None:
    add_mapping(PACKAGE, TREE, actor=a_member(), at=NOON)
    owner = a_member(Role.MAINTAINER)
    target = target_from_text(TREE)
    row, _ = state_constraint(
        home_of(owner), ConstraintKind.ASK_FIRST, target, contact="mailto:o@people.example", actor=owner, at=NOON
    )
    person = a_person(Role.FINDER, at=right_now())
    program = Client(headers={"Authorization": f"Bearer {a_token(person, 'deconfliction', at=right_now())}"})
    (told,) = program.get("/api/v1/constraints", {"target": PACKAGE}).json()["items"]
    assert told["id"] == row.public_id == next(iter(ScansHere().constraints(PACKAGE)))["id"]
    assert "ask-first" in signed_in(person).get("/scans", {"target": PACKAGE}).content.decode()
    withdraw_constraint(row, actor=owner, at=NOON)
    assert [one.pk for one in about(constraints_for(owner), target_from_text(PACKAGE))] == [row.pk]


def test_what_is_over_and_ones_own_drafts_are_found_by_whoever_may_see_them() -> None:
    mine = a_member()
    over = announce_intent(a_scan(), actor=mine, at=NOON).intent
    end_intent(over, actor=mine, at=NOON)
    ran_out = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    draft = draft_intent(a_scan(), actor=mine, at=NOON)
    dropped = draft_intent(a_scan(), actor=mine, at=NOON)
    end_intent(dropped, actor=mine, at=NOON)
    later = NOON + timedelta(days=1)
    all_of_it = {one.pk for one in intents_wanted(mine, target=PACKAGE, at=later)}
    assert all_of_it == {over.pk, ran_out.pk, draft.pk, dropped.pk}
    assert {one.pk for one in intents_wanted(a_member(), target=PACKAGE, at=later)} == {over.pk, ran_out.pk}
    assert not intents_wanted(mine, target=PACKAGE, is_standing=True, at=later).exists()


def test_a_folder_that_somebody_scans_under_another_name_is_not_called_unclaimed() -> None:
    add_mapping(PACKAGE, TREE, folder="lib", actor=a_member(), at=NOON)
    scanned = target_of({"kind": "repository", "url": TREE, "paths": "lib/yaml"})
    announce_intent(a_scan(scanned), actor=a_member(), at=NOON)
    found = advise(a_scan(PACKAGE), parts={"yaml": 1, "docs": 1}, actor=a_member(), at=NOON)
    assert found.unclaimed == ("docs",)


def test_a_confidential_scan_is_not_found_by_whom_it_did_not_meet() -> None:
    _announced_now(PACKAGE, visibility=Visibility.THOSE_MET)
    assert _found_at_every_door(PACKAGE)[:2] == [set()] * 2


def test_a_search_is_refused_past_its_bound_by_what_may_be_seen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 2)
    for number in range(3):
        announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON + number * HOUR / 60)
    assert not intents_wanted(a_member(Role.SOC), target=PACKAGE, at=NOON).exists()
    with pytest.raises(Conflict, match="name less"):
        intents_wanted(a_member(Role.COORDINATOR), target=PACKAGE, at=NOON)


def test_an_owner_sees_every_scan_that_touches_what_is_theirs_at_every_door() -> None:
    now = right_now()
    person = a_person(Role.MAINTAINER, at=now)
    owner = actor_for_person(person, at=now)
    target = target_from_text(PACKAGE)
    add_mapping(PACKAGE, TREE, actor=a_member(), at=NOON)
    touching = {_announced_now(TREE).public_id, _announced_now("pkg:pypi/pyy*").public_id}
    elsewhere = _announced_now("pkg:pypi/another").public_id
    claim = claim_ownership(home_of(owner), target, criticality=3, evidence="a record", actor=owner, at=now)
    client, token = signed_in(person), a_token(person, "deconfliction", at=now)
    program = Client(headers={"Authorization": f"Bearer {token}"})

    def told() -> list[set[str]]:
        api = program.get("/api/v1/intents", {"ours": 1, "standing": 1}).json()["items"]
        pages = [client.get(path).content.decode() for path in ("/owned", "/scans?ours=on")]
        (agent,) = called(token, ("list_scans", {"ours": True}))
        return [
            {one["id"] for one in api},
            *(set(re.findall("SCAN-[0-9A-Z]{10}", page)) for page in pages),
            {one["id"] for one in (agent.structured_content or {})["intents"]},
        ]

    assert told() == [set()] * 4, "what is claimed is not yet known to be theirs"
    verify_ownership(claim, why="looked", actor=a_member(Role.COORDINATOR), at=now)
    assert told() == [touching] * 4 and elsewhere not in touching
    assert not list(ScansHere().intents(ours=1)), "the machine's own organization owns nothing"


def test_standing_scans_are_shown_page_by_page_and_the_page_reads_no_more() -> None:
    now = right_now()
    first = _announced_now(PACKAGE)
    fields = {one.attname: getattr(first, one.attname) for one in first._meta.concrete_fields}
    first.delete()
    Intent.objects.bulk_create(
        Intent(
            **{
                **{name: value for name, value in fields.items() if name != "id"},
                "public_id": f"SCAN-{number:010}",
                "version_key": str(number),
                "starts_at": now + timedelta(seconds=number),
            }
        )
        for number in range(USUAL + 2)
    )
    client = signed_in(a_person(Role.FINDER, at=now))
    shown = client.get("/scans").content.decode()
    names = set(re.findall("/scans/(SCAN-[0-9]{10})", shown))
    assert len(names) == USUAL and f"{USUAL + 2} standing" in shown and f"show {USUAL} of them" in shown
    (following,) = re.findall(r'href="(/scans\?[^"]*after=[^"]+)"', shown)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rest = client.get(unescape(following)).content.decode()
    assert set(re.findall("/scans/(SCAN-[0-9]{10})", rest)) == {"SCAN-0000000000", "SCAN-0000000001"}
    assert not [one for one in asked if 'FROM "deconfliction_intent"' in one["sql"] and "LIMIT" not in one["sql"]]


def test_a_picture_has_room_for_so_many_scans_and_says_what_it_leaves_out() -> None:
    window = Window(NOON, NOON + HOUR)
    scans = [
        Intent(
            public_id=f"S{number}-{target}", targets=[{"name": f"h{target}"}], starts_at=NOON, ends_at=window.ends_at
        )
        for target in range(5)
        for number in range(MOST_BARS // 4)
    ]
    drawn = timeline(scans, at=NOON, own=None)
    assert (len(drawn.strips), drawn.left_out) == (4, 1)
    assert len(timeline(scans[:1] * (MOST_BARS + 1), at=NOON, own=None).strips) == 1
