"""Exchanging arguments of a proof for harmless ones."""

from clearinghouse.validation.exchange import MOST_PLACES, differing, exchanged, in_words
from tests.validation.makers import a_form, a_proof

TEXT = {"call": "pkg.render", "args": ["<% act %>", {"variable": "data ", "cache": True}]}
PLAIN = {"call": "pkg.render", "args": ["<%= x %>", {"variable": "data", "cache": True}]}


def test_the_smallest_places_that_differ_are_found_in_order() -> None:
    proof = a_proof(form=a_form(steps=[TEXT]), benign=a_form(steps=[PLAIN]))
    assert differing(proof) == (("steps", 0, "args", 0), ("steps", 0, "args", 1, "variable"))
    assert in_words(differing(proof)[1]) == "step 0, args[1].variable"


def test_one_place_is_exchanged_and_all_else_stays() -> None:
    proof = a_proof(form=a_form(steps=[TEXT]), benign=a_form(steps=[PLAIN]))
    (step,) = exchanged(proof, differing(proof)[1:]).form.steps()
    assert step["args"] == ["<% act %>", {"variable": "data", "cache": True}]


def test_with_every_place_exchanged_the_proof_is_its_harmless_form() -> None:
    proof = a_proof(form=a_form(steps=[TEXT]), benign=a_form(steps=[PLAIN]))
    assert exchanged(proof, differing(proof)).form.steps() == [PLAIN]


def test_what_the_harmless_form_does_not_give_is_left_out() -> None:
    bare = {"call": "pkg.render", "args": ["<% act %>"]}
    proof = a_proof(form=a_form(steps=[TEXT]), benign=a_form(steps=[bare]))
    assert exchanged(proof, differing(proof)).form.steps() == [bare]


def test_a_step_is_held_beside_the_next_one_that_makes_the_same_call() -> None:
    other = {"call": "pkg.set_up", "args": []}
    proof = a_proof(form=a_form(steps=[TEXT]), benign=a_form(steps=[other, PLAIN]))
    assert exchanged(proof, differing(proof)).form.steps() == [PLAIN]


def test_a_result_of_another_step_is_not_exchanged() -> None:
    steps = [{"call": "pkg.make"}, {"call": "pkg.use", "args": [{"$ref": 0}, "bad"]}]
    twins = [{"call": "pkg.make"}, {"call": "pkg.use", "args": ["none", "good"]}]
    proof = a_proof(form=a_form(steps=steps), benign=a_form(steps=twins))
    assert differing(proof) == (("steps", 1, "args", 1),)


def test_the_number_of_places_is_bounded() -> None:
    proof = a_proof(
        form=a_form(steps=[{"call": "pkg.read", "args": list(range(40))}]),
        benign=a_form(steps=[{"call": "pkg.read", "args": [-1] * 40}]),
    )
    assert len(differing(proof)) == MOST_PLACES
