"""Coverage and suggestions from what is kept."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearinghouse.commands.scans_here import ScansHere
from clearinghouse.deconfliction.actions.coverage import Tried, publish_count, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_intent, end_intent, start_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import state_constraint
from clearinghouse.deconfliction.models import Coverage
from clearinghouse.deconfliction.queries import searching
from clearinghouse.deconfliction.queries.covering import covered_for
from clearinghouse.deconfliction.queries.figures import figures_for
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.queries.registered import coverage_for
from clearinghouse.deconfliction.queries.suggestions import free_window, uncovered
from clearinghouse.deconfliction.rules.figures import Cut
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from_text, target_of
from clearinghouse.deconfliction.rules.windows import Times, Window
from clearinghouse.deconfliction.shown import coverage_shown
from clearinghouse.errors import Malformed, NotPermitted, StepRefused
from clearinghouse.ledger.models import Event
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, announced, home_of
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = pytest.mark.django_db
TARGET = target_from_text("pkg:pypi/pyyaml")
PACKAGE = {"kind": "software", "package": "pkg:pypi/pyyaml"}
DAY = timedelta(days=1)


def _covered(scanner: Actor, *, visibility: Visibility = Visibility.EVERYONE) -> None:
    intent = announced(a_scan(visibility=visibility), scanner).intent
    start_intent(intent, actor=scanner, at=NOON)
    record_coverage(intent, [Tried(TARGET, "6.0", findings=3)], actor=scanner, at=NOON)
    end_intent(intent, actor=scanner, at=NOON)


def test_coverage_is_seen_by_all_and_its_findings_by_those_whose_they_are() -> None:
    scanner = a_member()
    _covered(scanner)
    (ours,), (theirs,) = covered_for(scanner), covered_for(a_member(), target=TARGET)
    assert (ours.version, ours.findings) == ("6.0", 3)
    assert (theirs.version, theirs.findings) == ("6.0", None)


def test_how_much_came_of_it_is_told_to_all_once_its_own_organization_says_where_that_is_published() -> None:
    scanner, other = a_member(), a_member()
    _covered(scanner)
    row = Coverage.objects.get()
    with pytest.raises(NotPermitted):
        publish_count(row, "https://lab.example/1", actor=other, at=NOON)
    for where in ("", "http://lab.example/1", "https://", "javascript:alert(1)", "https://a b"):
        with pytest.raises(Malformed, match="no page"):
            publish_count(row, where, actor=scanner, at=NOON)
    publish_count(row, " https://lab.example/1 ", actor=scanner, at=NOON)
    (told,) = covered_for(other)
    assert (told.findings, told.published) == (3, "https://lab.example/1")
    assert coverage_shown(other, row).findings == 3
    with pytest.raises(StepRefused):
        publish_count(row, "https://lab.example/2", actor=scanner, at=NOON)
    assert Event.objects.get(verb="deconfliction:coverage:publish").subject == str(row.pk)


def test_what_has_no_number_cannot_be_published() -> None:
    scanner = a_member()
    intent = start_intent(announced(a_scan(), scanner).intent, actor=scanner, at=NOON).intent
    (row,) = record_coverage(intent, [Tried(TARGET)], actor=scanner, at=NOON)
    with pytest.raises(StepRefused, match="no number"):
        publish_count(row, "https://lab.example/1", actor=scanner, at=NOON)


def test_api_and_page_publish_alike_and_only_ones_own() -> None:
    person, now = a_person(Role.FINDER, at=right_now()), right_now()
    mine, theirs = actor_for_person(person), a_member()
    for one in (mine, theirs):
        said = a_scan(technique="static-analysis", window=Window(now, now + HOUR))
        intent = start_intent(announced(said, one, at=now).intent, actor=one, at=now).intent
        record_coverage(intent, [Tried(TARGET, findings=7)], actor=one, at=now)
    own, other = (Coverage.objects.get(organization=one.organization) for one in (mine, theirs))
    api = Client(headers={"Authorization": f"Bearer {a_token(person, 'deconfliction', at=now)}"})
    told = {one["id"]: one["findings"] for one in api.get("/api/v1/coverage").json()["items"]}
    assert told == {str(own.pk): 7, str(other.pk): None}
    where = {"where": "https://lab.example/1"}
    refused = api.post(f"/api/v1/coverage/{other.pk}/publish", where, "application/json")
    assert refused.status_code in {403, 404}
    assert api.post(f"/api/v1/coverage/{own.pk}/publish", {"where": "x"}, "application/json").status_code == 422
    page = signed_in(person)
    assert f"/coverage/{own.pk}/publish" in page.get("/coverage").content.decode()
    assert f"/coverage/{other.pk}/publish" not in page.get("/coverage").content.decode()
    assert page.post(f"/coverage/{own.pk}/publish", where).status_code == 302
    shown = signed_in(a_person(Role.SOC, at=now)).get("/coverage").content.decode()
    assert 'href="https://lab.example/1"' in shown and "publish-count" not in shown


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


@pytest.mark.parametrize(
    ("announced_as", "tried", "refused"),
    [
        (PACKAGE | {"versions": "vers:pypi/6.0", "paths": "docs/readme"}, PACKAGE, "more than"),
        (PACKAGE | {"paths": "src/**"}, PACKAGE | {"paths": "src"}, "more than"),
        (PACKAGE | {"paths": "src/**"}, PACKAGE | {"paths": "src/parser"}, ""),
        (PACKAGE | {"versions": "vers:pypi/<6.0"}, PACKAGE | {"versions": "vers:pypi/<=6.0"}, "more than"),
        (PACKAGE | {"versions": "vers:pypi/<6.0"}, PACKAGE | {"versions": "vers:pypi/5.1|5.4"}, ""),
        ({"kind": "network", "block": "198.51.100.0/25"}, {"kind": "network", "block": "198.51.100.0/24"}, "more than"),
        ({"kind": "network", "block": "198.51.100.0/24"}, {"kind": "network", "block": "198.51.100.7"}, ""),
    ],
)
def test_no_more_is_covered_than_was_announced(
    announced_as: dict[str, str], tried: dict[str, str], refused: str
) -> None:
    scanner = a_member()
    technique = "fuzzing" if announced_as["kind"] == "software" else "passive-network-scanning"
    intent = announce_intent(a_scan(target_of(announced_as), technique=technique), actor=scanner, at=NOON).intent
    start_intent(intent, actor=scanner, at=NOON)
    if not refused:
        assert record_coverage(intent, [Tried(target_of(tried))], actor=scanner, at=NOON)
        return
    with pytest.raises(Malformed, match=refused):
        record_coverage(intent, [Tried(target_of(tried))], actor=scanner, at=NOON)


def _tried(*targets: str | Target, at: datetime = NOON, technique: str = "fuzzing") -> None:
    """Let somebody scan targets in full, at some time."""
    scanner, window = a_member(), Window(at, at + HOUR)
    intent = announced(a_scan(*targets, technique=technique, window=window), scanner, at=at).intent
    start_intent(intent, actor=scanner, at=at)
    record_coverage(intent, [Tried(target_of(one)) for one in intent.targets], actor=scanner, at=at)
    end_intent(intent, actor=scanner, at=at)


def _why(at: datetime) -> list[str]:
    return [one.why.partition(", ")[2] for one in uncovered(actor=a_member(), at=at)]


def test_a_folder_of_one_version_is_not_the_whole_package() -> None:
    an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    _tried(target_of(PACKAGE | {"versions": "vers:pypi/6.0", "paths": "docs/readme"}))
    assert _why(NOON + DAY) == ["never covered as a whole, in part 1 days ago"]


def test_what_is_owned_was_looked_at_where_a_larger_block_or_all_its_halves_were() -> None:
    an_owner("198.51.100.128/25")
    _tried("198.51.100.0/24", technique="passive-network-scanning")
    assert _why(NOON + DAY) == ["last covered 1 days ago"]
    an_owner("203.0.113.0/24")
    _tried("203.0.113.0/25", technique="passive-network-scanning", at=NOON + DAY)
    assert _why(NOON + 3 * DAY) == ["never covered as a whole, in part 2 days ago", "last covered 3 days ago"]
    _tried("203.0.113.128/25", technique="passive-network-scanning", at=NOON + 2 * DAY)
    assert sorted(_why(NOON + 3 * DAY)) == [
        "last covered 2 days ago as a whole, in part 1 days ago",
        "last covered 3 days ago",
    ]


def test_a_package_was_looked_at_where_every_repository_of_it_was() -> None:
    an_owner("pkg:pypi/pyyaml", role=Role.MAINTAINER)
    add_mapping("pkg:pypi/pyyaml", "https://git.example/yaml/pyyaml", folder="lib", actor=a_member(), at=NOON)
    _tried("https://git.example/yaml/pyyaml")
    assert _why(NOON + DAY) == ["last covered 1 days ago"]
    add_mapping("pkg:pypi/pyyaml", "https://git.example/another", actor=a_member(), at=NOON)
    assert _why(NOON + DAY) == ["never covered as a whole, in part 1 days ago"]


def test_coverage_by_criticality_counts_what_was_looked_at_whole_under_any_name() -> None:
    for number in range(6):
        owned = f"198.51.100.{number * 32}/27"
        an_owner(owned)
    _tried("198.51.100.0/25", technique="passive-network-scanning")
    later = NOON + 2 * DAY
    found = {one.name: one.value for one in figures_for(a_member(Role.COORDINATOR), Cut.INTERNAL, at=later)}
    assert [value for name, value in found.items() if "criticality 3" in name] == [67]


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


def _covered_now(scanner: Actor, target: dict[str, str], *, visibility: Visibility = Visibility.EVERYONE) -> Coverage:
    technique = "passive-network-scanning" if target["kind"] in {"network", "host"} else "fuzzing"
    said = a_scan(target_of(target), technique=technique, visibility=visibility)
    intent = announced(said, scanner).intent
    start_intent(intent, actor=scanner, at=NOON)
    (row,) = record_coverage(intent, [Tried(target_of(target))], actor=scanner, at=NOON)
    end_intent(intent, actor=scanner, at=NOON)
    return row


TREE = "https://git.example/yaml/pyyaml"


@pytest.mark.parametrize(
    ("tried", "wanted", "is_found"),
    [
        (PACKAGE, "pkg:pypi/pyyaml", True),
        (PACKAGE, "pkg:pypi/pyyam*", True),
        (PACKAGE, "pkg:pypi/another", False),
        (PACKAGE | {"versions": "vers:pypi/<6.0"}, "pkg:pypi/pyyaml@5.4", True),
        (PACKAGE | {"versions": "vers:pypi/<6.0"}, "pkg:pypi/pyyaml@6.1", False),
        (PACKAGE | {"paths": "lib/yaml"}, "pkg:pypi/pyyaml#lib", True),
        (PACKAGE | {"paths": "lib/yaml"}, "pkg:pypi/pyyaml#docs", False),
        (PACKAGE, TREE, True),
        ({"kind": "repository", "url": TREE, "paths": "src/lib"}, "pkg:pypi/pyyaml", True),
        ({"kind": "repository", "url": TREE, "paths": "other"}, "pkg:pypi/pyyaml", False),
        ({"kind": "repository", "url": TREE}, '{"kind": "software", "package": "pkg:pypi/pyyaml", "paths": "x"}', True),
        ({"kind": "network", "block": "198.51.100.0/24"}, "198.51.100.7", True),
        ({"kind": "network", "block": "198.51.100.7"}, "198.51.0.0/16", True),
        ({"kind": "network", "block": "198.51.100.7"}, "198.51.100.8", False),
    ],
)
def test_coverage_of_a_target_is_whatever_meets_it_at_every_door(
    tried: dict[str, str], wanted: str, *, is_found: bool
) -> None:
    add_mapping("pkg:pypi/pyyaml", TREE, folder="src", actor=a_member(), at=NOON)
    row = _covered_now(a_member(), tried)
    person = a_person(Role.FINDER, at=right_now())
    program = Client(headers={"Authorization": f"Bearer {a_token(person, 'deconfliction', at=right_now())}"})
    told = program.get("/api/v1/coverage", {"target": wanted}).json()["items"]
    assert [one["id"] for one in told] == ([str(row.pk)] if is_found else [])
    assert [one["id"] for one in ScansHere().coverage(wanted)] == ([str(row.pk)] if is_found else [])
    page = signed_in(person).get("/coverage", {"target": wanted}).content.decode()
    assert ("Nothing is known to have been tried" not in page) == is_found


def test_looking_for_coverage_reads_what_lies_near_and_no_more() -> None:
    scanner = a_member()
    for number in range(5):
        _covered_now(scanner, {"kind": "software", "package": f"pkg:pypi/p{number}"})
    with CaptureQueriesContext(connection) as asked:
        assert len(coverage_for(scanner, target_from_text("pkg:pypi/p3"))) == 1
    near = [one["sql"] for one in asked if 'FROM "deconfliction_place"' in one["sql"]]
    assert len(near) == 1 and '"cell" IN' in near[0]


def test_coverage_stands_in_nobodys_way() -> None:
    _covered_now(a_member(), PACKAGE)
    assert look(a_scan(), actor=a_member(), at=NOON).met == ()
    assert announce_intent(a_scan(), actor=a_member(), at=NOON).met == ()


def test_confidential_coverage_is_found_under_no_name_by_others() -> None:
    scanner = a_member()
    add_mapping("pkg:pypi/pyyaml", TREE, actor=a_member(), at=NOON)
    row = _covered_now(scanner, PACKAGE, visibility=Visibility.THOSE_MET)
    for name in ("pkg:pypi/pyyaml", TREE, "pkg:pypi/pyyaml@6.0", "pkg:pypi/py*"):
        target = target_from_text(name)
        assert not coverage_for(a_member(), target).exists() and covered_for(a_member(), target=target) == ()
        assert [one.pk for one in coverage_for(scanner, target)] == [row.pk]


def test_of_very_much_that_was_covered_the_latest_is_told_and_what_is_hidden_takes_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scanner, target = a_member(), target_of(PACKAGE)
    intent = announce_intent(a_scan(), actor=scanner, at=NOON).intent
    start_intent(intent, actor=scanner, at=NOON)
    made = [
        record_coverage(intent, [Tried(target)], actor=scanner, at=NOON + number * HOUR / 60)[0] for number in range(4)
    ]
    monkeypatch.setattr(searching, "MOST_FOUND", 2)
    assert [one.pk for one in coverage_for(a_member(), target)] == [made[3].pk, made[2].pk]
    Coverage.objects.filter(pk=made[3].pk).update(visibility=Visibility.THOSE_MET)
    assert [one.pk for one in coverage_for(a_member(), target)] == [made[2].pk, made[1].pk]
