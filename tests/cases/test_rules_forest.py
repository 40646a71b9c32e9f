"""Trees of findings: whole trees are looked at before two become one."""

from clearinghouse.cases.rules.facts import Answer, Facts, How
from clearinghouse.cases.rules.forest import NOTHING, Forest, United
from clearinghouse.cases.rules.joins import join
from clearinghouse.cases.rules.pairs import decide
from tests.cases.makers import bare_facts, some_facts

NARROW = dict.fromkeys("pqrs", 1)


def tried(finding: str, stopped: str, resists: str) -> Facts:
    return bare_facts(finding, stopped_by=frozenset(stopped), resists=frozenset(resists))


def forest_of(*findings: Facts) -> Forest:
    return Forest({one.finding: one for one in findings}, regions=NARROW, apart=NOTHING)


def test_trees_whose_patches_do_not_stop_each_other_stay_two() -> None:
    forest = forest_of(tried("a", "pqr", ""), tried("b", "s", "pqr"))
    assert forest.unite("a", "b") is United.PATCHES_DISAGREE
    assert not forest.together("a", "b")


def test_one_patch_that_is_too_narrow_does_not_outweigh_one_that_stops_both() -> None:
    forest = forest_of(tried("a", "pq", ""), tried("b", "q", "p"))
    assert forest.unite("a", "b") is United.DONE
    assert forest.unite("b", "a") is United.ALREADY


def test_a_patch_that_changes_several_places_speaks_for_nothing() -> None:
    known = {one.finding: one for one in (tried("a", "bp", ""), tried("b", "b", "p"))}
    forest = Forest(known, regions={"p": 1, "b": 4}, apart=NOTHING)
    assert forest.unite("a", "b") is United.PATCHES_DISAGREE


def test_a_second_patch_that_changes_several_places_is_hardly_chance() -> None:
    regions = {"p": 1, "b": 4, "c": 4}
    known = {one.finding: one for one in (tried("a", "bcp", ""), tried("b", "bc", "p"))}
    assert Forest(known, regions=regions, apart=NOTHING).unite("a", "b") is United.DONE


def test_a_patch_that_divides_a_tree_says_nothing_about_others() -> None:
    forest = forest_of(tried("a", "qp", ""), tried("b", "q", "p"), tried("c", "", "p"), tried("d", "p", ""))
    assert forest.unite("a", "b") is United.DONE
    assert forest.tree("a").side("p") == 0
    assert forest.unite("a", "c") is United.DONE
    assert forest_of(tried("a", "qp", ""), tried("c", "", "p")).unite("a", "c") is United.PATCHES_DISAGREE


def test_one_finding_that_stands_out_does_not_divide_a_tree() -> None:
    forest = forest_of(*(tried(name, "qp", "") for name in "abc"), tried("d", "q", "p"))
    for name in "bcd":
        assert forest.unite("a", name) is United.DONE
    assert forest.tree("d").side("p") == 1


def test_what_the_second_finding_of_a_tree_showed_counts_as_well() -> None:
    forest = forest_of(tried("a", "q", ""), tried("b", "qpr", ""), tried("c", "qs", "pr"))
    assert forest.unite("a", "b") is United.DONE
    assert forest.unite("a", "c") is United.PATCHES_DISAGREE


def test_a_chain_of_ties_ends_where_patches_disagree_and_says_so() -> None:
    one = some_facts("a", stopped_by=frozenset("pq"))
    bridge = some_facts("b")
    other = some_facts("c", stopped_by=frozenset("rs"), resists=frozenset("pq"))
    joining = join([one, bridge, other], regions=NARROW)
    assert len(joining.groups) == 2
    assert any("More accepted patches" in link.reason or link.how is How.FRAMES for link in joining.links)


def test_a_third_findings_patch_tells_two_apart_too() -> None:
    verdict = decide(tried("a", "pq", ""), tried("b", "q", "p"), regions={"p": 1, "q": 4})
    assert verdict.answer is Answer.LINK


def test_a_proof_that_needs_a_younger_function_is_still_of_the_same_flaw() -> None:
    early = some_facts("a", affected=frozenset({"1.9", "1.10"}), unaffected=frozenset({"2.0"}), aliases=frozenset())
    late = some_facts("b", affected=frozenset({"1.10"}), unaffected=frozenset({"1.9", "2.0"}), aliases=frozenset())
    assert decide(early, late, regions={}).answer is Answer.JOIN
    longer = some_facts("c", affected=frozenset({"1.9", "1.10", "2.0"}), unaffected=frozenset({"2.1"}))
    assert decide(early, longer, regions={}).answer is Answer.LINK
