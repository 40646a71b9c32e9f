"""Two findings: joined, linked or apart, in the order of the issue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.cases.rules.facts import Answer, Facts, How, Place, place_of
from clearinghouse.cases.rules.pairs import decide
from tests.cases.makers import bare_facts, some_facts

NARROW = {"p": 1, "q": 1}
BROAD = {"p": 7, "q": 7}
RANGE = frozenset({"1.0", "1.1"})
STATE = ("lib.a", "lib.b")
OTHER = ("lib.x", "lib.y")


def with_patch(finding: str, *, stopped_by: str = "p", **changes: Any) -> Facts:  # noqa: ANN401
    return bare_facts(finding, stopped_by=frozenset(stopped_by), **changes)


def test_a_narrow_patch_that_stops_both_joins_whatever_else_differs() -> None:
    verdict = decide(with_patch("a", state=STATE), with_patch("b", state=OTHER), regions=NARROW)
    assert (verdict.answer, verdict.how) == (Answer.JOIN, How.PATCH)


def test_two_flaws_fixed_by_one_broad_patch_are_only_linked() -> None:
    verdict = decide(with_patch("a", state=STATE), with_patch("b", state=OTHER), regions=BROAD)
    assert verdict.answer is Answer.LINK


def test_a_broad_patch_and_one_range_do_not_join_two_slow_functions() -> None:
    slow: dict[str, Any] = {"detector": "growth", "sink": "growth", "affected": RANGE}
    one = with_patch("a", entries=frozenset({"lib.trim"}), **slow)
    other = with_patch("b", entries=frozenset({"lib.parse"}), **slow)
    assert decide(one, other, regions=BROAD).answer is Answer.LINK


def test_a_broad_patch_joins_what_ends_in_the_same_function() -> None:
    verdict = decide(with_patch("a", state=STATE), with_patch("b", state=("lib.a", "lib.z")), regions=BROAD)
    assert verdict.answer is Answer.JOIN


def test_a_broad_patch_joins_reports_of_one_place_when_no_frames_speak_against_it() -> None:
    place = frozenset({Place("a.py", "f")})
    verdict = decide(with_patch("a", places=place), with_patch("b", places=place), regions=BROAD)
    assert verdict.answer is Answer.JOIN


def test_a_patch_nobody_measured_counts_as_broad() -> None:
    assert decide(with_patch("a"), with_patch("b"), regions={}).answer is Answer.LINK


def test_a_fix_that_stops_only_its_own_proof_makes_it_uncertain() -> None:
    one = with_patch("a", patches=frozenset("p"), resists=frozenset("q"))
    other = with_patch("b", stopped_by="pq", patches=frozenset("q"))
    assert decide(one, other, regions=NARROW).answer is Answer.LINK


def test_unless_both_end_in_the_same_functions() -> None:
    one = with_patch("a", patches=frozenset("p"), resists=frozenset("q"), state=STATE)
    other = with_patch("b", stopped_by="pq", patches=frozenset("q"), state=STATE)
    assert decide(one, other, regions=NARROW).answer is Answer.JOIN


def test_fixes_that_do_not_stop_each_other_keep_findings_apart() -> None:
    one = with_patch("a", stopped_by="p", patches=frozenset("p"), resists=frozenset("q"), state=STATE)
    other = with_patch("b", stopped_by="q", patches=frozenset("q"), resists=frozenset("p"), state=OTHER)
    assert decide(one, other, regions=NARROW).answer is Answer.APART


@pytest.mark.parametrize(
    "tie", [{"state": STATE}, {"places": frozenset({Place("a.py", "f")})}, {"aliases": frozenset({"CVE-1"})}]
)
def test_and_even_what_ties_them_otherwise_only_links(tie: dict[str, Any]) -> None:
    one = with_patch("a", stopped_by="p", patches=frozenset("p"), resists=frozenset("q"), **tie)
    other = with_patch("b", stopped_by="q", patches=frozenset("q"), resists=frozenset("p"), **tie)
    assert decide(one, other, regions=NARROW).answer is Answer.LINK


def test_the_same_functions_at_the_witness_join() -> None:
    verdict = decide(bare_facts("a", state=STATE), bare_facts("b", state=STATE), regions={})
    assert (verdict.answer, verdict.how) == (Answer.JOIN, How.FRAMES)


def test_unless_a_release_is_affected_by_one_only() -> None:
    one = bare_facts("a", state=STATE, affected=RANGE)
    other = bare_facts("b", state=STATE, unaffected=frozenset({"1.1"}))
    assert decide(one, other, regions={}).answer is Answer.LINK


def test_the_same_innermost_function_alone_only_links() -> None:
    verdict = decide(bare_facts("a", state=STATE), bare_facts("b", state=("lib.a", "lib.q")), regions={})
    assert verdict.answer is Answer.LINK


SINK = {"affected": RANGE, "detector": "command-execution", "sink": "os.system"}


def test_the_same_range_and_sink_join_when_the_ways_there_meet() -> None:
    one, other = bare_facts("a", state=STATE, **SINK), bare_facts("b", state=("lib.c", "lib.b"), **SINK)
    assert decide(one, other, regions={}).how is How.RANGE_AND_SINK


def test_the_same_range_and_sink_do_not_join_two_flaws_that_one_release_fixed() -> None:
    one, other = bare_facts("a", state=STATE, **SINK), bare_facts("b", state=OTHER, **SINK)
    assert decide(one, other, regions={}).answer is Answer.LINK


def test_growth_says_little_by_itself_but_one_entry_joins() -> None:
    slow = {"affected": RANGE, "detector": "growth", "sink": "growth", "weaknesses": frozenset({"slow"})}
    assert decide(bare_facts("a", **slow), bare_facts("b", **slow), regions={}).answer is Answer.LINK
    entry = frozenset({"lib.parse"})
    one, other = bare_facts("a", entries=entry, **slow), bare_facts("b", entries=entry, **slow)
    assert decide(one, other, regions={}).answer is Answer.JOIN


WORDS = {"places": frozenset({Place("a.py", "f")}), "weaknesses": frozenset({"path"})}


def test_the_same_location_and_weakness_join() -> None:
    verdict = decide(bare_facts("a", **WORDS), bare_facts("b", **WORDS), regions={})
    assert (verdict.answer, verdict.how) == (Answer.JOIN, How.LOCATION_AND_WEAKNESS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"state": STATE}, {"state": OTHER}),
        ({"affected": RANGE}, {"unaffected": RANGE}),
    ],
)
def test_but_not_against_what_ran(one: dict[str, Any], other: dict[str, Any]) -> None:
    verdict = decide(bare_facts("a", **WORDS, **one), bare_facts("b", **WORDS, **other), regions={})
    assert verdict.answer is Answer.LINK


def test_the_same_place_with_another_weakness_only_links() -> None:
    one = bare_facts("a", places=WORDS["places"], weaknesses=frozenset({"path"}))
    other = bare_facts("b", places=WORDS["places"], weaknesses=frozenset({"slow"}))
    assert decide(one, other, regions={}).answer is Answer.LINK


def test_an_identifier_alone_never_joins() -> None:
    one, other = (bare_facts(name, aliases=frozenset({"CVE-2020-1"})) for name in "ab")
    assert decide(one, other, regions={}).how is How.ALIAS


def test_strangers_are_apart() -> None:
    assert decide(bare_facts("a"), bare_facts("b"), regions={}).answer is Answer.APART


def test_findings_of_two_packages_never_meet() -> None:
    assert decide(some_facts("a"), some_facts("b", package="pkg:npm/ini"), regions={}).answer is Answer.APART


facts = st.builds(
    bare_facts,
    st.text(alphabet="abcdef", min_size=3, max_size=3),
    detector=st.sampled_from(["growth", "command-execution"]),
    sink=st.sampled_from(["growth", "os.system"]),
    state=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
    affected=st.frozensets(st.sampled_from("123"), max_size=3),
    unaffected=st.frozensets(st.sampled_from("456"), max_size=3),
    patches=st.frozensets(st.sampled_from("pq"), max_size=1),
    stopped_by=st.frozensets(st.sampled_from("pq"), max_size=2),
    resists=st.frozensets(st.sampled_from("pq"), max_size=2),
    places=st.frozensets(st.builds(Place, st.just("a.py"), st.sampled_from("fg")), max_size=2),
    weaknesses=st.frozensets(st.sampled_from(["path", "slow"]), max_size=1),
    aliases=st.frozensets(st.sampled_from(["CVE-1", "CVE-2"]), max_size=1),
)


@given(facts, facts, st.dictionaries(st.sampled_from("pq"), st.integers(1, 3)))
def test_the_verdict_does_not_depend_on_who_comes_first(one: Facts, other: Facts, regions: dict[str, int]) -> None:
    if one.finding != other.finding:
        assert decide(one, other, regions=regions) == decide(other, one, regions=regions)


@given(facts, facts)
def test_every_tie_says_how_and_why(one: Facts, other: Facts) -> None:
    verdict = decide(one, other, regions={})
    assert verdict.reason
    assert (verdict.how is None) == (verdict.answer is Answer.APART)


@pytest.mark.parametrize(
    ("path", "symbol", "line", "expected"),
    [
        ("lib/yaml/Loader.py", "Loader.get_data", 3, Place("loader.py", "get_data")),
        ("./loader.py", "yaml.loader#get_data()", None, Place("loader.py", "get_data")),
        ("src\\loader.py", "", 7, Place("loader.py", "line 7")),
        ("loader.py", "", None, None),
    ],
)
def test_places_forget_how_a_finder_writes_paths(
    path: str, symbol: str, line: int | None, expected: Place | None
) -> None:
    assert place_of(path, symbol=symbol, line=line) == expected
