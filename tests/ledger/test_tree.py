"""Tests of clearinghouse/ledger/tree.py: published roots, every proof of every small tree, and forged proofs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.ledger import tree
from tests.ledger import reference

LEAVES = tuple(f"leaf {number}".encode() for number in range(64))

# The eight leaves and roots that the Certificate Transparency implementations test with.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


class Grown:
    """A tree grown leaf by leaf, with the subtrees that growing made."""

    def __init__(self, leaves: tuple[bytes, ...]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [tree.EMPTY_ROOT]
        frontier: tuple[bytes, ...] = ()
        for size, leaf in enumerate(leaves):
            frontier, made = tree.grow(size, frontier, leaf)
            self.nodes |= {(level, index): found for level, index, found in made}
            self.roots.append(tree.root_of(frontier))
        self.frontier = frontier

    def subtree(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


GROWN = Grown(LEAVES)


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    assert tree.root_of_leaves(KNOWN_LEAVES[:size]).hex() == KNOWN_ROOTS[size]


def test_roots_are_those_of_the_rfc() -> None:
    assert GROWN.roots == [reference.root(LEAVES[:size]) for size in range(65)]


def test_a_leaf_completes_just_the_subtrees_that_are_whole() -> None:
    assert set(GROWN.nodes) == {(level, index) for level in range(7) for index in range(64 >> level)}


def test_the_frontier_is_where_the_places_say() -> None:
    for size in range(65):
        hashes = [GROWN.nodes[place] for place in tree.frontier_places(size)]
        assert tree.root_of(hashes) == GROWN.roots[size]


@pytest.mark.parametrize("size", range(1, 65))
def test_every_inclusion_proof_is_the_rfcs_and_holds(size: int) -> None:
    for index in range(size):
        proof = tree.inclusion_proof(index, size, GROWN.subtree)
        assert list(proof) == reference.path(index, LEAVES[:size])
        assert tree.included(LEAVES[index], index, size, proof, GROWN.roots[size])


@pytest.mark.parametrize("new", range(1, 65))
def test_every_consistency_proof_is_the_rfcs_and_holds(new: int) -> None:
    for old in range(1, new + 1):
        proof = tree.consistency_proof(old, new, GROWN.subtree)
        assert list(proof) == reference.proof(old, LEAVES[:new])
        assert tree.consistent(old, GROWN.roots[old], new, GROWN.roots[new], proof)


def _forgeries(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return the proof with each hash flipped, shortened, left out or doubled, and with one added at either end."""
    forged = [(*proof, bytes(32)), (bytes(32), *proof)]
    for place, right in enumerate(proof):
        before, after = proof[:place], proof[place + 1 :]
        forged += [
            (*before, bytes([right[0] ^ 1]) + right[1:], *after),
            (*before, right[:-1], *after),
            (*before, *after),
            (*before, right, right, *after),
        ]
    return forged


@pytest.mark.parametrize("size", range(1, 65))
def test_no_forged_inclusion_proof_holds(size: int) -> None:
    root = GROWN.roots[size]
    for index in range(size):
        proof = tree.inclusion_proof(index, size, GROWN.subtree)
        assert not any(tree.included(LEAVES[index], index, size, forged, root) for forged in _forgeries(proof))
        assert not tree.included(b"another leaf", index, size, proof, root)
        assert not tree.included(LEAVES[index], index, size, proof, bytes(32))
        assert not any(
            tree.included(LEAVES[index], other, size, proof, root) for other in range(size) if other != index
        )


@pytest.mark.parametrize("new", range(1, 65))
def test_no_forged_consistency_proof_holds(new: int) -> None:
    for old in range(1, new + 1):
        proof = tree.consistency_proof(old, new, GROWN.subtree)
        was, now = GROWN.roots[old], GROWN.roots[new]
        assert not any(tree.consistent(old, was, new, now, forged) for forged in _forgeries(proof))
        assert not tree.consistent(old, bytes(32), new, now, proof)
        assert not tree.consistent(old, was, new, bytes(32), proof)


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    assert tree.consistent(0, tree.EMPTY_ROOT, 7, GROWN.roots[7], ())
    assert not tree.consistent(0, GROWN.roots[1], 7, GROWN.roots[7], ())


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_of_the_tree_has_no_proof(index: int, size: int) -> None:
    assert not tree.included(LEAVES[0], index, size, (), GROWN.roots[size])
    with pytest.raises(IndexError):
        tree.inclusion_proof(index, size, GROWN.subtree)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_a_tree_is_not_shown_to_continue_a_larger_one(old: int, new: int) -> None:
    assert not tree.consistent(old, GROWN.roots[4], new, GROWN.roots[new], ())
    with pytest.raises(IndexError):
        tree.consistency_proof(old, new, GROWN.subtree)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=200), st.data())
def test_any_tree_proves_its_leaves_and_its_past(leaves: list[bytes], data: st.DataObject) -> None:
    grown = Grown(tuple(leaves))
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, grown.subtree)
    assert tree.included(leaves[index], index, size, proof, grown.roots[size])
    past = tree.consistency_proof(index + 1, size, grown.subtree)
    assert tree.consistent(index + 1, grown.roots[index + 1], size, grown.roots[size], past)


@given(st.lists(st.binary(min_size=32, max_size=32)))
def test_hashes_written_one_after_the_other_are_read_back(hashes: list[bytes]) -> None:
    assert list(tree.split_hashes(b"".join(hashes))) == hashes
