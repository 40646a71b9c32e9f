"""What owners decide: every technique, kind of target and constraint; and live systems piece by piece."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.binding import Authorisation, Constraint, Owned, Scan, binds, refusals
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, TargetKind
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from_text
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.techniques import Effect, techniques
from clearinghouse.deconfliction.rules.windows import Times, Window

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(NOON, NOON + HOUR)
DAY = Window(NOON - 12 * HOUR, NOON + 12 * HOUR)
SCANNER, OWNER, OTHER = (UUID(int=number) for number in range(3))
ONE_OF: dict[TargetKind, Target] = {
    kind: target_from_text(word)
    for kind, word in {
        TargetKind.SOFTWARE: "pkg:pypi/x",
        TargetKind.REPOSITORY: "https://example.org/x",
        TargetKind.NETWORK: "203.0.113.0/28",
        TargetKind.HOST: "www.example.org",
        TargetKind.MODEL: "model:maker/one",
    }.items()
}
ALL_OF: dict[TargetKind, Target] = ONE_OF | {
    TargetKind.NETWORK: target_from_text("203.0.113.0/24"),
    TargetKind.HOST: target_from_text("*.example.org"),
    TargetKind.MODEL: target_from_text("model:maker/*"),
}
COMBINATIONS = [(name, kind) for name, technique in techniques().known.items() for kind in technique.on]


def _scan(technique: str, *targets: Target, rate: int | None = None) -> Scan:
    return Scan(SCANNER, technique, targets, WINDOW, rate)


def _owned(kind: TargetKind, owner: UUID = OWNER) -> Owned:
    return Owned(owner, ALL_OF[kind])


def _given(*targets: Target, owner: UUID = OWNER) -> Authorisation:
    return Authorisation(owner, SCANNER, targets, DAY)


@pytest.mark.parametrize(("technique", "kind"), COMBINATIONS)
def test_nothing_live_is_scanned_without_an_owner_who_authorised_it(technique: str, kind: TargetKind) -> None:
    scan, target = _scan(technique, ONE_OF[kind]), ONE_OF[kind]
    is_live = techniques().effect(technique, kind) is Effect.LIVE
    for owned, authorised in product(([], [_owned(kind)], [_owned(kind, OTHER)]), ([], [_given(target)])):
        allowed = bool(owned and owned[0].organization == OWNER and authorised)
        found = refusals(scan, owned=owned, authorisations=authorised)
        assert bool(found) == (is_live and not allowed)


@pytest.mark.parametrize(("technique", "kind"), COMBINATIONS)
@pytest.mark.parametrize("says", ConstraintKind)
def test_every_constraint_binds_inside_what_is_its_owners_and_nowhere_else(
    technique: str, kind: TargetKind, says: ConstraintKind
) -> None:
    times = Times((Window(NOON + HOUR, NOON + 2 * HOUR),)) if says is ConstraintKind.ONLY_IN_WINDOWS else None
    rate = 5 if says is ConstraintKind.AT_MOST_RATE else None
    rule = Constraint(OWNER, says, ALL_OF[kind], "RULE-1", times=times, rate_per_second=rate)
    target, scan = ONE_OF[kind], _scan(technique, ONE_OF[kind], rate=6)
    effect = techniques().effect(technique, kind)
    found = refusals(scan, constraints=[rule], owned=[_owned(kind)], authorisations=[_given(target)])
    by_rule = [one for one in found if one.constraint]
    does_not_reach = says is ConstraintKind.AT_MOST_RATE and effect is Effect.COPY
    was_asked = says is ConstraintKind.ASK_FIRST
    assert bool(by_rule) == (not does_not_reach and not was_asked)
    assert not [one for one in refusals(scan, constraints=[rule], owned=[_owned(kind, OTHER)]) if one.constraint]
    unasked = refusals(scan, constraints=[replace(rule, says=ConstraintKind.ASK_FIRST)], owned=[_owned(kind)])
    assert "ask-first" in {one.code for one in unasked}


def test_a_constraint_is_about_the_techniques_that_it_names() -> None:
    rule = Constraint(OWNER, ConstraintKind.DO_NOT_SCAN, ONE_OF[TargetKind.SOFTWARE], techniques=frozenset({"fuzzing"}))
    owned = [_owned(TargetKind.SOFTWARE)]
    assert refusals(_scan("fuzzing", ONE_OF[TargetKind.SOFTWARE]), constraints=[rule], owned=owned)
    assert not refusals(_scan("static-analysis", ONE_OF[TargetKind.SOFTWARE]), constraints=[rule], owned=owned)


def test_a_constraint_wider_than_what_one_owns_binds_there_alone() -> None:
    rule = Constraint(OWNER, ConstraintKind.DO_NOT_SCAN, target_from_text("203.0.0.0/16"))
    mine = [Owned(OWNER, target_from_text("203.0.113.0/24"))]
    assert binds(rule, target_from_text("203.0.113.0/28"), mine)
    assert not binds(rule, target_from_text("203.0.112.0/28"), mine)


def test_code_is_owned_by_folder() -> None:
    rule = Constraint(OWNER, ConstraintKind.DO_NOT_SCAN, target_from_text("https://example.org/x"))
    mine = [Owned(OWNER, target_from_text("https://example.org/x"))]
    part = [Owned(OWNER, _in_folder("lib"))]
    assert binds(rule, _in_folder("src"), mine)
    assert not binds(rule, _in_folder("src"), part)
    assert binds(rule, _in_folder("lib/*.c"), part)


def _in_folder(paths: str) -> Target:
    from clearinghouse.deconfliction.rules.targets.repository import Repository

    return Repository.read("https://example.org/x", paths=paths)


@pytest.mark.parametrize(
    ("rate", "most", "allowed"), [(None, 5, False), (5, 5, True), (6, 5, False), (None, None, True), (9, None, True)]
)
def test_an_authorisation_with_a_rate_allows_no_more(rate: int | None, most: int | None, *, allowed: bool) -> None:
    given_to_us = replace(_given(ONE_OF[TargetKind.NETWORK]), rate_per_second=most)
    scan = _scan("active-network-scanning", ONE_OF[TargetKind.NETWORK], rate=rate)
    found = refusals(scan, owned=[_owned(TargetKind.NETWORK)], authorisations=[given_to_us])
    assert (not found) == allowed


@pytest.mark.parametrize(
    "change",
    [
        {"scanner": OTHER},
        {"window": Window(NOON, NOON + HOUR / 2)},
        {"techniques": frozenset({"fuzzing"})},
        {"targets": (target_from_text("203.0.113.0/29"),)},
        {"targets": (Network.read("203.0.113.0/28", ports="22"),)},
        {"organization": OTHER},
    ],
)
def test_an_authorisation_of_something_else_is_none(change: dict[str, object]) -> None:
    target = ONE_OF[TargetKind.NETWORK]
    given_to_us = replace(_given(target), **change)  # type: ignore[arg-type]
    scan = _scan("active-network-scanning", target)
    assert refusals(scan, owned=[_owned(TargetKind.NETWORK)], authorisations=[given_to_us])


blocks = st.tuples(st.integers(0, 7), st.integers(29, 32)).map(
    lambda pair: Network.read(f"203.0.113.{pair[0] & ~((1 << (32 - pair[1])) - 1) & 7}/{pair[1]}")
)


@given(
    blocks,
    st.lists(st.tuples(st.sampled_from([OWNER, OTHER]), blocks), max_size=4),
    st.lists(st.tuples(st.sampled_from([OWNER, OTHER]), blocks), max_size=4),
)
def test_a_live_scan_runs_exactly_when_all_who_own_an_address_authorised_it_for_every_address(
    target: Network, owned: list[tuple[UUID, Network]], given_by: list[tuple[UUID, Network]]
) -> None:
    found = refusals(
        _scan("active-network-scanning", target),
        owned=[Owned(owner, block) for owner, block in owned],
        authorisations=[Authorisation(owner, SCANNER, (block,), DAY) for owner, block in given_by],
    )
    for address in target.block:
        owners = {owner for owner, block in owned if address in block.block}
        agreed = {owner for owner, block in given_by if address in block.block}
        if not owners or not owners <= agreed:
            assert found
            return
    assert not found
