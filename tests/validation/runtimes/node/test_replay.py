"""How a ``calls`` document is replayed: paths, steps that fail, held results, nulls, faults, waiting."""

import pytest

from tests.validation.runtimes.node.stage import NONCE, TOKEN, Stage


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("flawed#missing", "no-such-call"),
        ("flawed#echo.missing", "no-such-call"),
        ("flawed/lib/missing", "no-such-call"),
        ("flawed#version", "no-such-call"),
        ("flawed#_hidden", "leaves-target"),
        ("flawed#echo.call", "leaves-target"),
        ("flawed#echo.constructor", "leaves-target"),
        ("flawed#__proto__.valueOf", "leaves-target"),
        ("flawed#Shape.prototype.area", "leaves-target"),
        ("flawed#fs.readFileSync", "leaves-target"),
        ("flawed#runShell", "leaves-target"),
        ("flawed#borrowed", "leaves-target"),
        ("helper#run", "leaves-target"),
        ("fs#readFileSync", "leaves-target"),
        ("flawed/../helper#run", "leaves-target"),
    ],
)
def test_a_path_leads_into_the_target_only(stage: Stage, path: str, code: str) -> None:
    seen = stage.call("command-execution", path, "x")
    assert (seen.fault(), seen.complete()) == (code, True)


def test_a_class_of_the_target_may_be_an_argument(stage: Stage) -> None:
    assert (
        stage.call("invariant", "flawed#typeOf", {"$target": "flawed#Shape"}, must_equal="[object Function]").of(
            "broken"
        )
        == []
    )


def test_a_module_of_the_platform_is_no_argument(stage: Stage) -> None:
    assert stage.call("invariant", "flawed#typeOf", {"$target": "flawed#fs"}).fault() == "leaves-target"


def test_the_platforms_module_cannot_be_read_off_a_result(stage: Stage) -> None:
    steps = ({"call": "flawed#echo", "args": [{"a": 1}]}, {"get": "constructor", "on": {"$ref": 0}})
    assert stage.calls("invariant", *steps).fault() == "leaves-target"


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([{"call": "flawed#echo", "new": "flawed#Shape"}], "bad-document"),
        ([{"call": "flawed#echo", "args": [{"$what": 1}]}], "bad-document"),
        ([{"call": "flawed#echo", "args": [{"$ref": 0}]}], "bad-document"),
        ([{"call": "flawed#echo", "wish": 1}], "bad-document"),
        ([{"call": "flawed#echo", "kw": {"a": 1}}], "bad-document"),
        ([], "bad-document"),
    ],
)
def test_what_is_no_document_is_refused(stage: Stage, steps: list[dict[str, object]], code: str) -> None:
    assert stage.calls("invariant", *steps).fault() == code


def test_a_setup_file_outside_the_box_is_refused(stage: Stage) -> None:
    around = {"setup": {"files": {"../out.txt": "x"}}}
    assert stage.calls("invariant", {"call": "flawed#echo"}, around=around).fault() == "bad-document"


def test_the_replay_goes_on_after_an_exception_and_a_step_that_needs_it_fails_too(stage: Stage) -> None:
    steps = (
        {"call": "flawed#explode"},
        {"call": "flawed#echo", "args": [{"$ref": 0}]},
        {"call": "flawed#echo", "args": [1]},
    )
    assert stage.calls("command-execution", *steps).raised() == ["FlawedError", "no-result", ""]


def test_a_held_result_replaces_the_steps_own(stage: Stage) -> None:
    steps = (
        {"call": "flawed#explode"},
        {"call": "flawed#keys", "args": [{"$ref": 0}], "must_equal": ["__proto__", "$a"]},
    )
    hold = {"0": {"$map": [["__proto__", 1], ["$a", 2]]}}
    seen = stage.calls("invariant", *steps, hold=hold)
    assert (seen.raised(), seen.of("broken")) == (["FlawedError", ""], [])


def test_a_result_that_later_steps_use_is_told_as_a_value_that_builds_it_again(stage: Stage) -> None:
    value = {"$map": [["__proto__", {"a": [1, None]}], ["$x", {"$bytes": "\xff"}]]}
    steps = ({"call": "flawed#echo", "args": [value]}, {"call": "flawed#echo", "args": [{"$ref": 0}]})
    first, second = stage.calls("invariant", *steps).of("step")
    assert first["value"] == {"$map": [["__proto__", {"a": [1, None]}], ["$x", {"$b64": "/w=="}]]}
    assert "value" not in second


def test_functions_that_the_target_returned_are_called_only_if_they_are_the_flaw(stage: Stage) -> None:
    steps = ({"call": "flawed#compile", "args": ["return 7"]}, {"call": {"$ref": 0}, "must_equal": 7})
    assert stage.calls("invariant", *steps).fault() == "leaves-target"
    seen = stage.calls("invariant", *steps, around={"returned_code": True})
    assert (seen.fault(), seen.of("broken")) == ("", [])


def test_a_platform_function_that_the_target_returned_is_our_own_act(stage: Stage) -> None:
    steps = ({"call": "flawed#maker"}, {"call": {"$ref": 0}, "args": [{"$cat": ["true ", NONCE]}]})
    seen = stage.calls("command-execution", *steps, around={"returned_code": True})
    assert seen.blamed("command-execution") == {"runner"}


def test_private_fields_and_inherited_methods_of_the_targets_objects_work(stage: Stage) -> None:
    steps = (
        {"call": "flawed#shape", "args": [3]},
        {"method": "area", "on": {"$ref": 0}, "must_equal": 12},
        {"method": "emit", "on": {"$ref": 0}, "args": ["nothing"]},
        {"get": "size", "on": {"$ref": 0}, "must_equal": 3},
    )
    seen = stage.calls("invariant", *steps)
    assert (seen.raised(), seen.of("broken")) == (["", "", "", ""], [])


def test_promises_are_awaited_and_foreign_thenables_are_not(stage: Stage) -> None:
    seen = stage.calls(
        "command-execution", {"call": "flawed#rejects"}, {"call": "flawed#thenable"}, {"call": "flawed#never"}
    )
    assert seen.raised() == ["TypeError", "", "NeverSettled"]
    assert seen.complete()


def test_what_the_target_throws_after_its_step_is_told(stage: Stage) -> None:
    seen = stage.call("exception", "flawed#throwsLate")
    assert [(one["type"], one["blamed"], one["step"]) for one in seen.of("raise")] == [("RangeError", "target", 0)]


def test_standard_input_is_what_the_document_says(stage: Stage) -> None:
    around = {"setup": {"stdin": {"$cat": ["a ", NONCE]}}}
    step = {"call": "flawed#stdin", "must_equal": {"$cat": ["a ", NONCE]}}
    assert stage.calls("invariant", step, around=around).of("broken") == []


@pytest.mark.parametrize(
    ("null", "raised"), [("returns", ["", "", "TypeError"]), ("raises", ["Error", "Error", "no-result"])]
)
def test_a_null_target_does_nothing_or_only_throws(stage: Stage, null: str, raised: list[str]) -> None:
    steps = (
        {"call": "flawed#execSync", "args": [NONCE]},
        {"call": "flawed/lib/sub#anything.at.all", "args": [NONCE]},
        {"method": "run", "on": {"$ref": 1}},
    )
    seen = stage.calls("command-execution", *steps, null=null)
    assert (seen.raised(), seen.of("act")) == (raised, [])


def test_must_raise_holds_against_a_null_that_only_returns(stage: Stage) -> None:
    broken = {
        null: bool(stage.call("invariant", "flawed#explode", must_raise=True, null=null).of("broken"))
        for null in ("returns", "raises")
    }
    assert broken == {"returns": True, "raises": False}


def test_an_es_module_without_a_default_is_found_by_name(modern: Stage) -> None:
    steps = (
        {"call": "modern/sub#shout", "args": ["a"], "must_equal": "A"},
        {"new": "modern#Shape"},
        {"method": "area", "on": {"$ref": 1}, "must_equal": 4},
    )
    seen = modern.calls("invariant", *steps)
    assert (seen.raised(), seen.of("broken")) == (["", "", ""], [])


def test_a_module_that_is_missing_from_the_release_is_no_such_call(modern: Stage) -> None:
    assert modern.call("invariant", "modern/none#shout").fault() == "no-such-call"


def test_the_records_carry_the_token_only_where_we_put_it(stage: Stage) -> None:
    seen = stage.call("command-execution", "flawed#execSync", {"$cat": [{"$repeat": ["x", 5000]}, NONCE]})
    argument = seen.acts("command-execution")[0]["argument"]
    assert len(argument) <= 500
    assert TOKEN in argument


def test_every_result_is_told_where_our_own_document_asks_for_it(stage: Stage) -> None:
    steps = [{"call": "flawed#echo", "args": [{"a": 1}]}, {"call": "flawed#echo", "args": [{"$regex": ["a", "g"]}]}]
    told = stage.calls("invariant", *steps, around={"report_values": True}).of("step")
    assert [one["value"] for one in told] == [{"a": 1}, "a pattern"]
    assert not any("value" in one for one in stage.calls("invariant", *steps).of("step"))
