"""Tests of clearinghouse/ledger/actions.py and of what the file itself refuses."""

import hashlib
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from clearinghouse.ledger import queries, tree
from clearinghouse.ledger.actions import append, record
from clearinghouse.ledger.models import Entry, Event, Head, Node
from clearinghouse.ledger.rules import leaf_of
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL
from tests.ledger.makers import NOON, an_act, an_organization, as_owner, in_its_words


@pytest.mark.django_db
def test_an_act_becomes_an_event_and_an_entry_that_commits_to_it() -> None:
    event = an_act(why="because")
    assert bytes(Entry.objects.get(event_id=event.pk).leaf) == leaf_of(
        bytes(event.body or b""), bytes(event.salt or b"")
    )


@pytest.mark.django_db
def test_the_leaf_does_not_show_the_act() -> None:
    event = an_act(sealed="CVE-2099-0001")
    leaf = bytes(Entry.objects.get(event_id=event.pk).leaf)
    assert b"CVE" not in leaf and event.subject.encode() not in leaf and str(event.pk).encode() not in leaf


@pytest.mark.django_db
def test_equal_acts_have_different_leaves() -> None:
    organization = an_organization()
    an_act(organization)
    an_act(organization)
    assert Entry.objects.values("leaf").distinct().count() == 2


@pytest.mark.django_db
def test_the_head_is_the_tree_of_all_leaves() -> None:
    for _ in range(11):
        an_act()
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("seq").values_list("leaf", flat=True)]
    assert queries.size() == 11 and queries.root_at(11) == tree.root_of_leaves(leaves)


@pytest.mark.django_db
def test_acts_on_one_subject_follow_each_other() -> None:
    organization = an_organization()
    events = [an_act(organization) for _ in range(3)]
    an_act()
    assert [event.number for event in events] == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_of_a_transaction_is_a_mistake() -> None:
    organization = an_organization()
    with pytest.raises(RuntimeError, match="transaction of the act"):
        record("parties:organization:found", subject=organization, actor=LOCAL, at=NOON)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        append([(uuid4(), b"leaf")])


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_no_entry() -> None:
    def begin_and_fail() -> None:
        with transaction.atomic():
            an_act()
            raise LookupError

    with pytest.raises(LookupError):
        begin_and_fail()
    assert not Entry.objects.exists() and not Event.objects.exists() and not Organization.objects.exists()
    assert queries.size() == 0


@pytest.mark.django_db
def test_a_batch_handed_in_twice_is_appended_once() -> None:
    batch = [(uuid4(), f"leaf {number}".encode()) for number in range(5)]
    assert append(batch[:3]) == 3
    assert append(batch) == 5
    assert append(batch[:1]) == 5
    assert queries.root_at(5) == tree.root_of_leaves([leaf for _, leaf in batch])


REFUSED = [
    "UPDATE ledger_entry SET leaf = x'00' WHERE seq = 1",
    "DELETE FROM ledger_entry WHERE seq = 2",
    "INSERT OR REPLACE INTO ledger_entry SELECT seq, event_id, x'00' FROM ledger_entry WHERE seq = 1",
    "UPDATE ledger_node SET hash = x'00'",
    "DELETE FROM ledger_node",
    "INSERT OR REPLACE INTO ledger_node (level, \"index\", hash) VALUES (0, 0, x'00')",
    "UPDATE ledger_head SET size = size - 1",
    "UPDATE ledger_head SET frontier = x'00'",
    "UPDATE ledger_head SET id = 2",
    "DELETE FROM ledger_head",
    "INSERT INTO ledger_head (id, size, frontier) VALUES (2, 0, x'')",
    "INSERT OR REPLACE INTO ledger_head (id, size, frontier) VALUES (1, 0, x'')",
    "UPDATE ledger_event SET verb = 'x:y:z'",
    "UPDATE ledger_event SET salt = NULL",
    "UPDATE ledger_event SET body = NULL",
    "UPDATE ledger_event SET salt = NULL, body = NULL, verb = 'x:y:z'",
    "DELETE FROM ledger_event",
    "INSERT OR REPLACE INTO ledger_event SELECT id, 'x', kind, subject, 9, actor, at, body, salt FROM ledger_event",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_itself_refuses_to_rewrite_the_past(statement: str) -> None:
    if connection.vendor != "sqlite" and "OR REPLACE" in statement:
        pytest.skip("only SQLite can say this")
    for _ in range(3):
        an_act()
    with pytest.raises(IntegrityError), transaction.atomic(), as_owner() as cursor:
        cursor.execute(in_its_words(statement))


@pytest.mark.django_db
@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("table", ["entry", "event", "head", "node"])
def test_no_table_of_the_ledger_can_be_emptied(table: str) -> None:
    an_act()
    with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic(), as_owner() as cursor:
        cursor.execute(f"TRUNCATE ledger_{table}")


@pytest.mark.django_db
def test_the_matter_of_an_act_can_be_erased_whole() -> None:
    event = an_act()
    leaf = bytes(Entry.objects.get(event_id=event.pk).leaf)
    Event.objects.filter(pk=event.pk).update(salt=None, body=None)
    assert bytes(Entry.objects.get(event_id=event.pk).leaf) == leaf


@pytest.mark.django_db
def test_an_act_after_an_erased_one_still_follows_it() -> None:
    organization = an_organization()
    first = an_act(organization)
    Event.objects.filter(pk=first.pk).update(salt=None, body=None)
    leaf = bytes(Entry.objects.get(event_id=first.pk).leaf)
    second = an_act(organization)
    assert hashlib.sha256(b"\x00" + leaf).hexdigest().encode() in bytes(second.body or b"")


@pytest.mark.django_db
def test_only_whole_subtrees_are_kept() -> None:
    for _ in range(7):
        an_act()
    assert Node.objects.count() == 7 + 3 + 1 and Head.objects.count() == 1
