"""Until when a case is kept quiet."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.cases.rules.embargo import Embargo, Silence, embargo
from clearinghouse.cases.rules.lifecycle import CASE, CaseState
from clearinghouse.errors import Malformed
from tests.cases.makers import NOON


def kept(**changes: Any) -> Embargo:  # noqa: ANN401
    fields: dict[str, Any] = {"days": 30, "at": NOON} | changes
    return embargo(NOON, **fields)


def test_the_default_is_thirty_days_from_the_report() -> None:
    assert kept().ends_at == NOON + timedelta(days=30)


def test_it_yields_to_the_maintainers_policy() -> None:
    later = NOON + timedelta(days=90)
    assert kept(maintainer_ends_at=later).ends_at == later


@pytest.mark.parametrize(
    ("changes", "silence"),
    [
        ({"exploited": True}, Silence.ENDED),
        ({"public": True}, Silence.NOT_AVAILABLE),
        ({"public_ai_tool": True}, Silence.NOT_AVAILABLE),
        ({"at": NOON + timedelta(days=30)}, Silence.ENDED),
        ({"at": NOON + timedelta(days=29)}, Silence.KEPT),
    ],
)
def test_silence_ends_early_for_a_reason_that_is_said(changes: dict[str, Any], silence: Silence) -> None:
    found = kept(**changes)
    assert found.silence is silence and found.why


@given(st.integers(0, 400), st.booleans())
def test_exploitation_always_ends_silence(days: int, has_policy: bool) -> None:  # noqa: FBT001
    mine = NOON + timedelta(days=90) if has_policy else None
    assert kept(days=days, maintainer_ends_at=mine, exploited=True).silence is Silence.ENDED


@pytest.mark.parametrize("bad", [{"days": -1}, {"at": datetime(2026, 1, 1)}])  # noqa: DTZ001 - the point
def test_figures_that_mean_nothing_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        kept(**bad)


def test_every_state_of_a_case_can_be_reached() -> None:
    assert CASE.reachable() == set(CaseState)
