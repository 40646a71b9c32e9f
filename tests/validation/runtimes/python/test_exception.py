"""The exception detector: the first raise of what left the step."""

import pytest

from tests.validation.runtimes.python.stage import Stage


@pytest.fixture(autouse=True)
def _more(request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue("stage" if "stage" in request.fixturenames else "new_stage")
    stage.lay(
        {
            "pkg/errors.py": """
import json

KEPT = []


def keep(text):
    try:
        json.loads(text)
    except ValueError as problem:
        KEPT.append(problem)


def lend():
    raise KEPT[0]


def in_library(text):
    return json.loads(text)


def translated(text):
    try:
        return json.loads(text)
    except ValueError:
        raise KeyError(text) from None


class Own(Exception):
    pass


def own():
    raise Own()
"""
        }
    )


def test_endless_recursion_is_the_targets(stage: Stage) -> None:
    seen = stage.calls("exception", {"call": "pkg.deep.parse_nested", "args": [{"$repeat": ["[", 5000]}]})
    raised = seen.of("raise")[0]
    assert (raised["type"], raised["module"], raised["blamed"]) == ("RecursionError", "builtins", "target")
    assert raised["frames"][0]["function"] == "parse_nested"


def test_an_exception_first_raised_in_the_library_is_blamed_on_who_called_it(stage: Stage) -> None:
    raised = stage.calls("exception", {"call": "pkg.errors.in_library", "args": ["{"]}).of("raise")[0]
    assert raised["blamed"] == "target"
    assert {one["owner"] for one in raised["frames"]} == {"library", "target"}


def test_the_object_that_left_counts_and_not_the_one_it_was_made_from(stage: Stage) -> None:
    raised = stage.calls("exception", {"call": "pkg.errors.translated", "args": ["{"]}).of("raise")
    assert [(one["type"], one["frames"][0]["function"]) for one in raised] == [("KeyError", "translated")]


def test_the_targets_own_type_says_where_it_comes_from(stage: Stage) -> None:
    raised = stage.calls("exception", {"call": "pkg.errors.own"}).of("raise")[0]
    assert (raised["type"], raised["module"]) == ("Own", "pkg.errors")


def test_wrong_arguments_are_our_own_doing(stage: Stage) -> None:
    raised = stage.calls("exception", {"call": "pkg.check", "args": [1, 2, 3]}).of("raise")[0]
    assert (raised["type"], raised["blamed"]) == ("TypeError", "runner")


def test_a_step_that_ends_well_raises_nothing(stage: Stage) -> None:
    assert not stage.calls("exception", {"call": "pkg.check", "args": ["good"]}).of("raise")


def test_a_borrowed_traceback_does_not_move_the_first_raise(new_stage: Stage) -> None:
    program = """
import pkg.deep
try:
    pkg.deep.parse_nested("[" * 5000)
except RecursionError as problem:
    trace = problem.__traceback__
raise RecursionError("mine").with_traceback(trace)
"""
    raised = new_stage.program("exception", program).of("raise")[0]
    assert (raised["type"], raised["blamed"]) == ("RecursionError", "finder")


def test_code_that_the_target_made_and_was_running_is_told_by_its_digest(stage: Stage) -> None:
    (made,) = stage.calls("exception", {"call": "pkg.evaluate", "args": ["1 // 0"]}).of("raise")
    (plain,) = stage.calls("exception", {"call": "pkg.check", "args": ["bad"]}).of("raise")
    assert made["made"] and not plain["made"]
