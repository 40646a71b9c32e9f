"""Records brought in, figures of refused announcements, advice: on rows, by actions and queries."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from clearinghouse.deconfliction.actions.intents import (
    accept_intent,
    announce_intent,
    draft_intent,
    end_intent,
    start_intent,
)
from clearinghouse.deconfliction.actions.interchange import bring_in, bring_in_one
from clearinghouse.deconfliction.actions.owners import state_constraint
from clearinghouse.deconfliction.models import Attempt, Constraint, ForeignRecord
from clearinghouse.deconfliction.queries.advice import advise
from clearinghouse.deconfliction.queries.figures import figures_for
from clearinghouse.deconfliction.queries.interchange import claimant_of, opt_outs_for
from clearinghouse.deconfliction.rules.figures import Cut, Outcome
from clearinghouse.deconfliction.rules.interchange import Interchanged, claim, opt_out
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.errors import HeldBack, Malformed, NotPermitted, Overlaps, Unaware
from clearinghouse.permissions.rules import Role
from tests.deconfliction.makers import a_member, a_scan, an_owner, announced, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db
REPOSITORY = "https://github.com/org/project"


def test_an_opt_out_becomes_a_constraint_that_has_to_be_seen_and_binds_nobody_but_its_owner() -> None:
    record = opt_out(REPOSITORY, requested_at=NOON, reason="we have no time")
    row, is_new = bring_in(record, actor=a_member(Role.COORDINATOR), at=NOON)
    assert is_new and row.constraint is not None
    assert row.constraint.says == "do-not-scan" and row.constraint.why.startswith("we have no time")
    with pytest.raises(Unaware) as missed:
        announce_intent(a_scan(REPOSITORY), actor=a_member(), at=NOON)
    assert missed.value.references[0]["id"] == row.constraint.public_id
    assert announced(a_scan(REPOSITORY), a_member()).intent.state == "accepted"


def test_an_opt_out_of_what_is_known_to_be_theirs_binds() -> None:
    owner, _ = an_owner(REPOSITORY, role=Role.MAINTAINER)
    bring_in(opt_out(REPOSITORY, requested_at=NOON), actor=owner, at=NOON)
    with pytest.raises(HeldBack):
        announce_intent(a_scan(REPOSITORY), actor=a_member(), at=NOON)


def test_bringing_in_the_same_record_twice_changes_nothing() -> None:
    record = opt_out(REPOSITORY, requested_at=NOON)
    first, _ = bring_in(record, actor=a_member(Role.COORDINATOR), at=NOON)
    again, is_new = bring_in(record, actor=a_member(Role.COORDINATOR), at=NOON)
    assert again == first and not is_new
    assert Constraint.objects.count() == ForeignRecord.objects.count() == 1


def test_a_statement_about_several_subjects_is_kept_for_each_or_for_none_and_is_one_constraint() -> None:
    def about(*names: str, record: Interchanged) -> bytes:
        subjects = [{"name": name, "digest": {"sha256": str(number) * 64}} for number, name in enumerate(names)]
        return json.dumps(record.plain() | {"subject": subjects}).encode()

    office = a_member(Role.COORDINATOR)
    wish = about("pkg:pypi/one", "pkg:pypi/two", record=opt_out(REPOSITORY, requested_at=NOON))
    became = bring_in_one(wish, actor=office, at=NOON)
    (constraint,) = Constraint.objects.all()
    assert (became.outcome, became.subject) == ("kept", "pkg:pypi/one, pkg:pypi/two")
    assert became.constraint == constraint.public_id
    assert {one.constraint for one in ForeignRecord.objects.all()} == {constraint}
    assert bring_in_one(wish, actor=office, at=NOON).outcome == "known" and Constraint.objects.count() == 1
    assert list(opt_outs_for(office)) == []
    claimed = bring_in_one(about("x", "y", record=claim("a" * 64, contact="c@peer.example")), actor=office, at=NOON)
    assert claimed.outcome == "kept"
    assert [claimant_of(office, number * 64) for number in "012"] == ["c@peer.example", "c@peer.example", None]
    nobody = bring_in_one(about("x", "z", record=claim("b" * 64, contact="d")), actor=a_member(Role.SOC), at=NOON)
    assert nobody.outcome == "refused" and ForeignRecord.objects.count() == 4


def test_whoever_may_state_no_constraint_brings_in_no_opt_out_and_nothing_is_kept() -> None:
    with pytest.raises(NotPermitted):
        bring_in(opt_out(REPOSITORY, requested_at=NOON), actor=a_member(Role.FINDER), at=NOON)
    with pytest.raises(NotPermitted):
        bring_in(claim("a" * 64, contact="c"), actor=a_member(Role.SOC), at=NOON)
    with pytest.raises(Malformed):
        bring_in(opt_out("no address", requested_at=NOON), actor=a_member(Role.COORDINATOR), at=NOON)
    assert not ForeignRecord.objects.exists() and not Constraint.objects.exists()


def test_a_claimed_finding_is_known_by_its_hash_alone() -> None:
    bring_in(claim("a" * 64, contact="security@peer.example"), actor=a_member(), at=NOON)
    asker = a_member()
    assert claimant_of(asker, "a" * 64) == "security@peer.example"
    assert claimant_of(asker, "b" * 64) is None


def test_what_owners_ask_of_whole_repositories_is_given_out_and_what_came_in_is_not_given_out_as_ours() -> None:
    owner = a_member(Role.MAINTAINER)
    url, more = target_from_text(REPOSITORY), target_of({"kind": "repository", "url": REPOSITORY, "paths": "docs"})
    for target in (url, more):
        state_constraint(home_of(owner), ConstraintKind.DO_NOT_SCAN, target, why="busy", actor=owner, at=NOON)
    bring_in(opt_out("https://git.example/a/b", requested_at=NOON), actor=owner, at=NOON)
    (given,) = opt_outs_for(a_member())
    assert given.said == {"repository": REPOSITORY, "requested_at": "2026-11-23T12:00:00Z", "reason": "busy"}


def test_each_refusal_leaves_a_row_that_says_nothing_but_why() -> None:
    first, other, now = a_member(), a_member(), NOON + timedelta(minutes=1)
    announce_intent(a_scan(), actor=first, at=NOON)
    for actor, kind in ((first, Overlaps), (other, Unaware)):
        with pytest.raises(kind):
            announce_intent(a_scan(), actor=actor, at=now)
    with pytest.raises(HeldBack):
        announce_intent(a_scan("192.0.2.7"), actor=other, at=now)
    rows = Attempt.objects.order_by("outcome").values_list("outcome", "organization_id", "is_open")
    assert list(rows) == [
        (Outcome.HELD_BACK, other.organization, True),
        (Outcome.OVERLAPS, first.organization, True),
        (Outcome.UNAWARE, other.organization, True),
    ]
    told = {one.name: one.value for one in figures_for(a_member(Role.COORDINATOR), Cut.INTERNAL, at=now)}
    assert told["duplicates avoided"] == 2 and told["collisions prevented"] == 1
    assert told["announcements accepted"] == 1


def test_a_draft_counts_from_when_it_is_accepted_and_not_when_it_is_taken_back() -> None:
    scanner, office, later = a_member(), a_member(Role.COORDINATOR), NOON + timedelta(minutes=1)
    other = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    end_intent(draft_intent(a_scan(), actor=scanner, at=NOON), actor=scanner, at=NOON)
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    with pytest.raises(Unaware):
        accept_intent(draft, actor=scanner, at=later)
    accept_intent(draft, seen=[other.version_key], actor=scanner, at=later + timedelta(minutes=1))
    told = {one.name: one.value for one in figures_for(office, Cut.INTERNAL, at=later)}
    assert (told["announcements accepted"], told["duplicates avoided"]) == (2, 0)


def test_whoever_has_to_look_again_before_beginning_has_avoided_no_duplicate() -> None:
    scanner, office = a_member(), a_member(Role.COORDINATOR)
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    announced(a_scan(), a_member())
    with pytest.raises(Unaware):
        start_intent(intent, actor=scanner, at=NOON + timedelta(minutes=1))
    told = {one.name: one.value for one in figures_for(office, Cut.INTERNAL, at=NOON + timedelta(minutes=1))}
    assert told["duplicates avoided"] == 0


def test_a_refusal_that_has_to_do_with_a_confidential_scan_is_in_no_figure_for_others() -> None:
    scanner, hidden = a_member(), a_member()
    announce_intent(a_scan(), actor=scanner, at=NOON)
    announced(a_scan(visibility=Visibility.THOSE_MET), hidden)
    Attempt.objects.all().delete()
    with pytest.raises(Overlaps):
        announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=hidden, at=NOON)
    assert not Attempt.objects.get().is_open
    with pytest.raises(NotPermitted):
        figures_for(a_member(), Cut.INTERNAL, at=NOON)


def test_everybody_reads_the_public_figures_without_signing_in() -> None:
    answer = Client().get("/scans/figures.json")
    assert answer.status_code == 200 and {one["value"] for one in answer.json()["figures"]} == {None}


def test_advice_names_a_free_window_other_techniques_and_folders_that_nobody_is_on() -> None:
    taken = target_of({"kind": "software", "package": "pkg:pypi/pyyaml", "paths": "lib/**"})
    announce_intent(a_scan(taken), actor=a_member(), at=NOON)
    found = advise(a_scan(), parts={"lib": 5, "src": 3, "tests": 1}, actor=a_member(), at=NOON)
    assert found.window is not None and found.window.starts_at == NOON + timedelta(hours=4)
    assert "fuzzing" not in found.techniques and "static-analysis" in found.techniques
    assert found.unclaimed == ("src", "tests")
    assert sorted(path for one in found.shares for path in one.paths) == ["src", "tests"]


def test_advice_tells_nothing_of_what_one_may_not_see() -> None:
    announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON)
    found = advise(a_scan(), parts={"src": 1}, actor=a_member(), at=NOON)
    assert found.window is not None and found.window.starts_at == NOON and found.unclaimed == ("src",)


@pytest.mark.parametrize("parts", [{"a": 0}, {str(number): 1 for number in range(2001)}])
def test_folders_that_cannot_be_divided_are_refused(parts: dict[str, int]) -> None:
    with pytest.raises(Malformed):
        advise(a_scan(), parts=parts, actor=a_member(), at=NOON)
