"""Tests of how much may be asked of whoever scans what is not known to be one's own: never so much that nobody can."""

import pytest

from clearinghouse.deconfliction.actions import wishes
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.owners import state_constraint, withdraw_constraint
from clearinghouse.deconfliction.models import Constraint
from clearinghouse.deconfliction.queries import meeting, places
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.awareness import MOST_WISHES
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.deconfliction.rules.windows import Times
from clearinghouse.errors import Conflict, HeldBack
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import a_member, a_scan, a_window, an_owner, announced, authorised, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db

PACKAGE = "pkg:pypi/flask"


def _ask(actor: Actor, *, paths: str = "", why: str = "", package: str = PACKAGE) -> Constraint:
    target = target_of({"kind": "software", "package": package} | ({"paths": paths} if paths else {}))
    stated, _ = state_constraint(home_of(actor), ConstraintKind.DO_NOT_SCAN, target, why=why, actor=actor, at=NOON)
    return stated


def test_what_is_stated_again_word_for_word_stands_already() -> None:
    asking = a_member(Role.MAINTAINER)
    first = _ask(asking, why="ours")
    assert _ask(asking, why="ours").pk == first.pk and Constraint.objects.count() == 1
    assert _ask(asking, why="really ours").pk != first.pk
    assert _ask(a_member(Role.MAINTAINER), why="ours").pk != first.pk
    withdraw_constraint(first, actor=asking, at=NOON)
    assert _ask(asking, why="ours").pk != first.pk


def test_times_that_are_stated_again_stand_already() -> None:
    asking = a_member(Role.MAINTAINER)
    said = {"actor": asking, "at": NOON, "times": Times((a_window(),))}
    target, says = target_from_text(PACKAGE), ConstraintKind.ONLY_IN_WINDOWS
    stated = {state_constraint(home_of(asking), says, target, **said)[0].pk for _ in range(2)}  # type: ignore[arg-type]
    assert len(stated) == 1


def test_one_organization_asks_so_much_of_one_thing_that_is_not_theirs_and_no_more() -> None:
    asking = a_member(Role.MAINTAINER)
    stated = [_ask(asking, paths=f"p{number}") for number in range(MOST_WISHES)]
    with pytest.raises(Conflict, match="withdraw one, or claim"):
        _ask(asking, paths="more")
    for elsewhere in ("pkg:pypi/another", "pkg:pypi/fla*"):
        assert _ask(asking, package=elsewhere).state == "standing"
    withdraw_constraint(stated[0], actor=asking, at=NOON)
    assert _ask(asking, paths="more").state == "standing"


def test_what_one_organization_asks_in_all_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "MOST_WISHES_EACH", 2)
    asking = a_member(Role.MAINTAINER)
    for number in range(2):
        _ask(asking, package=f"pkg:pypi/p{number}")
    with pytest.raises(Conflict, match="asks 2 things already"):
        _ask(asking, package="pkg:pypi/p2")


def test_an_owners_word_is_never_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "MOST_WISHES", 0)
    monkeypatch.setattr(wishes, "MOST_WISHES_EACH", 0)
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    for number in range(3):
        _ask(owner, paths=f"p{number}")
    with pytest.raises(HeldBack):
        announce_intent(a_scan(PACKAGE), actor=a_member(), at=NOON)
    with pytest.raises(Conflict):
        _ask(owner, package="pkg:pypi/another")


def test_many_wishes_of_one_party_count_once_and_each_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting, "MOST_MET", 2)
    for asking in (a_member(Role.MAINTAINER), a_member(Role.MAINTAINER)):
        for number in range(3):
            _ask(asking, why=f"reason {number}")
    scanner = a_member()
    assert len(look(a_scan(PACKAGE), actor=scanner, at=NOON).keys) == 6
    assert len(announced(a_scan(PACKAGE), scanner).met) == 6
    with pytest.raises(Conflict, match="meets 3 others"):
        announced(a_scan(PACKAGE), a_member())


def test_an_owners_word_counts_however_much_stands_near(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, _ = an_owner("198.51.100.0/24")
    for _ in range(4):
        authorised(owner, a_member(), "198.51.100.7")
    scanner = a_member()
    authorised(owner, scanner, "198.51.100.7")
    running = announced(a_scan("198.51.100.7", technique="active-network-scanning"), scanner).intent
    monkeypatch.setattr(places, "MOST_NEAR", 5)
    target = target_from_text("198.51.100.7")
    _, halted = state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, target, actor=owner, at=NOON)
    assert [one.pk for one in halted] == [running.pk]
