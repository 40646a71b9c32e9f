from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from clearinghouse.validation.brief import Form
from clearinghouse.validation.controls.notes import Setting
from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.launch import FLOODS, Start
from clearinghouse.validation.rules import (
    ControlName,
    Detector,
    FindingOutcome,
    Grade,
    Judgement,
    Outcome,
    Owner,
    Reason,
    Run,
    Said,
    Step,
    VariantName,
)
from tests.validation.makers import FIRES_HONESTLY, V, a_form, a_proof, a_run, a_witness, answering

SETTING = Setting(fixed="2.0", newest="3.0", identities=(("pkg", "1.0"), ("pkg", "2.0")))


def judged(
    rule: Callable[[Start], Run | None], *, setting: Setting = SETTING, steps: int = 1, **proof: object
) -> Judgement:
    return drive(plan(a_proof(**proof), setting), answering(rule, steps=steps))  # type: ignore[arg-type]


def on(
    variant: VariantName, outcome: Outcome, *, benign: bool = False, **changes: object
) -> Callable[[Start], Run | None]:
    return lambda start: (
        a_run(start, outcome, **changes) if start.variant is variant and start.benign is benign else None
    )


def silent_but_for_one(start: Start) -> Run | None:
    """Silence for every token but the first that the vulnerable release is run with."""
    again = start.variant is V.VULNERABLE and not start.benign and start.number > 0
    return a_run(start, Outcome.SILENT) if again or start.variant is V.TOKEN else None


def test_an_honest_proof_is_validated_at_grade_a_with_every_control_passed() -> None:
    judgement = judged(lambda _: None)
    assert (judgement.outcome, judgement.grade, judgement.reason) == (FindingOutcome.VALIDATED, Grade.A, None)
    assert {one.said for one in judgement.controls} == {Said.PASSED}


def test_a_full_verdict_takes_twenty_one_runs() -> None:
    assert len(judged(lambda _: None).runs) == 21


def test_the_state_names_the_functions_of_the_target_only() -> None:
    assert judged(lambda _: None).state == ("pkg.read",)


@pytest.mark.parametrize(
    ("rule", "outcome", "reason"),
    [
        (on(V.VULNERABLE, Outcome.SILENT), FindingOutcome.REFUSED, Reason.NEVER_SHOWS),
        (on(V.VULNERABLE, Outcome.COULD_NOT_RUN, why=FLOODS), FindingOutcome.REFUSED, Reason.NEVER_SHOWS),
        (
            on(V.VULNERABLE, Outcome.FIRED, witness=a_witness(blamed=Owner.FINDER)),
            FindingOutcome.REFUSED,
            Reason.FINDERS_ACT,
        ),
        (
            on(V.VULNERABLE, Outcome.FIRED, witness=a_witness(blamed=Owner.UNKNOWN)),
            FindingOutcome.HELD,
            Reason.NOBODY_BLAMED,
        ),
        (
            on(V.VULNERABLE, Outcome.COULD_NOT_RUN, tampered="record 3 is forged"),
            FindingOutcome.REFUSED,
            Reason.TAMPERED,
        ),
        (on(V.FIXED, Outcome.COULD_NOT_RUN, tampered="gc.get_objects"), FindingOutcome.REFUSED, Reason.TAMPERED),
        (
            on(V.VULNERABLE, Outcome.FIRED, facts={"changed": "pkg.LIMIT"}),
            FindingOutcome.HELD,
            Reason.CHANGES_TARGET,
        ),
        (on(V.VULNERABLE, Outcome.FIRED, benign=True), FindingOutcome.REFUSED, Reason.BENIGN_FIRES),
        (on(V.FIXED, Outcome.FIRED, benign=True), FindingOutcome.REFUSED, Reason.BENIGN_FIRES),
        (on(V.FIXED, Outcome.COULD_NOT_RUN, benign=True), FindingOutcome.HELD, Reason.BENIGN_FAILS),
        (on(V.FIXED, Outcome.FIRED), FindingOutcome.HELD, Reason.FIX_INCOMPLETE),
        (
            on(V.FIXED, Outcome.FIRED, witness=a_witness(blamed=Owner.FINDER)),
            FindingOutcome.REFUSED,
            Reason.SHOWS_ON_FIXED,
        ),
        (on(V.FIXED, Outcome.SILENT, facts={"code_from_input": True}), FindingOutcome.HELD, Reason.CODE_BY_DESIGN),
        (silent_but_for_one, FindingOutcome.REFUSED, Reason.FOLLOWS_TOKEN),
        (on(V.SWAP_TO_FIXED, Outcome.SILENT), FindingOutcome.REFUSED, Reason.FOLLOWS_METADATA),
        (on(V.SWAP_TO_VULNERABLE, Outcome.FIRED), FindingOutcome.REFUSED, Reason.FOLLOWS_METADATA),
        (on(V.REPRINT, Outcome.SILENT), FindingOutcome.REFUSED, Reason.FOLLOWS_TEXT),
    ],
)
def test_each_control_refuses_or_holds_for_its_own_reason(
    rule: Callable[[Start], Run | None], outcome: FindingOutcome, reason: Reason
) -> None:
    judgement = judged(rule)
    assert (judgement.outcome, judgement.reason, judgement.grade) == (outcome, reason, None)


def test_input_that_states_lengths_needs_tokens_of_one_length_only() -> None:
    judgement = judged(on(V.TOKEN, Outcome.SILENT))
    assert judgement.grade is Grade.A
    (said,) = [one for one in judgement.controls if one.name is ControlName.TOKEN]
    assert said.said is Said.PASSED and "lengths" in said.why


@pytest.mark.parametrize(
    ("seen", "outcome", "reason"),
    [
        ({}, FindingOutcome.REFUSED, Reason.ONLY_SPEAKS),
        ({"facts": {"child": "subprocess.Popen"}}, FindingOutcome.HELD, Reason.OTHER_PROCESS),
        (
            {"steps": (Step(0, ok=False, raised="OSError"),), "why": "the program ends with OSError"},
            FindingOutcome.REFUSED,
            Reason.PROGRAM_DIES,
        ),
    ],
)
def test_a_program_in_which_nothing_was_seen_is_told_why(
    seen: dict[str, Any], outcome: FindingOutcome, reason: Reason
) -> None:
    form = Form("program", program="proof.py")
    judgement = judged(on(V.VULNERABLE, Outcome.SILENT, **seen), form=form)
    assert (judgement.outcome, judgement.reason) == (outcome, reason)
    assert str(seen.get("why", "")) in judgement.sentence


def test_a_harmless_program_that_dies_is_no_control() -> None:
    form = Form("program", program="proof.py")
    dead = (Step(0, ok=False, raised="ImportError"),)
    benign = judged(on(V.FIXED, Outcome.SILENT, benign=True, steps=dead), form=form, benign=form)
    assert benign.reason is Reason.BENIGN_FAILS
    swapped = judged(on(V.SWAP_TO_FIXED, Outcome.SILENT, benign=True, steps=dead), form=form, benign=form)
    assert swapped.grade is Grade.C
    assert next(one.said for one in swapped.controls if one.name is ControlName.SWAP) is Said.NOT_POSSIBLE


def test_a_proof_that_fires_on_every_release_is_held_as_documented_use() -> None:
    def everywhere(start: Start) -> Run | None:
        fires = not start.benign and start.variant in (V.FIXED, V.PROBE)
        return a_run(start, Outcome.FIRED) if fires else None

    assert judged(everywhere).reason is Reason.DOCUMENTED_USE


def test_only_what_shows_on_both_nulls_is_refused_for_it() -> None:
    assert judged(on(V.NULL_RETURNS, Outcome.FIRED)).grade is Grade.A
    assert judged(on(V.NULL_RAISES, Outcome.FIRED)).grade is Grade.A

    def both(start: Start) -> Run | None:
        return a_run(start, Outcome.FIRED) if start.null else None

    assert judged(both).reason is Reason.SHOWS_ON_NULLS


def test_a_proof_without_a_benign_form_is_held() -> None:
    proof = replace(a_proof(), benign=None)
    judgement = drive(plan(proof, SETTING), answering(lambda _: None))
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.NO_BENIGN)


def test_a_proof_that_shows_only_sometimes_is_held_as_flaky_with_the_count() -> None:
    def third_time_lucky(start: Start) -> Run | None:
        return a_run(start, Outcome.SILENT) if start.variant is V.VULNERABLE and start.number == 3 else None

    judgement = judged(third_time_lucky)
    assert judgement.reason is Reason.FLAKY
    assert "8 of 9 runs, firing rate between 0.55 and 0.97 (95 %)" in judgement.sentence


def test_a_first_silent_run_is_looked_at_again_before_it_counts() -> None:
    def late(start: Start) -> Run | None:
        return a_run(start, Outcome.SILENT) if start.variant is V.VULNERABLE and start.number == 0 else None

    assert judged(late).reason is Reason.FLAKY


def test_a_control_that_did_not_run_has_not_passed() -> None:
    judgement = judged(on(V.VULNERABLE, Outcome.SILENT))
    said = {one.name: one.said for one in judgement.controls}
    assert said[ControlName.SWAP] is Said.NOT_RUN


def test_without_a_fixed_release_the_grade_is_c_at_best() -> None:
    judgement = judged(lambda _: None, setting=Setting())
    assert (judgement.outcome, judgement.grade, judgement.reason) == (
        FindingOutcome.VALIDATED,
        Grade.C,
        Reason.NO_CONTROL,
    )


def test_held_against_a_patch_the_grade_says_so_and_the_swap_is_not_possible() -> None:
    judgement = judged(lambda _: None, setting=Setting(fixed="1.0", patched=True))
    assert judgement.grade is Grade.A_PATCH
    assert next(one for one in judgement.controls if one.name is ControlName.SWAP).said is Said.NOT_POSSIBLE


def test_a_program_earns_b_at_best() -> None:
    judgement = judged(lambda _: None, setting=replace(SETTING, program=True))
    assert (judgement.grade, judgement.reason) == (Grade.B, Reason.NEEDS_PERSON)


def test_results_that_later_steps_use_are_held_on_the_fixed_release() -> None:
    form = a_form(steps=[{"call": "pkg.probe"}, {"call": "pkg.run", "args": [{"$ref": 0}]}])
    asked: list[Start] = []

    def watching(starts: Sequence[Start]) -> list[Run]:
        asked.extend(starts)
        steps = (Step(0, ok=True, value="touch x"), Step(1, ok=True))
        return [replace(one, steps=steps) for one in answering(lambda _: None)(starts)]

    drive(plan(a_proof(form=form, benign=form), SETTING), watching)
    assert {0: "touch x"} in [one.hold for one in asked]


def test_what_fires_on_the_fix_once_results_are_held_is_a_branch() -> None:
    form = a_form(steps=[{"call": "pkg.probe"}, {"call": "pkg.run", "args": [{"$ref": 0}]}])

    def branching(start: Start) -> Run | None:
        steps = (Step(0, ok=True, value="touch x"), Step(1, ok=True))
        if start.variant is V.FIXED and start.hold:
            return a_run(start, Outcome.FIRED)
        return a_run(start, Outcome.FIRED, steps=steps) if start.variant is V.VULNERABLE and not start.benign else None

    assert judged(branching, form=form, benign=form, steps=2).reason is Reason.BRANCHES


def test_an_act_that_needs_an_object_whose_making_fails_on_the_fix_is_held() -> None:
    form = a_form(steps=[{"call": "pkg.strict"}, {"method": "run", "on": {"$ref": 0}}])

    def disguised(start: Start) -> Run | None:
        if start.variant is V.FIXED and not start.benign:
            return a_run(start, Outcome.SILENT, steps=(Step(0, ok=False, raised="ValueError"), Step(1, ok=False)))
        if start.variant is V.VULNERABLE and not start.benign:
            return a_run(start, Outcome.FIRED, steps=(Step(0, ok=True), Step(1, ok=True)), facts={"step": 1})
        return None

    judgement = judged(disguised, form=form, benign=form, steps=2)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.BRANCHES)


def slow(start: Start, *, exponent: float) -> Run:
    points = tuple((n, 0.01 * (n / 1000) ** exponent) for n in (1000, 2000, 4000, 8000))
    fires = exponent >= 1.5
    outcome = Outcome.FIRED if fires else Outcome.SILENT
    witness = a_witness(detector=Detector.GROWTH) if fires else None
    return a_run(start, outcome, points=points, witness=witness)


def grows(start: Start) -> Run:
    return slow(start, exponent=2.0 if not start.benign and start.variant in FIRES_HONESTLY else 1.0)


def test_growth_is_validated_against_a_fixed_release_that_is_linear() -> None:
    assert judged(grows, detector=Detector.GROWTH).grade is Grade.A


@pytest.mark.parametrize(("seconds", "grade"), [(0.0008, Grade.A), (0.02, None)])
def test_a_fixed_release_that_takes_next_to_nothing_need_not_be_led_as_far(seconds: float, grade: Grade | None) -> None:
    """Larger sizes are added for a proof that takes too little time to tell; not for a control that takes none."""
    sizes, further = (1000, 2000), (4000, 8000)

    def led_further(start: Start) -> Run:
        run = grows(start)
        if run.outcome is Outcome.FIRED:
            return replace(run, points=tuple((n, 0.005 * (n / 1000) ** 2) for n in (*sizes, *further)))
        return replace(run, points=tuple((n, seconds * (n / 1000) ** (2 if seconds > 0.01 else 0)) for n in sizes))

    proof = replace(a_proof(detector=Detector.GROWTH), sizes=sizes)
    assert drive(plan(proof, SETTING), answering(led_further)).grade is grade


def test_one_missed_timing_control_is_run_again() -> None:
    def hiccup(start: Start) -> Run:
        first = start.variant is V.FIXED and start.number == 0 and not start.benign
        return slow(start, exponent=1.9) if first else grows(start)

    assert judged(hiccup, detector=Detector.GROWTH).grade is Grade.A


def test_an_unclear_measurement_is_made_again() -> None:
    def unclear_once(start: Start) -> Run:
        run = grows(start)
        first = start.number < 100
        return replace(run, outcome=Outcome.COULD_NOT_RUN, facts={"unclear": True}, points=()) if first else run

    assert judged(unclear_once, detector=Detector.GROWTH).grade is Grade.A


def test_growth_that_stays_on_the_fixed_release_is_not_validated() -> None:
    def stays(start: Start) -> Run:
        return slow(start, exponent=2.0) if start.variant is V.FIXED and not start.benign else grows(start)

    assert judged(stays, detector=Detector.GROWTH).reason is Reason.FIX_INCOMPLETE


def test_a_control_that_was_not_possible_lowers_the_grade() -> None:
    judgement = judged(on(V.NULL_RETURNS, Outcome.COULD_NOT_RUN, facts={"fault": "import-failed"}))
    assert (judgement.grade, judgement.reason) == (Grade.C, Reason.NO_CONTROL)


def test_a_harmless_form_that_makes_another_call_is_no_control() -> None:
    judgement = judged(lambda _: None, benign=a_form(steps=[{"call": "pkg.safe_read", "args": ["x"]}]))
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.BENIGN_UNLIKE)


@pytest.mark.parametrize(
    ("declared", "reason"), [(None, Reason.BENIGN_UNLIKE), (["url", "to"], None), (["url", "u"], Reason.BENIGN_UNLIKE)]
)
def test_names_that_the_target_does_not_declare_may_differ_in_the_harmless_form(
    declared: list[str] | None, reason: Reason | None
) -> None:
    facts = {"declared": {"0": declared}} if declared else {}
    form = a_form(steps=[{"call": "pkg.clone", "args": ["x"], "kw": {"u": {"$nonce": True}}}])
    benign = a_form(steps=[{"call": "pkg.clone", "args": ["x"], "kw": {"depth": 1}}])
    assert judged(on(V.VULNERABLE, Outcome.FIRED, facts=facts), form=form, benign=benign).reason is reason


@pytest.mark.parametrize(("program", "grade"), [(False, Grade.A), (True, Grade.C)])
def test_code_that_checks_its_own_version_is_swapped_by_its_metadata_alone_for_data(
    program: bool,  # noqa: FBT001
    grade: Grade,
) -> None:
    def refuses(start: Start) -> Run | None:
        swapped = start.variant in (V.SWAP_TO_FIXED, V.SWAP_TO_VULNERABLE) and not start.metadata_only
        return a_run(start, Outcome.COULD_NOT_RUN, facts={"fault": "import-failed"}) if swapped else None

    judgement = judged(refuses, setting=replace(SETTING, program=program))
    assert judgement.grade is grade
    said = next(one for one in judgement.controls if one.name is ControlName.SWAP)
    assert said.said is (Said.NOT_POSSIBLE if program else Said.PASSED)


def test_a_function_that_the_fix_removed_is_told_beside_the_grade() -> None:
    removed = "the fixed release 2.0 no longer has what the proof calls: the target has no pkg.read"
    judgement = judged(lambda _: None, setting=Setting(removed=removed))
    assert judgement.grade is Grade.C and removed in judgement.sentence
    patched = judged(lambda _: None, setting=Setting(fixed="1.0", patched=True, removed=removed))
    assert patched.grade is Grade.A_PATCH and removed in patched.sentence


def test_a_harmless_form_that_stops_half_way_is_no_control() -> None:
    def silent_from_the_start(start: Start) -> Run | None:
        return a_run(start, Outcome.SILENT, steps=()) if start.benign else None

    assert judged(silent_from_the_start).reason is Reason.BENIGN_FAILS


@pytest.mark.parametrize("variant", [V.TOKEN, V.SWAP_TO_FIXED, V.SWAP_TO_VULNERABLE])
def test_a_control_that_a_busy_machine_cut_off_is_our_fault_and_not_the_finders(variant: VariantName) -> None:
    judgement = judged(on(variant, Outcome.COULD_NOT_RUN, why="it ran out of time before its end"))
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE)


def test_a_run_that_was_cut_off_once_is_made_again() -> None:
    def cut_once(start: Start) -> Run | None:
        first = start.variant is V.TOKEN and start.number < 100
        return a_run(start, Outcome.COULD_NOT_RUN, why="it was ended by signal 9") if first else None

    assert judged(cut_once).grade is Grade.A


def test_the_returned_code_that_is_no_longer_made_is_a_fix_and_no_branch() -> None:
    form = a_form(steps=[{"call": "pkg.template", "args": ["x"]}, {"call": {"$ref": 0}}], returned_code=True)

    def compiled(start: Start) -> Run | None:
        if start.variant is V.FIXED and not start.benign:
            return a_run(start, Outcome.SILENT, steps=(Step(0, ok=False, raised="Error"), Step(1, ok=False)))
        if start.variant is V.VULNERABLE and not start.benign:
            return a_run(start, Outcome.FIRED, steps=(Step(0, ok=True), Step(1, ok=True)), facts={"step": 1})
        return None

    assert judged(compiled, form=form, benign=form, steps=2).grade is Grade.A
