"""Tests of clearinghouse/documents.py: what is written is what is read, on both databases."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.documents import _dumped, _restored
from clearinghouse.work.models import Failure
from tests.ledger.makers import NOON

HARD = [
    "\x00",
    "a\x00b",
    "\x01",
    "\ud800",
    "\udfff",
    "\uf8ff",
    "\uf8ff0000",
    "\\u0000",
    "\\\\u0000",
    "\\\x00",
    "\U0001f600",
    "\ud83d",
]
ANY_TEXT = st.text(st.characters(codec=None)) | st.text(st.sampled_from('\x00\ud800\udc00\uf8ff\\u0a"😀'))


def _kept(value: Any) -> Any:  # noqa: ANN401
    Failure.objects.update_or_create(
        key="x", defaults={"task": "t", "arguments": value, "attempts": 1, "error": "", "failed_at": NOON}
    )
    return Failure.objects.get(key="x").arguments


@pytest.mark.django_db
@pytest.mark.parametrize("text", HARD, ids=ascii)
def test_hard_texts_come_back(text: str) -> None:
    assert _kept([text, {text: text}]) == [text, {text: text}]


@given(st.recursive(ANY_TEXT, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner)))
def test_what_is_dumped_is_restored_and_is_what_jsonb_takes(value: Any) -> None:  # noqa: ANN401
    dumped = _dumped(value, None)
    kept = json.loads(dumped)
    told = json.dumps(kept, ensure_ascii=False)  # as PostgreSQL tells it: what is not ASCII stands as it is
    assert "\x00" not in str(kept) and told.encode("utf-8")
    assert json.loads(_restored(told)) == json.loads(json.dumps(value))
