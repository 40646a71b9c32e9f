"""Documents of calls are data that stays inside the target."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.report.calls import Calls
from clearinghouse.findings.report.loading import load_calls
from clearinghouse.findings.report.problems import problems_of
from clearinghouse.strict import dump_canonical

PYTHON = {"runtime": "python"}
NODE = {"runtime": "node", "package": "ini"}


def _problems(raw: Mapping[str, Any], known: Mapping[str, str] = PYTHON) -> tuple[Problem, ...]:
    try:
        _read(raw, known)
    except ValidationError as error:
        return problems_of(error, Calls)
    return ()


def _codes(raw: Mapping[str, Any], known: Mapping[str, str] = PYTHON) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in _problems(raw, known)}


def _read(raw: Mapping[str, Any], known: Mapping[str, str] = PYTHON) -> Calls:
    return Calls.model_validate(raw, context=dict(known))


def _one(*args: object, **more: object) -> dict[str, Any]:
    return {"steps": [{"call": "yaml.load", "args": list(args), **more}]}


def test_every_kind_of_step_is_read() -> None:
    steps = [
        {"call": "ini#parse", "args": ["a=1"], "must_not_inherit": "a"},
        {"new": "ini#Parser", "args": []},
        {"method": "render", "on": {"$ref": 1}, "args": [], "drain": 10},
        {"get": "value", "on": {"$ref": 2}, "must_equal": None},
    ]
    assert _read({"steps": steps}, NODE).document() == {"steps": steps}


def test_own_keys_are_kept_but_not_run() -> None:
    raw = {"x-why": "a", "setup": {"x-b": 1, "stdin": ""}, "steps": [{"call": "a.b", "x-c": 1, "args": [{"x-d": 1}]}]}
    read = _read(raw)
    assert read.document() == {"setup": {"stdin": ""}, "steps": [{"call": "a.b", "args": [{"x-d": 1}]}]}
    assert read.model_extra == {"x-why": "a"}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("yaml.load", PYTHON),
        ("pkg.módulo.función", PYTHON),
        ("torch.nn.call.bind", PYTHON),
        ("ini", NODE),
        ("ini#parse", NODE),
        ("ini#a.b.c", NODE),
        ("ini/lib/ini.js#a.0", NODE),
        ("ini#default.$extend", NODE),
    ],
)
def test_public_paths_are_read(path: str, known: Mapping[str, str]) -> None:
    assert _read({"steps": [{"call": path}]}, known).document() == {"steps": [{"call": path}]}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("yaml", PYTHON),
        ("yaml._load", PYTHON),
        ("yaml.__builtins__.exec", PYTHON),
        ("yaml..load", PYTHON),
        ("yaml.load()", PYTHON),
        ("yaml.\uff4coad", PYTHON),
        ("yaml#load", PYTHON),
        ("ini#constructor", NODE),
        ("ini#parse.constructor.constructor", NODE),
        ("ini#a.prototype.b", NODE),
        ("ini#parse.call", NODE),
        ("ini#__proto__", NODE),
        ("ini/../child_process#exec", NODE),
        ("ini/node_modules/other#a", NODE),
        ("child_process#execSync", NODE),
        ("node:fs#readFileSync", NODE),
        ("./ini#parse", NODE),
        ("/ini#parse", NODE),
    ],
)
def test_paths_that_leave_the_target_are_refused(path: str, known: Mapping[str, str]) -> None:
    assert _codes({"steps": [{"call": path}]}, known) == {("leaves-target", "steps[0].call")}


def test_a_scoped_package_is_one_package() -> None:
    known = {"runtime": "node", "package": "@a/b"}
    assert _read({"steps": [{"call": "@a/b/c#d"}]}, known).steps
    assert _codes({"steps": [{"call": "@a/c#d"}]}, known) == {("leaves-target", "steps[0].call")}


@pytest.mark.parametrize("name", ["_private", "__class__", "a.b", "a b", ""])
@pytest.mark.parametrize("kind", ["method", "get"])
def test_only_public_names_are_reached(kind: str, name: str) -> None:
    raw = {"steps": [{"call": "a.b"}, {kind: name, "on": {"$ref": 0}}]}
    assert {code for code, _ in _codes(raw)} in ({"leaves-target"}, {"empty"})


@pytest.mark.parametrize("name", ["constructor", "prototype", "call", "apply", "bind"])
def test_what_leads_out_of_any_object_is_refused_in_node(name: str) -> None:
    raw = {"steps": [{"call": "ini#a"}, {"get": name, "on": {"$ref": 0}}]}
    assert _codes(raw, NODE) == {("leaves-target", "steps[1].get")}


def test_returned_code_is_called_only_where_that_is_said() -> None:
    raw = {"steps": [{"call": "a.b"}, {"call": {"$ref": 0}}]}
    assert _codes(raw) == {("leaves-target", "steps[1].call")}
    assert _read({"returned_code": True, **raw}).steps


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        ({}, "missing", "steps"),
        ({"steps": []}, "too-few", "steps"),
        ({"steps": [{"call": "a.b"}] * 201}, "too-many", "steps"),
        ({"steps": [{"args": []}]}, "not-one-of", "steps[0]"),
        ({"steps": [{"call": "a.b", "get": "c"}]}, "not-one-of", "steps[0]"),
        ({"steps": ["a.b"]}, "not-one-of", "steps[0]"),
        ({"steps": [{"call": "a.b", "arg": []}]}, "unknown-key", "steps[0].arg"),
        ({"steps": [{"call": 5}]}, "wrong-type", "steps[0].call"),
        ({"steps": [{"method": "a", "on": {"$ref": 0}}]}, "unknown-step", "steps[0].on"),
        ({"steps": [{"method": "a", "on": 0}]}, "wrong-type", "steps[0].on"),
        ({"steps": [{"call": "a.b", "must_raise": False}]}, "not-one-of", "steps[0].must_raise"),
        ({"steps": [{"call": "a.b", "drain": 0}]}, "out-of-bounds", "steps[0].drain"),
        ({"steps": [{"new": "a.b"}]}, "not-for-this-runtime", "steps[0].new"),
        ({"steps": [{"call": "a.b", "must_not_inherit": "a"}]}, "not-for-this-runtime", "steps[0].must_not_inherit"),
        ({"steps": [{"call": "a.b"}], "setup": {"files": {"../a": ""}}}, "unsafe-path", "setup.files.../a"),
    ],
)
def test_each_rule_of_a_document_has_its_code(raw: dict[str, Any], code: str, field: str) -> None:
    assert (code, field) in _codes(raw)


def test_keywords_are_python_s() -> None:
    raw = {"steps": [{"call": "ini#a", "kw": {"b": 1}}]}
    assert _codes(raw, NODE) == {("not-for-this-runtime", "steps[0].kw")}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1, 2.5, True, "x"]},
        {"$bytes": "\x00\xff"},
        {"$b64": "AAE="},
        {"$cat": ["a", {"$nonce": True}]},
        {"$repeat": ["a", 1000]},
        {"$json": {"a": {"$nonce": True}}},
        {"$stringio": "a"},
        {"$bytesio": {"$bytes": "a"}},
        {"$zip": {"a.txt": "x"}},
        {"$tar": [[{"$canary": "relative"}, "x"]]},
        {"$tar": {"a": {"$symlink": {"$canary": "relative"}}, "b": {"$hardlink": "a"}}},
        {"$tuple": [1, {"$set": ["a"]}]},
        {"$canary": "absolute"},
        {"$target": "yaml.FullLoader"},
        {"$callback": True},
        {"$regex": ["a+", "i"]},
        {"$date": "2026-11-23T07:00:00Z"},
        {"$map": [["$ref", 1], [1, 2]]},
    ],
)
def test_every_kind_of_value_is_read(value: object) -> None:
    assert _read(_one(value)).document()["steps"][0]["args"] == [value]


@pytest.mark.parametrize(
    ("value", "code", "place"),
    [
        ({"$repat": ["a", 1]}, "unknown-value", ""),
        ({"$bytes": "a", "b": 1}, "mixed-value", ""),
        ({"$bytes": "€"}, "wrong-value", ".$bytes"),
        ({"$b64": "!"}, "wrong-value", ".$b64"),
        ({"$repeat": ["a"]}, "wrong-value", ".$repeat"),
        ({"$repeat": ["a", -1]}, "wrong-value", ".$repeat[1]"),
        ({"$repeat": ["a", True]}, "wrong-value", ".$repeat[1]"),
        ({"$repeat": [{"$repeat": ["a", "$n"]}, "$n"]}, "wrong-value", ".$repeat[1]"),
        ({"$repeat": [[{"$cat": ["b", {"$repeat": ["a", "$n"]}]}], "$n"]}, "wrong-value", ".$repeat[1]"),
        ({"$repeat": ["a", 10_000_001]}, "wrong-value", ".$repeat[1]"),
        ({"$cat": []}, "wrong-value", ".$cat"),
        ({"$ref": 0}, "unknown-step", ".$ref"),
        ({"$ref": -1}, "unknown-step", ".$ref"),
        ({"$zip": "a"}, "wrong-value", ".$zip"),
        ({"$zip": [["a"]]}, "wrong-value", ".$zip[0]"),
        ({"$path": "a.txt"}, "unknown-file", ".$path"),
        ({"$tuple": "ab"}, "wrong-value", ".$tuple"),
        ({"$symlink": "a"}, "unknown-value", ""),
        ({"$canary": "up"}, "wrong-value", ".$canary"),
        ({"$nonce": 1}, "wrong-value", ".$nonce"),
        ({"$target": "os._exit"}, "leaves-target", ".$target"),
        ({"$undefined": True}, "not-for-this-runtime", ""),
        ({"$regex": "a"}, "wrong-value", ".$regex"),
        ({"$date": "today"}, "wrong-value", ".$date"),
        ({"$map": {"a": 1}}, "wrong-value", ".$map"),
        ([{"a": {"$x": 1}}], "unknown-value", "[0].a"),
        ({"$repeat": [{"$repeat": ["a", 10_000_000]}, 10_000_000]}, "too-large", None),
    ],
)
def test_each_rule_of_a_value_has_its_code(value: object, code: str, place: str | None) -> None:
    assert (code, "" if place is None else f"steps[0].args[0]{place}") in _codes(_one(value))


def test_values_too_deep_are_refused() -> None:
    deep: Any = "a"
    for _ in range(40):
        deep = [deep]
    assert [code for code, _ in _codes(_one(deep))] == ["too-deep"]


def test_a_file_of_the_set_up_may_be_named() -> None:
    raw = {"setup": {"files": {"a.txt": {"$bytes": "x"}}, "stdin": "y"}, **_one({"$path": "a.txt"})}
    assert _read(raw).steps


def test_a_document_that_is_not_a_mapping_is_refused() -> None:
    with pytest.raises(Refused, match="not a mapping"):
        load_calls(b"- a\n", name="a.yaml", runtime="python")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda held: (
        st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=5).filter(lambda key: key[:1] != "$"), held)
    ),
    max_leaves=8,
)


@given(_VALUES)
def test_plain_json_is_always_a_value_and_comes_out_unchanged(value: object) -> None:
    document = _read(_one(value)).document()
    assert dump_canonical(document["steps"][0]["args"]) == dump_canonical([value])


@given(
    _VALUES,
    st.sampled_from(["$bytes", "$ref", "$repeat", "$zip", "$map", "$path", "$regex", "$date", "$target", "$b64"]),
)
def test_a_mark_on_anything_is_read_or_refused(value: object, mark: str) -> None:
    assert all(one.code and one.fix for one in _problems(_one({mark: value})))
