"""Tests of clearinghouse/ledger/sequence.py: batches are filled, and what is published does not tell by how much."""

import re
from pathlib import Path

import pytest
from django.db import transaction

from clearinghouse.errors import NotFound
from clearinghouse.ledger import queries
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Entry, Event
from clearinghouse.ledger.publishing import Publisher
from clearinghouse.ledger.rules import BATCH
from clearinghouse.ledger.sequence import Filling, fill, sequence_all
from clearinghouse.ledger.signer import Signer
from clearinghouse.parties.rules import LOCAL
from clearinghouse.signing.keys import SigningKey
from tests.conftest import past_the_triggers
from tests.parties.makers import NOON, an_organization

pytestmark = pytest.mark.django_db
KEY = SigningKey(bytes(range(32)))


def _act(count: int) -> None:
    found = an_organization()
    for _ in range(count):
        with transaction.atomic():
            record("parties:organization:found", subject=found, actor=LOCAL, at=NOON)
    sequence_all()


def _published(tmp_path: Path) -> int:
    return Publisher(Signer(KEY, tmp_path / "state", "log.example"), tmp_path / "public").publish().size


@pytest.mark.parametrize(("acts", "size"), [(1, 16), (15, 16), (16, 16), (17, 32)])
def test_a_begun_batch_is_filled_and_a_full_one_left(acts: int, size: int) -> None:
    _act(acts)
    assert fill() == size - acts
    assert queries.size() == size
    assert fill() == 0
    assert audit().faults == ()


def test_nothing_is_filled_where_nothing_was_done() -> None:
    assert fill() == 0
    assert queries.size() == 0


def test_what_fills_a_batch_looks_like_an_act_and_opens_to_nothing() -> None:
    _act(3)
    fill()
    leaves = {bytes(one.leaf) for one in Entry.objects.all()}
    assert len(leaves) == BATCH and all(re.fullmatch(rb'\{"v":1,"c":"[0-9a-f]{64}"\}', one) for one in leaves)
    with pytest.raises(NotFound, match="only fills a batch"):
        queries.revealed(queries.entry_of("15"))
    assert queries.revealed(queries.entry_of("2"))


def test_an_act_whose_matter_was_taken_away_is_no_filling() -> None:
    _act(2)
    fill()
    with past_the_triggers():
        Event.objects.filter(number=1).delete()
    assert any("has no event" in one for one in audit().faults)


def test_only_full_batches_are_published(tmp_path: Path) -> None:
    _act(BATCH - 1)
    with pytest.raises(NotFound, match="no batch of 16 is full yet"):
        _published(tmp_path)
    _act(3)
    assert _published(tmp_path) == BATCH
    fill()
    assert _published(tmp_path) == 2 * BATCH


def test_batches_are_filled_once_a_minute_at_most() -> None:
    now = 0.0
    filling = Filling(lambda: now)
    for seconds, size in ((0.0, BATCH), (30.0, BATCH + 1), (60.0, 2 * BATCH)):
        now = seconds
        if seconds < 60:
            _act(1)
        filling()
        assert queries.size() == size
