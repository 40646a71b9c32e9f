"""Tests of clearinghouse/ledger/audit.py: whatever is done to the file behind the triggers' back is found."""

import pytest
from django.db import connection

from clearinghouse.ledger import queries
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Event
from tests.conftest import past_the_triggers
from tests.ledger.makers import an_act, an_organization, in_its_words

pytestmark = pytest.mark.django_db


def _past_the_triggers(*statements: str) -> None:
    """Change the rows as somebody with a database tool would."""
    with past_the_triggers(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(in_its_words(statement))


def _some_acts() -> None:
    organization = an_organization("the one")
    for number in range(6):
        an_act(organization if number % 2 else None)


def test_an_empty_ledger_holds_together() -> None:
    assert audit().faults == ()


def test_a_ledger_holds_together() -> None:
    _some_acts()
    found = audit()
    assert found.faults == () and found.size == 6 and found.root == queries.root_at(6)


def test_a_ledger_holds_together_when_matter_was_erased() -> None:
    organization = an_organization()
    first = an_act(organization)
    an_act(organization)
    Event.objects.filter(pk=first.pk).update(salt=None, body=None)
    an_act(organization)
    assert audit().faults == ()


TAMPERING = [
    ["UPDATE ledger_entry SET leaf = x'00' WHERE seq = 3"],
    ["DELETE FROM ledger_entry WHERE seq = 5"],
    ["DELETE FROM ledger_entry WHERE seq = 2"],
    ["DELETE FROM ledger_entry WHERE seq = 0"],
    [
        "UPDATE ledger_entry SET seq = 90 WHERE seq = 1",
        "UPDATE ledger_entry SET seq = 1 WHERE seq = 2",
        "UPDATE ledger_entry SET seq = 2 WHERE seq = 90",
    ],
    ["INSERT INTO ledger_entry (seq, event_id, leaf) VALUES (6, '22222222222222222222222222222222', x'00')"],
    ["UPDATE ledger_entry SET event_id = '00000000000000000000000000000000' WHERE seq = 1"],
    ["UPDATE ledger_node SET hash = x'00' WHERE level = 1"],
    ["DELETE FROM ledger_node WHERE level = 2"],
    ["INSERT INTO ledger_node (level, \"index\", hash) VALUES (9, 0, x'00')"],
    ["UPDATE ledger_head SET size = 5"],
    ["UPDATE ledger_head SET size = 7"],
    ["UPDATE ledger_head SET frontier = zeroblob(64)"],
    ["DELETE FROM ledger_head"],
    ["UPDATE ledger_event SET body = replace(body, 'found', 'faked') WHERE number = 1"],
    ["UPDATE ledger_event SET salt = zeroblob(32) WHERE number = 1"],
    ["UPDATE ledger_event SET verb = 'parties:organization:lose' WHERE number = 1"],
    ["UPDATE ledger_event SET at = '2020-01-01 00:00:00' WHERE number = 1"],
    ["UPDATE ledger_event SET actor = '00000000000000000000000000000000' WHERE number = 1"],
    ["UPDATE ledger_event SET number = 9 WHERE number = 2"],
    ["UPDATE ledger_event SET subject = 'another' WHERE number = 2"],
    ["DELETE FROM ledger_event WHERE number = 1"],
    [
        """INSERT INTO ledger_event SELECT '11111111111111111111111111111111', verb, kind, 'x', 0, actor, at, body, salt
        FROM ledger_event WHERE number = 1""",
    ],
]


@pytest.mark.parametrize("statements", TAMPERING, ids=[statements[0][:60] for statements in TAMPERING])
def test_tampering_is_found(statements: list[str]) -> None:
    _some_acts()
    _past_the_triggers(*statements)
    assert audit().faults


def test_reading_stops_after_many_faults() -> None:
    _some_acts()
    _past_the_triggers("UPDATE ledger_entry SET leaf = x'00'")
    assert len(audit(most_faults=3).faults) == 4
