"""Tests of what ``clearinghouse report try`` prints."""

from typing import Any

import pytest

from clearinghouse.commands import attempt


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "not affected"),
        ([{"introduced": "0"}, {"fixed": "1.4"}], "affected 0 … <1.4"),
        ([{"introduced": "1.0"}, {"fixed": "1.4"}, {"introduced": "2.0"}, {"last_affected": "2.2"}],
         "affected 1.0 … <1.4, 2.0 … 2.2"),
    ],
)  # fmt: skip
def test_a_range_is_said_in_words(events: list[dict[str, Any]], words: str) -> None:
    assert attempt._in_words(events) == words
