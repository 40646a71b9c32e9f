"""Tests of what programs watch of an installation: whether it lives, whether it can serve, and its figures."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from clearinghouse.permissions.rules import Role
from tests.ledger.makers import an_act
from tests.parties.makers import a_person, a_token, right_now

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"


def _asked(address: str) -> tuple[int, bytes]:
    answer = Client().get(address)
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.content


def _by_token(role: Role, scope: str) -> Any:  # noqa: ANN401 - Django's untyped answer
    secret = a_token(a_person(role, at=right_now()), scope, at=right_now(), second_factor=True)
    return Client().get(METRICS, headers={"Authorization": f"Bearer {secret}"})


def _gone(*_: object) -> None:
    raise OperationalError("the connection was refused by 192.0.2.7")


def test_a_process_says_that_it_lives_without_asking_the_database() -> None:
    assert _asked(LIVE) == (200, b"alive\n")  # no fixture of this test opens the database


@pytest.mark.django_db
def test_a_server_whose_tables_are_up_to_date_is_ready() -> None:
    assert _asked(READY) == (200, b"ready\n")


@pytest.mark.django_db
def test_a_server_whose_database_does_not_answer_is_not_ready_and_does_not_say_why() -> None:
    with connection.execute_wrapper(_gone):
        assert _asked(READY) == (503, b"not ready\n")
        assert _asked(LIVE) == (200, b"alive\n")


@pytest.mark.django_db
def test_a_server_that_waits_for_migrations_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'cases' AND name = '0006_mark_cases'")
    assert _asked(READY) == (503, b"not ready\n")


@pytest.mark.django_db
def test_prometheus_reads_the_figures_with_a_token_of_an_administrator() -> None:
    an_act()
    answer = _by_token(Role.ADMINISTRATOR, "operation:status:read")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=1.0.0")
    assert "clearinghouse_ledger_entries" in {
        sample.name for one in text_string_to_metric_families(answer.content.decode()) for sample in one.samples
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [(Role.FINDER, "operation", 403), (Role.OPERATOR, "operation", 403), (Role.ADMINISTRATOR, "parties", 403)],
)
def test_nobody_else_reads_a_figure(role: Role, scope: str, status: int) -> None:
    answer = _by_token(role, scope)
    assert answer.status_code == status and b"clearinghouse_findings" not in answer.content


@pytest.mark.django_db
def test_a_stranger_is_asked_who_they_are_before_any_figure() -> None:
    assert Client().get(METRICS, headers={"Authorization": "Bearer ch_no"}).status_code == 401
    assert Client().get(METRICS)["Location"].startswith("/sign-in?")
