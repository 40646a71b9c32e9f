import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from clearinghouse.deconfliction.rules.warrants import issue
from clearinghouse_client.probes import (
    COVERED,
    TAG,
    Captured,
    ProbeRefused,
    ScanAuth,
    carried_warrant,
    key_id,
    sign,
    verify,
    warrant_field,
)
from tests.deconfliction.rules.test_requests import SCANNER, the_warrant
from tests.deconfliction.rules.test_warrants import HOUSE
from tests.deconfliction.scans import a_scan

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WARRANT = issue(the_warrant(), key=HOUSE)
NONCE = "n" * 24


def _seen(request: httpx.Request) -> Captured:
    lines = tuple((name.decode(), value.decode()) for name, value in request.headers.raw)
    return Captured(request.method, str(request.url), lines, request.content)


def _signed(**changed: Any) -> httpx.Request:  # noqa: ANN401 - what a signature says
    """Return a request signed by the library itself, with what a scan's signature says changed."""
    request = httpx.Request("GET", "https://a.shop.example/x")
    request.headers["Scan-Warrant"] = warrant_field(WARRANT)
    name = key_id(SCANNER.public.raw)
    keys = MappingKeyResolver(public_keys={}, private_keys={name: SCANNER.pem()})
    said: dict[str, Any] = {
        "key_id": name,
        "created": NOON,
        "expires": NOON + timedelta(seconds=60),
        "nonce": NONCE,
        "tag": TAG,
        "covered_component_ids": COVERED,
    }
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    signer.sign(request, **said | changed)
    return request


def test_a_client_signs_what_it_sends_each_with_its_own_nonce() -> None:
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(_seen(request))
        return httpx.Response(200)

    auth = ScanAuth(SCANNER.pem(), WARRANT, clock=NOON.timestamp)
    with httpx.Client(auth=auth, transport=httpx.MockTransport(answer)) as client:
        client.get("https://a.shop.example/x?y=1")
        client.post("https://a.shop.example/x", content=b"z")
    found = [verify(one, public=SCANNER.public.raw, at=NOON) for one in sent]
    assert [one.covers_body for one in found] == [False, True]
    assert found[0].nonce != found[1].nonce
    assert found[0].expires_at == NOON + timedelta(seconds=60)


def test_a_carried_warrant_is_the_one_that_was_handed_out() -> None:
    payload, key, _ = carried_warrant(_seen(_signed()))
    assert (payload, key) == (the_warrant().dump(), HOUSE.public.key_id)


def test_another_signature_beside_ours_does_no_harm() -> None:
    request = _signed(tag="other", label="other")
    sign(request, key=SCANNER.pem(), warrant=WARRANT, at=NOON, nonce=NONCE)
    assert verify(_seen(request), public=SCANNER.public.raw, at=NOON).nonce == NONCE


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"nonce": None}, "nonce"),
        ({"nonce": "short"}, "16 are the least"),
        ({"expires": None}, "expires"),
        ({"expires": NOON + timedelta(minutes=6)}, "the most"),
        ({"expires": NOON}, "the most"),
        ({"expires": NOON - timedelta(seconds=5)}, "the most"),
        ({"tag": None}, "matching the expected tag"),
        ({"covered_component_ids": COVERED[:-1]}, "was not covered"),
        ({"covered_component_ids": COVERED[1:]}, "was not covered"),
        ({"covered_component_ids": (*COVERED[:1], *COVERED[2:])}, "was not covered"),
    ],
)
def test_a_signature_that_says_too_little_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProbeRefused, match=reason):
        verify(_seen(_signed(**changed)), public=SCANNER.public.raw, at=NOON)


def test_two_signatures_of_scans_are_refused() -> None:
    request = _signed(label="one")
    sign(request, key=SCANNER.pem(), warrant=WARRANT, at=NOON, nonce=NONCE)
    with pytest.raises(ProbeRefused, match="more than one"):
        verify(_seen(request), public=SCANNER.public.raw, at=NOON)


def test_a_huge_number_for_a_time_is_refused() -> None:
    request = _signed()
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace("created=1", "created=99999")
    with pytest.raises(ProbeRefused):
        verify(_seen(request), public=SCANNER.public.raw, at=NOON)


@pytest.mark.parametrize("envelope", [b"", b"{}", b"[]", b'{"payload":"*","signatures":[{"keyid":"k","sig":"s"}]}'])
def test_what_is_no_envelope_is_not_sent(envelope: bytes) -> None:
    with pytest.raises(ProbeRefused, match="not a DSSE envelope"):
        ScanAuth(SCANNER.pem(), envelope)


def test_a_warrant_too_long_for_a_field_is_not_sent() -> None:
    long = the_warrant(scan=a_scan(hosts=("*.shop.example",) * 500))
    with pytest.raises(ProbeRefused, match="fewer targets"):
        warrant_field(issue(long, key=HOUSE))


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "payload=:eA==:, key=1, sig=:eA==:",
        "payload=:eA==:, sig=:eA==:",
        'payload=:eA==:;q=1, key="k", sig=:eA==:',
        'payload=:eA==:, key="k", sig=:eA==:, more=1',
        'payload=:eA==:, payload=:eA==:, key="k", sig=:eA==:',
        "é",
        "=" * 8000,
    ],
)
def test_other_fields_carry_no_warrant(value: str) -> None:
    with pytest.raises(ProbeRefused):
        carried_warrant(Captured("GET", "https://a.example/", (("Scan-Warrant", value),)))


def test_only_ed25519_keys_sign() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for key in (other, b"no key"):
        with pytest.raises(ProbeRefused):
            ScanAuth(key, WARRANT)


def test_a_key_is_named_by_its_hash() -> None:
    assert key_id(b"k" * 32) == hashlib.sha256(b"k" * 32).hexdigest()
