"""The background steps of joining."""

from pathlib import Path
from typing import Any

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import tasks
from clearinghouse.cases.models import Trial
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.cases.queries.due import due_joins
from clearinghouse.cases.rules.naming import public_id
from clearinghouse.errors import ClearinghouseError, Malformed, NotPossible, Unavailable
from clearinghouse.findings.models import Finding
from clearinghouse.findings.receipts import CROCKFORD
from clearinghouse.findings.rules import FindingState
from clearinghouse.parties.rules import LOCAL
from clearinghouse.validation.queries import due_judge
from tests.cases.rows import a_finding
from tests.parties.makers import an_organization


@pytest.fixture
def store(db: None, tmp_path: Path, settings: Any) -> Artefacts:  # noqa: ARG001, ANN401
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    settings.CLEARINGHOUSE_CACHE = tmp_path / "cache"
    return Artefacts(tmp_path / "artefacts")


def test_joining_a_package_leaves_nothing_due(store: Artefacts) -> None:
    a_finding(store, "fa-1")
    a_finding(store, "fb-1", finder="finder-b")
    for one in list(due_joins()):
        tasks.join_package.func(*one.args)
    assert list(due_joins()) == [] and cases_for(LOCAL).count() == 1


def test_a_trial_that_cannot_be_asked_is_kept_as_such_and_not_repeated(store: Artefacts) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b")
    for _ in range(2):
        tasks.try_patch.func(one.key, "sha256:" + "0" * 64, other.key)
    assert Trial.objects.get().stops is None


def _answers(monkeypatch: pytest.MonkeyPatch, refusal: ClearinghouseError) -> None:
    def stops(*_: object, **__: object) -> bool:
        raise refusal

    monkeypatch.setattr(tasks, "stops", stops)
    monkeypatch.setattr(tasks, "the_lab", lambda: None)


def test_a_trial_that_nobody_could_run_now_is_due_again(store: Artefacts, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b")
    _answers(monkeypatch, Unavailable("the index does not answer"))
    with pytest.raises(Unavailable):
        tasks.try_patch.func(one.key, "sha256:" + "0" * 64, other.key)
    assert not Trial.objects.exists()


def test_a_trial_that_is_not_possible_is_kept_with_its_reason(
    store: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = a_finding(store, "fa-1"), a_finding(store, "fb-1", finder="finder-b")
    _answers(monkeypatch, NotPossible("no interpreter fits"))
    tasks.try_patch.func(one.key, "sha256:" + "0" * 64, other.key)
    assert (Trial.objects.get().stops, Trial.objects.get().why) == (None, "no interpreter fits")


def test_public_ids_are_drawn_from_the_letters_that_are_not_mistaken() -> None:
    made = tasks.new_id()
    assert made.startswith("CASE-") and len(made) == 13 and set(made[5:]) <= set(CROCKFORD)
    assert tasks.new_id() != made


def test_a_public_id_takes_enough_chance() -> None:
    with pytest.raises(Malformed, match="8 random bytes"):
        public_id(b"short")


def test_whoever_hands_in_under_many_names_has_the_turns_of_one(store: Artefacts) -> None:
    one, other = an_organization().pk, an_organization().pk
    for number, organization in enumerate((one, one, other)):
        row = a_finding(store, f"f-{number}", finder=f"name-{number}")
        Finding.objects.filter(pk=row.pk).update(organization_id=organization, state=FindingState.TAKEN_IN)
    assert {(turn.share, turn.within) for turn in due_judge()} == {
        (f"organization {one}", "name-0"),
        (f"organization {one}", "name-1"),
        (f"organization {other}", "name-2"),
    }
