"""Growth, hang and exception: what is measured, what is cut, and who threw."""

import math

import pytest

from tests.validation.runtimes.node.stage import Json, Stage

SIZES = [2000, 4000, 8000, 16000]
BLANKS = {"$repeat": [" ", "$n"]}


def _exponent(points: list[Json]) -> float:
    """Return the exponent over the whole curve: steadier on a busy machine than that of the last doubling."""
    first, last = points[0], points[-1]
    return math.log(last["seconds"] / first["seconds"]) / math.log(last["n"] / first["n"])


def _last(records: list[Json]) -> list[Json]:
    """Return the records that count: the last one of each size."""
    return list({one["n"]: one for one in records}.values())


def test_the_harmless_form_is_measured_beside_it_in_the_same_process(stage: Stage) -> None:
    harmless = {"steps": [{"call": "flawed#echo", "args": [BLANKS]}]}
    seen = stage.call("growth", "flawed#spaces", BLANKS, sizes=SIZES, beside=harmless)
    times, beside = (_last(seen.of(kind)) for kind in ("time", "beside"))
    assert [one["n"] for one in times] == [one["n"] for one in beside]
    assert [one["n"] for one in times][: len(SIZES)] == SIZES
    assert times[-1]["seconds"] > 3 * beside[-1]["seconds"]


def test_a_harmless_form_that_cannot_be_replayed_spoils_nothing(stage: Stage) -> None:
    harmless = {"steps": [{"call": "flawed#nosuch", "args": []}]}
    seen = stage.call("growth", "flawed#echo", BLANKS, sizes=SIZES, beside=harmless)
    assert seen.complete() and len(_last(seen.of("time"))) == len(SIZES)


def test_quadratic_work_shows_as_an_exponent_of_two(stage: Stage) -> None:
    points = _last(stage.call("growth", "flawed#spaces", BLANKS, sizes=SIZES).of("time"))
    assert [one["n"] for one in points][: len(SIZES)] == SIZES
    assert _exponent(points) > 1.5


def test_linear_work_stays_too_fast_to_count(stage: Stage) -> None:
    points = stage.call("growth", "flawed#echo", BLANKS, sizes=SIZES).of("time")
    assert points[-1]["seconds"] < 0.005


def test_a_target_that_remembers_its_input_is_measured_by_its_first_run(stage: Stage) -> None:
    points = _last(stage.call("growth", "flawed#remembered", BLANKS, sizes=SIZES).of("time"))
    assert _exponent(points) > 1.5


def test_a_size_that_would_pass_the_limit_is_cut_and_said(stage: Stage) -> None:
    seen = stage.call("growth", "flawed#spaces", BLANKS, sizes=[*SIZES, 1_000_000], limit_seconds=3)
    assert [one["n"] for one in seen.of("cut")] == [1_000_000]
    assert seen.complete()


def test_before_a_leap_into_the_unknown_the_sizes_between_are_measured(stage: Stage) -> None:
    seen = stage.call("growth", "flawed#echo", BLANKS, sizes=[1000, 10_000_000])
    measured = [one["n"] for one in _last(seen.of("time"))]
    assert (measured[0], measured[-1]) == (1000, 10_000_000)
    assert seen.of("cut") == []


def test_sizes_that_take_too_little_time_to_be_told_apart_are_carried_on(stage: Stage) -> None:
    points = _last(stage.call("growth", "flawed#spaces", BLANKS, sizes=[500, 1000, 2000]).of("time"))
    assert points[-1]["n"] > 2000 or points[-2]["seconds"] >= 0.005 or points[-1]["seconds"] < 0.001


def test_the_number_itself_is_a_value(stage: Stage) -> None:
    step = {"call": "flawed#numbers", "args": ["$n"], "drain": 10**6}
    assert len(_last(stage.calls("growth", step, sizes=[10, 20]).of("time"))) == 2


def test_a_call_that_never_ends_leaves_records_without_an_end(stage: Stage) -> None:
    seen = stage.call("hang", "flawed#spin", limit_seconds=-8)
    assert (seen.complete(), bool(seen.of("ready")), seen.ended.timed_out) == (False, True, True)


def test_the_end_tells_the_cpu_time_that_was_used(stage: Stage) -> None:
    assert 0 < stage.call("hang", "flawed#echo", 1).of("end")[0]["cpu"] < 2


@pytest.mark.parametrize(
    ("path", "args", "kind"),
    [
        ("flawed#explode", [], "FlawedError"),
        ("flawed#rejects", [], "TypeError"),
        ("flawed#nest", [{"$repeat": ["[", 100_000]}], "RangeError"),
        ("flawed#revive", ["{"], "SyntaxError"),
    ],
)
def test_an_exception_is_told_with_the_frames_where_it_was_made(
    stage: Stage, path: str, args: list[object], kind: str
) -> None:
    (raised,) = stage.call("exception", path, *args).of("raise")
    assert (raised["type"], raised["blamed"], raised["leaves"]) == (kind, "target", True)
    assert any(one["owner"] == "target" for one in raised["frames"])


def test_an_exception_of_the_programs_own_is_the_finders(stage: Stage) -> None:
    (raised,) = stage.program("exception", "require('flawed'); throw new RangeError('mine');").of("raise")
    assert (raised["type"], raised["blamed"]) == ("RangeError", "finder")


def test_an_exception_that_leaves_the_target_through_a_program_is_the_targets(stage: Stage) -> None:
    (raised,) = stage.program("exception", "require('flawed').explode();").of("raise")
    assert (raised["type"], raised["blamed"]) == ("FlawedError", "target")


def test_a_callback_that_throws_is_the_finders(stage: Stage) -> None:
    text = "require('flawed').each([1], () => { throw new RangeError('mine'); });"
    (raised,) = stage.program("exception", text).of("raise")
    assert raised["blamed"] == "finder"


def test_a_borrowed_printed_stack_proves_nothing(stage: Stage) -> None:
    text = """
        const mine = new RangeError('mine');
        try { require('flawed').explode(); } catch (error) { mine.stack = error.stack; }
        throw mine;"""
    (raised,) = stage.program("exception", text).of("raise")
    assert raised["blamed"] in {"unknown", "finder"}


def test_code_that_the_target_made_and_was_running_is_told_by_its_digest(stage: Stage) -> None:
    (made,) = stage.call("exception", "flawed#evaluate", "nowhere()").of("raise")
    assert made["made"] and not stage.call("exception", "flawed#explode").of("raise")[0].get("made")
