"""The policy pack."""

import json
from importlib import resources
from typing import Any

import pytest

from clearinghouse.cases.rules.packs import CURRENT, policy
from clearinghouse.cases.rules.policy import parse_policy
from clearinghouse.errors import Malformed


def the_pack() -> dict[str, Any]:
    text = resources.files("clearinghouse.cases").joinpath("policies", f"{CURRENT}.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_pack_in_use_is_sound() -> None:
    assert policy().name == CURRENT


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda pack: pack["bands"].pop(), "names the bands"),
        (lambda pack: pack["tie_breaks"].append("luck"), "luck"),
        (lambda pack: pack["factors"][0].update(unknown_ranks_as="huge"), "huge"),
        (lambda pack: pack["bands"][0]["triggers"][0].update(when={"exposure": ["loud"]}), "loud"),
        (lambda pack: pack["bands"][0]["triggers"][0].update(when={"mood": ["bad"]}), "mood"),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused(change: Any, says: str) -> None:  # noqa: ANN401
    pack = the_pack()
    change(pack)
    with pytest.raises(Malformed, match=says):
        parse_policy(json.dumps(pack).encode())


def test_weaknesses_have_families() -> None:
    assert policy().family("CWE-78") == policy().family("CWE-94") == "injection"
    assert policy().family("CWE-99999") == "CWE-99999"
