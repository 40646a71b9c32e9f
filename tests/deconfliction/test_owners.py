"""What owners say, through every action that lets a scan run: nothing live runs without its owner's authorisation."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clearinghouse.deconfliction.actions.intents import (
    accept_intent,
    announce_emergency,
    announce_intent,
    declare_emergency,
    draft_intent,
    leave_plan,
    renew_intent,
    start_intent,
)
from clearinghouse.deconfliction.actions.owners import (
    claim_ownership,
    end_ownership,
    give_authorisation,
    refuse_ownership,
    state_constraint,
    verify_ownership,
    withdraw_authorisation,
    withdraw_constraint,
)
from clearinghouse.deconfliction.models import Authorisation, Intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.lifecycle import (
    STANDING,
    ConstraintKind,
    ConstraintState,
    IntentState,
    OwnershipState,
)
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.deconfliction.rules.windows import Times, Window
from clearinghouse.errors import HeldBack, Malformed, NotPermitted, StepRefused, Unaware
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, announced, authorised, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db

ONE_OF = {
    "software": "pkg:pypi/x",
    "repository": "https://example.org/x",
    "network": "203.0.113.0/28",
    "host": "www.example.org",
    "model": "model:maker/one",
}
LIVE = [
    (name, str(kind))
    for name, technique in techniques().known.items()
    for kind, effect in technique.on.items()
    if effect is Effect.LIVE
]
type Way = Callable[[Announcement, Actor], object]


def _begun(said: Announcement, actor: Actor) -> Intent:
    return start_intent(announce_intent(said, actor=actor, at=NOON).intent, actor=actor, at=NOON).intent


def _renewed(said: Announcement, actor: Actor) -> object:
    intent = announce_intent(said, actor=actor, at=NOON).intent
    return renew_intent(intent, NOON + 9 * HOUR, version=intent.version_key, actor=actor, at=NOON)


WAYS: dict[str, Way] = {
    "announced": lambda said, actor: announce_intent(said, actor=actor, at=NOON),
    "draft accepted": lambda said, actor: accept_intent(draft_intent(said, actor=actor, at=NOON), actor=actor, at=NOON),
    "begun": _begun,
    "renewed": _renewed,
    "emergency": lambda said, actor: announce_emergency(said, why="now", actor=actor, at=NOON),
    "draft in emergency": lambda said, actor: declare_emergency(
        draft_intent(said, actor=actor, at=NOON), why="now", actor=actor, at=NOON
    ),
    "emergency of what runs": lambda said, actor: declare_emergency(
        _begun(said, actor), why="now", actor=actor, at=NOON
    ),
    "off plan": lambda said, actor: leave_plan(_begun(said, actor), why="more", actor=actor, at=NOON),
    "back on plan": lambda said, actor: start_intent(
        leave_plan(_begun(said, actor), why="more", actor=actor, at=NOON).intent, actor=actor, at=NOON
    ),
}
"""Every action that leads to a state in which a scan stands or runs."""


def _running_unauthorised() -> list[Intent]:
    """Return what stands and touches a live system without a word of its owner on file; asks the rows alone."""
    live = [
        row
        for row in Intent.objects.filter(state__in=STANDING)
        if any(techniques().effect(row.technique, target["kind"]) is Effect.LIVE for target in row.targets)
    ]
    return [
        row
        for row in live
        if not Authorisation.objects.filter(scanner=row.organization_id, state="standing", ends_at__gte=row.ends_at)
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("technique", "kind"), LIVE)
def test_nothing_live_runs_without_its_owners_authorisation(technique: str, kind: str, way: str) -> None:
    said, scanner = a_scan(ONE_OF[kind], technique=technique), a_member()
    with pytest.raises(HeldBack, match="owner"):
        WAYS[way](said, scanner)
    owner, _ = an_owner(ONE_OF[kind])
    with pytest.raises(HeldBack, match="authorisation"):
        WAYS[way](said, scanner)
    authorised(owner, a_member(), ONE_OF[kind])
    authorised(owner, scanner, ONE_OF[kind], window=a_window(-1, 2))
    with pytest.raises(HeldBack, match="authorisation"):
        WAYS[way](said, scanner)
    assert not Intent.objects.filter(state__in=STANDING)
    authorised(owner, scanner, ONE_OF[kind])
    WAYS[way](said, scanner)
    assert Intent.objects.filter(state__in=STANDING).count() == 1
    assert not _running_unauthorised()


@pytest.mark.parametrize("way", WAYS)
def test_a_scan_is_halted_when_the_owners_word_is_taken_back(way: str) -> None:
    owner, _ = an_owner("203.0.113.0/24")
    scanner = a_member()
    word = authorised(owner, scanner, "203.0.113.0/24")
    WAYS[way](a_scan("203.0.113.0/28", technique="active-network-scanning"), scanner)
    (halted,) = withdraw_authorisation(word, actor=owner, at=NOON)
    halted.refresh_from_db()
    assert halted.state == IntentState.ENDED
    assert not _running_unauthorised()


def test_a_scan_is_halted_when_its_owner_is_no_longer_on_record_or_another_comes_on_it() -> None:
    owner, owned = an_owner("203.0.113.0/24")
    scanner = a_member()
    authorised(owner, scanner, "203.0.113.0/24")
    first = announced(a_scan("203.0.113.0/28", technique="active-network-scanning"), scanner).intent
    second = announced(a_scan("203.0.113.128/28", technique="active-network-scanning"), scanner).intent
    an_owner("203.0.113.128/25")
    second.refresh_from_db()
    assert second.state == IntentState.ENDED
    assert end_ownership(owned, actor=owner, at=NOON) == (first,)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("says", ConstraintKind)
@pytest.mark.parametrize(("technique", "kind"), [("fuzzing", "software"), ("passive-network-scanning", "network")])
def test_every_constraint_binds_whatever_the_action(technique: str, kind: str, says: ConstraintKind, way: str) -> None:
    owner, _ = an_owner(ONE_OF[kind], role=Role.MAINTAINER)
    times = Times((a_window(20, 2),)) if says is ConstraintKind.ONLY_IN_WINDOWS else None
    rate = 5 if says is ConstraintKind.AT_MOST_RATE else None
    rule, _ = state_constraint(
        home_of(owner),
        says,
        target_from_text(ONE_OF[kind]),
        times=times,
        rate_per_second=rate,
        contact="ops@owner.example",
        actor=owner,
        at=NOON,
    )
    said = a_scan(ONE_OF[kind], technique=technique, rate=6)
    if says is ConstraintKind.AT_MOST_RATE and kind == "software":
        with pytest.raises(Unaware):  # nothing reaches the owner: it has to be seen, and holds nobody back
            announce_intent(said, actor=a_member(), at=NOON)
        return
    with pytest.raises(HeldBack) as held:
        WAYS[way](said, a_member())
    assert rule.public_id in {one.field for one in held.value.problems}
    assert not Intent.objects.filter(state__in=STANDING)


def test_a_constraint_halts_what_stands_and_is_no_longer_allowed() -> None:
    scanner = a_member()
    intent = _begun(a_scan(), scanner)
    owner, _ = an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    _, halted = state_constraint(
        home_of(owner), ConstraintKind.DO_NOT_SCAN, target_from_text("pkg:pypi/pyyaml"), actor=owner, at=NOON
    )
    assert halted == (intent,)
    intent.refresh_from_db()
    assert intent.state == IntentState.ENDED


def test_a_constraint_of_somebody_who_owns_nothing_has_to_be_seen_and_binds_nobody() -> None:
    stranger = a_member(Role.MAINTAINER)
    rule, halted = state_constraint(
        home_of(stranger), ConstraintKind.DO_NOT_SCAN, target_from_text("pkg:pypi/pyyaml"), actor=stranger, at=NOON
    )
    assert not halted
    with pytest.raises(Unaware) as missed:
        announce_intent(a_scan(), actor=a_member(), at=NOON)
    assert missed.value.references[0]["says"] == "do-not-scan"
    made = announce_intent(a_scan(), seen=[rule.version_key], actor=a_member(), at=NOON)
    assert made.intent.acknowledged == {rule.public_id: rule.version_key}


def test_a_constraint_that_was_withdrawn_holds_nobody_back() -> None:
    owner, _ = an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    rule, _ = state_constraint(
        home_of(owner), ConstraintKind.DO_NOT_SCAN, target_from_text("pkg:pypi/pyyaml"), actor=owner, at=NOON
    )
    withdraw_constraint(rule, actor=owner, at=NOON)
    assert rule.state == ConstraintState.WITHDRAWN
    assert announce_intent(a_scan(), actor=a_member(), at=NOON).met == ()


def test_confidential_scans_are_held_back_by_owners_all_the_same() -> None:
    from clearinghouse.deconfliction.rules.lifecycle import Visibility

    with pytest.raises(HeldBack):
        announce_intent(
            a_scan("203.0.113.0/28", technique="active-network-scanning", visibility=Visibility.THOSE_MET),
            actor=a_member(),
            at=NOON,
        )


def test_nobody_verifies_what_they_claimed_themselves() -> None:
    both = a_member(Role.OPERATOR, Role.COORDINATOR)
    claim = claim_ownership(
        home_of(both), target_from_text("203.0.113.0/24"), criticality=5, evidence="a record", actor=both, at=NOON
    )
    with pytest.raises(NotPermitted, match="asked for it"):
        verify_ownership(claim, why="it is mine", actor=both, at=NOON)
    refuse_ownership(claim, why="the record names another", actor=a_member(Role.COORDINATOR), at=NOON)
    assert claim.state == OwnershipState.REFUSED
    with pytest.raises(NotPermitted):
        verify_ownership(claim, why="", actor=a_member(Role.COORDINATOR), at=NOON)


def test_nobody_speaks_for_another_organization() -> None:
    stranger, owner = a_member(Role.OPERATOR), a_member(Role.OPERATOR)
    target = target_from_text("203.0.113.0/24")
    for act in (
        lambda: claim_ownership(home_of(owner), target, criticality=1, evidence="e", actor=stranger, at=NOON),
        lambda: state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, target, actor=stranger, at=NOON),
        lambda: give_authorisation(home_of(owner), home_of(stranger), (target,), a_window(), actor=stranger, at=NOON),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize(
    ("says", "times", "rate", "why"),
    [
        (ConstraintKind.ONLY_IN_WINDOWS, None, None, "times"),
        (ConstraintKind.DO_NOT_SCAN, Times((a_window(),)), None, "times"),
        (ConstraintKind.AT_MOST_RATE, None, None, "rate"),
        (ConstraintKind.ASK_FIRST, None, 5, "rate"),
        (ConstraintKind.AT_MOST_RATE, None, 0, "rate"),
    ],
)
def test_a_constraint_that_says_nothing_sensible_is_refused(
    says: ConstraintKind, times: Times | None, rate: int | None, why: str
) -> None:
    owner = a_member(Role.OPERATOR)
    with pytest.raises(Malformed, match=why):
        state_constraint(
            home_of(owner),
            says,
            target_from_text("203.0.113.0/24"),
            times=times,
            rate_per_second=rate,
            actor=owner,
            at=NOON,
        )


def test_an_authorisation_lasts_a_year_at_most_and_names_known_techniques() -> None:
    owner, scanner, target = a_member(Role.OPERATOR), a_member(), (target_from_text("203.0.113.0/24"),)
    long = Window(NOON, NOON + timedelta(days=400))
    with pytest.raises(Malformed, match="year"):
        give_authorisation(home_of(owner), home_of(scanner), target, long, actor=owner, at=NOON)
    with pytest.raises(Malformed, match="technique"):
        give_authorisation(
            home_of(owner), home_of(scanner), target, a_window(), allowed=["divination"], actor=owner, at=NOON
        )


def test_what_was_withdrawn_is_not_withdrawn_again() -> None:
    owner, _ = an_owner("203.0.113.0/24")
    word = authorised(owner, a_member(), "203.0.113.0/24")
    withdraw_authorisation(word, actor=owner, at=NOON)
    with pytest.raises((NotPermitted, StepRefused)):
        withdraw_authorisation(word, actor=owner, at=NOON)
