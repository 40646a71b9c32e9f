from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.prefixes import (
    Address,
    Prefix,
    PrefixMap,
    column,
    covering,
    parse_address,
    parse_prefix,
)
from clearinghouse.errors import Malformed
from tests.deconfliction.scans import addresses, prefixes


@given(st.ip_addresses())
def test_addresses_are_read_as_the_standard_library_reads_them(address: object) -> None:
    assert ip_address(str(parse_address(str(address)))) in (address, getattr(address, "ipv4_mapped", None))


@pytest.mark.parametrize("written", ["::ffff:203.0.113.7", "::FFFF:cb00:7107", " 203.0.113.7 "])
def test_one_address_has_one_form(written: str) -> None:
    assert parse_address(written) == Address(4, 0xCB007107)


@pytest.mark.parametrize(
    "written",
    ["", "203.0.113", "203.0.113.07", "0xCB007107", "3405803783", "fe80::1%eth0", "::ffff:1.2.3.4%0", "1" * 10**6],
)
def test_other_addresses_are_refused(written: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_address(written)
    assert len(str(refused.value)) < 300


@given(prefixes(), addresses())
def test_a_network_holds_what_the_standard_library_says(prefix: Prefix, address: Address) -> None:
    assert prefix.holds(address) == (ip_address(str(address)) in ip_network(str(prefix)))
    assert parse_prefix(str(prefix)) == prefix


@given(prefixes(), prefixes())
def test_networks_overlap_where_the_standard_library_says(one: Prefix, other: Prefix) -> None:
    same = one.version == other.version
    assert one.overlaps(other) == (same and ip_network(str(one)).overlaps(ip_network(str(other))))


@pytest.mark.parametrize(
    "written", ["203.0.113.7/24", "203.0.113.0/255.255.255.0", "203.0.113.0/33", "", "/24", "fe80::%1/64"]
)
def test_other_networks_are_refused(written: str) -> None:
    with pytest.raises(Malformed):
        parse_prefix(written)


def test_ipv4_written_as_ipv6_is_one_network() -> None:
    assert parse_prefix("::ffff:203.0.113.0/120") == parse_prefix("203.0.113.0/24")


@given(addresses())
def test_every_network_around_an_address_is_named_once(address: Address) -> None:
    found = list(covering(address))
    assert all(one.holds(address) for one in found)
    assert [one.length for one in found] == list(range(32 if address.version == 4 else 128, -1, -1))


@given(st.lists(prefixes(), max_size=40), addresses())
def test_the_map_finds_every_network_around_an_address(networks: list[Prefix], address: Address) -> None:
    made = PrefixMap.build((one, row) for row, one in enumerate(networks))
    again = PrefixMap(made.columns(), made.spans())
    found = {row: prefix for prefix, rows, first, end in again.found(address) for row in rows[first:end]}
    assert found == {row: one for row, one in enumerate(networks) if one.holds(address)}


def test_a_column_that_is_cut_off_is_refused() -> None:
    with pytest.raises(Malformed, match="cut off"):
        column("I", b"abc")
