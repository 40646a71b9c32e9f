"""CVSS: every vector of the reference files, and the words."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import cvss
from clearinghouse.standards.cvss import SEVERITIES, Severity
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("file", "least"),
    [
        ("vectors_calculator2", 5),
        ("vectors_cvsslib2", 24),
        ("vectors_simple2", 729),
        ("vectors_calculator3", 2),
        ("vectors_cvsslib3", 29),
        ("vectors_simple3", 2592),
        ("vectors_simple31", 2592),
        ("vectors_security4", 54),
        ("vectors_simple4", 1058),
        ("vectors_supplemental4", 576),
        ("vectors_threat4", 6),
    ],
)
def test_every_vector_has_the_scores_of_the_reference_file(file: str, least: int) -> None:
    lines = shared("data", "cvss-vectors", file).read_text("utf-8").splitlines()
    wrong = []
    for line in lines:
        vector, _, text = line.partition(" - ")
        expected = ast.literal_eval(text)
        expected = expected if isinstance(expected, tuple) else (expected,)
        found = cvss.parse(vector)
        scores = (found.base, found.temporal, found.environmental)[: len(expected)]
        if scores != tuple(None if one is None else abs(one) for one in expected):
            wrong.append((line, scores))
    assert wrong == []
    assert len(lines) >= least


@pytest.mark.parametrize(
    ("score", "word"),
    [(0.0, "none"), (0.1, "low"), (3.9, "low"), (4.0, "medium"), (6.9, "medium"), (7.0, "high"), (9.0, "critical")],
)
def test_the_word_for_a_score_is_the_standards(score: float, word: str) -> None:
    assert cvss.severity_of(score) == word


@pytest.mark.parametrize(("score", "word"), [(0.0, "low"), (4.0, "medium"), (7.0, "high"), (10.0, "high")])
def test_version_2_knows_three_words(score: float, word: str) -> None:
    assert cvss.severity_of(score, "2.0") == word


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_higher_score_is_never_less_severe(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert SEVERITIES.index(cvss.severity_of(low)) <= SEVERITIES.index(cvss.severity_of(high))


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "9.8",
        "CVSS:5.0/AV:N",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N",
        "CVSS:3.1/" + "A" * 1000,
        "AV:L/AC:H",
    ],
)
def test_what_is_no_vector_is_refused(vector: str) -> None:
    with pytest.raises(Malformed):
        cvss.parse(vector)


@given(st.text(max_size=60))
def test_any_text_is_a_vector_or_refused(text: str) -> None:
    with pytest.raises(Malformed):
        cvss.parse("CVSS:3.1/" + text)


def test_the_newest_version_speaks_before_the_higher_score() -> None:
    old = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    new = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"
    found = cvss.worst((old, new))
    assert found is not None
    assert (found.vector, found.severity) == (new, Severity.MEDIUM)
    assert cvss.worst(()) is None


def test_csaf_takes_versions_2_and_3_and_has_no_place_for_4() -> None:
    third = cvss.parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
    assert cvss.csaf_score(third) == (
        "cvss_v3",
        {"version": "3.1", "vectorString": third.vector, "baseScore": 9.8, "baseSeverity": "CRITICAL"},
    )
    second = cvss.csaf_score(cvss.parse("AV:N/AC:L/Au:N/C:P/I:P/A:P"))
    assert second is not None
    assert second[1]["baseScore"] == 7.5
    fourth = cvss.parse("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")
    assert cvss.csaf_score(fourth) is None
