"""Guards that every verb is said in words: what is asked for, and what was done."""

import re

import pytest

from clearinghouse.permissions.table import the_table
from clearinghouse.permissions.words import ROOMS, WORDS, Words, listed, to_do, was_done
from tests.house.sources import first_texts, lifecycles

RECORDED = set(first_texts("record", "first_act")) | {one for each in lifecycles().values() for one in each.verbs()}


def test_every_verb_has_words_and_no_words_are_left_over() -> None:
    assert set(WORDS) == set(the_table().verbs)
    assert {verb.partition(":")[0] for verb in WORDS} == set(ROOMS)


def test_every_verb_that_the_ledger_holds_has_a_sentence() -> None:
    assert len(RECORDED) > 90 and not RECORDED - set(WORDS)


@pytest.mark.parametrize("verb", WORDS)
def test_words_are_plain_english_and_no_verb(verb: str) -> None:
    said = WORDS[verb]
    for words in (said.todo, said.done):
        assert re.fullmatch(r"[a-z][a-z' ,-]+", words), words
    assert said.todo != said.done or said.todo.startswith("read "), "what was done is told as done"


def test_what_is_asked_for_is_said_once() -> None:
    asked = [one.todo for one in WORDS.values()]
    assert sorted(set(asked)) == sorted(asked), "a list of scopes would offer the same words twice"


def test_a_verb_without_words_is_shown_itself() -> None:
    assert to_do("desk:paper:sign") == was_done("desk:paper:sign") == "desk:paper:sign"
    assert WORDS["findings:submission:hand-in"] == Words("hand in a report", "handed in a report")


def test_names_are_listed_as_a_sentence_has_them() -> None:
    assert listed([]) == "" and listed(["soc"]) == "soc"
    assert listed(["finder", "determining-official", "soc"], last="and") == "finder, determining official and soc"
