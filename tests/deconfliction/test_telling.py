"""Who is told what becomes of scans: those met, owners, those who watch; and nobody of what they may not see."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clearinghouse.deconfliction.actions.intents import (
    accept_intent,
    announce_emergency,
    announce_intent,
    declare_emergency,
    draft_intent,
    end_intent,
    halt_intent,
    leave_plan,
    renew_intent,
    start_intent,
)
from clearinghouse.deconfliction.actions.leaving import end_scans, erase_scans
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import (
    claim_ownership,
    state_constraint,
    verify_ownership,
    withdraw_authorisation,
    withdraw_constraint,
)
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription, end_subscription
from clearinghouse.deconfliction.actions.telling import tell_waiting
from clearinghouse.deconfliction.models import Intent, Subscription, Untold, WatchedCell
from clearinghouse.deconfliction.queries.subscriptions import due_telling
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import plain_of, target_from_text
from clearinghouse.deconfliction.tasks import tell_others
from clearinghouse.notices.models import Notice
from clearinghouse.notices.queries import BEGIN, notices_after
from clearinghouse.notices.rules import KEPT_FOR
from clearinghouse.notices.telling import has_settler, settle
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, announced, authorised, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db
PACKAGE = "pkg:pypi/pyyaml"
BLOCK = "203.0.113.0/24"
LIVE = "active-network-scanning"


def heard(actor: Actor, *, waiting: bool = True) -> list[tuple[str, str]]:
    """Return what somebody hears, in order, and of what; ``waiting``: also what is told after the writes."""
    while waiting and tell_waiting():
        pass
    settle()
    return [(one.event, one.name) for one in notices_after(actor, BEGIN)]


def watch(actor: Actor, target: str = PACKAGE, *techniques: str) -> Subscription:
    return begin_subscription(target_from_text(target), wanted=techniques, actor=actor, at=NOON)


def test_those_whom_a_new_scan_meets_its_owner_and_whoever_watches_are_told_once_each() -> None:
    first, watcher, stranger = a_member(), a_member(Role.SOC), a_member()
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    announce_intent(a_scan(), actor=first, at=NOON)
    watch(watcher)
    watch(owner)
    heard(first)
    second = a_member()
    made = announced(a_scan(), second).intent
    assert heard(first) == [("scan.announced", made.public_id)]
    assert heard(watcher)[-1:] == heard(owner)[-1:] == [("scan.announced", made.public_id)]
    assert len(heard(owner)) == 2
    assert heard(second) == heard(stranger) == []
    assert not Untold.objects.exists()


def test_a_scan_at_another_time_or_of_something_else_is_no_news_to_who_stands_but_to_who_watches() -> None:
    first, watcher = a_member(), a_member()
    announce_intent(a_scan(), actor=first, at=NOON)
    watch(watcher, "pkg:pypi/py*")
    heard(watcher)
    later = announce_intent(a_scan(window=a_window(100)), actor=a_member(), at=NOON).intent
    announce_intent(a_scan("pkg:npm/left-pad"), actor=a_member(), at=NOON)
    assert heard(first) == []
    assert heard(watcher)[1:] == [("scan.announced", later.public_id)]


def test_a_scan_of_the_repository_is_told_to_who_watches_the_package_that_is_built_from_it() -> None:
    watcher = a_member()
    watch(watcher)
    add_mapping(PACKAGE, "https://github.com/yaml/pyyaml", actor=a_member(), at=NOON)
    made = announce_intent(a_scan("https://github.com/yaml/pyyaml"), actor=a_member(), at=NOON).intent
    assert heard(watcher) == [("scan.announced", made.public_id)]


def test_whoever_watches_for_some_techniques_hears_of_those_alone() -> None:
    watcher = a_member()
    watch(watcher, PACKAGE, "static-analysis")
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    made = announced(a_scan(technique="static-analysis"), a_member()).intent
    assert heard(watcher) == [("scan.announced", made.public_id)]


@pytest.mark.parametrize("urgent", ["announced", "declared", "off its plan"])
def test_who_needs_no_key_tells_everyone_it_meets_in_the_write_itself(urgent: str) -> None:
    standing, ruler, watcher, runner = a_member(), a_member(Role.MAINTAINER), a_member(), a_member()
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    announce_intent(a_scan(), actor=standing, at=NOON)
    package = target_from_text(PACKAGE)
    state_constraint(home_of(ruler), ConstraintKind.DO_NOT_SCAN, package, actor=ruler, at=NOON)
    if urgent == "announced":
        made = announce_emergency(a_scan(), why="in use", actor=runner, at=NOON).intent
    else:
        made = start_intent(announced(a_scan(), runner).intent, actor=runner, at=NOON).intent
        act = declare_emergency if urgent == "declared" else leave_plan
        act(made, why="in use", actor=runner, at=NOON)
    event = "scan.left-plan" if urgent == "off its plan" else "scan.emergency"
    told = (event, made.public_id)
    for one in (standing, ruler, owner):
        assert heard(one, waiting=False)[-1:] == [told]
    watch(watcher)
    assert heard(watcher)[-1:] == [told]
    for one in (standing, ruler, owner):
        assert heard(one).count(told) == 1
    until = made.ends_at + HOUR
    renew_intent(made, until, version=made.version_key, actor=runner, at=NOON + HOUR)
    assert heard(standing, waiting=False)[-1:] == [("scan.renewed", made.public_id)]


def test_a_confidential_emergency_is_told_to_those_alone_who_may_see_it() -> None:
    standing, ruler, watcher = a_member(), a_member(Role.MAINTAINER), a_member()
    announce_intent(a_scan(), actor=standing, at=NOON)
    package = target_from_text(PACKAGE)
    state_constraint(home_of(ruler), ConstraintKind.DO_NOT_SCAN, package, actor=ruler, at=NOON)
    watch(watcher)
    before = heard(ruler), heard(watcher)
    said = a_scan(visibility=Visibility.THOSE_MET)
    made = announce_emergency(said, why="in use", actor=a_member(), at=NOON).intent
    assert heard(standing)[-1:] == [("scan.emergency", made.public_id)]
    assert (heard(ruler), heard(watcher)) == before
    assert not Notice.objects.filter(organization=home_of(ruler), subject_id=str(made.pk)).exists()


def test_of_a_confidential_scan_only_those_hear_who_have_met_it_and_the_office_that_they_have() -> None:
    hidden, watcher, office = a_member(), a_member(), a_member(Role.COORDINATOR)
    made = announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=hidden, at=NOON).intent
    watch(watcher)
    assert heard(watcher) == []
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    assert heard(watcher) == [] and heard(owner) == [("scan.announced", made.public_id)]
    assert heard(office) == []
    open_one = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    assert heard(hidden) == [("scan.announced", open_one.public_id)]
    assert heard(office) == [("scan.met", made.public_id)]
    assert heard(watcher) == [("scan.announced", open_one.public_id)]
    renew_intent(
        made, made.ends_at + HOUR, version=made.version_key, seen=[open_one.version_key], actor=hidden, at=NOON
    )
    assert len(heard(office)) == 1, "a meeting is told once"
    end_intent(made, actor=hidden, at=NOON)
    assert len(heard(watcher)) == 1


@pytest.mark.parametrize("how", ["authorisation withdrawn", "constraint stated", "by the office"])
def test_whoever_scans_is_told_that_the_scan_is_halted_in_the_write_itself(how: str) -> None:
    owner, _ = an_owner(BLOCK)
    scanner = a_member()
    word = authorised(owner, scanner, BLOCK)
    made = announce_intent(a_scan("203.0.113.0/28", technique=LIVE), actor=scanner, at=NOON).intent
    match how:
        case "authorisation withdrawn":
            withdraw_authorisation(word, actor=owner, at=NOON)
        case "constraint stated":
            says, block = ConstraintKind.DO_NOT_SCAN, target_from_text(BLOCK)
            state_constraint(home_of(owner), says, block, actor=owner, at=NOON)
        case _:
            halt_intent(made, why="by order", actor=a_member(Role.COORDINATOR), at=NOON)
    assert heard(scanner, waiting=False) == [("scan.halted", made.public_id)]
    ended = ("scan.ended", made.public_id)
    assert ended in heard(owner) and ended not in heard(scanner)


def test_what_owners_ask_is_told_to_whoever_scans_there_and_to_whoever_watches() -> None:
    scanner, other_way, watcher, ruler = a_member(), a_member(), a_member(), a_member(Role.MAINTAINER)
    announce_intent(a_scan(), actor=scanner, at=NOON)
    announce_intent(a_scan("pkg:npm/left-pad"), actor=other_way, at=NOON)
    watch(watcher)
    heard(watcher)
    rule, _ = state_constraint(
        home_of(ruler), ConstraintKind.DO_NOT_SCAN, target_from_text(PACKAGE), actor=ruler, at=NOON
    )
    withdraw_constraint(rule, actor=ruler, at=NOON)
    told = [("constraint.stated", rule.public_id), ("constraint.withdrawn", rule.public_id)]
    assert heard(scanner) == told and heard(watcher)[1:] == told
    assert heard(other_way) == heard(ruler) == []


def test_a_new_owner_is_told_what_stands_on_what_is_theirs() -> None:
    seen = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    owner = a_member(Role.MAINTAINER)
    own = announced(a_scan(window=a_window(50)), owner).intent
    claimed = claim_ownership(
        home_of(owner), target_from_text(PACKAGE), criticality=3, evidence="e", actor=owner, at=NOON
    )
    before = heard(owner)
    verify_ownership(claimed, why="looked", actor=a_member(Role.COORDINATOR), at=NOON)
    assert heard(owner)[len(before) :] == [("scan.announced", seen.public_id)]
    assert ("scan.announced", own.public_id) not in heard(owner)


def test_a_draft_is_told_to_nobody_until_it_is_accepted_and_its_end_neither() -> None:
    watcher, scanner = a_member(), a_member()
    watch(watcher)
    end_intent(draft_intent(a_scan(), actor=scanner, at=NOON), actor=scanner, at=NOON)
    draft = draft_intent(a_scan(), actor=scanner, at=NOON)
    assert heard(watcher) == []
    accept_intent(draft, actor=scanner, at=NOON)
    end_intent(draft, actor=scanner, at=NOON)
    assert heard(watcher) == [("scan.announced", draft.public_id), ("scan.ended", draft.public_id)]


def test_what_is_watched_no_longer_is_not_told() -> None:
    watcher = a_member()
    row = watch(watcher)
    assert watch(watcher).pk == row.pk, "asked again, it stands already"
    end_subscription(row, actor=watcher, at=NOON)
    assert (row.state, row.ended_at) == ("ended", NOON)
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    assert heard(watcher) == []


def test_nothing_confidential_stands_in_what_is_told() -> None:
    watcher = a_member()
    watch(watcher)
    said = a_scan()
    made = announce_intent(said, actor=a_member(), at=NOON).intent
    heard(watcher)
    (notice,) = notices_after(watcher, BEGIN)
    fields = {one.attname: str(getattr(notice, one.attname)) for one in Notice._meta.concrete_fields}
    for told in (said.contact, said.technique, PACKAGE, "pyyaml", str(made.organization_id), made.version_key):
        assert not any(told in value for value in fields.values())


def test_a_write_costs_the_same_with_a_thousand_subscriptions_and_with_none() -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            announce_intent(a_scan(window=a_window(next(hours), 1)), actor=a_member(), at=NOON)
        written = [one["sql"] for one in asked if "deconfliction_" in one["sql"]]
        assert not any("subscription" in sql or "watched" in sql for sql in written)
        return len(asked)

    hours = iter(range(10, 100, 5))
    cost()
    without = cost()
    homes = Organization.objects.bulk_create(
        Organization(name=f"watcher {number}", created_at=NOON) for number in range(1000)
    )
    target = target_from_text(PACKAGE)
    rows = Subscription.objects.bulk_create(
        Subscription(
            public_id=f"WATCH-{number:010}",
            organization=home,
            person_id=UUID(int=number),
            target=plain_of(target),
            state="standing",
            created_at=NOON,
        )
        for number, home in enumerate(homes)
    )
    WatchedCell.objects.bulk_create(
        WatchedCell(cell=cell, subscription=row) for row in rows for cell in target.cells.written
    )
    assert cost() == without
    while tell_waiting():
        pass
    assert Notice.objects.filter(event="scan.announced", organization__in=homes).count() == 3000
    latest = Intent.objects.order_by("-starts_at")[0]
    assert Notice.objects.filter(subject_id=str(latest.pk)).count() == 1000


def test_what_is_told_late_is_told_once_and_what_is_gone_or_old_not_at_all() -> None:
    watcher, scanner, gone = a_member(), a_member(), a_member()
    watch(watcher)
    announce_intent(a_scan(), actor=scanner, at=NOON)
    announced(a_scan(window=a_window(50)), gone)
    end_scans(home_of(gone), actor=gone, at=NOON)
    erase_scans(home_of(gone))
    assert Untold.objects.count() == 3
    assert len(heard(watcher)) == len(heard(watcher)) == 1
    old = Untold.objects.create(
        event="scan.announced", of="intent", subject_id=Intent.objects.get().pk, at=NOON - KEPT_FOR - HOUR
    )
    Untold.objects.create(event="scan.ended", of="intent", subject_id=old.subject_id, at=NOON)
    assert [event for event, _ in heard(watcher)] == ["scan.announced", "scan.ended"]


def test_without_a_settler_the_telling_is_a_call_that_is_due() -> None:
    watcher = a_member()
    watch(watcher)
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    due = list(due_telling())
    assert len(due) == (0 if has_settler() else 1)
    tell_others.call(*(due or [(0,)])[0])
    assert len(heard(watcher, waiting=False)) == 1 and not list(due_telling())


def test_whoever_lost_the_right_to_see_a_scan_hears_nothing_more_of_it() -> None:
    member = a_member()
    announce_intent(a_scan(), actor=member, at=NOON)
    made = announced(a_scan(), a_member()).intent
    assert heard(member) == [("scan.announced", made.public_id)]
    Intent.objects.filter(pk=made.pk).update(visibility=Visibility.THOSE_MET)
    assert heard(member) == []
