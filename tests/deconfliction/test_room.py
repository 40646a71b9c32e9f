"""Tests of how much of the index one organization may hold near one name: never so much that others cannot search."""

from datetime import timedelta
from itertools import batched

import pytest

from clearinghouse.deconfliction.actions import room
from clearinghouse.deconfliction.actions.intents import (
    accept_intent,
    announce_emergency,
    announce_intent,
    draft_intent,
    end_intent,
    renew_intent,
)
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import give_authorisation, withdraw_authorisation
from clearinghouse.deconfliction.actions.standing import Announced
from clearinghouse.deconfliction.models import Intent, Place
from clearinghouse.deconfliction.queries import places
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.queries.places import MOST_NEAR
from clearinghouse.deconfliction.rules.awareness import MOST_HELD, MOST_HELD_URGENTLY
from clearinghouse.deconfliction.rules.lifecycle import IntentState, MappingState, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import MOST_TARGETS, Target, target_of
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Conflict
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db

PACKAGE = "pkg:pypi/pyyaml"
TREE = "https://git.example/yaml/pyyaml"


def _folders(count: int, first: int = 0, package: str = PACKAGE) -> tuple[Target, ...]:
    """Return so many folders of one package."""
    return tuple(
        target_of({"kind": "software", "package": package, "paths": f"f{number}"})
        for number in range(first, first + count)
    )


def _announce(actor: Actor, *targets: Target | str, window: Window | None = None) -> Announced:
    return announce_intent(a_scan(*targets, window=window), actor=actor, at=NOON)


def _stands(made: Announced) -> bool:
    return made.intent.state == IntentState.ACCEPTED


def _is_searched(target: str = PACKAGE) -> bool:
    return look(a_scan(target), actor=a_member(), at=NOON) is not None


def test_one_organization_cannot_fill_what_others_search() -> None:
    attacker, announced, refused = a_member(), 0, list[str]()
    for number, some in enumerate(batched(_folders(MOST_NEAR + MOST_TARGETS), MOST_TARGETS)):
        try:
            _announce(attacker, *some, window=a_window(9 * number, 9))
            announced += 1
        except Conflict as refusal:
            refused.append(str(refusal))
    assert (announced, announced + len(refused)) == (MOST_HELD // MOST_TARGETS, 80)
    assert all(f"more than {MOST_HELD} things near pkg:pypi/pyyaml" in one for one in refused)
    found = look(a_scan(window=a_window(0, 24 * 30)), actor=a_member(), at=NOON)
    assert {one.organization for one in found.met} == {attacker.organization}
    assert len(found.met) == announced, "every one of them is shown, and they count as one party"


def test_a_package_is_scanned_by_256_folders_and_again_later() -> None:
    scanner = a_member()
    folders = _folders(MOST_TARGETS)
    for day in range(MOST_HELD // MOST_TARGETS):
        made = _announce(scanner, *folders, window=a_window(24 * day))
        assert made.intent.state == IntentState.ACCEPTED
    first = Intent.objects.earliest("starts_at")
    renewed = renew_intent(first, NOON + 6 * HOUR, version=first.version_key, actor=scanner, at=NOON)
    assert renewed.intent.ends_at == NOON + 6 * HOUR, "it holds no more than before"
    with pytest.raises(Conflict, match="at one time or another"):
        _announce(scanner, *folders, window=a_window(24 * 7))
    assert _stands(_announce(scanner, *(f"pkg:pypi/p{number}" for number in range(MOST_TARGETS))))
    later = NOON + timedelta(days=2)
    window = Window(later + timedelta(days=5), later + timedelta(days=6))
    assert _stands(announce_intent(a_scan(*folders, window=window), actor=scanner, at=later)), "two are over"


def test_what_is_ended_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    scanner = a_member()
    made = _announce(scanner, *_folders(2))
    with pytest.raises(Conflict):
        _announce(scanner, *_folders(1, 2))
    assert _stands(_announce(a_member(), *_folders(2, 2))), "others have room of their own"
    end_intent(made.intent, actor=scanner, at=NOON)
    assert _stands(_announce(scanner, *_folders(1, 9)))


def test_a_draft_holds_nothing_until_it_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    scanner = a_member()
    drafts = [draft_intent(a_scan(*_folders(2, 2 * number)), actor=scanner, at=NOON) for number in range(2)]
    assert accept_intent(drafts[0], actor=scanner, at=NOON).intent.state == IntentState.ACCEPTED
    with pytest.raises(Conflict, match="end some"):
        accept_intent(drafts[1], actor=scanner, at=NOON)


def test_there_is_room_for_one_more_emergency_and_not_for_very_many() -> None:
    scanner = a_member()
    for some in batched(_folders(MOST_HELD), MOST_TARGETS):
        _announce(scanner, *some)
    urgent = a_scan(*_folders(MOST_TARGETS, MOST_HELD))
    assert announce_emergency(urgent, why="now", actor=scanner, at=NOON).intent.state == IntentState.EMERGENCY
    with pytest.raises(Conflict, match=f"more than {MOST_HELD_URGENTLY} things"):
        announce_emergency(a_scan(*_folders(1, 9_000)), why="now", actor=scanner, at=NOON)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_confidential_scans_are_bounded_alike(monkeypatch: pytest.MonkeyPatch, visibility: Visibility) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    with pytest.raises(Conflict, match="more than 2 things"):
        announce_intent(a_scan(*_folders(3), visibility=visibility), actor=a_member(), at=NOON)


def test_owners_are_not_bounded_on_what_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    assert _stands(_announce(owner, *_folders(9)))
    with pytest.raises(Conflict, match="pkg:pypi/another"):
        _announce(owner, *_folders(3, package="pkg:pypi/another"))
    add_mapping(PACKAGE, TREE, actor=a_member(), at=NOON)
    with pytest.raises(Conflict, match="pyyaml"):
        _announce(owner, *_folders(1, 10))


def test_patterns_that_everybody_finds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    patterns = [f"pkg:pypi/zz{number}*" for number in range(3)]
    with pytest.raises(Conflict, match="more than 2 things near pkg:pypi/zz0"):
        _announce(a_member(), *patterns)
    assert _stands(_announce(a_member(), *patterns[:2], "pkg:pypi/a", "pkg:pypi/b", "pkg:pypi/c"))


def test_the_packages_of_one_repository_are_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    monkeypatch.setattr(places, "MOST_NEAR", 9)
    attacker, packages = a_member(), [f"pkg:pypi/part{number}" for number in range(3)]
    for package in packages:
        add_mapping(package, TREE, actor=attacker, at=NOON)
    for day in range(2):
        _announce(attacker, packages[day], window=a_window(24 * day))
    with pytest.raises(Conflict, match="near pkg:pypi/part2"):
        _announce(attacker, packages[2], window=a_window(24 * 2))
    assert _is_searched(TREE)


def test_packages_in_folders_of_their_own_are_one_name_too_for_whoever_searches_the_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    attacker, honest = a_member(), a_member()
    for number in range(3):
        add_mapping(f"pkg:npm/part{number}", TREE, folder=f"packages/part{number}", actor=honest, at=NOON)
    _announce(attacker, "pkg:npm/part0", "pkg:npm/part1")
    with pytest.raises(Conflict, match="near pkg:npm/part2"):
        _announce(attacker, "pkg:npm/part2")


def test_what_is_announced_first_and_joined_later_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    attacker = a_member()
    for number in range(3):
        _announce(attacker, f"pkg:pypi/part{number}", window=a_window(24 * number))
    for number in range(2):
        add_mapping(f"pkg:pypi/part{number}", TREE, folder=f"part{number}", actor=attacker, at=NOON)
    with pytest.raises(Conflict, match="end some first"):
        add_mapping("pkg:pypi/part2", TREE, folder="part2", actor=attacker, at=NOON)
    owner, _ = an_owner(TREE, role=Role.MAINTAINER)
    assert add_mapping("pkg:pypi/part2", TREE, actor=owner, at=NOON).state == MappingState.STANDING


def test_what_is_allowed_to_others_on_what_is_not_ones_own_is_bounded() -> None:
    giver, victim = a_member(Role.MAINTAINER), a_member()
    given = []

    def give(first: int) -> None:
        folders = _folders(MOST_TARGETS, first)
        window = a_window(-1, 24)
        given.append(give_authorisation(home_of(giver), home_of(victim), folders, window, actor=giver, at=NOON))

    for number in range(MOST_HELD // MOST_TARGETS):
        give(number * MOST_TARGETS)
    with pytest.raises(Conflict, match=f"authorised more than {MOST_HELD} things near pkg:pypi/pyyaml"):
        give(MOST_HELD)
    assert look(a_scan(), actor=victim, at=NOON).met == ()
    withdraw_authorisation(given[0], actor=giver, at=NOON)
    give(MOST_HELD)


def test_each_entry_of_the_index_says_whose_it_is() -> None:
    scanner = a_member()
    made = _announce(scanner, PACKAGE).intent
    assert set(Place.objects.filter(subject_id=made.pk).values_list("of", "holder")) == {
        ("intent", scanner.organization)
    }
