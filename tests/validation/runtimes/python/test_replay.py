"""The replay: values, references, expectations; it never branches."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.runtimes.python.stage import NONCE, Stage


def test_a_step_that_fails_stops_nothing(stage: Stage) -> None:
    seen = stage.calls(
        "command-execution",
        {"call": "pkg.check", "args": ["bad"]},
        {"method": "get", "on": {"$ref": 0}, "args": ["user"]},
        {"call": "pkg.shell", "args": [NONCE]},
    )
    assert seen.raised() == ["ValueError", "no-result", ""]
    assert seen.acts("command-execution")[0]["step"] == 2


def test_a_target_that_leaves_the_process_politely_stops_nothing(stage: Stage) -> None:
    stage.lay({"pkg/leaving.py": "import sys\ndef leave():\n    sys.exit(3)\n"})
    seen = stage.calls("invariant", {"call": "pkg.leaving.leave"}, {"call": "pkg.check", "args": ["a"]})
    assert seen.raised() == ["SystemExit", ""]
    assert seen.complete()


def test_a_result_that_is_used_is_reported_and_can_be_held(stage: Stage) -> None:
    steps = ({"call": "pkg.check", "args": ["me"]}, {"method": "get", "on": {"$ref": 0}, "args": ["user"]})
    first = stage.calls("invariant", *steps)
    assert first.of("step")[0]["value"] == {"user": "me"}
    last = {"call": "pkg.echo", "args": [{"$ref": 0}], "must_equal": {"user": "you"}}
    held = stage.calls("invariant", steps[0], last, hold={"0": {"user": "you"}})
    assert not held.of("broken")


def test_bytes_and_tuples_come_back_as_they_were(stage: Stage) -> None:
    value = {"$tuple": [{"$bytes": "\x00\xff"}, {"$set": [1]}]}
    seen = stage.calls("invariant", {"call": "pkg.echo", "args": [value]}, {"call": "pkg.echo", "args": [{"$ref": 0}]})
    assert seen.of("step")[0]["value"] == {"$tuple": [{"$b64": "AP8="}, {"$set": [1]}]}


VALUES: list[tuple[Any, Any]] = [
    ({"$bytes": "ab\xff"}, {"$b64": "YWL/"}),
    ({"$repeat": ["ab", 3]}, "ababab"),
    ({"$repeat": [[1], 2]}, [1, 1]),
    ({"$cat": ["a", {"$bytes": "b"}]}, {"$b64": "YWI="}),
    ({"$cat": [{"$repeat": ["[", 3]}, {"$repeat": ["]", 3]}]}, "[[[]]]"),
    ({"$json": {"a": [1, "ü"]}}, '{"a":[1,"ü"]}'),
    ({"$map": [["$a", 1], [2, 3]]}, {"$map": [["$a", 1], [2, 3]]}),
    ({"$path": "a.txt"}, "/job/box/a.txt"),
    ({"$canary": "name"}, "leaf-k3jq8w2mzp0v7xtd"),
    ({"$canary": "absolute"}, "/job/zone-k3jq8w2mzp0v7xtd/leaf-k3jq8w2mzp0v7xtd"),
    ({"$nonce": True}, "k3jq8w2mzp0v7xtd"),
    ({"__proto__": 1}, {"__proto__": 1}),
    (1.5, 1.5),
    (None, None),
]


def echoed(stage: Stage, values: list[Any]) -> list[Any]:
    """Return what each value became, as the runner reports results that a later step uses."""
    steps = [{"call": "pkg.echo", "args": [value]} for value in values]
    uses = {"call": "pkg.echo", "args": [[{"$ref": index} for index in range(len(steps))]]}
    return [one.get("value", one) for one in stage.calls("invariant", *steps, uses).of("step")[:-1]]


def test_values_become_what_they_stand_for(stage: Stage) -> None:
    assert echoed(stage, [value for value, _ in VALUES]) == [made for _, made in VALUES]


def test_objects_of_ours_can_be_handed_over(stage: Stage) -> None:
    values: list[Any] = [
        {"$stringio": "a"},
        {"$bytesio": "a"},
        {"$regex": ["a+", "i"]},
        {"$date": "2026-01-01T00:00:00Z"},
        {"$callback": True},
    ]
    steps = [{"call": "pkg.echo", "args": [value]} for value in values]
    assert stage.calls("invariant", *steps).raised() == [""] * len(values)


@pytest.mark.parametrize(
    "value",
    [
        {"$what": 1},
        {"$bytes": "a", "b": 1},
        {"$repeat": ["a", "$n"]},
        {"$repeat": ["a", 10**9]},
        {"$b64": 7},
        {"$cat": [1]},
    ],
)
def test_a_value_that_stands_for_nothing_is_a_bad_document(new_stage: Stage, value: object) -> None:
    assert new_stage.calls("invariant", {"call": "pkg.echo", "args": [value]}).fault() == "bad-document"


@pytest.mark.parametrize(
    "step",
    [
        {},
        {"call": "pkg.echo", "method": "x", "on": 1},
        {"call": "pkg.echo", "surprise": 1},
        {"method": "x"},
        {"call": "pkg.echo", "args": [{"$ref": 0}]},
        {"call": "pkg.echo", "args": {"a": 1}},
        {"call": "pkg..echo"},
        {"call": 7},
    ],
)
def test_a_step_without_the_form_of_one_is_a_bad_document(new_stage: Stage, step: dict[str, Any]) -> None:
    assert new_stage.calls("invariant", step).fault() == "bad-document"


def test_the_set_up_lies_in_the_box(stage: Stage) -> None:
    around = {"setup": {"files": {"pages/a.txt": {"$cat": ["hello ", NONCE]}}, "stdin": "typed"}}
    stage.lay({"pkg/typed.py": "import os, sys\ndef line():\n    return sys.stdin.readline()\n"})
    seen = stage.calls(
        "invariant",
        {"call": "pkg.read", "args": ["a.txt"], "must_equal": {"$cat": ["hello ", NONCE]}},
        {"call": "pkg.typed.line", "must_equal": "typed"},
        around=around,
    )
    assert seen.raised() == ["", ""]
    assert not seen.of("broken")


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", ""])
def test_a_file_of_the_set_up_may_not_leave_the_box(new_stage: Stage, name: str) -> None:
    seen = new_stage.calls("invariant", {"call": "pkg.echo"}, around={"setup": {"files": {name: "x"}}})
    assert seen.fault() == "bad-document"


EXPECTATIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"call": "pkg.check", "args": ["good"], "must_raise": True}, ["must_raise"]),
    ({"call": "pkg.check", "args": ["good"], "must_raise": "ValueError"}, ["must_raise"]),
    ({"call": "pkg.check", "args": ["bad"], "must_raise": "ValueError"}, []),
    ({"call": "pkg.check", "args": ["bad"], "must_raise": "KeyError"}, []),
    ({"call": "pkg.check", "args": ["bad"], "must_equal": 1}, []),
    ({"call": "pkg.echo", "args": [["a", "xsecretx"]], "must_not_contain": "secret"}, ["must_not_contain"]),
    ({"call": "pkg.echo", "args": [{"$bytes": "xsecretx"}], "must_not_contain": "secret"}, ["must_not_contain"]),
    ({"call": "pkg.echo", "args": ["fine"], "must_not_contain": "secret"}, []),
    ({"call": "pkg.echo", "args": [1], "must_equal": True}, ["must_equal"]),
    ({"call": "pkg.echo", "args": [{"$tuple": [1, 2]}], "must_equal": [1, 2]}, []),
    ({"call": "pkg.numbers", "args": [100], "drain": 3, "must_equal": [0, 1, 2]}, []),
    ({"call": "pkg.numbers", "args": [2], "drain": 3, "must_not_contain": 1}, ["must_not_contain"]),
]


def test_expectations_are_broken_by_what_a_step_returned(stage: Stage) -> None:
    found: list[list[str]] = [[] for _ in EXPECTATIONS]
    for one in stage.calls("invariant", *(step for step, _ in EXPECTATIONS)).of("broken"):
        found[one["index"]].append(one["expectation"])
    assert found == [broken for _, broken in EXPECTATIONS]


def test_must_not_inherit_is_nodes_alone(new_stage: Stage) -> None:
    assert new_stage.calls("invariant", {"call": "pkg.echo", "must_not_inherit": "a"}).fault() == "unsupported"


TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda one: not one.startswith("$"))
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(JSON, min_size=20, max_size=40))
def test_plain_data_comes_back_equal(new_stage: Stage, values: list[Any]) -> None:
    assert echoed(new_stage, values) == values


def test_every_result_is_told_where_our_own_document_asks_for_it(stage: Stage) -> None:
    steps: list[dict[str, Any]] = [{"call": "pkg.echo", "args": [{"a": 1}]}, {"call": "pkg.numbers", "args": [3]}]
    told = stage.calls("invariant", *steps, around={"report_values": True}).of("step")
    assert told[0]["value"] == {"a": 1}
    assert told[1]["value"].startswith("generator: ")  # no data; where it lies in memory is left out
    assert "0x>" in told[1]["value"]
    assert not any("value" in one for one in stage.calls("invariant", *steps).of("step"))
