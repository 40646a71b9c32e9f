"""What was once found stays fixed, and what Hypothesis makes of valid documents is answered or refused."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
FOUND = sorted(CORPUS.glob("*/*"))
MIDDLES = (b"", b"\x00", b"\xff", b"{", b"]", b'"', b"\n", b"\xed\xa0\x80", b"9" * 400, b"NaN", b"*a", b"&a ", b"!!x ")


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_takes_in_its_seeds(name: str) -> None:
    assert all(TARGETS[name].took(seed) for seed in TARGETS[name].seeds())


@pytest.mark.parametrize("file", FOUND, ids=[f"{one.parent.name}/{one.name[:12]}" for one in FOUND])
def test_what_was_found_stays_answered(file: Path) -> None:
    assert TARGETS[file.parent.name].took(file.read_bytes()) in (True, False)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_spoilt_document_is_answered_or_refused(name: str, data: st.DataObject) -> None:
    spoilt = data.draw(st.sampled_from(TARGETS[name].seeds()))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(spoilt)))
        end = data.draw(st.integers(start, min(len(spoilt), start + 40)))
        spoilt = spoilt[:start] + data.draw(st.sampled_from(MIDDLES) | st.binary(max_size=8)) + spoilt[end:]
    assert TARGETS[name].took(spoilt) in (True, False)


def test_every_found_input_belongs_to_a_target() -> None:
    assert {one.parent.name for one in FOUND} <= set(TARGETS)
