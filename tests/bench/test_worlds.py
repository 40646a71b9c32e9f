"""Outsiders cannot tell a server with a hidden case from one without; and whoever could, would be found out."""

from pathlib import Path

import pytest

from bench.attacks.asking import begins_with
from bench.attacks.briefs import STRANGER
from bench.worlds import compared

pytestmark = pytest.mark.server
SEED = 20261126
DRAWN = 260
"""Questions beside those with which every run begins: the more addresses there are, the more these are."""
PLANTED = {
    "byte": ("finder", 0),
    "count": ("finder", 0),
    "order": ("finder", 0),
    "header": ("finder", 0),
    "key": ("finder", DRAWN),
    "letter": (STRANGER, DRAWN),
}
"""Each small leak, who comes upon it, and with how many questions that were drawn."""


def test_outsiders_get_the_same_bytes_with_and_without_a_hidden_case(tmp_path: Path) -> None:
    counted, found = compared(tmp_path, requests=begins_with() + DRAWN, seed=SEED)
    assert not found, found[0]
    assert sum(counted.values()) > 900
    statuses = {status for _, status in counted}
    assert {200, 202, 302, 401, 403, 404, 405, 422} <= statuses, "what is asked comes to every kind of answer"


@pytest.mark.parametrize("leak", PLANTED)
def test_a_small_leak_is_found(leak: str, tmp_path: Path) -> None:
    who, drawn = PLANTED[leak]
    _, found = compared(tmp_path, requests=begins_with() + drawn, seed=SEED, roles=(who,), planted=leak)
    assert found
