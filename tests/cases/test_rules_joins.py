"""Gathering findings into cases."""

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.cases.rules.facts import Facts, How, trials_of
from clearinghouse.cases.rules.joins import MOST_ANCHORS, Joining, case_key, compared, join
from clearinghouse.cases.rules.trials import Trial, trials_wanted, with_answer
from tests.cases.makers import bare_facts, some_facts
from tests.cases.test_rules_pairs import facts

many = st.lists(facts, max_size=8, unique_by=lambda one: one.finding)
pairs = st.frozensets(
    st.frozensets(st.text(alphabet="abcdef", min_size=3, max_size=3), min_size=2, max_size=2), max_size=4
)
NARROW = {"p": 1, "q": 1}


def cases_of(joining: Joining) -> set[frozenset[str]]:
    return {frozenset(group.findings) for group in joining.groups}


@given(many, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(findings: list[Facts], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join(findings, regions=NARROW) == join(shuffled, regions=NARROW)


@given(many)
def test_every_finding_is_in_exactly_one_case(findings: list[Facts]) -> None:
    members = [one for group in join(findings, regions=NARROW).groups for one in group.findings]
    assert sorted(members) == sorted(one.finding for one in findings)


@given(many, pairs)
def test_what_was_set_apart_is_never_joined_again(findings: list[Facts], apart: frozenset[frozenset[str]]) -> None:
    for group in join(findings, regions=NARROW, apart=apart).groups:
        assert not any(pair <= set(group.findings) for pair in apart)


@given(many)
def test_undoing_any_join_splits_its_case_and_stays_undone(findings: list[Facts]) -> None:
    before = join(findings, regions=NARROW)
    for undone in (one for group in before.groups for one in group.joins):
        apart = frozenset({frozenset({undone.finding, undone.other})})
        after = join(findings, regions=NARROW, apart=apart)
        assert cases_of(after) != cases_of(before)
        assert join(findings, regions=NARROW, apart=apart) == after


@given(many)
def test_a_case_of_n_findings_has_n_less_one_joins_that_all_lead_to_its_first(findings: list[Facts]) -> None:
    for group in join(findings, regions=NARROW).groups:
        reached = {group.findings[0]}
        for one in group.joins:
            assert one.other in reached
            reached.add(one.finding)
        assert reached == set(group.findings) and len(group.joins) == len(group.findings) - 1


@given(many)
def test_links_tie_two_cases_never_one(findings: list[Facts]) -> None:
    joining = join(findings, regions=NARROW)
    case_of = {finding: group.key for group in joining.groups for finding in group.findings}
    assert all(case_of[link.finding] != case_of[link.other] for link in joining.links)


@given(many)
def test_findings_of_another_package_change_nothing(findings: list[Facts]) -> None:
    stranger = some_facts("zzz", package="pkg:npm/ini")
    alone, beside = join(findings, regions=NARROW), join([*findings, stranger], regions=NARROW)
    lone = join([stranger], regions=NARROW).groups
    assert [group for group in beside.groups if group not in lone] == list(alone.groups)
    assert beside.links == alone.links


def test_a_join_that_was_undone_becomes_a_link_that_says_so() -> None:
    apart = frozenset({frozenset({"a", "b"})})
    joining = join([some_facts("a"), some_facts("b")], regions={}, apart=apart)
    assert [link.how for link in joining.links] == [How.UNDONE]


def test_an_undone_pair_keeps_a_third_from_bringing_them_together() -> None:
    apart = frozenset({frozenset({"a", "c"})})
    joining = join([some_facts(name) for name in "abc"], regions={}, apart=apart)
    assert cases_of(joining) == {frozenset("ab"), frozenset("c")}


def test_the_case_key_is_made_of_content_alone() -> None:
    group = join([some_facts("b"), some_facts("a")], regions={}).groups[0]
    assert group.key == case_key("pkg:pypi/pyyaml", "a") and len(group.key) == 16


def test_a_thousand_reports_of_one_flaw_cost_a_thousand_comparisons() -> None:
    known = {name: some_facts(name) for name in (f"{number:04}" for number in range(1000))}
    assert len(compared(known, regions={})) == 999


def test_a_key_that_is_too_common_stops_saying_anything() -> None:
    known = {name: bare_facts(name, aliases=frozenset({"CVE-1"})) for name in (f"{number:04}" for number in range(500))}
    assert len(compared(known, regions={})) <= 500 * MOST_ANCHORS


def patched(finding: str, patch: str) -> Facts:
    return some_facts(finding, patches=frozenset({patch}), stopped_by=frozenset({patch}))


def test_patches_are_tried_both_ways() -> None:
    wanted = trials_wanted([patched("a", "p"), patched("b", "q")], regions=NARROW)
    assert wanted == (Trial("a", "q", "b"), Trial("b", "p", "a"))


def test_an_answer_is_not_asked_for_again_also_when_the_trial_could_not_run() -> None:
    one, other = patched("a", "p"), patched("b", "q")
    answered = [with_answer(one, "q", stops=None), with_answer(other, "p", stops=False)]
    assert trials_wanted(answered, regions=NARROW) == ()
    assert set(trials_of(answered)) == {("a", "q"), ("b", "p")}


def test_the_same_patch_from_two_finders_needs_no_trial() -> None:
    assert trials_wanted([patched("a", "p"), patched("b", "p")], regions=NARROW) == ()


def test_a_patch_is_not_tried_on_a_release_where_the_proof_does_not_show() -> None:
    one, other = patched("a", "p"), some_facts("b", target="5.2.1")
    assert [trial.finding for trial in trials_wanted([one, other], regions=NARROW)] == ["b"]
    elsewhere = some_facts("b", target="9.0", affected=frozenset({"9.0"}))
    assert trials_wanted([one, elsewhere], regions=NARROW) == ()


def test_many_reports_of_one_flaw_need_few_trials() -> None:
    findings = {name: patched(name, f"patch of {name}") for name in (f"{number:03}" for number in range(40))}
    regions = {f"patch of {name}": 1 for name in findings}
    asked = 0
    while wanted := trials_wanted(findings.values(), regions=regions):
        for trial in wanted:
            asked += 1
            findings[trial.finding] = with_answer(findings[trial.finding], trial.patch, stops=True)
    assert len(join(findings.values(), regions=regions).groups) == 1
    assert asked <= 40 * 3


def test_a_direction_that_has_enough_is_not_asked_on_because_the_other_cannot_be() -> None:
    both = [frozenset({"common", f"own {number}"}) for number in range(20)]
    old = [some_facts(f"old {number}", patches=two, stopped_by=two) for number, two in enumerate(both)]
    later = {"target": "5.4", "affected": frozenset({"5.3", "5.4"}), "unaffected": frozenset({"5.5"})}
    new = [
        some_facts(f"new {number}", patches=frozenset({"new"}), stopped_by=frozenset({"new"}), **later)
        for number in range(20)
    ]
    known = {one.finding: one for one in (*old, *new)}
    narrow = dict.fromkeys((patch for one in known.values() for patch in one.patches), 1)
    asked = []
    while wanted := trials_wanted(known.values(), regions=narrow):
        for trial in wanted:
            asked.append(trial)
            known[trial.finding] = with_answer(known[trial.finding], trial.patch, stops=False)
    assert [(trial.finding[:3], trial.other[:3]) for trial in asked] == [("new", "old")]


def test_the_trials_wanted_do_not_depend_on_the_order_of_findings() -> None:
    findings = [patched(f"{number:02}", f"p{number % 7}") for number in range(40)]
    regions = {f"p{number}": 1 + number % 2 for number in range(7)}
    assert trials_wanted(findings, regions=regions) == trials_wanted(findings[::-1], regions=regions) != ()


@given(many)
def test_asking_ends(findings: list[Facts]) -> None:
    known = {one.finding: one for one in findings}
    for _ in range(100):
        wanted = trials_wanted(known.values(), regions=NARROW)
        if not wanted:
            return
        for trial in wanted:
            known[trial.finding] = with_answer(known[trial.finding], trial.patch, stops=None)
    raise AssertionError("it asks for ever")
