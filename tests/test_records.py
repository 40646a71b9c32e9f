"""Tests of clearinghouse/records.py, on the rows of the rooms."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.apps import apps

from clearinghouse.errors import Conflict, StepRefused
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep, Source
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Organization
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.guards import EVERYTHING, NOTHING, AllOf, AnyOf, Is, Not, OneOf
from clearinghouse.records import Record, advance, condition, kind_of, model_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def a_finding(number: int = 0, state: FindingState = FINDING.initial) -> Finding:
    return Finding.objects.create(
        key=f"{number:064x}",
        finder="finder-a",
        finder_ref=f"fa-{number}",
        report={},
        source=Source.REPORT,
        source_name="fa",
        received_at=NOON,
        created_at=NOON,
        state=state,
    )


def test_a_step_changes_the_row_and_is_written_down() -> None:
    finding = a_finding()
    advance(finding, FINDING, FindingStep.JUDGE, actor=LOCAL, at=NOON, why="proof ran")
    event = Event.objects.get()
    assert finding.state == Finding.objects.get().state == FindingState.JUDGED
    assert event.verb == "findings:finding:judge" and b'"why":"proof ran"' in bytes(event.body or b"")


def test_a_step_that_is_not_open_changes_nothing_and_is_not_written_down() -> None:
    finding = a_finding()
    with pytest.raises(StepRefused):
        advance(finding, FINDING, FindingStep.SETTLE, actor=LOCAL, at=NOON)
    assert Finding.objects.get().state == FindingState.TAKEN_IN and not Event.objects.exists()


def test_a_row_that_somebody_else_moved_is_not_moved_again() -> None:
    finding, same = a_finding(), Finding.objects.get()
    advance(same, FINDING, FindingStep.JUDGE, actor=LOCAL, at=NOON)
    with pytest.raises(Conflict, match="no longer taken-in"):
        advance(finding, FINDING, FindingStep.JUDGE, actor=LOCAL, at=NOON)
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_step_that_cannot_be_written_down_does_not_happen() -> None:
    finding = a_finding()
    with pytest.raises(Exception, match="timezone"):
        advance(finding, FINDING, FindingStep.JUDGE, actor=LOCAL, at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert Finding.objects.get().state == FindingState.TAKEN_IN and not Event.objects.exists()


def test_kinds_are_class_names_in_kebab_case() -> None:
    assert (kind_of(Finding), kind_of(RefusedReport)) == ("finding", "refused-report")
    assert a_finding().kind == "finding"


def test_no_two_models_are_called_alike() -> None:
    ours = [one for one in apps.get_models() if issubclass(one, Record)]
    assert [model_of(kind_of(one)) for one in ours] == ours
    with pytest.raises(LookupError, match="no rows called nothing"):
        model_of("nothing")


def _names(clause: object) -> list[str]:
    return sorted(Organization.objects.filter(condition(clause, Organization)).values_list("name", flat=True))  # type: ignore[arg-type]


def test_clauses_become_conditions() -> None:
    for number, name in enumerate("abc"):
        Organization.objects.create(pk=UUID(int=number), name=name, created_at=NOON)
    is_a, is_b = Is("name", "a"), Is("id", UUID(int=1))
    assert _names(EVERYTHING) == ["a", "b", "c"] and _names(NOTHING) == []
    assert _names(is_a) == ["a"] and _names(Not(is_a)) == ["b", "c"] and _names(OneOf("name", ("a", "c"))) == ["a", "c"]
    assert _names(AnyOf((is_a, is_b))) == ["a", "b"] and _names(AllOf((Not(is_a), Not(is_b)))) == ["c"]
    assert _names(AnyOf((is_a, EVERYTHING))) == ["a", "b", "c"] and _names(AllOf((is_a, NOTHING))) == []
    assert _names(Not(NOTHING)) == ["a", "b", "c"] and _names(Not(EVERYTHING)) == []
