"""Requests of a scan, signed by the scanner: whoever is scanned can tell whose they are, and that none was copied.

A scan holds a warrant, which the clearinghouse signed and which names the scanner's own key. Each request carries the
warrant and a signature with that key over method, authority, path, query and the warrant, good for a minute or so and
with a nonce. Copied headers fit no other request; the same request again is known by its nonce.

Source: RFC 9421, HTTP Message Signatures; RFC 9530, Digest Fields (for bodies).
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import http_sf
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    MappingKeyResolver,
    VerifyResult,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

WARRANT: Final = "Scan-Warrant"
"""The field that carries the warrant: its payload, the id of the clearinghouse's key, its signature."""
TAG: Final = "clearinghouse-scan"
COVERED: Final = ("@method", "@authority", "@path", "@query", "scan-warrant")
LASTS: Final = timedelta(seconds=60)
LONGEST: Final = timedelta(minutes=5)
"""No signature may hold for longer."""
SKEW: Final = timedelta(seconds=30)
"""How far the clocks of scanner and defender may be apart."""
MOST_WARRANT_BYTES: Final = 7000
"""Servers commonly take no longer field."""
_YEAR_3000: Final = 32_503_680_000
_NONCE_BYTES: Final = 18
_SHORTEST_NONCE: Final = 16


class ProbeRefused(Exception):
    """A request does not show whose it is, and why not."""


@dataclass(slots=True)
class Captured:
    """A request as it was seen: every header line as it came, in order."""

    method: str
    url: str
    """Absolute."""
    lines: tuple[tuple[str, str], ...]
    body: bytes | None = None
    """None: it was not captured."""

    @property
    def headers(self) -> "_Lines":
        """The lines, as the library for signatures reads them."""
        return _Lines(self.lines)

    def values(self, name: str) -> list[str]:
        """Return what a field holds, line by line."""
        return [value for one, value in self.lines if one.lower() == name.lower()]


class _Lines:
    """Header lines of which none is lost because another has the same name."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self._lines = tuple(lines)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every line."""
        return iter(self._lines)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature that holds says of itself."""

    created_at: datetime
    expires_at: datetime
    nonce: str
    covers_body: bool


def key_id(public: bytes) -> str:
    """Return the name of a scanner's key: the hexadecimal SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()


def warrant_field(envelope: bytes) -> str:
    """Return the value of the field that carries a warrant.

    Args:
        envelope: the warrant as the clearinghouse handed it out (DSSE, JSON).

    Raises:
        ProbeRefused: it is no envelope with one signature, or too long for a field.
    """
    try:
        found = json.loads(envelope)
        (signature,) = found["signatures"]
        parts: dict[str, Any] = {
            "payload": (base64.b64decode(found["payload"], validate=True), {}),
            "key": (str(signature["keyid"]), {}),
            "sig": (base64.b64decode(signature["sig"], validate=True), {}),
        }
    except (KeyError, TypeError, ValueError):
        raise ProbeRefused("the warrant is not a DSSE envelope with one signature") from None
    written: str = http_sf.ser(parts)
    if len(written) > MOST_WARRANT_BYTES:
        raise ProbeRefused(
            f"the warrant takes {len(written)} bytes as a header, and servers take about {MOST_WARRANT_BYTES}; "
            "announce fewer targets in one intent"
        )
    return written


def carried_warrant(request: Captured) -> tuple[bytes, str, bytes]:
    """Return payload, key id and signature of the warrant that a request carries.

    Raises:
        ProbeRefused: it carries none, or more than one.
    """
    lines = request.values(WARRANT)
    if not lines:
        raise ProbeRefused(f"the request carries no warrant (field {WARRANT})")
    if len(lines) > 1 or len(lines[0]) > MOST_WARRANT_BYTES:
        raise ProbeRefused("the request carries more than one warrant, or one that is too long")
    try:
        found: Any = http_sf.parse(lines[0].encode(), tltype="dictionary", on_duplicate_key=_refuse_twice)
        payload, key, sig = (found[name][0] for name in ("payload", "key", "sig"))
    except (KeyError, TypeError, ValueError, IndexError):
        raise ProbeRefused(f"the field {WARRANT} does not hold a warrant") from None
    if set(found) != {"payload", "key", "sig"} or any(params for _, params in found.values()):
        raise ProbeRefused(f"the field {WARRANT} holds more than a warrant")
    if not (isinstance(payload, bytes) and isinstance(key, str) and isinstance(sig, bytes)):
        raise ProbeRefused(f"the field {WARRANT} does not hold a warrant")
    return payload, key, sig


def _refuse_twice(key: str, context: str) -> None:  # noqa: ARG001 - the library's signature
    raise ValueError(key)


def sign(request: httpx.Request, *, key: bytes | Ed25519PrivateKey, warrant: bytes, at: datetime, nonce: str) -> None:
    """Put a warrant and a signature with the scanner's key on a request, which must not change afterwards.

    Args:
        request: about to be sent, its body read.
        key: the scanner's own private key, PKCS#8 PEM or as an object.
        warrant: as the clearinghouse handed it out.
        at: now.
        nonce: drawn at random for this request.

    Raises:
        ProbeRefused: the warrant does not fit into a header, or the key is no Ed25519 key.
    """
    private = key if isinstance(key, Ed25519PrivateKey) else _private(key)
    public = key_id(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    request.headers[WARRANT] = warrant_field(warrant)
    keys = MappingKeyResolver(public_keys={}, private_keys={public: private})
    try:
        HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys).sign(
            request,
            key_id=public,
            created=at,
            expires=at + LASTS,
            nonce=nonce,
            label="scan",
            tag=TAG,
            covered_component_ids=COVERED,
            append_if_signature_exists="Signature" in request.headers,
            body=request.content or None,
        )
    except HTTPMessageSignaturesException as refusal:
        raise ProbeRefused(f"the request cannot be signed: {refusal}") from None


class ScanAuth(httpx.Auth):
    """Signs the requests of an httpx client: ``httpx.Client(auth=ScanAuth(key, warrant))``.

    A redirect leads elsewhere, which the signature does not fit: follow it with a request of its own.
    """

    requires_request_body = True

    def __init__(self, key: bytes, warrant: bytes, *, clock: Callable[[], float] = time.time) -> None:
        """Take the scanner's private key (PKCS#8 PEM) and its warrant.

        Raises:
            ProbeRefused: the key is no Ed25519 key, or the warrant none.
        """
        self._key, self._warrant, self._clock = _private(key), warrant, clock
        warrant_field(warrant)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign, then send."""
        at = datetime.fromtimestamp(int(self._clock()), UTC)
        sign(request, key=self._key, warrant=self._warrant, at=at, nonce=secrets.token_urlsafe(_NONCE_BYTES))
        yield request


def verify(request: Captured, *, public: bytes, at: datetime) -> Signed:
    """Return what the scan's signature on a request says, once the key that its warrant names verifies it.

    Whether the warrant itself holds, and whether the nonce was seen before, is for the caller to ask.

    Args:
        request: as it was captured.
        public: the 32 bytes of the key that the warrant names.
        at: when the request was seen.

    Raises:
        ProbeRefused: there is none, or it does not hold for this request and moment.
    """
    verifier = _Verifier(_OneKey(public), at)
    try:
        (found,) = verifier.verify(request, max_age=None, expect_tag=TAG, require_components=COVERED)
        covers_body = '"content-digest"' in found.covered_components
        if request.body is not None:
            verifier.verify_body(request, [found], request.body)
    except ValueError:
        raise ProbeRefused("the request carries more than one signature of a scan") from None
    except HTTPMessageSignaturesException as refusal:
        raise ProbeRefused(f"the request's signature does not hold: {_reason(refusal)}") from None
    return _said(found, covers_body=covers_body)


def _said(found: VerifyResult, *, covers_body: bool) -> Signed:
    nonce = found.nonce or ""
    if len(nonce) < _SHORTEST_NONCE:
        raise ProbeRefused(f"the signature's nonce has {len(nonce)} characters; {_SHORTEST_NONCE} are the least")
    created, expires = (datetime.fromtimestamp(int(found.parameters[name]), UTC) for name in ("created", "expires"))
    return Signed(created, expires, nonce, covers_body)


class _OneKey(HTTPSignatureKeyResolver):
    """Knows the one key that a warrant names."""

    def __init__(self, public: bytes) -> None:
        self._id, self._key = key_id(public), Ed25519PublicKey.from_public_bytes(public)

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        """Return the key.

        Raises:
            HTTPMessageSignaturesException: another one is asked for.
        """
        if key_id != self._id:
            raise HTTPMessageSignaturesException("it was made with another key than the warrant names")
        return self._key


class _Verifier(HTTPMessageVerifier):
    """Holds signatures against the moment at which a request was seen, and demands an end and a nonce."""

    def __init__(self, keys: HTTPSignatureKeyResolver, at: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=keys)
        self._at = at

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:  # noqa: ANN401, ARG002 - the library's signature
        """Return quietly if the signature holds at the moment.

        Raises:
            HTTPMessageSignaturesException: it does not, or not for ever.
        """
        missing = {"created", "expires", "nonce", "keyid"} - set(sig_input.params)
        if missing:
            raise HTTPMessageSignaturesException(f"it does not say {' and '.join(sorted(missing))}")
        created, expires = (_moment(sig_input.params[name]) for name in ("created", "expires"))
        if not timedelta() < expires - created <= LONGEST:
            raise HTTPMessageSignaturesException(f"it holds for {expires - created}; {LONGEST} is the most")
        if self._at < created - SKEW:
            raise HTTPMessageSignaturesException(f"it was made at {created.isoformat()}, after the request was seen")
        if self._at >= expires + SKEW:
            raise HTTPMessageSignaturesException(f"it ended at {expires.isoformat()}, before the request was seen")


def _moment(seconds: object) -> datetime:
    """Return the moment that a signature names.

    Raises:
        HTTPMessageSignaturesException: it is none.
    """
    if type(seconds) is not int or not 0 <= seconds < _YEAR_3000:
        raise HTTPMessageSignaturesException("it names no time")
    return datetime.fromtimestamp(seconds, UTC)


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ProbeRefused("the key is not an unencrypted private key in PEM") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ProbeRefused("the key is of another kind; Ed25519 is what scans sign with")
    return found


def _reason(refusal: BaseException) -> str:
    """Return the innermost reason of a refusal; of a signature that does not fit, in words."""
    inner = refusal.args[0] if refusal.args else ""
    if isinstance(inner, HTTPMessageSignaturesException):
        return _reason(inner)
    text = str(inner).strip()
    return text or "it was not made over this request with the warrant's key"
