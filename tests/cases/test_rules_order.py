"""In what order cases are worked on, and why."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.cases.rules.factors import Certainty, Report, Weighed
from clearinghouse.cases.rules.order import Placed, duties, in_order, place
from clearinghouse.cases.rules.outcomes import outcomes
from clearinghouse.cases.rules.packs import policy
from clearinghouse.cases.rules.policy import Band
from tests.cases.makers import NOON, a_report, a_weighed_case

POLICY = policy()
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"
ACCOUNT = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"


def placed(*reports: Report, **changes: Any) -> Placed:  # noqa: ANN401
    return place(a_weighed_case("c1", *reports, **changes), POLICY, at=NOON)


@pytest.mark.parametrize(
    ("report", "case", "band", "says"),
    [
        ({}, {"in_kev": True}, Band.INCIDENT, "it is being exploited"),
        ({"exploited": "yes", "exploited_evidence": ("log",)}, {}, Band.INCIDENT, "it is being exploited"),
        ({"detector": "growth"}, {"fix_exists": False}, Band.INCIDENT, "it is public, it works, and there is no fix"),
        ({}, {"installations": 5000}, Band.INCIDENT, "it is severe, widespread and easy to reach"),
        ({}, {}, Band.URGENT, "the impact is rated high or critical and we saw the flaw happen"),
        ({"detector": "growth"}, {"newest_affected": True}, Band.URGENT, "it is easy to reach and the newest"),
        ({"detector": "hang", "deadline": date(2026, 12, 1)}, {}, Band.URGENT, "a finder's date is near or past"),
        ({"detector": "hang", "deadline": date(2026, 1, 1)}, {}, Band.URGENT, "a finder's date is near or past"),
        ({"detector": "hang", "deadline": date(2027, 12, 1)}, {}, Band.STANDARD, "it is confirmed"),
        ({"detector": "growth"}, {}, Band.STANDARD, "it is confirmed"),
        ({"detector": "growth", "grade": "B"}, {}, Band.STANDARD, "it is confirmed"),
    ],
)
def test_the_highest_band_with_a_sure_trigger_wins(
    report: dict[str, Any], case: dict[str, Any], band: Band, says: str
) -> None:
    found = placed(a_report(**report), **case)
    assert found.band is band
    assert any(one.startswith(says) for one in found.triggers)


def test_a_proof_without_all_controls_needs_info() -> None:
    found = placed(a_report(grade="C"))
    assert (found.band, found.triggers) == (Band.NEEDS_INFO, ())


def test_a_claim_of_exploitation_without_evidence_is_shown_as_what_it_could_mean() -> None:
    found = placed(a_report(detector="growth", exploited="yes"))
    assert (found.band, found.could_be) == (Band.STANDARD, (Band.INCIDENT,))
    assert found.could_be_because == ("INCIDENT if it is being exploited",)


def test_what_nobody_has_said_is_not_taken_for_low_risk() -> None:
    found = placed(a_report(exploited="unknown", public="unknown"), fix_exists=False)
    assert found.factors["exposure"].certainty is Certainty.UNKNOWN
    assert Band.INCIDENT in found.could_be


def test_the_detector_not_the_finder_says_how_bad_it_is() -> None:
    assert placed(a_report(detector="growth", rating="critical")).factors["impact"].value == "medium"


def test_where_the_detector_cannot_say_the_finders_rating_is_assumed() -> None:
    found = placed(a_report(detector="invariant", rating="high"))
    assert (found.factors["impact"].certainty, found.band) == (Certainty.ASSUMED, Band.URGENT)
    unrated = placed(a_report(detector="invariant", rating=""))
    assert (unrated.factors["impact"].value, unrated.could_be) == (None, (Band.INCIDENT, Band.URGENT))


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({}, "low"),
        ({"vectors": (ACCOUNT,)}, "some"),
        ({"default_configuration": False}, "some"),
        ({"vectors": (LOCAL,)}, "high"),
        ({"vectors": ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",)}, "high"),
        ({"vectors": ()}, None),
    ],
)
def test_what_an_attacker_needs_is_read_off_the_vectors(changes: dict[str, Any], value: str | None) -> None:
    assert placed(a_report(**changes)).factors["prerequisites"].value == value


@pytest.mark.parametrize(
    ("public", "fix", "value"),
    [("yes", True, "public"), ("yes", False, "public-without-fix"), ("yes", None, "public"), ("no", True, "private")],
)
def test_exposure_depends_on_publication_and_fix(public: str, *, fix: bool | None, value: str) -> None:
    assert placed(a_report(public=public), fix_exists=fix).factors["exposure"].value == value


@pytest.mark.parametrize(
    ("first", "second", "by"),
    [
        ({"public": "yes"}, {"public": "no"}, "public exposure"),
        ({"grade": "A"}, {"grade": "C"}, "URGENT"),
        ({"detector": "command-execution"}, {"detector": "file-read"}, "technical impact"),
        ({}, {"vectors": (LOCAL,)}, "prerequisites"),
        ({"deadline": date(2027, 6, 1)}, {"deadline": date(2027, 7, 1)}, "2027-06-01, comes first"),
        ({"deadline": date(2027, 6, 1)}, {}, "comes first"),
        ({"received_at": NOON - timedelta(days=3)}, {}, "waited longer"),
        ({}, {}, "Nothing sets it apart"),
    ],
)
def test_the_first_clear_difference_decides_and_is_said(first: dict[str, Any], second: dict[str, Any], by: str) -> None:
    one = a_weighed_case("aaa", a_report(**second))
    other = a_weighed_case("bbb", a_report(**first))
    keys = ["bbb", "aaa"] if first != second else ["aaa", "bbb"]
    order = in_order([place(case, POLICY, at=NOON) for case in (one, other)], POLICY)
    assert [position.placed.key for position in order] == keys
    assert by in " ".join(order[0].why)


def test_the_last_case_says_that_it_is_last() -> None:
    first, second = (place(a_weighed_case(key, a_report()), POLICY, at=NOON) for key in ("aaa", "bbb"))
    before, last = in_order([first, second], POLICY)
    assert "It stands last" in last.why[-1] and "last" not in before.why[-1]


def test_a_case_alone_is_held_against_no_other() -> None:
    (alone,) = in_order([placed()], POLICY)
    assert "the only case" in alone.why[-1] and "every other" not in " ".join(alone.why)


reports = st.builds(
    a_report,
    st.sampled_from(["f1", "f2"]),
    grade=st.sampled_from(["A", "A-patch", "B", "C"]),
    detector=st.sampled_from([*POLICY.detectors, "invariant"]),
    exploited=st.sampled_from(["yes", "no", "unknown"]),
    exploited_evidence=st.sampled_from([(), ("seen",)]),
    public=st.sampled_from(["yes", "no", "unknown"]),
    vectors=st.sampled_from([(), (LOCAL,), (ACCOUNT,)]),
    rating=st.sampled_from(["", "low", "critical"]),
    deadline=st.none() | st.dates(date(2026, 11, 1), date(2027, 12, 31)),
    received_at=st.integers(0, 90).map(lambda days: NOON - timedelta(days=days)),
)
weighed = st.builds(
    Weighed,
    key=st.text("abcdef0123456789", min_size=4, max_size=4),
    reports=st.lists(reports, min_size=1, max_size=3).map(tuple),
    in_kev=st.none() | st.booleans(),
    fix_exists=st.none() | st.booleans(),
    newest_affected=st.none() | st.booleans(),
    installations=st.none() | st.integers(0, 1000),
)
lines = st.lists(weighed, max_size=6, unique_by=lambda one: one.key)


def order_of(cases: list[Weighed]) -> list[str]:
    return [one.placed.key for one in in_order([place(case, POLICY, at=NOON) for case in cases], POLICY)]


@given(lines, st.randoms(use_true_random=False))
def test_the_order_is_total_whatever_came_first(cases: list[Weighed], random: Any) -> None:  # noqa: ANN401
    shuffled = list(cases)
    random.shuffle(shuffled)
    assert order_of(cases) == order_of(shuffled)


@given(lines, weighed)
def test_another_case_moves_none_past_another(cases: list[Weighed], more: Weighed) -> None:
    more = replace(more, key="zzzzz")
    assert [key for key in order_of([*cases, more]) if key != more.key] == order_of(cases)


def test_what_a_detector_saw_in_one_report_does_not_hide_the_worse_rating_of_another() -> None:
    mild = a_report("f1", detector="network")
    severe = a_report("f2", detector="invariant", rating="critical")
    both = placed(mild, severe)
    assert both.factors["impact"] == placed(severe).factors["impact"]


@given(weighed)
def test_a_case_inherits_at_least_the_highest_band_of_its_reports(case: Weighed) -> None:
    whole = place(case, POLICY, at=NOON).band.rank
    alone = [place(replace(case, reports=(one,)), POLICY, at=NOON).band.rank for one in case.reports]
    assert whole <= min(alone)


@given(weighed)
def test_what_it_could_be_is_always_more_pressing(case: Weighed) -> None:
    found = place(case, POLICY, at=NOON)
    assert all(one.rank < found.band.rank for one in found.could_be)
    assert len(found.could_be) == len(found.could_be_because)


@given(weighed)
def test_every_factor_says_how_it_is_known(case: Weighed) -> None:
    for factor in place(case, POLICY, at=NOON).factors.values():
        assert factor.says
        assert (factor.value is None) == (factor.certainty is Certainty.UNKNOWN)
        assert factor.possible <= set(POLICY.factors[factor.name].values)


@given(weighed)
def test_the_federal_tables_always_answer(case: Weighed) -> None:
    factors = place(case, POLICY, at=NOON).factors
    assert all(one.decision.rows and one.says for one in outcomes(case, factors, POLICY))


def told(case: Weighed) -> list[str]:
    return [one.says for one in outcomes(case, place(case, POLICY, at=NOON).factors, POLICY)]


def test_a_listed_flaw_with_full_control_is_due_within_days() -> None:
    assert told(a_weighed_case(in_kev=True))[0] == "3 days & forensic investigation"


def test_an_unknown_exposure_shows_the_range_of_rows() -> None:
    assert told(a_weighed_case())[0] == "60 days to 3 days"


def test_nothing_known_is_said_as_such() -> None:
    case = a_weighed_case("c", a_report(detector="invariant", vectors=()), in_kev=None)
    bod = outcomes(case, place(case, POLICY, at=NOON).factors, POLICY)[0]
    assert len(bod.decision.rows) == 16
    assert {one.certainty for one in bod.answers.values()} == {Certainty.UNKNOWN}


def test_what_is_owed_comes_from_the_band() -> None:
    first, second, third = duties(Band.URGENT, POLICY, received_at=NOON, to_confirm=True, patched=False)
    assert [one.due_at - NOON for one in (first, second, third)] == [
        timedelta(hours=12),
        timedelta(hours=24),
        timedelta(days=7),
    ]
    assert "confirm" in second.action and "Find a fix" in third.action
    assert "Agree the patch" in duties(Band.URGENT, POLICY, received_at=NOON, to_confirm=False, patched=True)[-1].action
