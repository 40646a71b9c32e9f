"""Planted findings: the same seed plants the same, and the joiner finds most of what was planted."""

from bench.joins import measured
from bench.planted import planted


def test_the_same_seed_plants_the_same() -> None:
    one, other = (list(planted(7, packages=4, findings=60)) for _ in range(2))
    assert one == other
    assert sum(len(world.findings) for world in one) == 60
    assert list(planted(8, packages=4, findings=60)) != one


def test_what_is_planted_is_as_hard_as_it_says() -> None:
    worlds = list(planted(3, packages=20, findings=600))
    states = {(world.flaw_of[one.finding], one.state) for world in worlds for one in world.findings}
    flaws = {flaw for flaw, _ in states}
    assert len(states) > 1.5 * len(flaws)
    answers = {
        world.answers.answer(one.finding, patch)
        for world in worlds
        for one in world.findings[:20]
        for patch in world.regions
    }
    assert answers == {True, False, None}


def test_most_of_what_was_planted_is_found_and_little_else() -> None:
    found = measured(800, packages=16, seed=11)
    assert found.precision > 0.95
    assert found.recall > 0.95
    assert found.trials < 800 * 4
