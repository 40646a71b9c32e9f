"""The Merkle tree of RFC 6962: hashes, an incremental frontier, and both kinds of proof; pure.

A tree of any size is a row of complete subtrees, largest first: the *frontier*. Appending a leaf completes some
subtrees; those are all that is ever stored, and every proof is made of them.
Source: RFC 6962 section 2.1 (and RFC 9162 sections 2.1.3.2 and 2.1.4.2 for the checks).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

type Subtrees = Callable[[int, int], bytes]
"""Returns the hash of complete subtree ``index`` of ``level``: leaves [index << level, (index + 1) << level)."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def frontier_places(size: int) -> tuple[tuple[int, int], ...]:
    """Return (level, index) of the complete subtrees that make up a tree of ``size`` leaves, largest first."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return tuple((level, (size >> level) - 1) for level in levels)


def grow(
    size: int, frontier: Sequence[bytes], leaf: bytes
) -> tuple[tuple[bytes, ...], tuple[tuple[int, int, bytes], ...]]:
    """Return the frontier after one more leaf, and every subtree (level, index, hash) that the leaf completed."""
    stack = list(frontier)
    current, level, index = leaf_hash(leaf), 0, size
    made = [(0, size, current)]
    while index & 1:
        current, level, index = node_hash(stack.pop(), current), level + 1, index >> 1
        made.append((level, index, current))
    return (*stack, current), tuple(made)


def root_of(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    *rest, root = frontier
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def split_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Return the hashes that were written one after the other."""
    return tuple(joined[start : start + HASH_BYTES] for start in range(0, len(joined), HASH_BYTES))


def root_of_leaves(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over ``leaves``, computed from nothing else."""
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier, _ = grow(size, frontier, leaf)
    return root_of(frontier)


def _range_root(start: int, end: int, subtrees: Subtrees) -> bytes:
    """Return the root over leaves [start, end); ``start`` is a multiple of the largest power of two in the length."""
    hashes = []
    for level, index in frontier_places(end - start):
        hashes.append(subtrees(level, (start >> level) + index))
    return root_of(hashes)


def _split(length: int) -> int:
    """Return the largest power of two smaller than ``length`` (which is at least 2)."""
    return 1 << (length - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` leaves.

    Raises:
        IndexError: there is no such leaf in a tree of this size.

    Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, subtrees))
            end = middle
        else:
            path.append(_range_root(start, middle, subtrees))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old`` leaves is the beginning of the tree of ``new`` leaves.

    Raises:
        IndexError: not 0 < ``old`` <= ``new``.

    Source: RFC 6962 section 2.1.2.
    """
    if not 0 < old <= new:
        raise IndexError(f"no proof from a tree of {old} to a tree of {new}")
    path: list[bytes] = []
    start, end, known = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, subtrees))
            end = middle
        else:
            path.append(_range_root(start, middle, subtrees))
            start, known = middle, False
    if not known:
        path.append(_range_root(start, end, subtrees))
    return tuple(reversed(path))


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether ``proof`` shows that ``leaf`` is number ``index`` of the tree with this size and root.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, current = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return False
        if place & 1 or place == last:
            current = node_hash(sibling, current)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and current == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether ``proof`` shows that the new tree begins with all of the old one.

    Source: RFC 9162 section 2.1.4.2.
    """
    if not 0 < old <= new:
        return old == 0 and not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    hashes = _seeded(old, old_root, proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = next(hashes, None)
    if first is None:
        return False
    was = now = first
    for sibling in hashes:
        if last == 0 or len(sibling) != HASH_BYTES:
            return False
        if place & 1 or place == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


def _seeded(old: int, old_root: bytes, proof: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the proof, begun with the old root itself where the old tree is one complete subtree of the new one."""
    if old & (old - 1) == 0:
        yield old_root
    yield from proof
