"""Decision tables: every row is the published one, and the unknown widens the answer."""

import csv
import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed, NotFound
from clearinghouse.standards.ssvc import BOD_26_04, CISA_COORDINATOR, decision_table
from tests.shared_data import shared

TABLES = (BOD_26_04, CISA_COORDINATOR)


@pytest.mark.parametrize(("name", "rows"), [(BOD_26_04, 16), (CISA_COORDINATOR, 36)])
def test_every_row_of_the_published_table_gives_the_published_outcome(name: str, rows: int) -> None:
    table = decision_table(name)
    with shared("data", "ssvc", "csv", "cisa", f"{name}.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.reader(file))[1:]
    assert len(published) == len(table.rows) == rows
    for number, *names, outcome in published:
        keys = {
            point.key: next(one.key for one in point.values if one.name == name)
            for point, name in zip(table.points, names, strict=True)
        }
        decision = table.look_up(keys)
        assert [row.number for row in decision.rows] == [int(number)]
        assert decision.in_words() == outcome


@pytest.mark.parametrize("name", TABLES)
def test_points_values_and_outcomes_are_the_published_ones_in_order(name: str) -> None:
    published = json.loads(shared("data", "ssvc", "decision_tables", "cisa", f"{name}.json").read_text("utf-8"))
    table = decision_table(name)
    assert table.outcome.id == published["outcome"]
    assert table.id == f"{published['namespace']}:{published['key']}:{published['version']}"
    for point in (*table.points, table.outcome):
        theirs = published["decision_points"][point.id]
        assert [one.key for one in point.values] == [one["key"] for one in theirs["values"]]
        assert [one.name for one in point.values] == [one["name"].lower() for one in theirs["values"]]
        assert point.name == theirs["name"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_one_row_for_every_combination(name: str) -> None:
    table = decision_table(name)
    combinations = set(product(*([one.key for one in point.values] for point in table.points)))
    assert {row.values for row in table.rows} == combinations
    assert len(table.rows) == len(combinations)
    assert all(table.outcome.value(row.outcome) for row in table.rows)


@pytest.mark.parametrize("name", TABLES)
def test_with_nothing_known_every_outcome_is_possible(name: str) -> None:
    table = decision_table(name)
    decision = table.look_up({})
    assert decision.rows == table.rows
    assert decision.outcomes == table.outcome.values
    assert not decision.is_certain


def test_an_unknown_that_changes_nothing_leaves_the_answer_certain() -> None:
    decision = decision_table(BOD_26_04).look_up({"KEV": "N", "PE": "N", "A": "N"})
    assert [row.number for row in decision.rows] == [0, 4]
    assert decision.is_certain
    assert decision.in_words() == "fix on system upgrade"


def test_unknown_exposure_shows_the_range_of_deadlines() -> None:
    decision = decision_table(BOD_26_04).look_up({"KEV": "N", "A": "Y", "TI": "T"})
    assert decision.in_words() == "60 days to 3 days"
    assert (decision.least.days, decision.most.days) == (60, 3)


def test_a_set_of_values_is_what_the_factor_could_be() -> None:
    decision = decision_table(CISA_COORDINATOR).look_up({"E": {"P", "A"}, "A": "N", "TI": "T", "MWI": "H"})
    assert [one.key for one in decision.outcomes] == ["AT", "AC"]


@pytest.mark.parametrize("known", [{"X": "Y"}, {"A": "maybe"}, {"A": []}])
def test_what_the_table_does_not_ask_is_refused(known: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        decision_table(BOD_26_04).look_up(known)


@pytest.mark.parametrize("name", ["unheard_of", "../pyproject"])
def test_a_table_that_is_not_here_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        decision_table(name)


@given(st.sampled_from(TABLES), st.data())
def test_knowing_more_never_adds_an_outcome(name: str, data: st.DataObject) -> None:
    table = decision_table(name)
    keys = {point.key: [one.key for one in point.values] for point in table.points}
    wide = {key: data.draw(st.sets(st.sampled_from(values), min_size=1)) for key, values in keys.items()}
    narrow = {key: data.draw(st.sampled_from(sorted(values))) for key, values in wide.items()}
    wider, narrower = table.look_up(wide), table.look_up(narrow)
    assert set(narrower.rows) <= set(wider.rows)
    assert set(narrower.outcomes) <= set(wider.outcomes)
    assert narrower.is_certain
