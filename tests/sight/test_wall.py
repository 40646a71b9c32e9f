"""What PostgreSQL itself shows where the application's filter is left out on purpose, to the application's own role."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from django.db import ProgrammingError, connection, models, transaction

from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.permissions.table import clause_for
from clearinghouse.records import condition
from clearinghouse.sight.asking import asking_as, beyond_sight, usually_ask_as
from clearinghouse.sight.policies import walled
from tests.parties.makers import NOON
from tests.sight.rows import AWAY, HOME, PERSON, fill

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("postgresql")]
COORDINATOR = Actor(PERSON, "Ada", frozenset({Role.COORDINATOR}), HOME, second_factor=True)
FINDER = Actor(PERSON, "Ada", frozenset({Role.FINDER}), HOME)


def actors() -> Iterator[Actor]:
    """Yield an actor of every role, with one factor and with two, of each organization, signed in and by tokens."""
    scopes = (None, frozenset({"findings:finding:read", "cases", "validation:answer"}), frozenset({"finding", "case"}))
    for role, two, home, scope in product(Role, (False, True), (HOME, AWAY, None), scopes):
        yield Actor(PERSON, "Ada", frozenset({role}), home, scope, two)
    for role, home, at in product(Role, (HOME, None), (NOON, NOON + timedelta(days=2), NOON - timedelta(days=2))):
        yield Actor(PERSON, "Ada", frozenset({role}), home, second_factor=True, asks_at=at)
    yield Actor(PERSON, "Ada", frozenset(Role), AWAY)
    yield Actor(PERSON, "Ada", frozenset({Role.FINDER, Role.COORDINATOR}), HOME)
    yield Actor(PERSON, "Ada", frozenset())


def shown(model: type[models.Model]) -> set[Any]:
    """Return the keys of all rows there are, as far as PostgreSQL says."""
    return set(model._base_manager.values_list("pk", flat=True))


@pytest.mark.parametrize(("model", "verb"), list(walled()), ids=lambda one: getattr(one, "__name__", None))
def test_without_our_filter_everybody_sees_just_what_the_filter_would_let_through(
    model: type[models.Model], verb: str
) -> None:
    fill()
    seen = set()
    for actor in actors():
        wanted = set(model._base_manager.filter(condition(clause_for(actor, verb), model)).values_list("pk", flat=True))
        with asking_as(actor):
            assert shown(model) == wanted, actor
        seen.add(len(wanted))
    assert {0, model._base_manager.count()} <= seen, "the rows must tell actors apart"


@pytest.mark.parametrize("model", [model for model, _ in walled()], ids=lambda one: one.__name__)
def test_nobody_sees_nothing_and_writes_nothing(model: type[models.Model]) -> None:
    fill()
    row = model._base_manager.first()
    assert row is not None
    with asking_as(None):
        assert shown(model) == set()
        assert model._base_manager.filter(pk=row.pk).update(**{row._meta.pk.attname: row.pk}) == 0
        assert model._base_manager.filter(pk=row.pk)._raw_delete(using="default") == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)


def test_the_suite_runs_as_a_role_that_the_policies_hold_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user <> session_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (True, False)


def test_a_change_of_who_asks_holds_at_once_in_a_transaction() -> None:
    fill()
    with transaction.atomic(), asking_as(FINDER):
        assert Finding.objects.count() == 2
        with beyond_sight():
            assert Finding.objects.count() == 6
        assert Finding.objects.count() == 2
        with asking_as(replace(FINDER, organization=AWAY, roles=frozenset({Role.SOC}))):
            assert Finding.objects.count() == 0


def test_a_savepoint_that_is_rolled_back_takes_nobody_along() -> None:
    fill()
    with asking_as(FINDER):
        _give_up_after_counting(None, 6)
        assert Finding.objects.count() == 2
    with beyond_sight():
        _give_up_after_counting(FINDER, 2)
        assert Finding.objects.count() == 6


def _give_up_after_counting(actor: Actor | None, wanted: int) -> None:
    """Count the findings for ``actor`` (None: beyond sight) in a savepoint that is rolled back."""
    with transaction.atomic(), beyond_sight() if actor is None else asking_as(actor):
        assert Finding.objects.count() == wanted
        transaction.set_rollback(True)


def test_what_one_may_not_see_one_cannot_change_or_remove() -> None:
    fill()
    with asking_as(FINDER):
        assert Finding.objects.filter(organization=AWAY).update(source_name="mine") == 0
        assert Finding.objects.filter(organization=HOME).update(source_name="mine") == 2
        assert RefusedReport.objects.all().delete()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_the_word_ends_with_its_transaction() -> None:
    fill()
    with asking_as(COORDINATOR), transaction.atomic():
        assert Finding.objects.count() == 6
    usually_ask_as(None)
    raw = connection.connection.execute(
        "SELECT count(*), current_setting('clearinghouse.actor', true) FROM findings_finding"
    )
    assert raw.fetchone() == (0, "")
    with asking_as(COORDINATOR):
        assert Finding.objects.count() == 6, "outside of a transaction each statement is told"
    assert Finding.objects.count() == 0
    raw = connection.connection.execute("SELECT count(*) FROM findings_finding")
    assert raw.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_fetched_in_pieces_are_all_fetched_for_whoever_asked() -> None:
    fill()
    with asking_as(COORDINATOR):
        rows = Finding.objects.order_by("key").iterator(chunk_size=2)
        assert len([next(rows), *rows]) == 6


@pytest.mark.django_db(transaction=True)
def test_what_the_word_costs_is_one_statement_a_transaction() -> None:
    fill()
    with patch.object(connection, "_tell", wraps=connection._tell) as told:  # type: ignore[attr-defined]
        with transaction.atomic(), asking_as(COORDINATOR):
            for _ in range(3):
                Finding.objects.update(received_at=NOON)
        assert told.call_count == 1
