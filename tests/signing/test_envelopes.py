"""Envelopes: every changed byte is found, and foreign code verifies ours."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as ForeignEnvelope
from securesystemslib.signer._key import SSlibKey

from clearinghouse.errors import Malformed
from clearinghouse.signing.envelopes import IN_TOTO_PAYLOAD, Envelope, open_envelope, parse_envelope, seal
from clearinghouse.signing.keys import SigningKey

KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))


def opened(data: bytes, key: SigningKey = KEY) -> bytes:
    return open_envelope(parse_envelope(data), payload_type=IN_TOTO_PAYLOAD, key=key.public)


@given(st.binary(max_size=300))
def test_what_was_sealed_is_opened(payload: bytes) -> None:
    assert opened(seal(payload, payload_type=IN_TOTO_PAYLOAD, key=KEY).dump()) == payload


def test_every_changed_byte_is_found() -> None:
    sealed = seal(b'{"a": "payload of some length"}', payload_type=IN_TOTO_PAYLOAD, key=KEY).dump()
    for place in range(len(sealed)):
        for flip in (1, 32, 128):
            changed = bytearray(sealed)
            changed[place] ^= flip
            with pytest.raises(Malformed):
                opened(bytes(changed))


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_nothing_foreign_is_an_envelope(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_envelope(data)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Malformed, match="names key"):
        opened(seal(b"x", payload_type=IN_TOTO_PAYLOAD, key=KEY).dump(), OTHER)


def test_a_borrowed_key_id_does_not_help() -> None:
    forged = seal(b"x", payload_type=IN_TOTO_PAYLOAD, key=OTHER)
    borrowed = Envelope(forged.payload, forged.payload_type, KEY.public.key_id, forged.signature)
    with pytest.raises(Malformed, match="does not hold"):
        opened(borrowed.dump())


def test_another_payload_type_is_refused() -> None:
    with pytest.raises(Malformed, match="carries text/plain"):
        opened(seal(b"x", payload_type="text/plain", key=KEY).dump())


@pytest.mark.parametrize("signatures", [[], [{"keyid": "a", "sig": ""}] * 2, [{"sig": ""}], [{"keyid": 1, "sig": ""}]])
def test_exactly_one_signature_with_its_key_id(signatures: list[object]) -> None:
    with pytest.raises(Malformed, match="one signature"):
        parse_envelope(json.dumps({"payload": "", "payloadType": "t", "signatures": signatures}).encode())


def test_securesystemslib_verifies_ours() -> None:
    sealed = json.loads(seal(b"payload", payload_type=IN_TOTO_PAYLOAD, key=KEY).dump())
    public = KEY.public
    foreign_key = SSlibKey(public.key_id, "ed25519", "ed25519", {"public": public.raw.hex()})
    envelope = ForeignEnvelope.from_dict(sealed)
    assert list(envelope.verify([foreign_key], 1)) == [public.key_id]
