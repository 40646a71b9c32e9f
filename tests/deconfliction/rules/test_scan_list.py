from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clearinghouse.deconfliction.rules.prefixes import parse_address, parse_prefix
from clearinghouse.deconfliction.rules.scan_list import (
    MEMBERS,
    PAYLOAD,
    Head,
    ScanList,
    ask,
    open_list,
    told_to_members,
    told_to_owner,
    write_list,
)
from clearinghouse.deconfliction.rules.sightings import Reach, Sighting, Standing, StandingScan, Why
from clearinghouse.errors import Malformed, Outdated
from clearinghouse.signing.envelopes import parse_envelope, seal
from tests.deconfliction.rules.test_warrants import HOUSE, OTHER
from tests.deconfliction.scans import HOUR, NOON, a_scan, a_sighting

OWN = parse_prefix("198.51.100.0/24")


def a_head(**changed: Any) -> Head:  # noqa: ANN401 - the fields of a head
    fields: dict[str, Any] = {
        "origin": "clearinghouse.example",
        "audience": MEMBERS,
        "number": 7,
        "issued_at": NOON,
        "valid_until": NOON + timedelta(minutes=10),
    }
    return Head(**fields | changed)


def a_list(scans: list[StandingScan], **changed: Any) -> bytes:  # noqa: ANN401 - the fields of a head
    return write_list(a_head(**changed), scans, key=HOUSE)


def opened(scans: list[StandingScan], **changed: Any) -> ScanList:  # noqa: ANN401 - the fields of a head
    return open_list(a_list(scans, **changed), key=HOUSE.public)


def some_scans() -> list[StandingScan]:
    """Return two that go to our network and one that goes elsewhere and by name, from three sources."""
    return [
        a_scan(1, reaches=(Reach(parse_prefix("198.51.100.128/25"), 80, 443), Reach(parse_prefix("192.0.2.0/24")))),
        a_scan(2, sources=(parse_prefix("203.0.113.64/26"),), rate_per_second=5),
        a_scan(3, sources=(parse_prefix("192.0.2.0/24"),), reaches=(), hosts=("*.shop.example",)),
    ]


def test_a_list_answers_once_its_signature_holds() -> None:
    found = opened(some_scans())
    assert found.head == a_head()
    assert ask([found], a_sighting("203.0.113.65")).standing is Standing.REGISTERED


def test_every_changed_byte_is_noticed() -> None:
    whole = a_list(some_scans())
    for place in range(len(whole)):
        with pytest.raises(Malformed):
            open_list(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], key=HOUSE.public)


@pytest.mark.parametrize("cut", [0, 1, 500, -1])
def test_a_list_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(Malformed):
        open_list(a_list(some_scans())[:cut], key=HOUSE.public)


def test_a_list_with_more_behind_it_is_refused() -> None:
    with pytest.raises(Malformed, match="changed or cut off"):
        open_list(a_list(some_scans()) + b"\0", key=HOUSE.public)


def test_a_list_of_another_clearinghouse_is_refused() -> None:
    with pytest.raises(Malformed, match="names key"):
        open_list(a_list([]), key=OTHER.public)


def test_the_body_of_another_list_is_refused() -> None:
    line, body = a_list(some_scans()[:1]).split(b"\n", 1)[0], a_list(some_scans()[1:]).split(b"\n", 1)[1]
    with pytest.raises(Malformed, match="changed or cut off"):
        open_list(line + b"\n" + body, key=HOUSE.public)


def test_an_old_list_that_is_handed_out_again_is_refused() -> None:
    found = opened([])
    found.demand_not_before(7)
    with pytest.raises(Outdated, match="list 8 was seen before"):
        found.demand_not_before(8)


def test_a_list_says_when_it_is_stale() -> None:
    found = opened([])
    assert [found.is_stale(NOON + timedelta(minutes=minutes)) for minutes in (0, 9, 10, 60)] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("statement", [b"{}", b'{"type":"other"}', b"[]", b"\xff", b"1"])
def test_what_is_signed_and_yet_no_list_is_refused(statement: bytes) -> None:
    with pytest.raises(Malformed):
        open_list(seal(statement, payload_type=PAYLOAD, key=HOUSE).dump() + b"\n", key=HOUSE.public)


def test_a_warrant_is_no_list() -> None:
    envelope = parse_envelope(a_list([]).split(b"\n", 1)[0])
    other = seal(envelope.payload, payload_type="text/plain", key=HOUSE).dump()
    with pytest.raises(Malformed, match="carries"):
        open_list(other + b"\n", key=HOUSE.public)


def test_members_are_told_where_a_scan_comes_from_and_whom_to_reach_and_nothing_else() -> None:
    data = a_list([told_to_members(one) for one in some_scans()])
    for secret in (b"Lab", b"active-network-scanning", b"shop.example"):
        assert secret not in data
    found = ask([open_list(data, key=HOUSE.public)], a_sighting("203.0.113.7"))
    assert found.standing is Standing.REGISTERED
    assert found.matches[0].scan.contact == "mailto:scans@lab.example"
    assert found.matches[0].scan.reaches is None
    assert "ask the clearinghouse" in found.matches[0].unsaid


def test_owners_are_told_what_concerns_their_networks() -> None:
    one, two, three = some_scans()
    told = told_to_owner(one, [OWN])
    assert told is not None
    assert told.reaches == one.reaches[:1]  # type: ignore[index]
    assert told_to_owner(two, [OWN]) == two
    assert told_to_owner(three, [OWN]) is None
    assert told_to_owner(three, [OWN], owns=lambda name: name.endswith("shop.example")) == three


def test_both_lists_together_know_that_a_scan_does_not_go_to_ones_own_network() -> None:
    scans = some_scans()
    members = opened([told_to_members(one) for one in scans])
    own = opened(
        [one for one in (told_to_owner(scan, [OWN]) for scan in scans) if one], audience="ours", networks=(OWN,)
    )
    within = ask([members, own], a_sighting("203.0.113.7", "198.51.100.200", port=443))
    assert within.standing is Standing.REGISTERED
    outside = ask([own, members], a_sighting("203.0.113.7", "198.51.100.9"))
    assert [one.why for one in outside.matches[0].misses] == [Why.SCOPE]
    alone = ask([members], a_sighting("203.0.113.7", "198.51.100.9"))
    assert (alone.standing, bool(alone.matches[0].unsaid)) == (Standing.REGISTERED, True)
    by_name = ask([members, own], a_sighting("192.0.2.7", "198.51.100.9"))
    assert (by_name.standing, bool(by_name.matches[0].unsaid)) == (Standing.REGISTERED, True)


def test_an_ended_scan_is_in_the_next_list_as_ended() -> None:
    ended = replace(some_scans()[0], revoked_at=NOON)
    found = ask([opened([told_to_members(ended)])], a_sighting("203.0.113.7", at=NOON + HOUR / 2))
    assert [one.why for one in found.matches[0].misses] == [Why.REVOKED]


def test_a_sighting_by_name_is_held_against_names() -> None:
    sighting = Sighting(parse_address("192.0.2.7"), NOON, host="a.shop.example", port=443)
    assert ask([opened(some_scans())], sighting).standing is Standing.REGISTERED
    elsewhere = replace(sighting, host="bank.example")
    assert ask([opened(some_scans())], elsewhere).standing is Standing.OUTSIDE
