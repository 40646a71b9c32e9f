"""OSV: records are written, read back, and say which versions are affected."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import osv, purl
from clearinghouse.strict import dump_canonical, load_json

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def events(*pairs: tuple[str, str]) -> tuple[osv.Event, ...]:
    return tuple(osv.Event(kind, version) for kind, version in pairs)


LINES = events(("introduced", "0"), ("fixed", "1.4.0"), ("introduced", "2.0.0"), ("fixed", "2.1.0"))
RECORD = osv.Osv(
    id="CASE-7Q4M2XKD",
    modified_at=AT,
    published_at=AT,
    aliases=("CVE-2020-14343",),
    summary="A flaw",
    details="More",
    severities=(("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),),
    affected=(
        osv.affected_package("pkg:npm/%40scope/thing", LINES, ("1.6.0",)),
        osv.affected_package("pkg:pypi/zope.interface", events(("introduced", "5.1"), ("last_affected", "5.3"))),
    ),
    references=(("WEB", "https://example.org"),),
    credits=(osv.Credit("A. Finder", "FINDER", ("mailto:a@b.example",)),),
    specific={"runs": 3},
)


def affects(record: osv.Osv, text: str) -> bool:
    return osv.affects(record, purl.parse(text))


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert osv.parse(load_json(dump_canonical(osv.dump(RECORD)))) == RECORD


@pytest.mark.parametrize(
    ("package", "affected"),
    [
        ("pkg:npm/%40scope/thing@0.0.1", True),
        ("pkg:npm/%40scope/thing@1.4.0-rc.1", True),
        ("pkg:npm/%40scope/thing@1.4.0", False),
        ("pkg:npm/%40scope/thing@2.0.5", True),
        ("pkg:npm/%40scope/thing@2.1.0", False),
        ("pkg:npm/%40scope/thing@1.5.0", False),
        ("pkg:npm/%40scope/thing@1.6.0", True),
        ("pkg:npm/%40other/thing@2.0.5", False),
        ("pkg:pypi/Zope-Interface@5.3", True),
        ("pkg:pypi/zope_interface@5.3.post1", False),
        ("pkg:pypi/zope.interface@5.0", False),
        ("pkg:gem/zope@5.1", False),
    ],
)
def test_a_version_is_affected_inside_its_line_only(package: str, affected: bool) -> None:  # noqa: FBT001
    assert affects(RECORD, package) is affected


def test_a_withdrawn_record_affects_nothing() -> None:
    assert not affects(replace(RECORD, withdrawn_at=AT), "pkg:npm/%40scope/thing@2.0.5")


def test_a_package_without_ranges_and_versions_is_affected_in_every_version() -> None:
    assert affects(replace(RECORD, affected=(osv.affected_package("pkg:npm/a", ()),)), "pkg:npm/a@1.0.0")


def test_a_record_that_names_only_commits_affects_no_version() -> None:
    span = osv.Range("GIT", events(("introduced", "0")), "https://example.org/r.git")
    entry = replace(osv.affected_package("pkg:npm/a", ()), ranges=(span,))
    assert not affects(replace(RECORD, affected=(entry,)), "pkg:npm/a@1.0.0")


def test_a_limit_ends_what_the_record_speaks_about() -> None:
    entry = osv.affected_package("pkg:npm/a", events(("introduced", "0"), ("limit", "2.0.0")))
    record = replace(RECORD, affected=(entry,))
    assert affects(record, "pkg:npm/a@1.0.0")
    assert not affects(record, "pkg:npm/a@2.0.0")


def test_the_next_fix_is_the_oldest_one_that_is_newer() -> None:
    assert osv.first_fixed_after(RECORD, purl.parse("pkg:npm/%40scope/thing@1.0.0")) == "1.4.0"
    assert osv.first_fixed_after(RECORD, purl.parse("pkg:npm/%40scope/thing@2.0.0")) == "2.1.0"
    assert osv.first_fixed_after(RECORD, purl.parse("pkg:npm/%40scope/thing@3.0.0")) is None


def test_a_package_is_known_by_ecosystem_and_name_too() -> None:
    found = osv.package_of(osv.Affected("Maven", "org.example:thing"))
    assert str(found) == "pkg:maven/org.example/thing"
    assert osv.package_of(osv.Affected("Unheard of", "x")) is None


def test_an_ecosystem_without_a_name_in_osv_is_refused() -> None:
    with pytest.raises(Malformed):
        osv.affected_package("pkg:generic/a", ())


def broken(**changes: object) -> dict[str, Any]:
    return osv.dump(RECORD) | changes


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], "the document"),
        (broken(id=""), "id"),
        (broken(id="nodash"), "id"),
        (broken(modified="yesterday"), "modified"),
        (broken(modified="2026-01-01T00:00:00"), "modified"),
        (broken(aliases="CVE-1"), "aliases"),
        (broken(aliases=[1]), "aliases"),
        (broken(summary=3), "summary"),
        (broken(affected={}), "affected"),
        (broken(affected=[{"ranges": [{"type": "X", "events": []}]}]), "affected[0].ranges[0].type"),
        (broken(affected=[{"ranges": [{"type": "GIT", "events": []}]}]), "affected[0].ranges[0].events"),
        (broken(affected=[{"ranges": [{"type": "GIT", "events": [{"fixed": "1"}]}]}]), "affected[0].ranges[0].events"),
        (broken(affected=[{"ranges": [{"type": "GIT", "events": [{}]}]}]), "affected[0].ranges[0].events[0]"),
        (broken(severity=[{"type": "CVSS_V3"}]), "severity[0].score"),
        (broken(database_specific=[]), "database_specific"),
        (broken(summary=None, details="x" * 200_001), "details"),
        (broken(withdrawn=True), "withdrawn"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        osv.parse(value)
    assert str(caught.value).startswith(place)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6, unique=True), st.integers(0, 21))
def test_alternating_borders_hold_exactly_what_lies_between(borders: list[int], tested: int) -> None:
    kinds = ("introduced", "fixed")
    ordered = sorted(borders)
    spans = events(*((kinds[number % 2], f"{border}.0.0") for number, border in enumerate(ordered)))
    record = replace(RECORD, affected=(osv.affected_package("pkg:npm/a", spans),))
    passed = sum(border <= tested for border in ordered)
    assert affects(record, f"pkg:npm/a@{tested}.0.0") == (passed % 2 == 1)
