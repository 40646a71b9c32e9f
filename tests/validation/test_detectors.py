from typing import Any

import pytest

from clearinghouse.sandbox.profile import Ended
from clearinghouse.validation.detectors import WATCHES, control_is_quiet, last_exponent
from clearinghouse.validation.records import Records
from clearinghouse.validation.rules import Detector, Outcome, Owner
from tests.validation.makers import a_proof

TOKEN = "k3jx9w2m4q7p8r5t6y"


def ended(
    *, signal: int | None = None, timed_out: bool = False, cpu: float = 0.1, pressure: float | None = None
) -> Ended:
    return Ended(
        exit_code=None if signal else 0,
        signal=signal,
        timed_out=timed_out,
        out_of_memory=False,
        stdout=b"",
        stderr=b"",
        records=b"",
        cut=(),
        wall_seconds=1.0,
        cpu_seconds=cpu,
        peak_bytes=0,
        tier="bubblewrap",
        pressure=pressure,
    )


def look(
    detector: Detector, *items: dict[str, Any], how: Ended | None = None, expect: dict[str, Any] | None = None
) -> Any:  # noqa: ANN401
    proof = a_proof(detector=detector)
    object.__setattr__(proof, "expect", expect or {})
    records = Records(({"t": "ready"}, *items), ended=True, broken="")
    return WATCHES[detector].look(records, how or ended(), proof, token=TOKEN)


def test_every_detector_has_its_watch() -> None:
    assert set(WATCHES) == set(Detector)


def act(**changes: object) -> dict[str, Any]:
    return {
        "t": "act",
        "detector": "command-execution",
        "event": "os.system",
        "argument": f"echo {TOKEN}",
        "token": True,
        "blamed": "target",
        "frames": [],
        **changes,
    }


def test_an_act_with_our_token_fires_and_the_token_is_not_told() -> None:
    seen = look(Detector.COMMAND_EXECUTION, act())
    assert seen.outcome is Outcome.FIRED
    assert TOKEN not in seen.witness.summary + seen.witness.argument


def test_an_act_without_our_token_says_nothing() -> None:
    assert look(Detector.COMMAND_EXECUTION, act(token=False)).outcome is Outcome.SILENT


def test_an_act_of_another_class_says_nothing() -> None:
    assert look(Detector.FILE_READ, act()).outcome is Outcome.SILENT


def test_the_act_that_the_target_is_to_blame_for_counts_first() -> None:
    seen = look(Detector.COMMAND_EXECUTION, act(blamed="finder"), act(blamed="dependency"))
    assert seen.witness.blamed is Owner.DEPENDENCY


def test_an_exception_must_be_of_the_stated_type() -> None:
    raised = {"t": "raise", "type": "RecursionError", "step": 0, "blamed": "target", "leaves": True}
    assert look(Detector.EXCEPTION, raised, expect={"exception": "RecursionError"}).outcome is Outcome.FIRED
    assert look(Detector.EXCEPTION, raised, expect={"exception": "ValueError"}).outcome is Outcome.SILENT


@pytest.mark.parametrize(
    ("kind", "module", "answers"),
    [
        ("RecursionError", "builtins", False),
        ("JSONDecodeError", "json.decoder", False),
        ("TemplateError", "jinja2.exceptions", True),
        ("YAMLException", "", True),
        ("SyntaxError", "builtins", True),
    ],
)
def test_a_type_by_which_the_target_says_no_is_told(kind: str, module: str, *, answers: bool) -> None:
    frames = [{"owner": "target", "module": "jinja2.parser", "function": "f", "file": "/target/p.py", "line": 1}]
    raised = {"t": "raise", "type": kind, "module": module, "blamed": "target", "leaves": True, "frames": frames}
    seen = look(Detector.EXCEPTION, raised, expect={"exception": kind})
    assert (seen.outcome, bool((seen.facts or {}).get("answers"))) == (Outcome.FIRED, answers)


def test_an_exception_that_does_not_leave_the_call_says_nothing() -> None:
    raised = {"t": "raise", "type": "RecursionError", "leaves": False}
    assert look(Detector.EXCEPTION, raised, expect={"exception": "RecursionError"}).outcome is Outcome.SILENT


def times(*seconds: float) -> list[dict[str, Any]]:
    return [{"t": "time", "n": 1000 * 2**index, "seconds": value} for index, value in enumerate(seconds)]


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [
        ((0.01, 0.04, 0.16, 0.64), Outcome.FIRED),
        ((0.01, 0.02, 0.04, 0.08), Outcome.SILENT),
        ((0.0001, 0.0004, 0.0016, 0.0045), Outcome.SILENT),
        ((0.01,), Outcome.COULD_NOT_RUN),
    ],
)
def test_growth_fires_on_the_exponent_of_the_last_doubling(seconds: tuple[float, ...], outcome: Outcome) -> None:
    assert look(Detector.GROWTH, *times(*seconds)).outcome is outcome


def test_a_curve_with_one_point_that_is_off_is_unclear_and_measured_again() -> None:
    seen = look(Detector.GROWTH, *times(0.0107, 0.0436, 0.1609, 0.3684))
    assert (seen.outcome, seen.facts["unclear"]) == (Outcome.COULD_NOT_RUN, True)


def test_a_control_is_quiet_when_linear_or_far_faster() -> None:
    fired = ((1000, 0.1), (2000, 0.4), (4000, 1.6))
    assert control_is_quiet(((1000, 0.01), (2000, 0.02), (4000, 0.04)), fired)
    assert control_is_quiet(((1000, 0.004), (2000, 0.016), (4000, 0.064)), fired)
    assert not control_is_quiet(((1000, 0.1), (2000, 0.4), (4000, 1.6)), fired)


def test_a_control_that_is_merely_some_times_faster_or_did_not_come_as_far_is_not_quiet() -> None:
    fired = ((20, 0.02), (22, 0.08), (24, 0.3))
    assert not control_is_quiet(((20, 0.001), (22, 0.004)), fired)
    assert not control_is_quiet(((20, 0.001), (22, 0.004), (24, 0.016)), fired)


def test_the_exponent_is_that_of_the_last_two_points() -> None:
    assert last_exponent(((10, 1.0), (20, 1.0), (40, 4.0))) == pytest.approx(2.0)


def test_a_fault_signal_from_the_kernel_is_a_crash_and_one_sent_by_itself_is_none() -> None:
    kernel = {"t": "crash", "signal": 11, "kernel": True, "blamed": "target"}
    assert look(Detector.CRASH, kernel).outcome is Outcome.FIRED
    assert look(Detector.CRASH, {**kernel, "kernel": False}).outcome is Outcome.SILENT
    assert look(Detector.CRASH, {**kernel, "signal": 9}).outcome is Outcome.SILENT


def test_a_hang_needs_the_limit_to_pass() -> None:
    assert look(Detector.HANG, how=ended(timed_out=True, cpu=20.0)).outcome is Outcome.FIRED
    assert look(Detector.HANG, how=ended(timed_out=True, pressure=0.0)).outcome is Outcome.FIRED
    assert look(Detector.HANG, {"t": "end", "cpu": 0.01}).outcome is Outcome.SILENT
    assert look(Detector.HANG, {"t": "end", "cpu": 15.0}).outcome is Outcome.COULD_NOT_RUN


@pytest.mark.parametrize("pressure", [0.9, None])
def test_a_hang_without_the_processor_is_the_machines(pressure: float | None) -> None:
    seen = look(Detector.HANG, how=ended(timed_out=True, cpu=3.0, pressure=pressure))
    assert (seen.outcome, seen.facts["starved"]) == (Outcome.COULD_NOT_RUN, True)


def test_sizes_that_a_busy_machine_left_unmeasured_are_the_machines() -> None:
    busy = look(Detector.GROWTH, {"t": "time", "n": 1, "seconds": 0.01}, how=ended(pressure=0.9))
    assert busy.facts == {"starved": True}
    idle = look(Detector.GROWTH, {"t": "time", "n": 1, "seconds": 0.01}, how=ended(pressure=0.0))
    assert not idle.facts


def test_a_broken_invariant_names_the_step_for_a_person_to_sign() -> None:
    seen = look(Detector.INVARIANT, {"t": "broken", "index": 0, "expectation": "must_raise", "found": "None"})
    assert "pkg.read" in seen.witness.summary
    assert "must_raise" in seen.witness.summary
