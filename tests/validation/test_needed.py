"""Which steps of a list of calls are needed to fire."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from clearinghouse.validation.brief import Proof
from clearinghouse.validation.launch import Start
from clearinghouse.validation.needed import MOST_TRIES, needed_steps, shortened, with_needs
from clearinghouse.validation.rules import Detector, Outcome, Owner, Run
from tests.validation.makers import V, a_form, a_proof, a_run, a_witness

STEPS = [{"call": f"pkg.step{index}"} for index in range(8)]


def proof_of(steps: Sequence[Mapping[str, object]], detector: Detector = Detector.COMMAND_EXECUTION) -> Proof:
    return a_proof(form=a_form(steps=list(steps)), detector=detector)


def fired(**facts: object) -> Run:
    return a_run(Start(V.VULNERABLE), Outcome.FIRED, facts=facts)


def fires_with(*wanted: str) -> tuple[Callable[[Proof], Run], list[int]]:
    """A target that shows the flaw only when all these calls are made; counts how often it is asked."""
    asked: list[int] = []

    def run(proof: Proof) -> Run:
        made = [step["call"] for step in proof.form.steps()]
        asked.append(len(made))
        return a_run(Start(V.VULNERABLE), Outcome.FIRED if set(wanted) <= set(made) else Outcome.SILENT)

    return run, asked


def silent(proof: Proof) -> bool:
    return bool(proof.form.steps())


def test_a_step_without_which_the_fix_shows_it_too_stays() -> None:
    def protected(proof: Proof) -> bool:
        return {"call": "pkg.step0"} in proof.form.steps()

    run, _ = fires_with("pkg.step5")
    needed = needed_steps(proof_of(STEPS), fired(step=5), run, protected)
    assert needed.kept == (0, 5)


def test_a_step_that_fires_alone_is_judged_alone() -> None:
    run, asked = fires_with("pkg.step5")
    needed = needed_steps(proof_of(STEPS), fired(step=5), run, silent)
    assert (needed.kept, needed.left_out) == ((5,), (0, 1, 2, 3, 4, 6, 7))
    assert [step["call"] for step in needed.proof.form.steps()] == ["pkg.step5"]
    assert len(asked) == 1


def test_steps_that_prepare_the_one_that_fires_stay() -> None:
    run, asked = fires_with("pkg.step1", "pkg.step4", "pkg.step7")
    needed = needed_steps(proof_of(STEPS), fired(step=7), run, silent)
    assert needed.kept == (1, 4, 7)
    assert len(asked) <= MOST_TRIES


def test_a_list_in_which_every_step_is_referred_to_costs_no_run() -> None:
    steps: list[dict[str, object]] = [
        {"call": "pkg.a"},
        {"method": "b", "on": {"$ref": 0}},
        {"call": "pkg.c", "args": [[{"$ref": 1}]]},
    ]
    run, asked = fires_with()
    needed = needed_steps(proof_of(steps), fired(step=2), run, silent)
    assert (needed.left_out, asked) == ((), [])


def test_references_follow_the_steps_to_their_new_places() -> None:
    steps: list[dict[str, object]] = [
        {"call": "pkg.a"},
        {"call": "pkg.b"},
        {"method": "c", "on": {"$ref": 1}, "args": [{"x": {"$ref": 1}}]},
    ]
    short = shortened(proof_of(steps), frozenset({1, 2}))
    assert short.form.steps()[1] == {"method": "c", "on": {"$ref": 0}, "args": [{"x": {"$ref": 0}}]}
    assert with_needs(proof_of(steps).form.steps(), [2]) == {1, 2}


def test_where_no_detector_tells_the_step_only_the_last_one_is_tried() -> None:
    run, asked = fires_with("pkg.step2", "pkg.step7")
    assert needed_steps(proof_of(STEPS, Detector.GROWTH), fired(), run, silent).left_out == ()
    assert asked == [1]
    run, asked = fires_with("pkg.step7")
    assert needed_steps(proof_of(STEPS, Detector.GROWTH), fired(), run, silent).kept == (7,)


def test_a_shorter_list_that_shows_something_else_is_not_taken() -> None:
    def other_act(proof: Proof) -> Run:
        witness = replace(a_witness(), event="os.posix_spawn", blamed=Owner.TARGET)
        return a_run(Start(V.VULNERABLE), Outcome.FIRED, witness=witness if len(proof.form.steps()) < 8 else None)

    assert needed_steps(proof_of(STEPS), fired(step=3), other_act, silent).left_out == ()


def test_the_number_of_tries_is_bounded() -> None:
    steps = [{"call": f"pkg.step{index}"} for index in range(100)]
    run, asked = fires_with(*(f"pkg.step{index}" for index in range(0, 100, 3)))
    needed_steps(proof_of(steps), fired(step=99), run, silent)
    assert len(asked) <= MOST_TRIES
