import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.prefixes import parse_prefix
from clearinghouse.deconfliction.rules.sightings import Reach, StandingScan
from clearinghouse.deconfliction.rules.warrants import (
    PAYLOAD,
    Warrant,
    issue,
    moment,
    open_carried,
    open_warrant,
    read_key,
    said,
)
from clearinghouse.errors import Malformed
from clearinghouse.signing.envelopes import parse_envelope, seal
from clearinghouse.signing.keys import SigningKey
from clearinghouse.strict import dump_canonical
from tests.deconfliction.scans import NOON, a_scan, scans

HOUSE, OTHER = SigningKey(b"h" * 32), SigningKey(b"o" * 32)


def a_warrant(**changed: Any) -> Warrant:  # noqa: ANN401 - the fields of a warrant
    fields: dict[str, Any] = {
        "origin": "clearinghouse.example",
        "scan": a_scan(
            reaches=(Reach(parse_prefix("198.51.100.0/24"), 80, 443), Reach(parse_prefix("2001:db8::/32"))),
            hosts=("*.shop.example",),
            rate_per_second=50,
            constraints=("RULE-0000000001",),
        ),
        "revision": 3,
        "issued_at": NOON - timedelta(days=1),
        "key": b"k" * 32,
    }
    return Warrant(**fields | changed)


def test_a_warrant_is_verified_with_the_clearinghouses_key_alone() -> None:
    assert open_warrant(issue(a_warrant(), key=HOUSE), key=HOUSE.public) == a_warrant()


@given(scans(), st.binary(max_size=0) | st.binary(min_size=32, max_size=32), st.integers(0, 10**6))
def test_every_warrant_comes_back_as_it_was(standing: list[StandingScan], key: bytes, revision: int) -> None:
    for scan in standing:
        told = replace(scan, reaches=scan.reaches or (), revoked_at=None)
        warrant = a_warrant(scan=told, key=key, revision=revision)
        assert open_warrant(issue(warrant, key=HOUSE), key=HOUSE.public) == warrant


def test_another_clearinghouses_warrant_is_refused() -> None:
    with pytest.raises(Malformed, match="names key"):
        open_warrant(issue(a_warrant(), key=OTHER), key=HOUSE.public)


def test_every_changed_byte_is_noticed() -> None:
    whole = issue(a_warrant(), key=HOUSE)
    for place in range(len(whole)):
        with pytest.raises(Malformed):
            open_warrant(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], key=HOUSE.public)


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "sources", "targets", "hosts", "key", "intent"])
def test_a_changed_field_is_refused_though_the_rest_was_signed(field: str) -> None:
    envelope = parse_envelope(issue(a_warrant(), key=HOUSE))
    changed = json.loads(envelope.payload)
    changed[field] = json.loads(a_warrant(scan=a_scan(2, ends_at=NOON + timedelta(days=9))).dump())[field] or "x"
    with pytest.raises(Malformed):
        open_carried(dump_canonical(changed) + b" ", envelope.key_id, envelope.signature, key=HOUSE.public)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"more": 1},
        {"sources": "203.0.113.0/24"},
        {"sources": ["203.0.113.7/24"]},
        {"revision": "3"},
        {"starts_at": "2026-11-23T12:00:00Z"},
        {"starts_at": None},
        {"key": "AAAA"},
        {"key": "*"},
        {"revision": True},
        {"targets": [{"network": "198.51.100.0/24", "ports": [443, 80]}]},
        {"targets": [{"network": "198.51.100.0/24"}]},
    ],
)
def test_what_is_signed_and_yet_no_warrant_is_refused(change: dict[str, Any]) -> None:
    payload = dump_canonical(json.loads(a_warrant().dump()) | change)
    with pytest.raises(Malformed):
        open_warrant(seal(payload, payload_type=PAYLOAD, key=HOUSE).dump(), key=HOUSE.public)


def test_what_is_signed_as_something_else_is_no_warrant() -> None:
    with pytest.raises(Malformed, match="carries"):
        open_warrant(seal(a_warrant().dump(), payload_type="text/plain", key=HOUSE).dump(), key=HOUSE.public)


def test_a_huge_warrant_is_refused() -> None:
    with pytest.raises(Malformed, match="sound JSON"):
        open_warrant(seal(b" " * 300_000, payload_type=PAYLOAD, key=HOUSE).dump(), key=HOUSE.public)


def test_moments_keep_their_microseconds() -> None:
    exact = NOON + timedelta(microseconds=1)
    assert moment(said(exact)) == exact


@pytest.mark.parametrize("text", ["AAAA", "*", "é"])
def test_other_keys_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_key(text)
