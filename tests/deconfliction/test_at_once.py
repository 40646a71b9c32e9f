"""Writers that race on a real database, with a connection each, against the oracle."""

import threading
import time

import pytest
from django.db import connection

from bench.scanning.racing import prepare, race
from clearinghouse.deconfliction.actions.holding import hold
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.models import Intent, Place
from clearinghouse.deconfliction.rules.cells import Locks
from clearinghouse.errors import Unaware
from clearinghouse.ledger.models import Event
from clearinghouse.sight.asking import usually_ask_as, who_asks
from tests.deconfliction.makers import a_member, a_scan
from tests.parties.makers import NOON


@pytest.mark.django_db(transaction=True)
def test_of_racing_writers_nobody_is_accepted_unaware() -> None:
    prepare()
    found = race(25 if connection.vendor == "postgresql" else 8, seed=20261126)
    assert found["unaware"] == found["failed"] == []
    assert found["accepted"] > 10 and found["pairs"] > 0
    assert Event.objects.filter(verb="deconfliction:intent:accept").count() >= found["accepted"]
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_row_index_and_act_are_written_together() -> None:
    intent = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    kept = Intent.objects.get(pk=intent.pk)
    assert {field.name: getattr(kept, field.attname) for field in kept._meta.concrete_fields} == {
        field.name: getattr(intent, field.attname) for field in intent._meta.concrete_fields
    }
    assert Place.objects.filter(subject_id=intent.pk).count() == len(a_scan().targets[0].cells.written)
    assert Event.objects.get(subject=str(intent.pk)).verb == "deconfliction:intent:accept"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_the_word_of_who_asks_ends_with_the_statement() -> None:
    actor = a_member()
    usually_ask_as(None)
    announce_intent(a_scan(), actor=actor, at=NOON)
    assert who_asks() == ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('clearinghouse.actor', true), current_setting('synchronous_commit')")
        assert cursor.fetchone()[0] in ("", None)
    assert not Intent.objects.exists()


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_writers_of_one_cell_wait_for_each_other_and_of_two_cells_do_not() -> None:
    from django.db import transaction

    order: list[str] = []
    began, end = threading.Event(), threading.Event()

    def other(name: str, locks: Locks) -> None:
        with transaction.atomic():
            hold(locks)
            order.append(name)
        connection.close()

    def first() -> None:
        with transaction.atomic():
            hold(Locks(frozenset({7}), frozenset({9})))
            began.set()
            end.wait(10)
            order.append("first")
        connection.close()

    crew = [threading.Thread(target=first)]
    crew[0].start()
    began.wait(10)
    same = threading.Thread(target=other, args=("same", Locks(frozenset({7}))))
    apart = threading.Thread(target=other, args=("apart", Locks(frozenset({8}), frozenset({9}))))
    same.start()
    apart.start()
    apart.join()
    end.set()
    same.join()
    crew[0].join()
    assert order == ["apart", "first", "same"]


def test_cells_are_held_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        hold(Locks())


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_whoever_was_refused_gets_a_short_turn_and_others_wait_for_its_end() -> None:
    announce_intent(a_scan(), actor=a_member(), at=NOON)
    refused, other = a_member(), a_member()
    with pytest.raises(Unaware) as missed:
        announce_intent(a_scan(), actor=refused, at=NOON)
    seen = [str(one["version_key"]) for one in missed.value.references]
    done: list[str] = []

    def announce() -> None:
        try:
            announce_intent(a_scan(), seen=seen, actor=other, at=NOON)
        except Unaware:
            done.append("other, refused")
        connection.close()

    thread = threading.Thread(target=announce)
    thread.start()
    announce_intent(a_scan(), seen=seen, actor=refused, at=NOON)
    done.append("refused, accepted")
    thread.join()
    assert done == ["refused, accepted", "other, refused"]


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_not_used_holds_nobody_up_for_long() -> None:
    first = announce_intent(a_scan(), actor=a_member(), at=NOON).intent
    with pytest.raises(Unaware):
        announce_intent(a_scan(), actor=a_member(), at=NOON)
    began = time.monotonic()
    announce_intent(a_scan(), seen=[first.version_key], actor=a_member(), at=NOON)
    assert time.monotonic() - began < 5
