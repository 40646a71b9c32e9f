"""Prototype pollution: by assignment with the writer's stack, by definition, and what only shows afterwards."""

from tests.validation.runtimes.node.stage import NONCE, TOKEN, Stage, frames


def test_an_assignment_is_caught_with_the_writers_stack(stage: Stage) -> None:
    seen = stage.call("pollution", "flawed#assign", ["__proto__", NONCE], 1)
    assert [one["event"] for one in seen.acts("pollution")] == ["assignment"]
    assert frames(seen, "pollution")[0] == ("target", "exports.assign")


def test_a_definition_is_caught_with_the_writers_stack(stage: Stage) -> None:
    seen = stage.call("pollution", "flawed#define", ["__proto__", NONCE], 1)
    assert [one["event"] for one in seen.acts("pollution")] == ["Object.defineProperty"]
    assert frames(seen, "pollution")[0] == ("target", "exports.define")


def test_a_proto_key_of_a_document_stays_a_key_and_pollutes_a_naive_merge(stage: Stage) -> None:
    payload = {"$map": [["__proto__", {"$map": [[NONCE, 1]]}]]}
    seen = stage.call("pollution", "flawed#merge", {}, payload)
    assert [one["argument"] for one in seen.acts("pollution")] == [f'Object.prototype["{TOKEN}"]']


def test_a_plain_json_proto_key_pollutes_too(stage: Stage) -> None:
    payload = {"constructor": {"prototype": {"polluted": NONCE}}}
    seen = stage.call("pollution", "flawed#merge", {}, payload)
    assert [(one["event"], one["token"], one["blamed"]) for one in seen.acts("pollution")] == [
        ("changed property", True, "target")
    ]


def test_setting_our_key_on_an_ordinary_object_is_no_pollution(stage: Stage) -> None:
    seen = stage.call(
        "pollution", "flawed#merge", {"a": {}}, {"a": {"$map": [[NONCE, 1]]}}, must_equal={"a": {"$map": [[NONCE, 1]]}}
    )
    assert (seen.of("act"), seen.of("broken")) == ([], [])


def test_a_polluted_prototype_behaves_as_polluted_from_then_on(stage: Stage) -> None:
    steps = (
        {"call": "flawed#assign", "args": [["__proto__", NONCE], 1]},
        {"call": "flawed#echo", "args": [{}], "must_not_inherit": NONCE},
    )
    assert [one["index"] for one in stage.calls("pollution", *steps).of("broken")] == [1]


def test_a_trap_of_ours_is_not_taken_for_an_inherited_key(stage: Stage) -> None:
    assert stage.call("pollution", "flawed#echo", {}, must_not_inherit=NONCE).of("broken") == []


def test_a_changed_prototype_of_the_result_alone_is_an_invariant(stage: Stage) -> None:
    text = {"$cat": ['{"__proto__":{"', NONCE, '":1}}']}
    seen = stage.call("invariant", "flawed#revive", text, must_not_inherit=NONCE)
    assert (len(seen.of("broken")), seen.acts("pollution")) == (1, [])


def test_a_programs_own_pollution_is_the_finders(stage: Stage) -> None:
    seen = stage.program("pollution", "require('flawed'); Object.prototype['@@TOKEN@@'] = 1;")
    assert seen.blamed("pollution") == {"finder"}


def test_a_callback_of_the_program_that_pollutes_is_the_finders(stage: Stage) -> None:
    text = "require('flawed').each([1], () => { Object.prototype['@@TOKEN@@'] = 1; });"
    assert stage.program("pollution", text).blamed("pollution") == {"finder"}


def test_a_descriptor_laid_by_saved_means_is_seen_at_the_end_and_not_put_down_to_the_target(stage: Stage) -> None:
    text = "require('flawed').each(['@@TOKEN@@'], (key) => Object.assign(Array.prototype, { own: key }));"
    assert stage.program("pollution", text).blamed("pollution") <= {"finder", "unknown"}
