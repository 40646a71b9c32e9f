"""The texts of a proof with the act taken out: what stays is on the same way into the flaw."""

import pytest

from clearinghouse.validation.patches.mutants.weaker import ALONE, weaker_arguments

NONCE = {"$nonce": True}
CALL = [{"$cat": ["a = process.mainModule.require('child_process').execSync('true ", NONCE, "')"]}]


def test_every_call_in_a_text_becomes_a_harmless_value() -> None:
    made = dict(weaker_arguments(CALL))
    assert made["[1][0] for each call in it"] == ["a = [1][0]"]
    assert made["'1' for each call in it"] == ["a = '1'"]


def test_a_mark_of_ours_stays_where_the_text_around_it_stays() -> None:
    made = dict(weaker_arguments(CALL))
    assert not any(NONCE in one[0].get("$cat", ()) for one in made.values() if isinstance(one[0], dict))
    assert dict(weaker_arguments([{"$cat": ["f(1) ", NONCE, " g(2)"]}]))["1 for each call in it"] == [
        {"$cat": ["1 ", NONCE, " 1"]}
    ]


def test_every_character_that_is_no_letter_is_tried_by_itself() -> None:
    made = dict(weaker_arguments(["a=(b)"]))
    assert [value for what, (value,) in made.items() if what.startswith(ALONE) and "blanks" not in what] == [
        "a(a",
        "a)a",
        "a=a",
    ]


@pytest.mark.parametrize("arguments", [["ab"], [3, None], [{"$canary": "absolute"}], [{"$b64": "aGVsbG8="}], [{}]])
def test_what_is_no_text_of_the_finder_or_too_short_has_no_weaker_form(arguments: list[object]) -> None:
    assert list(weaker_arguments(arguments)) == []


def test_names_of_options_stay() -> None:
    for _, (options,) in weaker_arguments([{"variable": "a(b)c"}]):
        assert set(options) == {"variable"}
