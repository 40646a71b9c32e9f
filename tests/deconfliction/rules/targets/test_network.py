"""Networks and ports, held against every single address."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.errors import Malformed

blocks = st.builds(
    lambda host, length: str(ip_network((0xCB007100 + (host & ~((1 << (32 - length)) - 1)), length))),
    st.integers(0, 15),
    st.integers(28, 32),
)
ports = st.lists(st.integers(1, 5), max_size=3).map(lambda some: ",".join(map(str, some)))
networks = st.builds(lambda block, open_ports: Network.read(block, ports=open_ports), blocks, ports)


def _points(one: Network) -> set[tuple[str, int]]:
    spans = one.ports or ((0, 6),)
    return {(str(address), port) for address in one.block for first, last in spans for port in range(first, last + 1)}


@given(networks, networks)
def test_networks_meet_exactly_when_they_share_a_port_of_an_address(one: Network, other: Network) -> None:
    assert one.meets(other) == bool(_points(one) & _points(other))


@given(networks, st.lists(networks, max_size=4))
def test_a_network_lies_within_areas_exactly_when_every_port_of_every_address_does(
    one: Network, areas: list[Network]
) -> None:
    held = set().union(*(_points(area) for area in areas)) if areas else set()
    inside = one.is_within(areas)
    assert not inside or _points(one) <= held
    if one.ports:  # without ports every port is meant, more than the points say
        assert inside == (_points(one) <= held)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.0.0.0/0", "wider than /8"),
        ("::/0", "wider than /24"),
        ("10.0.0.0/7", "wider"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("fe80::1%eth0", "zone"),
        ("nonsense", "no block"),
        ("203.0.113.0/33", "no block"),
        ("", "no block"),
    ],
)
def test_what_is_no_block_or_too_wide_is_refused_with_what_would_be_right(text: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Network.read(text)


def test_an_ipv4_address_written_as_ipv6_is_the_ipv4_address() -> None:
    assert Network.read("::ffff:203.0.113.0/120") == Network.read("203.0.113.0/24")


@pytest.mark.parametrize("text", ["0-70000", "9-8", "http", "22,,23", "٢٢"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="port"):
        Network.read("203.0.113.0/24", ports=text)


def test_ports_are_written_in_one_form() -> None:
    assert Network.read("203.0.113.0/24", ports="23,22, 80-90,85-99").plain()["ports"] == "22-23,80-99"
    assert Network.read("203.0.113.0/24", ports="0-65535") == Network.read("203.0.113.0/24")
