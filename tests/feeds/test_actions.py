"""Taking in outside lists, and asking them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from clearinghouse.errors import Malformed, NotFound, NotPermitted
from clearinghouse.feeds import queries
from clearinghouse.feeds.actions import read_list, take_in, take_in_folder
from clearinghouse.feeds.models import KnownExploited, Score, Snapshot
from clearinghouse.feeds.rules import LARGEST_BYTES, Feed
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.rules import Actor, Role
from tests.feeds.lists import epss_list, kev_list

AT = datetime(2026, 11, 23, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "feeds"

pytestmark = pytest.mark.django_db


def take(feed: Feed, data: bytes) -> Snapshot:
    return take_in(feed, data, source="a file", actor=LOCAL, at=AT)


def test_a_list_is_kept_with_its_rows_and_written_in_the_ledger() -> None:
    snapshot = take(Feed.KEV, kev_list("CVE-2021-21315", "CVE-2020-11651"))
    assert (snapshot.version, snapshot.count) == ("2026.08.21", 2)
    assert KnownExploited.objects.filter(snapshot=snapshot).count() == 2
    assert Event.objects.filter(verb="feeds:snapshot:take-in", subject=str(snapshot.pk)).count() == 1


def test_the_same_list_again_is_the_same_snapshot() -> None:
    assert take(Feed.KEV, kev_list("CVE-2021-21315")) == take(Feed.KEV, kev_list("CVE-2021-21315"))
    assert Event.objects.filter(verb="feeds:snapshot:take-in").count() == 1


def test_whether_a_vulnerability_is_listed_is_known_only_with_a_list() -> None:
    assert queries.is_in_kev("CVE-2021-21315") is None
    take(Feed.KEV, kev_list("CVE-2021-21315"))
    assert queries.is_in_kev("CVE-2021-21315") is True
    assert queries.is_in_kev("CVE-2020-14343") is False


def test_one_listed_alias_is_enough_and_without_a_cve_nothing_is_known() -> None:
    take(Feed.KEV, kev_list("CVE-2021-21315"))
    assert queries.in_kev({"GHSA-x", "CVE-2020-14343", "CVE-2021-21315"}) is True
    assert queries.in_kev({"GHSA-x", "CVE-2020-14343"}) is False
    assert queries.in_kev({"GHSA-x"}) is None
    assert queries.in_kev(()) is None


def test_an_old_question_is_answered_from_the_list_of_that_time() -> None:
    take(Feed.KEV, kev_list(version="1", released="2026-01-01T00:00:00Z"))
    take(Feed.KEV, kev_list("CVE-2021-21315", version="2", released="2026-02-01T00:00:00Z"))
    assert queries.is_in_kev("CVE-2021-21315", datetime(2026, 1, 15, tzinfo=UTC)) is False
    assert queries.is_in_kev("CVE-2021-21315", datetime(2025, 12, 31, tzinfo=UTC)) is None
    assert queries.is_in_kev("CVE-2021-21315") is True


def test_an_older_list_taken_in_later_does_not_replace_the_newer_one() -> None:
    take(Feed.KEV, kev_list("CVE-2021-21315", version="2", released="2026-02-01T00:00:00Z"))
    take(Feed.KEV, kev_list(version="1", released="2026-01-01T00:00:00Z"))
    newest = queries.snapshot_at(Feed.KEV)
    assert newest is not None
    assert newest.version == "2"


def test_the_entry_of_a_listed_vulnerability_says_what_to_do() -> None:
    assert queries.kev_entry("CVE-2021-21315") is None
    take(Feed.KEV, kev_list("CVE-2021-21315"))
    entry = queries.kev_entry("CVE-2021-21315")
    assert entry is not None
    assert entry.action == "Update"


def test_a_score_is_that_of_the_newest_day() -> None:
    assert queries.epss_of("CVE-2020-14343") is None
    take(Feed.EPSS, epss_list("CVE-2020-14343,0.1,0.5", day="2026-08-20"))
    take(Feed.EPSS, epss_list("CVE-2020-14343,0.2,0.6", day="2026-08-21"))
    found = queries.epss_of("CVE-2020-14343")
    assert found is not None
    assert (found.probability, found.percentile) == (0.2, 0.6)
    assert queries.epss_of("CVE-2021-21315") is None


def test_a_broken_list_leaves_nothing_behind() -> None:
    with pytest.raises(Malformed):
        take(Feed.EPSS, epss_list("CVE-2020-14343,2,0.5"))
    assert not Snapshot.objects.exists()
    assert not Score.objects.exists()


def test_a_finder_may_not_take_lists_in() -> None:
    finder = Actor(id=uuid4(), name="finder", roles=frozenset({Role.FINDER}))
    with pytest.raises(NotPermitted):
        take_in(Feed.KEV, kev_list(), source="a file", actor=finder, at=AT)


def test_the_pinned_lists_of_the_examples_are_valid_and_of_one_day() -> None:
    (snapshot,) = take_in_folder(EXAMPLES, actor=LOCAL, at=AT)
    assert (snapshot.feed, snapshot.count) == (Feed.KEV, 27)
    assert queries.is_in_kev("CVE-2021-21315", AT) is True
    assert timedelta(0) < AT - snapshot.published_at


def test_a_folder_without_lists_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        take_in_folder(tmp_path, actor=LOCAL, at=AT)


def test_a_folder_may_hold_both_lists(tmp_path: Path) -> None:
    (tmp_path / "kev.json").write_bytes(kev_list("CVE-2021-21315"))
    (tmp_path / "epss.csv").write_bytes(epss_list("CVE-2020-14343,0.1,0.5"))
    assert {one.feed for one in take_in_folder(tmp_path, actor=LOCAL, at=AT)} == set(Feed)
    assert [one.feed for one in queries.snapshots()] == ["epss", "kev"]


def test_a_file_larger_than_any_list_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "kev.json"
    with large.open("wb") as opened:
        opened.truncate(LARGEST_BYTES[Feed.KEV] + 1)
    with pytest.raises(Malformed):
        read_list(Feed.KEV, large)
    with pytest.raises(NotFound):
        read_list(Feed.KEV, tmp_path / "missing.json")
