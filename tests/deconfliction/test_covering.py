"""Coverage and suggestions from what is kept."""

from datetime import timedelta

import pytest

from clearinghouse.deconfliction.actions.coverage import Tried, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent, start_intent
from clearinghouse.deconfliction.actions.owners import state_constraint
from clearinghouse.deconfliction.queries.covering import covered_for
from clearinghouse.deconfliction.queries.suggestions import free_window, uncovered
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Times
from clearinghouse.errors import Malformed, NotPermitted, StepRefused
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, announced, home_of
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db
TARGET = target_from_text("pkg:pypi/pyyaml")


def _covered(scanner: Actor, *, visibility: Visibility = Visibility.EVERYONE) -> None:
    intent = announced(a_scan(visibility=visibility), scanner).intent
    start_intent(intent, actor=scanner, at=NOON)
    record_coverage(intent, [Tried(TARGET, "6.0", findings=3)], actor=scanner, at=NOON)
    end_intent(intent, actor=scanner, at=NOON)


def test_coverage_is_seen_by_all_and_its_findings_by_those_whose_they_are() -> None:
    scanner = a_member()
    _covered(scanner)
    (ours,), (theirs,) = covered_for(scanner), covered_for(a_member(), name="pkg:pypi/pyyaml")
    assert (ours.version, ours.findings) == ("6.0", 3)
    assert (theirs.version, theirs.findings) == ("6.0", None)


def test_coverage_of_a_confidential_scan_is_seen_by_its_own_organization_and_the_office() -> None:
    scanner = a_member()
    _covered(scanner, visibility=Visibility.THOSE_MET)
    assert covered_for(a_member()) == ()
    assert len(covered_for(scanner)) == len(covered_for(a_member(Role.COORDINATOR))) == 1


def test_what_never_began_covers_nothing_and_what_was_not_announced_is_not_covered() -> None:
    scanner = a_member()
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    with pytest.raises(StepRefused, match="never began"):
        record_coverage(intent, [Tried(TARGET)], actor=scanner, at=NOON)
    start_intent(intent, actor=scanner, at=NOON)
    with pytest.raises(Malformed, match="not what"):
        record_coverage(intent, [Tried(target_from_text("pkg:pypi/other"))], actor=scanner, at=NOON)
    with pytest.raises(NotPermitted):
        record_coverage(intent, [Tried(TARGET)], actor=a_member(), at=NOON)


def test_the_free_window_lies_after_whoever_is_in_the_way() -> None:
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    announced(a_scan(window=a_window(4, 2)), a_member())
    found = free_window(a_scan(), actor=a_member(), at=NOON)
    assert found == a_window(6, 4)
    assert free_window(a_scan(technique="static-analysis"), actor=a_member(), at=NOON) == a_window(0, 4)


def test_the_free_window_is_one_that_the_owner_allows() -> None:
    owner, _ = an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    state_constraint(
        home_of(owner),
        ConstraintKind.ONLY_IN_WINDOWS,
        TARGET,
        times=Times((a_window(10, 6),)),
        actor=owner,
        at=NOON,
    )
    assert free_window(a_scan(), actor=a_member(), at=NOON) == a_window(10, 4)


def test_a_confidential_scan_does_not_show_in_what_is_free() -> None:
    announce_intent(a_scan(visibility=Visibility.THOSE_MET), actor=a_member(), at=NOON)
    assert free_window(a_scan(), actor=a_member(), at=NOON) == a_window(0, 4)


def test_what_nobody_has_looked_at_comes_first_and_what_is_looked_at_now_does_not_come() -> None:
    an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    an_owner("pkg:pypi/other", role=Role.MAINTAINER)
    an_owner("pkg:pypi/busy", role=Role.MAINTAINER)
    _covered(a_member())
    announce_intent(a_scan("pkg:pypi/busy"), actor=a_member(), at=NOON)
    later = NOON + HOUR
    found = uncovered(actor=a_member(), at=later)
    assert [worth.candidate.target for worth in found] == [target_from_text("pkg:pypi/other"), TARGET]
    assert found[0].why == "criticality 3 of 5, never covered"
    assert len(uncovered(actor=a_member(), at=NOON + timedelta(days=2))) == 3
