"""Growth and hang: measured without hooks."""

import pytest

from clearinghouse.validation.detectors import last_exponent
from tests.validation.runtimes.python.stage import Stage

SIZES = [2000, 4000, 8000, 16000]


def points(stage: Stage, path: str, sizes: list[int] = SIZES, **more: object) -> list[tuple[int, float]]:
    step = {"call": path, "args": [{"$repeat": ["ab", "$n"]}]}
    seen = stage.calls("growth", step, sizes=sizes, **more)
    assert seen.complete()
    return sorted({one["n"]: one["seconds"] for one in seen.of("time")}.items())


def test_quadratic_work_has_a_steep_slope(stage: Stage) -> None:
    found = points(stage, "pkg.cost.quadratic")
    assert [n for n, _ in found][: len(SIZES)] == SIZES
    assert last_exponent(tuple(found)) > 1.5


def test_the_harmless_form_is_measured_beside_it_in_the_same_process(stage: Stage) -> None:
    step = {"call": "pkg.cost.quadratic", "args": [{"$repeat": ["ab", "$n"]}]}
    harmless = {"steps": [{"call": "pkg.cost.linear", "args": [{"$repeat": ["ab", "$n"]}]}]}
    seen = stage.calls("growth", step, sizes=SIZES, beside=harmless)
    times, beside = ({one["n"]: one["seconds"] for one in seen.of(kind)} for kind in ("time", "beside"))
    assert list(times) == list(beside)
    assert list(times)[: len(SIZES)] == SIZES
    assert times[SIZES[-1]] > 3 * beside[SIZES[-1]]


def test_a_harmless_form_that_cannot_be_replayed_spoils_nothing(stage: Stage) -> None:
    step = {"call": "pkg.cost.linear", "args": [{"$repeat": ["ab", "$n"]}]}
    seen = stage.calls("growth", step, sizes=SIZES, beside={"steps": [{"call": "os.system", "args": ["true"]}]})
    assert seen.complete() and seen.fault() == "" and not seen.of("beside")


def test_linear_work_has_a_gentle_slope(stage: Stage) -> None:
    found = points(stage, "pkg.cost.linear", [200_000, 400_000, 800_000])
    assert last_exponent(tuple(found)) < 1.4


def test_sleeping_costs_no_cpu_time(new_stage: Stage) -> None:
    new_stage.lay({"pkg/nap.py": "import time\ndef nap(text):\n    time.sleep(len(text) / 2e5)\n"})
    assert max(seconds for _, seconds in points(new_stage, "pkg.nap.nap")) < 0.02


def test_a_target_that_remembers_its_input_is_still_measured(new_stage: Stage) -> None:
    assert last_exponent(tuple(points(new_stage, "pkg.cost.remembered"))) > 1.5


def test_sizes_that_take_too_little_time_to_be_told_apart_are_carried_on(stage: Stage) -> None:
    sizes = [100, 200, 400, 800]
    found = points(stage, "pkg.cost.quadratic", sizes)
    more = [n for n, _ in found if n > sizes[-1]]
    assert more == sorted(more)
    assert 1 <= len(more) <= 4 or found[-2][1] >= 0.005 or found[-1][1] < 0.001


def test_before_a_leap_into_the_unknown_the_sizes_between_are_measured(stage: Stage) -> None:
    found = points(stage, "pkg.cost.linear", [1000, 4_000_000], limit_seconds=6)
    between = [n for n, _ in found if 1000 < n < 4_000_000]
    assert 4_000_000 in [n for n, _ in found]
    assert between == [1000 * 2**power for power in range(1, len(between) + 1)]


def test_what_would_pass_the_limit_is_cut(new_stage: Stage) -> None:
    step = {"call": "pkg.cost.quadratic", "args": [{"$repeat": ["ab", "$n"]}]}
    seen = new_stage.calls("growth", step, sizes=[1000, 2000, 4000, 8000, 2_000_000], limit_seconds=3)
    assert seen.of("cut")[-1]["n"] <= 2_000_000
    assert len(seen.of("time")) >= 2
    assert seen.complete()


@pytest.mark.parametrize("sizes", [[], [0], [2, 1], ["a"], [1, 1]])
def test_sizes_must_grow(new_stage: Stage, sizes: list[object]) -> None:
    seen = new_stage.calls("growth", {"call": "pkg.cost.linear", "args": ["a"]}, sizes=sizes)
    assert seen.fault() == "bad-document"


def test_a_call_that_never_ends_is_left_to_the_limit(new_stage: Stage) -> None:
    seen = new_stage.calls("hang", {"call": "pkg.cost.forever", "args": ["a"]}, limit_seconds=-8)
    assert seen.ended.timed_out
    assert not seen.complete()
    assert seen.of("ready")


def test_the_end_says_how_much_cpu_time_it_took(stage: Stage) -> None:
    seen = stage.calls("hang", {"call": "pkg.cost.linear", "args": ["a"]})
    assert 0 <= seen.of("end")[0]["cpu"] < 5
