"""Tests of clearinghouse/cases/leaving.py: everything is given back; what is erased is gone, and proofs hold."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.leaving import leave, what_is_ours
from clearinghouse.cases.models import Case, Join
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.errors import Conflict, NotFound, NotPermitted
from clearinghouse.findings.models import Finding
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Entry, Event
from clearinghouse.ledger.queries import revealed
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.parties.models import Membership, Organization, Person, Token
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import World, a_world
from tests.cases.makers import NOON
from tests.cases.rows import a_finding
from tests.parties.makers import a_person, a_token, an_organization

pytestmark = pytest.mark.django_db


def new_id() -> str:
    return f"CASE-{uuid4().hex[:8].upper()}"


@pytest.fixture
def store(tmp_path: Path) -> Artefacts:
    return Artefacts(tmp_path / "artefacts")


@pytest.fixture
def world(store: Artefacts) -> World:
    made = a_world(store)
    a_person(Role.ADMINISTRATOR, organization=an_organization("Office of the installation"))
    return made


def ours(world: World) -> tuple[Organization, Actor]:
    actor = actor_for_person(world.finder, second_factor=True, at=NOON)
    return Organization.objects.get(pk=str(actor.organization)), actor


def test_everything_that_was_handed_in_is_given_back_with_what_became_of_it(world: World, store: Artefacts) -> None:
    home, actor = ours(world)
    archive = zipfile.ZipFile(io.BytesIO(what_is_ours(home, artefacts=store, actor=actor)))
    names = archive.namelist()
    for finding in world.findings:
        folder = f"reports/{finding.key[:16]}"
        assert {f"{folder}/report.json", f"{folder}/outcome.json"} <= set(names)
        for name in finding.artefacts:
            assert archive.read(f"{folder}/files/{name}") == store.get(finding.artefacts[name])
    assert b"judgement" in archive.read(f"reports/{world.findings[0].key[:16]}/outcome.json")


def test_leaving_ends_what_let_them_in_and_keeps_the_reports(world: World, store: Artefacts) -> None:
    home, actor = ours(world)
    a_token(world.finder, "findings")
    leave(home, erase=False, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    assert not Membership.objects.filter(organization=home).exists()
    assert not Token.objects.filter(organization=home, revoked_at=None).exists()
    assert Finding.objects.count() == len(world.findings) and cases_for(LOCAL).exists()


@pytest.mark.django_db(transaction=True)
def test_erasing_leaves_nothing_of_theirs_and_every_proof_holds(world: World, store: Artefacts) -> None:
    home, actor = ours(world)
    others = a_finding(store, "x-1", finder="finder-x")
    shared = next(iter(others.artefacts.values()))
    digests = {digest for one in world.findings for digest in one.artefacts.values()} - set(others.artefacts.values())
    assert digests and shared in world.findings[0].artefacts.values()
    sequence_all()
    before = {entry.seq: bytes(entry.leaf) for entry in Entry.objects.all()}
    given_back = leave(home, erase=True, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    assert zipfile.ZipFile(io.BytesIO(given_back)).namelist()
    assert [one.pk for one in Finding.objects.all()] == [others.pk]
    assert not any(store.has(digest) for digest in digests) and store.has(shared), "what others need stays"
    assert not Join.objects.exclude(finding=others).filter(ended_at=None).exists()
    sequence_all()
    assert {seq: bytes(Entry.objects.get(pk=seq).leaf) for seq in before} == before
    audit()
    matter = Event.objects.filter(kind="finding", subject=str(world.findings[0].pk))
    assert not matter.filter(body__isnull=False).exists()
    joined = Event.objects.filter(body__isnull=True).first()
    assert joined is not None
    with pytest.raises(NotFound, match="erased"):
        revealed(Entry.objects.get(event_id=joined.pk))
    person = Person.objects.get(pk=world.finder.pk)
    assert (person.name, person.is_active) == ("erased", False) and "people.example" not in person.email
    told = Event.objects.get(verb="parties:organization:leave")
    assert b'"how":"erased"' in bytes(told.body or b"")


def test_cases_of_what_was_erased_stand_for_nothing_any_more(world: World, store: Artefacts) -> None:
    home, actor = ours(world)
    leave(home, erase=True, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    assert not cases_for(LOCAL).exists() and Case.objects.exists()


def test_who_is_in_another_organization_too_stays_a_person(world: World, store: Artefacts) -> None:
    home, actor = ours(world)
    elsewhere = an_organization("Elsewhere")
    Membership.objects.create(person=world.finder, organization=elsewhere, role=Role.FINDER, created_at=NOON)
    leave(home, erase=True, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    person = Person.objects.get(pk=world.finder.pk)
    assert person.is_active and person.name != "erased"


def test_leaving_needs_a_second_factor_and_nobody_leaves_for_others_or_by_a_token(
    world: World, store: Artefacts
) -> None:
    home, actor = ours(world)
    stranger = actor_for_person(a_person(Role.FINDER), second_factor=True, at=NOON)
    for wrong in (
        replace(actor, second_factor=False),
        replace(actor, scopes=frozenset({"parties"})),
        stranger,
    ):
        with pytest.raises((NotPermitted, NotFound)):
            leave(home, erase=True, artefacts=store, new_id=new_id, actor=wrong, at=NOON)
    assert Finding.objects.count() == len(world.findings)


def test_the_office_that_administers_the_installation_cannot_leave_it_to_nobody(store: Artefacts) -> None:
    person = a_person(Role.ADMINISTRATOR)
    actor = actor_for_person(person, second_factor=True, at=NOON)
    home = Organization.objects.get(pk=str(actor.organization))
    with pytest.raises(Conflict, match="administer"):
        leave(home, erase=False, artefacts=store, new_id=new_id, actor=actor, at=NOON)
    assert Membership.objects.filter(organization=home).exists()
