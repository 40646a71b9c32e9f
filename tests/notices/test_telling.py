"""Tests of clearinghouse/notices/telling.py: nothing is told without its act, no reader is passed by a slow writer."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from clearinghouse.notices.models import Delivery, Notice
from clearinghouse.notices.places import place_at
from clearinghouse.notices.queries import BEGIN, notices_after
from clearinghouse.notices.rules import Happened, To
from clearinghouse.notices.telling import settle, tell
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from tests.notices.makers import a_question, a_webhook, told
from tests.parties.makers import NOON, a_person, an_organization


@pytest.mark.django_db(transaction=True)
def test_what_happened_is_told_in_the_transaction_of_the_act_or_not_at_all() -> None:
    home = an_organization()
    with pytest.raises(RuntimeError, match="transaction"):
        told(home)
    with transaction.atomic():
        told(home, settled=False)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_every_party_gets_a_notice_of_its_own_of_one_happening() -> None:
    one, other, person = an_organization(), an_organization(), a_person()
    to = To(office=True, organizations=frozenset({one.pk, other.pk}), people=frozenset({person.pk}))
    tell(Happened.CONSULTATION_ASKED, a_question(one), to=to, at=NOON)
    settle()
    rows = list(Notice.objects.all())
    assert len(rows) == 4 and len({row.happening for row in rows}) == 1
    assert sorted(row.state for row in rows) == ["to-a-party", "to-a-party", "to-a-party", "to-the-office"]
    assert len({row.place for row in rows}) == 4


@pytest.mark.django_db
def test_a_clock_that_goes_back_gives_no_place_before_the_last() -> None:
    home = an_organization()
    ahead = place_at(time.time_ns() // 1000 + 3_600_000_000, random.getrandbits)
    Notice.objects.filter(pk=told(home).pk).update(place=ahead)
    assert told(home).stands_at > ahead


@pytest.mark.django_db
def test_a_notice_waits_for_the_webhooks_that_carry_its_kind_and_for_no_other() -> None:
    person = a_person()
    home = person.memberships.get().organization
    chosen = a_webhook(person, Happened.CONSULTATION_ASKED)
    a_webhook(person, Happened.CASE_OPENED)
    a_webhook(a_person(), Happened.CONSULTATION_ASKED)
    notice = told(home)
    delivery = Delivery.objects.get()
    assert (delivery.webhook, delivery.notice) == (chosen, notice)


@pytest.mark.django_db
def test_what_the_office_is_told_waits_only_for_webhooks_of_coordinators() -> None:
    coordinator, finder = a_person(Role.COORDINATOR), a_person(Role.FINDER)
    office = a_webhook(coordinator, Happened.CONSULTATION_ASKED)
    a_webhook(finder, Happened.CONSULTATION_ASKED)
    tell(Happened.CONSULTATION_ASKED, a_question(an_organization()), to=To(office=True), at=NOON)
    settle()
    assert Delivery.objects.get().webhook == office


def _reader(home: Organization) -> Actor:
    return actor_for_person(a_person(organization=home), at=NOON)


class _Slow(threading.Thread):
    """Tells an organization something in a transaction that commits only when it is let."""

    def __init__(self, home: Organization) -> None:
        super().__init__(daemon=True)
        self.home = home
        self.has_told, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                told(self.home, settled=False)
                self.has_told.set()
                self.may_commit.wait(20)
        finally:
            connection.close()


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_slow_writer_is_heard_late_but_never_passed_by() -> None:
    home = an_organization()
    reader = _reader(home)
    slow = _Slow(home)
    slow.start()
    assert slow.has_told.wait(10)
    with transaction.atomic():
        quick = told(home, settled=False)
    assert settle() == 1, "what has not committed is not settled"
    (first,) = notices_after(reader, BEGIN)
    assert first.pk == quick.pk
    slow.may_commit.set()
    slow.join()
    assert notices_after(reader, first.stands_at) == [], "it has no place yet"
    assert settle() == 1
    (late,) = notices_after(reader, first.stands_at)
    assert late.pk < quick.pk, "it was told first, and yet stands after what was read"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_of_two_settlers_one_does_nothing() -> None:
    with transaction.atomic():
        told(an_organization(), settled=False)
    found: list[int] = []

    def second() -> None:
        found.append(settle())
        connection.close()

    with transaction.atomic():
        assert settle() == 1
        other = threading.Thread(target=second)
        other.start()
        other.join()
    assert found == [0] and settle() == 0


def _write(home: Organization, seed: int, times: int) -> None:
    """Tell often, each time in a transaction that takes as long as chance has it, and that is given up now and then."""
    chance = random.Random(seed)  # noqa: S311 - a schedule
    try:
        for _ in range(times):
            with transaction.atomic():
                told(home, settled=False)
                time.sleep(chance.random() * 0.01)
                if chance.random() < 0.2:
                    transaction.set_rollback(True)
    finally:
        connection.close()


def _settle_until(over: threading.Event) -> None:
    try:
        while not over.is_set():
            settle()
            time.sleep(0.002)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_under_many_writers_a_reader_that_goes_on_hears_everything_once_and_in_the_order_of_places() -> None:
    home, over = an_organization(), threading.Event()
    reader, writers, each = _reader(home), 6, 25
    heard: list[Notice] = []
    with ThreadPoolExecutor(writers + 2) as threads:
        settling = [threads.submit(_settle_until, over) for _ in range(2)]
        writing = [threads.submit(_write, home, seed, each) for seed in range(writers)]
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                is_over = all(one.done() for one in writing) and not Notice.objects.filter(place=None).exists()
                found = notices_after(reader, heard[-1].stands_at if heard else BEGIN)
                heard += found
                if is_over and not found:
                    break
        finally:
            over.set()
    for one in (*settling, *writing):
        one.result()
    assert len(heard) == len({one.pk for one in heard}) == Notice.objects.count() > writers * each // 2
    places = [one.stands_at for one in heard]
    assert places == sorted(places)
