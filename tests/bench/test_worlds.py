"""Outsiders cannot tell a server with a hidden case from one without; and whoever could, would be found out."""

from pathlib import Path

import pytest

from bench.attacks.briefs import STRANGER
from bench.worlds import compared

pytestmark = pytest.mark.server
SEED = 20261126
PLANTED = {
    "byte": ("finder", 130),
    "count": ("finder", 130),
    "order": ("finder", 130),
    "header": ("finder", 130),
    "key": ("finder", 260),
    "letter": (STRANGER, 260),
}
"""Each small leak, who comes upon it, and by so many questions at the latest."""


def test_outsiders_get_the_same_bytes_with_and_without_a_hidden_case(tmp_path: Path) -> None:
    counted, found = compared(tmp_path, requests=260, seed=SEED)
    assert not found, found[0]
    assert sum(counted.values()) > 900
    statuses = {status for _, status in counted}
    assert {200, 202, 302, 401, 403, 404, 405, 422} <= statuses, "what is asked comes to every kind of answer"


@pytest.mark.parametrize("leak", PLANTED)
def test_a_small_leak_is_found(leak: str, tmp_path: Path) -> None:
    role, requests = PLANTED[leak]
    _, found = compared(tmp_path, requests=requests, seed=SEED, roles=(role,), planted=leak)
    assert found
