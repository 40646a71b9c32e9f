"""Version ranges: the vers-spec suites for Python and npm, and membership as a property."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import vers
from clearinghouse.standards.versions import sort_key
from tests.shared_data import shared


def answer(case: dict[str, Any]) -> object:
    asked = case["input"]
    match case["test_type"]:
        case "validate":
            return str(vers.canonical(asked))
        case "containment":
            return asked["version"] in vers.canonical(asked["vers"])
        case "from_native":
            return str(vers.from_native(asked["scheme"], asked["native_range"]))
        case _:
            found = vers.parse(asked)
            constraints = [[one.comparator, one.version] for one in found.constraints]
            return {"scheme": found.scheme, "version_constraints": constraints}


@pytest.mark.parametrize(
    ("suite", "least"),
    [
        ("pypi_range_validate_test", 19),
        ("pypi_range_containment_test", 10),
        ("pypi_range_from_native_test", 3),
        ("npm_range_containment_test", 1),
        ("npm_range_from_native_test", 491),
        ("vers_canonical_parse_test", 12),
    ],
)
def test_every_case_of_the_vers_suites_is_answered_as_the_suite_says(suite: str, least: int) -> None:
    cases = json.loads(shared("data", "purl-vers", "vers-tests", f"{suite}.json").read_text("utf-8"))["tests"]
    wrong = []
    for case in cases:
        try:
            found = answer(case)
        except Malformed as refusal:
            if not case.get("expected_failure"):
                wrong.append((case["input"], str(refusal)))
            continue
        if case.get("expected_failure") or found != case["expected_output"]:
            wrong.append((case["input"], str(found)))
    assert wrong == []
    assert len(cases) >= least


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("vers:pypi/<5.4", ["5.3", "5.4rc1", "0"], ["5.4", "6"]),
        ("vers:pypi/>=1.0|<=2.0|3.0", ["1.0", "2.0.0", "3"], ["0.9", "2.0.post1", "3.1"]),
        ("vers:pypi/!=5", ["4", "6"], ["5", "5.0"]),
        ("vers:pypi/>=3|!=4", ["3", "5"], ["4", "2"]),
        ("vers:npm/>=1.0.0|<1.4.2|>=2.0.0|<2.1.0", ["1.4.1", "2.0.0", "2.1.0-rc.1"], ["1.4.2", "1.9.0", "2.1.0"]),
        ("vers:npm/*", ["0.0.1", "whatever"], []),
        ("vers:npm/>1.0.0|>2.0.0", ["1.5.0", "2.0.0", "3.0.0"], ["1.0.0"]),
        ("vers:npm/<1.0.0|<2.0.0", ["1.0.0", "1.5.0"], ["2.0.0"]),
        ("vers:npm/>=1.0.0|<=1.0.0", ["1.0.0"], ["0.9.0", "1.0.1"]),
        ("vers:npm/<1.0.0|>=1.0.0", ["0.1.0", "1.0.0", "2.0.0"], []),
        ("vers:npm/1.0.0|2.0.0", ["1.0.0", "2.0.0"], ["1.5.0"]),
        ("vers:deb/<1.0", ["1.0~rc1"], ["1.0"]),
    ],
)
def test_a_range_holds_what_its_scheme_says(text: str, inside: list[str], outside: list[str]) -> None:
    found = vers.canonical(text)
    assert [one for one in inside if one not in found] == []
    assert [one for one in outside if one in found] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pypi/<1",
        "vers:pypi",
        "vers:PyPI/<1",
        "vers:pypi/",
        "vers:pypi/<1,>2",
        "vers:pypi/< 1",
        "vers:pypi/<1|*",
        "vers:pypi/==1",
        "vers:npm/%31.0.0",
        "vers:npm/1%ff",
        "vers:npm/1%00",
        "vers:datetime/2024-13",
        "vers:npm/" + "1|" * 60_000 + "1",
    ],
)
def test_what_is_no_canonical_range_is_refused(text: str) -> None:
    if "," in text:
        assert "1" in str(vers.parse("vers:generic/1"))
        with pytest.raises(Malformed):
            _ = "1" in vers.parse(text)
        return
    with pytest.raises(Malformed):
        vers.parse(text)


def test_a_range_of_a_scheme_without_an_order_is_read_and_not_compared() -> None:
    found = vers.parse("vers:generic/>=b|<a")
    assert str(found) == "vers:generic/>=b|<a"
    with pytest.raises(Malformed, match="no order"):
        _ = "b" in found


@pytest.mark.parametrize(("scheme", "text"), [("unheard-of", "1"), ("npm", "=>>nonsense<<"), ("pypi", "~~1")])
def test_a_native_range_that_is_none_is_refused(scheme: str, text: str) -> None:
    with pytest.raises(Malformed):
        vers.from_native(scheme, text)


versions = st.integers(0, 9).map(lambda minor: f"1.{minor}.0")
intervals = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=3)


@given(intervals, st.integers(0, 9))
def test_a_union_of_apart_intervals_holds_exactly_their_members(spans: list[tuple[int, int]], tested: int) -> None:
    members = sorted({number for low, high in spans for number in range(low, high)})
    runs: list[list[int]] = []
    for number in members:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    if not runs:
        return
    text = "|".join(f">={run[0]}.0.0|<{run[-1] + 1}.0.0" for run in runs)
    for scheme in ("npm", "pypi"):
        assert (f"{tested}.0.0" in vers.parse(f"vers:{scheme}/{text}")) == (tested in members)


@given(st.lists(st.tuples(st.sampled_from([">=", "<", "!=", "=", "<=", ">"]), versions), min_size=1, max_size=6))
def test_a_canonical_range_is_sorted_and_reads_back(pairs: list[tuple[str, str]]) -> None:
    text = "vers:npm/" + "|".join(comparator + version for comparator, version in pairs)
    found = vers.canonical(text)
    keys = [sort_key("npm", one.version) for one in found.constraints]
    assert keys == sorted(keys)
    assert vers.parse(str(found)) == found
