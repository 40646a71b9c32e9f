"""Tests of clearinghouse/advisories/marks.py."""

import pytest

from clearinghouse.advisories.marks import marked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Name it under `not_affected`.", "Name it under <code>not_affected</code>."),
        ("a ` alone", "a ` alone"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("<b>`x`</b>", "&lt;b&gt;<code>x</code>&lt;/b&gt;"),
    ],
)
def test_marks_become_code_and_nothing_else_becomes_markup(text: str, html: str) -> None:
    assert marked(text) == html
