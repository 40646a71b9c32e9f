"""Tests of how many names a thing may have: bounded where they are added, and in nobody's way afterwards."""

import pytest

from clearinghouse.deconfliction.actions import mappings as adding
from clearinghouse.deconfliction.actions.intents import announce_emergency, announce_intent, declare_emergency
from clearinghouse.deconfliction.actions.leaving import end_scans
from clearinghouse.deconfliction.actions.mappings import add_mapping, withdraw_mapping
from clearinghouse.deconfliction.actions.owners import end_ownership, state_constraint, withdraw_authorisation
from clearinghouse.deconfliction.models import Mapping
from clearinghouse.deconfliction.queries import places
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, IntentState, MappingState
from clearinghouse.deconfliction.rules.mappings import MOST_REPOSITORIES_BY_ONE
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.errors import Conflict
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import a_member, a_scan, an_owner, announced, authorised, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db

NODE = "pkg:npm/%40types/node"
TREE = "https://github.com/DefinitelyTyped/DefinitelyTyped"


def _monorepo(count: int, adder: Actor, *, folders: bool) -> None:
    """Let a repository build so many packages, each from a folder of its own or all from the whole."""
    home = home_of(adder)
    Mapping.objects.bulk_create(
        Mapping(
            organization=home,
            person_id=adder.id,
            package=f"pkg:npm/%40types/p{number}",
            url=TREE.lower(),
            folder=f"types/p{number}" if folders else "",
            state=MappingState.STANDING,
            created_at=NOON,
        )
        for number in range(count)
    )


def test_a_repository_that_builds_very_many_packages_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_MAPPINGS", 20)
    adder, office = a_member(), a_member(Role.COORDINATOR)
    owner, claim = an_owner(NODE, role=Role.MAINTAINER)
    word = authorised(owner, adder, NODE)
    standing = announced(a_scan(NODE), adder).intent
    _monorepo(600, adder, folders=False)
    last = add_mapping(NODE, TREE, actor=adder, at=NOON)
    seen = look(a_scan(NODE), actor=(other := a_member()), at=NOON)
    assert announce_intent(a_scan(NODE), seen=seen.keys.values(), actor=other, at=NOON).met
    assert announce_emergency(a_scan(TREE), why="now", actor=a_member(), at=NOON).met
    assert declare_emergency(standing, why="now", actor=adder, at=NOON).intent.state == IntentState.EMERGENCY
    target = target_from_text(NODE)
    _, halted = state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, target, actor=owner, at=NOON)
    assert len(halted) == 2, "those of the package: a mapping makes no constraint bind"
    withdraw_authorisation(word, actor=owner, at=NOON)
    end_ownership(claim, actor=office, at=NOON)
    withdraw_mapping(last, actor=adder, at=NOON)
    withdraw_mapping(Mapping.objects.filter(state=MappingState.STANDING)[0], actor=office, at=NOON)
    end_scans(home_of(adder), actor=adder, at=NOON)


def test_a_pattern_that_is_known_by_very_many_names_is_refused_and_an_emergency_of_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MOST_MAPPINGS", 20)
    _monorepo(21, a_member(), folders=True)
    with pytest.raises(Conflict, match="name fewer"):
        announce_intent(a_scan("pkg:npm/%40types/*"), actor=a_member(), at=NOON)
    with pytest.raises(Conflict, match="name fewer"):
        announce_intent(a_scan(NODE, TREE), actor=a_member(), at=NOON)
    made = announce_emergency(a_scan("pkg:npm/%40types/*"), why="now", actor=a_member(), at=NOON)
    assert made.intent.state == IntentState.EMERGENCY


def test_packages_from_one_folder_meet_and_from_two_do_not() -> None:
    adder = a_member()
    for package, folder in (("one", "src/a"), ("two", "src"), ("three", "src/b")):
        add_mapping(f"pkg:npm/{package}", TREE, folder=folder, actor=adder, at=NOON)
    announced(a_scan("pkg:npm/one"), a_member())
    assert look(a_scan("pkg:npm/two"), actor=a_member(), at=NOON).keys
    assert not look(a_scan("pkg:npm/three"), actor=a_member(), at=NOON).keys
    assert look(a_scan(TREE), actor=a_member(), at=NOON).keys


def test_a_package_gets_few_repositories_from_one_and_its_owner_more() -> None:
    adder = a_member()
    for number in range(MOST_REPOSITORIES_BY_ONE):
        add_mapping(NODE, f"https://git.example/x/r{number}", actor=adder, at=NOON)
    add_mapping(NODE, "https://git.example/x/r0", folder="again", actor=adder, at=NOON)
    with pytest.raises(Conflict, match="withdraw one that it is not built from"):
        add_mapping(NODE, "https://git.example/x/more", actor=adder, at=NOON)
    add_mapping(NODE, "https://git.example/x/more", actor=a_member(), at=NOON)
    owner, _ = an_owner(NODE, role=Role.MAINTAINER)
    for number in range(MOST_REPOSITORIES_BY_ONE + 1):
        add_mapping(NODE, f"https://git.example/owner/r{number}", actor=owner, at=NOON)


@pytest.mark.parametrize(
    ("bound", "why"),
    [
        ("MOST_REPOSITORIES", "ask the office to withdraw some"),
        ("MOST_PACKAGES", "ask the office to withdraw what does not hold"),
        ("MOST_BY_ONE", "withdraw what does not hold any more"),
    ],
)
def test_what_is_said_of_one_thing_is_bounded_and_never_for_its_owner(
    monkeypatch: pytest.MonkeyPatch, bound: str, why: str
) -> None:
    monkeypatch.setattr(adding, bound, 2)
    adder = a_member()
    pairs = {
        "MOST_REPOSITORIES": [(NODE, f"https://git.example/x/r{number}") for number in range(3)],
        "MOST_PACKAGES": [(f"pkg:npm/p{number}", TREE) for number in range(3)],
        "MOST_BY_ONE": [(f"pkg:npm/p{number}", f"https://git.example/x/r{number}") for number in range(3)],
    }[bound]
    for package, url in pairs[:2]:
        add_mapping(package, url, actor=adder, at=NOON)
    with pytest.raises(Conflict, match=why):
        add_mapping(*pairs[2], actor=adder, at=NOON)
    owned = pairs[2][1] if bound == "MOST_PACKAGES" else pairs[2][0]
    owner, _ = an_owner(owned, role=Role.MAINTAINER)
    assert add_mapping(*pairs[2], actor=owner, at=NOON).state == MappingState.STANDING
