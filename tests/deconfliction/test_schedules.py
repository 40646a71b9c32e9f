"""Random schedules against an oracle that looks at every single thing."""

from random import Random

from clearinghouse.deconfliction.rules.targets.kinds import meets, target_of
from tests.deconfliction.oracle import a_wish
from tests.deconfliction.schedules import a_schedule


def test_the_index_and_the_rules_say_what_looking_at_everything_says() -> None:
    chance = Random(20261126)  # noqa: S311 - the same each time
    wrong = [one for _ in range(500) for one in a_schedule(chance)]
    assert not wrong


def test_the_oracle_and_the_rules_agree_on_what_touches_what() -> None:
    chance, together = Random(7), 0  # noqa: S311 - the same each time
    for _ in range(5_000):
        one, other = a_wish(chance), a_wish(chance)
        touching = bool(one.touches() & other.touches())
        assert meets(target_of(one.plain("w")), target_of(other.plain("w"))) == touching, (one, other)
        together += touching
    assert 500 < together < 4_500
