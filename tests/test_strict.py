"""Strict readers: what two parsers could read differently is refused, and the place is named."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Refused
from clearinghouse.strict import JSON_LIMITS, YAML_LIMITS, Limits, dump_canonical, load_json, load_yaml

texts = st.text(st.characters(max_codepoint=0xD7FF), max_size=20)
keys = st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0xFFFF), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


def refusal_of_json(data: bytes, limits: Limits = JSON_LIMITS) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        load_json(data, limits=limits)
    (problem,) = caught.value.problems
    assert problem.fix
    return problem.code, problem.reason


def refusal_of_yaml(data: bytes, limits: Limits = YAML_LIMITS) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        load_yaml(data, limits=limits)
    (problem,) = caught.value.problems
    assert problem.fix
    return problem.code, problem.reason


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b'{"tlp": "RED",\n "tlp": "CLEAR"}', "duplicate-key", "(line 2, column 2)"),
        (b'[{"a": {"b": 1, "b": 1}}]', "duplicate-key", "(line 1, column 17)"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate-key", "(line 1, column 10)"),
        (b'{"a": {"b": [1, 2.5]}, "c": 1,\n"c": 2}', "duplicate-key", "(line 2, column 1)"),
        (b'{"a": {"b": [1, 2.5]}, "c": 1,\n"d": 1e999}', "not-a-number", "(line 2, column 6)"),
        (b"[NaN]", "not-a-number", "(line 1, column 2)"),
        (b"[-Infinity]", "not-a-number", "(line 1, column 2)"),
        (b'{"a":\n1e999}', "not-a-number", "(line 2, column 1)"),
        (b'["\\ud800"]', "lone-surrogate", "(line 1, column 3)"),
        (b'{"\\udfff": 1}', "lone-surrogate", "(line 1, column 3)"),
        (b"\n\n  \xff", "invalid-utf8", "(line 3, column 3)"),
        (b'{"a\\u0000": 1}', "control-characters", "(line 1, column 2)"),
        (b'{"\\u202eedoc": 1}', "control-characters", "(line 1, column 2)"),
        (b"[" * 101 + b"]" * 101, "too-deep", "(line 1, column 101)"),
        (b"[" * 100_000, "too-deep", "(line 1, column 101)"),
        (b"[" + b"9" * 1_000_000 + b"]", "too-large", "(line 1, column 2)"),
        (b"[0." + b"1" * 1_000_000 + b"]", "too-large", "(line 1, column 2)"),
        (b"[" + b"1," * 1_000_000 + b"1]", "too-many-items", ""),
        (b"", "invalid-json", "(line 1, column 1)"),
        (b"[01]", "invalid-json", "(line 1, column 3)"),
        (b"{'a': 1}", "invalid-json", "(line 1, column 2)"),
        (b'{"a": 1} {"a": 2}', "invalid-json", "(line 1, column 10)"),
        (b'"' + b'\\"' * 1_000_000, "invalid-json", "(line 1, column 1)"),
    ],
)
def test_json_that_two_parsers_could_read_differently_is_refused(data: bytes, code: str, place: str) -> None:
    found, reason = refusal_of_json(data)
    assert found == code
    assert reason.endswith(place)


def test_json_larger_than_the_limit_is_refused_before_it_is_read() -> None:
    assert refusal_of_json(b"x" * 11, Limits(size_bytes=10, depth=1, items=1))[0] == "too-large"


def test_an_escaped_backslash_before_ud800_is_no_surrogate() -> None:
    assert load_json(b'["\\\\ud800", "\\ud83d\\ude00"]') == ["\\ud800", "\U0001f600"]


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert load_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@given(values)
def test_what_json_can_say_is_read_back(value: object) -> None:
    assert load_json(json.dumps(value).encode()) == value
    assert load_json(dump_canonical(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for load in (load_json, load_yaml):
        try:
            load(data)
        except Refused:
            continue


@given(st.text('[]{},:"\\ua01.eE-tfn \n&*!|>#', max_size=60))
def test_any_text_made_of_syntax_is_read_or_refused(text: str) -> None:
    for load in (load_json, load_yaml):
        try:
            value = load(text.encode())
        except Refused:
            continue
        dump_canonical(value)


@given(values)
def test_equal_values_have_equal_bytes(value: object) -> None:
    turned = {key: value[key] for key in reversed(value)} if isinstance(value, dict) else value
    assert dump_canonical(turned) == dump_canonical(value)


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"a: 1\nb:\n  c: 1\n  c: 2\n", "duplicate-key", "(line 4, column 3)"),
        (b"a: &a [*a]", "alias-bomb", "(line 1, column 8)"),
        (b"a: &a [" + b"x," * 600 + b"x]\nb: [*a, *a]", "alias-bomb", "(line 2, column 9)"),
        (b"a: &a '" + b"x" * 600_000 + b"'\nb: [*a, *a]", "alias-bomb", "(line 2, column 9)"),
        (b"a: *b", "invalid-yaml", "(line 1, column 4)"),
        (b"a: !!python/object/apply:os.system [id]", "invalid-yaml", "(line 1, column 4)"),
        (b"a: !!binary aGk=", "invalid-yaml", "(line 1, column 4)"),
        (b"a: ! x", "invalid-yaml", "(line 1, column 4)"),
        (b"<<: {a: 1}", "invalid-yaml", "(line 1, column 1)"),
        (b"1: a", "invalid-yaml", "(line 1, column 1)"),
        (b"[a]: 1", "invalid-yaml", "(line 1, column 1)"),
        (b"--- a\n--- b", "invalid-yaml", "(line 2, column 1)"),
        (b"", "invalid-yaml", "(line 1, column 1)"),
        (b"a: [", "invalid-yaml", "(line 2, column 1)"),
        (b"a: .NaN", "not-a-number", "(line 1, column 4)"),
        (b"a: -.inf", "not-a-number", "(line 1, column 4)"),
        (b"a: 1e999", "not-a-number", "(line 1, column 4)"),
        (b"a: " + b"1" * 41, "too-large", "(line 1, column 4)"),
        (b'"a\\0": 1', "control-characters", "(line 1, column 1)"),
        (b"[" * 65 + b"]" * 65, "too-deep", "(line 1, column 65)"),
        (b"[" * 1_000_000, "too-deep", "(line 1, column 65)"),
        (
            b"a: &a " + b"[" * 40 + b"]" * 40 + b"\nb: " + b"[" * 40 + b"*a" + b"]" * 40,
            "too-deep",
            "(line 2, column 44)",
        ),
        (b"- 1\n" * 100_001, "too-many-items", "(line 100000, column 3)"),
        (b"a: \x01", "invalid-yaml", ""),
    ],
)
def test_yaml_that_is_more_than_plain_data_is_refused(data: bytes, code: str, place: str) -> None:
    found, reason = refusal_of_yaml(data)
    assert found == code
    assert reason.endswith(place)


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "2027-01-20", "0x1f", "010", "1_000", "1:30", ".5", "+1"])
def test_words_that_old_yaml_turns_into_other_things_stay_text(word: str) -> None:
    assert load_yaml(f"a: {word}".encode()) == {"a": word}


def test_null_truth_and_json_numbers_are_what_they_look_like() -> None:
    document = b"[~, null, , true, False, -3, 1.5e3, 'null', \"1\"]".replace(b" ,", b" '',")
    assert load_yaml(document) == [None, None, "", True, False, -3, 1500.0, "null", "1"]


def test_an_alias_is_a_copy_of_its_own() -> None:
    value = load_yaml(b"a: &a {x: [1]}\nb: *a")
    value["a"]["x"].append(2)
    assert value["b"] == {"x": [1]}


@given(values)
def test_what_yaml_dumps_of_plain_data_is_read_back(value: object) -> None:
    assert load_yaml(json.dumps(value).encode()) == value


def test_without_the_c_library_yaml_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert load_yaml(b"a: &x [1, no]\nb: *x") == {"a": [1, "no"], "b": [1, "no"]}
    assert refusal_of_yaml(b'a: "\\ud800"')[0] == "lone-surrogate"
