"""What counts when a proof is run again: a busy machine never counts against the finder, chance in the proof does."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.validation.controls.firing import Firing
from clearinghouse.validation.controls.notes import Setting
from clearinghouse.validation.controls.plan import drive, plan
from clearinghouse.validation.controls.repeat import fires_each_time, firing_of, is_busy
from clearinghouse.validation.launch import OUT_OF_TIME, Start
from clearinghouse.validation.rules import Detector, FindingOutcome, Grade, Judgement, Outcome, Reason, Run, Said
from tests.validation.makers import V, a_proof, a_run, answering

SETTING = Setting(fixed="2.0", newest="3.0", identities=(("pkg", "1.0"), ("pkg", "2.0")))
ACT, TIMED = a_proof(), a_proof(detector=Detector.HANG)


def judged(rule: Callable[[Start], Run | None], *, detector: Detector = Detector.COMMAND_EXECUTION) -> Judgement:
    return drive(plan(a_proof(detector=detector), SETTING), answering(rule))


def runs(*said: tuple[Outcome, float]) -> list[Run]:
    return [a_run(Start(V.VULNERABLE, number=n), said, pressure=pressure) for n, (said, pressure) in enumerate(said)]


FIRED, SILENT, CUT = (Outcome.FIRED, 0.0), (Outcome.SILENT, 0.0), (Outcome.COULD_NOT_RUN, 0.9)
BUSY_SILENT = (Outcome.SILENT, 0.9)


def test_what_was_cut_off_counts_nowhere() -> None:
    assert firing_of(ACT, runs(FIRED, CUT, FIRED), V.VULNERABLE) == Firing(2, 2)


def test_an_act_that_was_not_seen_counts_however_busy_the_machine_was() -> None:
    assert firing_of(ACT, runs(FIRED, BUSY_SILENT), V.VULNERABLE) == Firing(1, 2)


def test_a_time_that_was_missed_on_a_busy_machine_does_not_count() -> None:
    assert firing_of(TIMED, runs(FIRED, BUSY_SILENT, BUSY_SILENT, FIRED), V.VULNERABLE) == Firing(2, 2)


def test_of_times_missed_on_a_quiet_machine_one_is_forgiven() -> None:
    assert firing_of(TIMED, runs(FIRED, SILENT), V.VULNERABLE) == Firing(1, 1)
    assert firing_of(TIMED, runs(FIRED, SILENT, SILENT), V.VULNERABLE) == Firing(1, 2)


def test_what_never_fired_never_showed_also_on_a_busy_machine() -> None:
    assert firing_of(TIMED, runs(*[BUSY_SILENT] * 9), V.VULNERABLE) == Firing(0, 9)


def test_without_the_word_of_the_kernel_two_clocks_tell_that_a_machine_is_busy() -> None:
    assert is_busy(a_run(Start(V.VULNERABLE), Outcome.SILENT, wall_seconds=9.0, cpu_seconds=1.0))
    assert not is_busy(a_run(Start(V.VULNERABLE), Outcome.SILENT, wall_seconds=1.2, cpu_seconds=1.0))


def _is_first_on(start: Start, variant: V) -> bool:
    return start.variant is variant and start.number == 0 and not start.benign


@pytest.mark.parametrize("variant", [V.TOKEN, V.SWAP_TO_FIXED])
def test_a_flaky_proof_is_held_as_flaky_and_not_refused_by_the_control_that_missed(variant: V) -> None:
    def missed_once(start: Start) -> Run | None:
        return a_run(start, Outcome.SILENT) if _is_first_on(start, variant) else None

    judgement = judged(missed_once)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FLAKY)


def test_what_fires_on_the_fix_at_times_only_is_flaky_and_no_documented_use() -> None:
    def at_times(start: Start) -> Run | None:
        fires = start.variant is V.FIXED and start.number % 3 == 0 and not start.benign
        return a_run(start, Outcome.FIRED) if fires else None

    judgement = judged(at_times)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FLAKY)


@pytest.mark.parametrize(("silent", "reason"), [({1}, Reason.DOCUMENTED_USE), ({0, 1, 2}, Reason.FIX_INCOMPLETE)])
def test_the_newest_release_has_to_be_silent_in_each_run(silent: set[int], reason: Reason) -> None:
    def everywhere(start: Start) -> Run | None:
        if start.benign or start.variant not in (V.FIXED, V.PROBE):
            return None
        return a_run(start, Outcome.SILENT if start.variant is V.PROBE and start.number in silent else Outcome.FIRED)

    assert judged(everywhere).reason is reason


@pytest.mark.parametrize("silent", range(1, 5))
def test_how_often_a_program_fires_is_settled_before_it_is_held_against_anything(silent: int) -> None:
    def at_times(start: Start) -> Run | None:
        fires = not (start.variant is V.VULNERABLE and start.number == silent)
        return None if start.benign else a_run(start, Outcome.FIRED if fires else Outcome.SILENT)

    judgement = drive(plan(a_proof(), replace(SETTING, program=True)), answering(at_times))
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.HELD, Reason.FLAKY)
    assert {one.variant for one in judgement.runs} == {V.VULNERABLE}


@pytest.mark.parametrize(("silent", "each_time"), [((), True), ((3,), False), (range(20), False)])
def test_a_program_fires_each_time_or_what_was_recorded_says_nothing(silent: Sequence[int], *, each_time: bool) -> None:
    def at_times(start: Start) -> Run | None:
        return a_run(start, Outcome.SILENT if start.number in silent else Outcome.FIRED)

    assert drive(fires_each_time(a_proof()), answering(at_times)) is each_time


@given(st.integers(0, 2**20 - 1), st.integers(0, 2**20 - 1))
def test_a_lucky_flake_never_passes_once_it_was_seen_to_miss(misses: int, busy: int) -> None:
    def by_chance(start: Start) -> Run | None:
        if start.variant is not V.VULNERABLE or start.benign:
            return None
        pressure = 0.9 if busy >> start.number & 1 else 0.0
        missed = misses >> start.number & 1
        return a_run(start, Outcome.SILENT if missed else Outcome.FIRED, pressure=pressure)

    judgement = judged(by_chance)
    seen = [one for one in judgement.runs if one.variant is V.VULNERABLE and not one.benign]
    missed = [one for one in seen if one.outcome is Outcome.SILENT]
    if missed:
        assert judgement.outcome in (FindingOutcome.HELD, FindingOutcome.REFUSED)
    else:
        assert judgement.outcome is FindingOutcome.VALIDATED and len(seen) == 5


def test_a_growth_missed_again_and_again_on_a_busy_machine_is_our_fault() -> None:
    def starved(start: Start) -> Run | None:
        if start.variant is V.VULNERABLE and not start.benign and start.number:
            return a_run(start, Outcome.SILENT, pressure=0.9)
        return None

    judgement = judged(starved, detector=Detector.HANG)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE)


@pytest.mark.parametrize("variant", [V.VULNERABLE, V.FIXED, V.NULL_RAISES, V.SWAP_TO_FIXED, V.TOKEN, V.GRAFT])
@pytest.mark.parametrize("benign", [False, True])
def test_a_run_that_got_no_processor_is_never_the_finders_fault(variant: V, *, benign: bool) -> None:
    def starved(start: Start) -> Run | None:
        if start.variant is variant and start.benign is benign:
            return a_run(start, Outcome.COULD_NOT_RUN, why=OUT_OF_TIME, facts={"starved": True})
        return None

    judgement = judged(starved)
    if judgement.grade is Grade.A:
        assert variant in (V.NULL_RAISES, V.TOKEN) and benign  # these have no harmless form
        return
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE)
    assert any(one.said is Said.NOT_POSSIBLE for one in judgement.controls)


def test_a_proof_that_takes_its_whole_time_itself_never_shows() -> None:
    def slow(start: Start) -> Run | None:
        return a_run(start, Outcome.COULD_NOT_RUN, why=OUT_OF_TIME) if start.variant is V.VULNERABLE else None

    assert judged(slow).reason is Reason.NEVER_SHOWS


def test_a_harmless_form_that_hangs_once_is_measured_again() -> None:
    def once(start: Start) -> Run | None:
        return a_run(start, Outcome.FIRED) if start.benign and start.number == 0 else None

    def always(start: Start) -> Run | None:
        return a_run(start, Outcome.FIRED) if start.benign else None

    assert judged(once, detector=Detector.HANG).reason is not Reason.BENIGN_FIRES
    assert judged(always, detector=Detector.HANG).reason is Reason.BENIGN_FIRES
    assert judged(once, detector=Detector.FILE_READ).reason is Reason.BENIGN_FIRES


def test_a_harmless_form_whose_time_a_busy_machine_blurs_is_not_judged() -> None:
    def blurred(start: Start) -> Run | None:
        facts = {"unclear": True}
        return a_run(start, Outcome.COULD_NOT_RUN, facts=facts, pressure=0.9) if start.benign else None

    judgement = judged(blurred, detector=Detector.GROWTH)
    assert (judgement.outcome, judgement.reason) == (FindingOutcome.NOT_JUDGED, Reason.INFRASTRUCTURE)
