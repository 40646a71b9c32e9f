from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.prefixes import parse_address, parse_prefix
from clearinghouse.deconfliction.rules.sightings import Reach, Sighting, Standing, Why, answer_from, judge, sighting_of
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.errors import Malformed
from tests.deconfliction.scans import HOUR, NOON, a_scan, a_sighting


def _whys(found: object) -> list[Why]:
    return [one.why for one in found.misses]  # type: ignore[attr-defined]


def test_a_probe_within_everything_is_registered_with_its_contact() -> None:
    found = answer_from(a_sighting(), [a_scan()])
    assert found.standing is Standing.REGISTERED
    assert found.sentence == (
        "Registered: this is a registered scan of Lab, authorised by the owners of what it goes to. "
        "Contact: mailto:scans@lab.example."
    )


def test_a_window_holds_its_start_and_not_its_end() -> None:
    scan = a_scan()
    assert _whys(judge(scan, a_sighting(at=scan.starts_at))) == []
    assert _whys(judge(scan, a_sighting(at=scan.ends_at))) == [Why.WINDOW]


@pytest.mark.parametrize(
    ("changed", "why", "said"),
    [
        ({"at": NOON + 2 * HOUR}, Why.WINDOW, "at 2026-11-23 14:00 UTC it was outside its window"),
        ({"target": "192.0.2.1"}, Why.SCOPE, "192.0.2.1 is outside its scope"),
        ({"port": 22}, Why.SCOPE, "198.51.100.9 port 22 is outside its scope"),
        ({"rate_per_second": 61}, Why.RATE, "at most 60 requests a second, and 61 were seen"),
    ],
)
def test_what_does_not_fit_is_said(changed: dict[str, Any], why: Why, said: str) -> None:
    scan = a_scan(rate_per_second=60, reaches=(Reach(parse_prefix("198.51.100.0/24"), 80, 443),))
    found = answer_from(a_sighting(**changed), [scan])
    assert found.standing is Standing.OUTSIDE
    assert _whys(found.matches[0]) == [why]
    assert said in found.sentence
    assert scan.contact in found.sentence


def test_a_revoked_warrant_counts_until_it_was_revoked() -> None:
    scan = a_scan(revoked_at=NOON + HOUR / 2)
    assert answer_from(a_sighting(), [scan]).standing is Standing.REGISTERED
    found = answer_from(a_sighting(at=NOON + HOUR / 2), [scan])
    assert _whys(found.matches[0]) == [Why.REVOKED]


def test_of_several_scans_the_one_that_fits_is_told() -> None:
    fits, late = a_scan(1), a_scan(2, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    found = answer_from(a_sighting(), [late, fits])
    assert [one.scan for one in found.matches] == [fits]


def test_a_scope_that_is_not_told_is_said_to_be_unknown_and_not_taken_as_kept() -> None:
    found = answer_from(a_sighting(), [a_scan(reaches=None)])
    assert found.standing is Standing.REGISTERED
    assert "not told here" in found.matches[0].unsaid


def test_a_scan_of_names_says_nothing_about_an_address() -> None:
    scan = a_scan(reaches=(), hosts=("*.shop.example", "pay.example"))
    assert judge(scan, a_sighting()).unsaid
    by_name = {
        name: _whys(judge(scan, Sighting(parse_address("203.0.113.7"), NOON, host=name)))
        for name in ("a.shop.example", "a.b.shop.example", "shop.example", "xshop.example", "pay.example", "x.example")
    }
    assert {name for name, whys in by_name.items() if whys} == {"xshop.example", "x.example"}


@given(hosts=st.lists(st.sampled_from(["*.a.example", "a.example", "b.a.example", "*.b.a.example"]), min_size=1))
def test_a_name_is_in_scope_exactly_when_the_announced_names_hold_it(hosts: list[str]) -> None:
    for name in ("a.example", "b.a.example", "c.b.a.example", "xa.example", "example"):
        announced = any(Host.read(one).holds(Host.read(name)) for one in hosts)
        found = judge(a_scan(reaches=(), hosts=tuple(hosts)), Sighting(parse_address("203.0.113.7"), NOON, host=name))
        assert _whys(found) == ([] if announced else [Why.SCOPE]), name


def test_no_match_is_unknown() -> None:
    assert answer_from(a_sighting(), []).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("typed", "host", "target", "port"),
    [
        ("", "", None, None),
        ("198.51.100.9", "", "198.51.100.9", None),
        ("198.51.100.9:443", "", "198.51.100.9", 443),
        ("2001:DB8::1", "", "2001:db8::1", None),
        ("[2001:db8::1]", "", "2001:db8::1", None),
        ("[2001:db8::1]:443", "", "2001:db8::1", 443),
        ("::ffff:198.51.100.9", "", "198.51.100.9", None),
        ("[::ffff:c633:6409]:22", "", "198.51.100.9", 22),
        ("Shop.Example.:80", "shop.example", None, 80),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", None, None),
    ],
)
def test_targets_are_read_as_people_write_them(typed: str, host: str, target: str | None, port: int | None) -> None:
    found = sighting_of("203.0.113.7", at=NOON, target=typed)
    assert (found.host, found.target and str(found.target), found.port) == (host, target, port)


@pytest.mark.parametrize(
    "typed",
    [
        "198.51.100.256",
        "198.51.100.9:",
        "198.51.100.9:65536",
        "198.51.100.9:-1",
        "198.51.100.9:٣",
        "[2001:db8::1",
        "[198.51.100.9]:80",
        "[2001:db8::1]x",
        "[2001:db8::1]:",
        "fe80::1%eth0",
        "[fe80::1%25eth0]:80",
        "a" * 64 + ".example",
        "shop..example",
        "shöp.example",
        "http://shop.example",
        "198.51.100.0/24",
        "1" * 100_000,
        "a." * 100_000,
    ],
)
def test_other_targets_are_refused(typed: str) -> None:
    with pytest.raises(Malformed) as refused:
        sighting_of("203.0.113.7", at=NOON, target=typed)
    assert len(str(refused.value)) < 300


def test_two_ports_that_differ_are_refused() -> None:
    with pytest.raises(Malformed, match="leave one out"):
        sighting_of("203.0.113.7", at=NOON, target="198.51.100.9:80", port=443)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(Malformed, match="time zone"):
        sighting_of("203.0.113.7", at=NOON.replace(tzinfo=None))


@pytest.mark.parametrize(("first", "last"), [(443, 80), (-1, 5), (0, 65536)])
def test_ports_that_are_none_are_refused(first: int, last: int) -> None:
    with pytest.raises(Malformed):
        Reach(parse_prefix("198.51.100.0/24"), first, last)


@pytest.mark.parametrize("wrong", [{"port": 65536}, {"port": -1}, {"rate_per_second": -1}])
def test_numbers_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        a_sighting(**wrong)
