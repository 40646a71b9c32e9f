"""Mutants of a proof: another form of the same act, each once, in an order that content alone decides."""

from dataclasses import replace
from typing import Any

import pytest

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.patches.mutants.forms import TELLING, mutants_of
from clearinghouse.validation.patches.mutants.ordinary import ordinary
from clearinghouse.validation.patches.mutants.shapes import respelt, respelt_steps
from clearinghouse.validation.patches.mutants.spellings import Family
from clearinghouse.validation.rules import Detector

NONCE = {"$nonce": True}


def proof(*args: object, detector: Detector = Detector.POLLUTION, benign: object = "harmless") -> Proof:
    return Proof(
        runtime=Runtime.PYTHON,
        kind="calls",
        detector=detector,
        form=Form("calls", document={"steps": [{"call": "pkg.read", "args": list(args)}]}),
        benign=Form("calls", document={"steps": [{"call": "pkg.read", "args": [benign]}]}),
    )


def arguments(of: Proof) -> list[Any]:
    """Return the arguments of every mutant that makes one call."""
    documents = [one.proof.form.document or {} for one in mutants_of(of)]
    return [one["steps"][0]["args"] for one in documents if len(one["steps"]) == 1]


@pytest.mark.parametrize(
    ("detector", "text", "wanted"),
    [
        (Detector.POLLUTION, "__proto__.x", "constructor.prototype.x"),
        (Detector.POLLUTION, "constructor.prototype.x", "__proto__.x"),
        (Detector.POLLUTION, '{"__proto__": {"x": 1}}', '{"constructor": {"prototype": {"x": 1}}}'),
        (Detector.POLLUTION, "[__proto__]", "[ __proto__]"),
        (Detector.POLLUTION, '{"__proto__": 1}', '{"__\\u0070roto__": 1}'),
        (Detector.FILE_READ, "../secret", "..\\secret"),
        (Detector.FILE_READ, "../secret", "%2e%2e/secret"),
        (Detector.FILE_READ, "../secret", "./../secret"),
        (Detector.FILE_READ, "../secret", "....//secret"),
        (Detector.COMMAND_EXECUTION, "__import__('os').system('true x')", "__import__('os').popen('true x')"),
        (Detector.COMMAND_EXECUTION, "a; true x", "a && true x"),
        (Detector.EXCEPTION, "((()))", "[[[]]]"),
        (Detector.INVARIANT, "0x7f.1", "0177.1"),
        (Detector.INVARIANT, "a b", "a\tb"),
    ],
)
def test_a_text_is_said_in_the_other_ways_that_a_list_of_forbidden_texts_forgets(
    detector: Detector, text: str, wanted: str
) -> None:
    assert [wanted] in arguments(proof(text, detector=detector))


def test_the_canary_is_named_in_other_ways() -> None:
    ways = arguments(proof({"$canary": "relative"}, detector=Detector.FILE_READ))
    assert [{"$canary": "absolute"}] in ways
    assert [{"$cat": ["./", {"$canary": "relative"}]}] in ways


def test_a_repetition_is_made_four_times_as_long() -> None:
    assert [{"$repeat": ["(", 4000]}] in arguments(proof({"$repeat": ["(", 1000]}, detector=Detector.EXCEPTION))


def test_a_list_of_keys_takes_the_other_way_too() -> None:
    assert [["constructor", "prototype", NONCE]] in arguments(proof(["__proto__", NONCE]))
    assert [["__proto__", NONCE]] in arguments(proof(["constructor", "prototype", NONCE]))


def test_the_harmless_form_stands_before_and_behind_the_proof() -> None:
    ways = arguments(proof("bad", benign="good"))
    assert [{"$cat": ["good", "\n", "bad"]}] in ways
    assert [{"$cat": ["bad", "\n", "good"]}] in ways


def test_calls_made_twice_refer_to_their_own_results() -> None:
    steps = [{"call": "pkg.make", "args": []}, {"method": "go", "on": {"$ref": 0}, "args": []}]
    twice = next(
        one.proof.form.document
        for one in mutants_of(replace(proof(), form=Form("calls", document={"steps": steps}), benign=None))
        if one.what == "every call made twice"
    )
    assert twice is not None and twice["steps"][3]["on"] == {"$ref": 2}


def test_no_mutant_is_the_proof_itself_or_comes_twice() -> None:
    of = proof({"$cat": ["__proto__.", NONCE]})
    forms = [one.data() for one in mutants_of(of)]
    assert len(forms) == len(set(forms)) > 10
    assert next(mutants_of(replace(of, form=of.form))).data() == forms[0]


def test_the_telling_families_take_turns_at_the_front() -> None:
    families = [one.family for one in mutants_of(proof({"$cat": ["__proto__.", NONCE]}))]
    assert families[0] is Family.KEYS
    assert len(set(families[:4])) == 3, "the family that tells most has two turns"
    assert set(families[:4]) <= set(TELLING[Detector.POLLUTION])


def test_a_program_has_no_mutants() -> None:
    assert not list(mutants_of(replace(proof(), form=Form("program", program="proof.py"))))


def test_the_marks_in_an_input_are_left_alone() -> None:
    of = replace(proof(), form=Form("input", input=b"[__proto__]\n@@TOKEN@@ = a\n"), benign=None)
    inputs = [one.proof.form.input for one in mutants_of(of)]
    assert b'["__proto__"]\n@@TOKEN@@ = a\n' in inputs
    assert all(one.count(b"@@TOKEN@@") >= 1 for one in inputs)


def test_what_is_called_and_what_must_hold_is_not_spelt_anew() -> None:
    document = {"steps": [{"call": "pkg.read", "args": ["a"], "kw": {"mode": "b"}, "must_not_contain": "c"}]}
    assert respelt_steps(document, str.upper)["steps"] == [
        {"call": "pkg.read", "args": ["A"], "kw": {"mode": "B"}, "must_not_contain": "c"}
    ]


@pytest.mark.parametrize("mark", [{"$canary": "name"}, {"$ref": 0}, {"$b64": "YQ=="}, {"$target": "pkg.a"}])
def test_marks_that_hold_no_text_of_the_finder_s_stay(mark: dict[str, Any]) -> None:
    assert respelt([mark], str.upper) == [mark]


def test_bytes_stay_what_one_byte_can_hold() -> None:
    assert respelt({"$bytes": "ab"}, lambda text: text + "\uff41") == {"$bytes": "ab"}


def node(*args: object) -> Proof:
    return replace(proof(*args), runtime=Runtime.NODE)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (["__proto__", NONCE], [["__proto__"], NONCE]),
        ([["__proto__"], NONCE], [[["__proto__"]], NONCE]),
        (["constructor", "prototype", NONCE], [["constructor"], ["prototype"], NONCE]),
        (["__proto__", NONCE], {"$cat": ["__proto__", ".", NONCE]}),
        ({"$cat": ["a.__proto__.", NONCE]}, ["a", "__proto__", NONCE]),
    ],
)
def test_a_path_is_handed_over_as_lists_in_lists_and_as_one_text(keys: object, wanted: object) -> None:
    assert [wanted] in arguments(node(keys))


def test_what_is_put_together_begins_twice_bytes_too() -> None:
    zeros, rest = {"$b64": "AAAA"}, {"$b64": "KmlP"}
    ways = arguments(proof({"$cat": [zeros, rest]}, detector=Detector.INVARIANT))
    assert [{"$cat": [zeros, zeros, rest]}] in ways


def test_a_mark_is_never_taken_for_a_list_of_keys() -> None:
    ways = arguments(node({"$cat": ["__proto__", NONCE]}))
    assert not any(["__proto__"] in one.get("$cat", []) for (one,) in ways if isinstance(one, dict))


def test_the_keys_of_a_mapping_are_marked_in_other_ways() -> None:
    ways = arguments(proof({"$map": [[{"$cat": ["x' or 1 -- ", NONCE]}, 1]]}, detector=Detector.INVARIANT))
    assert [{"$map": [[{"$cat": ['x" or 1 # ', NONCE]}, 1]]}] in ways
    assert [{'"': 1}] in arguments(proof({"'": 1}, detector=Detector.INVARIANT))


def test_ordinary_words_are_those_that_any_user_may_write() -> None:
    document = {"steps": [{"call": "pkg.read", "args": ["[site]", {"$canary": "absolute"}, "utf8"]}]}
    made = {what: one["steps"][0]["args"] for what, one in ordinary(document)}
    assert made["a blank inside"] == ["[si te]", {"$canary": "absolute"}, "ut f8"]
    assert made["a capital, in text 1 alone"] == ["[Site]", {"$canary": "absolute"}, "utf8"]
    assert made["a dot inside, in text 2 alone"][0] == "[site]"
