"""Tests of clearinghouse/ledger/queries.py."""

import pytest

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.ledger import queries, tree
from clearinghouse.ledger.models import Entry, Event
from clearinghouse.ledger.notes import Checkpoint
from clearinghouse.ledger.rules import opened
from tests.ledger.makers import an_act

pytestmark = pytest.mark.django_db


def test_an_empty_ledger_has_nothing_to_state() -> None:
    with pytest.raises(NotFound, match="nothing is recorded"):
        queries.checkpoint(origin=None)


def test_every_entry_is_proved_in_every_later_tree() -> None:
    for _ in range(9):
        an_act()
    leaves = {entry.seq: bytes(entry.leaf) for entry in Entry.objects.all()}
    for size in range(1, 10):
        root = queries.root_at(size)
        for index in range(size):
            assert tree.included(leaves[index], index, size, queries.inclusion_proof(index, size), root)


def test_every_tree_is_proved_to_begin_every_later_one() -> None:
    for _ in range(9):
        an_act()
    for new in range(1, 10):
        for old in range(1, new + 1):
            proof = queries.consistency_proof(old, new)
            assert tree.consistent(old, queries.root_at(old), new, queries.root_at(new), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (0, 2)])
def test_what_is_not_there_is_not_proved(index: int, size: int) -> None:
    an_act()
    with pytest.raises(NotFound):
        queries.inclusion_proof(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 2), (2, 1)])
def test_a_size_that_never_was_is_not_proved(old: int, new: int) -> None:
    an_act()
    with pytest.raises(NotFound):
        queries.consistency_proof(old, new)
    with pytest.raises(NotFound):
        queries.root_at(2)


def test_an_entry_is_found_by_its_index_and_by_its_event() -> None:
    an_act()
    event = an_act()
    assert queries.entry_of("1") == queries.entry_of(str(event.pk))


def test_no_entry_is_found_where_there_is_none() -> None:
    with pytest.raises(NotFound):
        queries.entry_of("0")
    with pytest.raises(Malformed):
        queries.entry_of("first")


def test_a_log_without_a_name_is_named_after_its_first_entry() -> None:
    an_act()
    first = queries.checkpoint(origin=None)
    an_act()
    assert queries.checkpoint(origin=None).origin == first.origin
    assert queries.checkpoint(origin="log.example").origin == "log.example"


def test_a_ledger_continues_what_it_stated_and_nothing_else() -> None:
    an_act()
    stated = queries.checkpoint(origin=None)
    an_act()
    assert queries.continues(stated)
    assert not queries.continues(Checkpoint(stated.origin, 1, bytes(32)))
    assert not queries.continues(Checkpoint(stated.origin, 3, stated.root))


def test_what_is_revealed_opens_the_leaf() -> None:
    entry = queries.entry_of(str(an_act(why="because").pk))
    leaf, act = opened(queries.revealed(entry))
    assert leaf == bytes(entry.leaf) and "because" in act


def test_what_was_erased_cannot_be_revealed() -> None:
    event = an_act()
    Event.objects.filter(pk=event.pk).update(salt=None, body=None)
    with pytest.raises(NotFound, match="erased"):
        queries.revealed(queries.entry_of("0"))
