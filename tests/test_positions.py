"""Tests of clearinghouse/positions.py; that a refusal names the place is tested with the reader."""

import pytest

from clearinghouse.positions import place_of


@pytest.mark.parametrize(
    ("text", "code", "looked_for", "place"),
    [
        ('{"a": 1,\n "a": 2}', "duplicate-key", "a", (2, 2)),
        ('{"a": {"b": 1}, "b": [1], "b": 2}', "duplicate-key", "b", (1, 27)),
        ('{"a": "b", "b": 1}', "duplicate-key", "b", None),
        ("[1,\n  999]", "too-large", "999", (2, 3)),
        ('999x": 1}, ]', "too-large", "99", (1, 1)),
        ('"]}}" ]}}} 7', "too-large", "8", None),
        ('{"\\q": 1, "a": 7}', "too-large", "7", (1, 16)),
        ('["x", "\\ud800"]', "lone-surrogate", "\\ud800", (1, 8)),
    ],
)
def test_a_value_is_found_again_where_it_stands(
    text: str, code: str, looked_for: str, place: tuple[int, int] | None
) -> None:
    assert place_of(text, code, looked_for) == place
