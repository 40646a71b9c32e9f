"""Targets of all kinds: what meets shares a cell, and what is written is read again."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.cells import locks_of
from clearinghouse.deconfliction.rules.mappings import Mapped, meets_by, related
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import (
    Target,
    check_owned,
    check_targets,
    meets,
    meets_inside,
    plain_of,
    target_from_text,
    target_of,
)
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Malformed

A, B = "a" * 40, "b" * 40
_RANGES = ["", "vers:pypi/1.0", "vers:pypi/>=1.0|<2.0", "vers:pypi/>=2.0", "vers:pypi/<1.0|!=0.5"]
_PATHS = ["", "src", "src/a", "**/a", "src/*.c", "docs"]
packages = st.sampled_from(["pkg:pypi/ab", "pkg:pypi/ab-c", "pkg:pypi/ab*", "pkg:pypi/ab-*", "pkg:pypi/x"])
software = st.builds(
    lambda package, versions, paths: Software.read(package, versions=versions, paths=paths),
    packages,
    st.sampled_from(_RANGES),
    st.sampled_from(_PATHS),
)
repositories = st.builds(
    lambda url, commits, paths: Repository.read(url, commits=commits, paths=paths),
    st.sampled_from(["https://github.com/o/r", "git@github.com:O/r.git", "https://example.org/r"]),
    st.sampled_from(["", A, B, f"{A}..{B}", f"{B}..{A}"]),
    st.sampled_from(_PATHS),
)


@st.composite
def _blocks(draw: st.DrawFn) -> Network:
    six = draw(st.booleans())
    length = draw(st.sampled_from([24, 28, 32, 33, 47, 48, 56, 128] if six else [8, 9, 15, 16, 20, 23, 24, 28, 32]))
    base = 0x20010DB8 << 96 if six else 0xCB007100
    bits = 128 if six else 32
    address = (base ^ draw(st.sampled_from([0, 1, 1 << (bits - 20), 1 << (bits - 30), 1 << (bits - 9)]))) & (
        ((1 << length) - 1) << (bits - length)
    )
    block = ip_network((address, length))
    return Network.read(str(block), ports=draw(st.sampled_from(["", "22", "80-90", "1-21,85"])))


hosts = st.sampled_from(["example.org", "www.example.org", "*.example.org", "*.www.example.org", "a.example.com"])
models = st.sampled_from(["maker/one", "maker/one-b", "maker/one*", "maker/o*", "other/one"])
targets: st.SearchStrategy[Target] = st.one_of(
    software, repositories, _blocks(), hosts.map(Host.read), models.map(Model.read)
)
pairs = st.one_of(
    *(
        st.tuples(kind, kind)
        for kind in (software, repositories, _blocks(), hosts.map(Host.read), models.map(Model.read))
    )
)


@given(pairs)
def test_meeting_is_mutual(pair: tuple[Target, Target]) -> None:
    assert meets(*pair) == meets(*reversed(pair))


@given(targets)
def test_a_target_meets_itself_and_is_read_as_it_was_written(target: Target) -> None:
    assert meets(target, target)
    assert target_of(plain_of(target)) == target


@given(pairs)
def test_what_meets_is_found_in_the_index_both_ways_and_excludes_each_other(pair: tuple[Target, Target]) -> None:
    one, other = pair
    if meets(one, other):
        assert one.cells.written & other.cells.searched
        assert other.cells.written & one.cells.searched
        assert locks_of([one.cells]).excludes(locks_of([other.cells]))


MAPPINGS = (
    Mapped(Software.read("pkg:pypi/ab"), "https://example.org/r", "src"),
    Mapped(Software.read("pkg:pypi/x"), "https://example.org/r"),
    Mapped(Software.read("pkg:pypi/ab-c"), "https://github.com/o/r", "docs"),
)


@given(st.tuples(software | repositories, software | repositories))
def test_what_meets_by_a_mapping_is_found_in_the_index_and_excludes_each_other(pair: tuple[Target, Target]) -> None:
    one, other = pair
    assert meets_by(one, other, MAPPINGS) == meets_by(other, one, MAPPINGS)
    if not meets_by(one, other, MAPPINGS):
        return
    for asks, stands in (pair, (other, one)):
        searched = frozenset().union(*(name.cells.searched for name in related(asks, MAPPINGS)))
        assert searched & stands.cells.written
    locks = [locks_of(name.cells for name in related(each, MAPPINGS)) for each in pair]
    assert locks[0].excludes(locks[1])


@given(pairs, st.data())
def test_what_three_share_each_two_share(pair: tuple[Target, Target], data: st.DataObject) -> None:
    owned = data.draw(st.sampled_from([*pair]))
    try:
        check_owned(owned)
    except Malformed:
        return
    if meets_inside(*pair, owned):
        assert meets(*pair)
        assert meets(pair[0], owned)
        assert meets(pair[1], owned)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("pkg:pypi/x@1.0", Software),
        ("https://example.org/r", Repository),
        ("git@example.org:r", Repository),
        ("203.0.113.7", Network),
        ("2001:db8::/48", Network),
        ("www.example.org", Host),
        ("model:maker/one", Model),
    ],
)
def test_one_word_says_which_kind_it_is(word: str, kind: type[Target]) -> None:
    assert isinstance(target_from_text(word), kind)


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        ({}, "one of software"),
        ({"kind": "planet"}, "one of software"),
        ({"kind": "network"}, "has block"),
        ({"kind": "host", "name": "a.example", "ports": "22"}, "nothing else"),
        ({"kind": "host", "name": 7}, "write text"),
    ],
)
def test_plain_data_that_is_no_target_is_refused_with_the_reason(plain: dict[str, object], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        target_of(plain)


def _hosts(count: int) -> Sequence[Target]:
    return [Host.read(f"h{number}.example.org") for number in range(count)]


def test_ten_thousand_targets_are_too_many_and_it_says_how_to_split_them() -> None:
    with pytest.raises(Malformed, match="split them into 40"):
        check_targets(_hosts(10_000))


def test_no_target_and_one_twice_are_refused() -> None:
    with pytest.raises(Malformed, match="at least one"):
        check_targets([])
    with pytest.raises(Malformed, match="twice"):
        check_targets([*_hosts(2), *_hosts(1)])


def test_what_spreads_over_too_many_cells_is_split() -> None:
    with pytest.raises(Malformed, match="cells"):
        check_targets([Network.read(f"{number}.0.0.0/8") for number in (1, 2, 3)])


@pytest.mark.parametrize(
    "target",
    [
        Software.read("pkg:pypi/x@1.0"),
        Software.read("pkg:pypi/x", paths="*"),
        Repository.read("https://example.org/r", commits=A),
        Network.read("203.0.113.0/24", ports="22"),
    ],
)
def test_one_owns_things_as_a_whole(target: Target) -> None:
    with pytest.raises(Malformed, match="owns"):
        check_owned(target)
