"""Values of a ``calls`` document as the target gets them, and the closed list of expectations."""

import pytest

from tests.validation.runtimes.node.stage import NONCE, TOKEN, Stage

N = {"$nonce": True}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"$bytes": "a"}, "[object Uint8Array]"),
        ({"$regex": ["a+", "gi"]}, "[object RegExp]"),
        ({"$date": "2020-01-02T00:00:00Z"}, "[object Date]"),
        ({"$undefined": True}, "[object Undefined]"),
        ({"$callback": True}, "[object Function]"),
        ({"$stringio": "a"}, "[object Object]"),
        ({"$json": [1]}, "[object String]"),
        ({"a": 1}, "[object Object]"),
        (None, "[object Null]"),
    ],
)
def test_a_value_is_of_its_kind(stage: Stage, value: object, kind: str) -> None:
    assert stage.call("invariant", "flawed#typeOf", value, must_equal=kind).of("broken") == []


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ({"$repeat": ["ab", 3]}, "ababab"),
        ({"$repeat": [[1], 2]}, [1, 1]),
        ({"$cat": ["a", N]}, f"a{TOKEN}"),
        ({"$cat": [{"$bytes": "\xff"}, "a"]}, {"$bytes": "\xffa"}),
        ({"$b64": "/w=="}, {"$bytes": "\xff"}),
        ({"$json": {"$map": [["__proto__", 1]]}}, '{"__proto__":1}'),
        ({"$canary": "relative"}, f"../zone-{TOKEN}/leaf-{TOKEN}"),
        ({"$canary": "absolute"}, f"/job/zone-{TOKEN}/leaf-{TOKEN}"),
        ({"$canary": "name"}, f"leaf-{TOKEN}"),
        ({"$path": "a/b.txt"}, "/job/box/a/b.txt"),
        ({"$map": [["$a", 1], [N, 2]]}, {"$map": [["$a", 1], [TOKEN, 2]]}),
    ],
)
def test_a_value_is_built(stage: Stage, value: object, same: object) -> None:
    step = {"call": "flawed#echo", "args": [value], "must_equal": same}
    assert stage.calls("invariant", step, around={"setup": {"files": {"a/b.txt": "x"}}}).of("broken") == []


def test_a_proto_key_is_a_key_like_any_other(stage: Stage) -> None:
    step = {"call": "flawed#keys", "args": [{"__proto__": {"a": 1}, "b": 2}], "must_equal": ["__proto__", "b"]}
    assert stage.calls("invariant", step).of("broken") == []


@pytest.mark.parametrize("form", ["$stringio", "$bytesio"])
def test_a_stream_can_be_read(stage: Stage, form: str) -> None:
    assert stage.call("invariant", "flawed#slurp", {form: "abc"}, must_equal="abc").of("broken") == []


def test_archives_keep_their_names_as_given(stage: Stage) -> None:
    steps = (
        {"call": "flawed#text", "args": [{"$zip": [["../a", "x"]]}], "must_not_contain": "../a"},
        {
            "call": "flawed#text",
            "args": [{"$tar": [["../a", "x"], ["l", {"$symlink": "../b"}]]}],
            "must_not_contain": "../b",
        },
    )
    assert [one["index"] for one in stage.calls("invariant", *steps).of("broken")] == [0, 1]


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        ({"call": "flawed#echo", "args": [1], "must_raise": True}, ["must_raise"]),
        ({"call": "flawed#explode", "must_raise": True}, []),
        ({"call": "flawed#explode", "must_raise": "FlawedError"}, []),
        ({"call": "flawed#echo", "args": ["<b>"], "must_not_contain": "<"}, ["must_not_contain"]),
        ({"call": "flawed#echo", "args": [{"a": ["x", {"b": "<b>"}]}], "must_not_contain": "<"}, ["must_not_contain"]),
        ({"call": "flawed#echo", "args": ["b"], "must_not_contain": "<"}, []),
        ({"call": "flawed#echo", "args": [[1, {"a": 2}]], "must_equal": [1, {"a": 2}]}, []),
        ({"call": "flawed#echo", "args": [1], "must_equal": 2}, ["must_equal"]),
        ({"call": "flawed#numbers", "args": [5], "drain": 3, "must_equal": [0, 1, 2]}, []),
        ({"call": "flawed#readable", "args": ["ab"], "drain": 10, "must_equal": ["ab"]}, []),
        ({"call": "flawed#explode", "must_equal": 1}, []),
        ({"call": "flawed#echo", "args": [{"a": 1}], "must_not_inherit": "a"}, []),
        ({"call": "flawed#echo", "args": [{"a": 1}], "must_not_inherit": NONCE}, []),
        ({"call": "flawed#echo", "args": [{"a": 1}], "must_not_inherit": "toString"}, ["must_not_inherit"]),
    ],
)
def test_an_expectation_is_broken_or_not(stage: Stage, step: dict[str, object], broken: list[str]) -> None:
    assert [one["expectation"] for one in stage.calls("invariant", step).of("broken")] == broken


def test_a_reference_needs_a_nonce_nowhere(stage: Stage) -> None:
    steps = (
        {"call": "flawed#echo", "args": [NONCE]},
        {"call": "flawed#echo", "args": [{"$ref": 0}], "must_equal": NONCE},
    )
    assert stage.calls("invariant", *steps).of("broken") == []
