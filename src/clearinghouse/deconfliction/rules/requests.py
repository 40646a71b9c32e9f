"""A captured request against the warrant that it carries: whose it is, and whether it kept to what was announced."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from clearinghouse.deconfliction.rules.prefixes import Address
from clearinghouse.deconfliction.rules.sightings import (
    Answer,
    Match,
    Miss,
    Sighting,
    Standing,
    Why,
    judge,
    parse_target,
)
from clearinghouse.deconfliction.rules.warrants import Warrant, open_carried
from clearinghouse.errors import Malformed
from clearinghouse.signing.keys import VerifyingKey
from clearinghouse_client.probes import Captured, ProbeRefused, Signed, carried_warrant, verify

MOST_BYTES: Final = 8 * 1024 * 1024
_MOST_HEAD: Final = 64 * 1024
_METHOD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
_NO_SOURCE: Final = Address(4, 0)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows: a warrant that holds, a signature that holds, and in what it does not keep to it."""

    warrant: Warrant
    signed: Signed
    match: Match

    @property
    def basis(self) -> str:
        """What the answer stands on."""
        body = "" if self.signed.covers_body else ", not its body"
        return (
            "This goes by the request's own signature, made with the key that its warrant names, over method, "
            f"authority, path, query and warrant{body}."
        )

    @property
    def answer(self) -> Answer:
        """The answer as for any sighting."""
        return Answer(Standing.OUTSIDE if self.match.misses else Standing.REGISTERED, (self.match,))


def read_request(data: bytes, *, scheme: str = "https") -> Captured:
    """Return the HTTP/1.1 request that ``data`` holds, as it went over the wire.

    Raises:
        Malformed: it is none, or two readers could read it differently.
    """
    if len(data) > MOST_BYTES:
        raise Malformed(f"a request of {len(data)} bytes; at most {MOST_BYTES} are read")
    head, blank, body = _parted(data)
    if len(head) > _MOST_HEAD:
        raise Malformed(f"the request's head has {len(head)} bytes; at most {_MOST_HEAD} are read")
    try:
        first, *rest = head.decode("latin-1").replace("\r\n", "\n").split("\n")
        method, target, version = first.split(" ")
    except ValueError:
        raise Malformed("the file does not begin with a request line such as GET /path HTTP/1.1") from None
    if not version.startswith("HTTP/1.") or not method or not set(method) <= _METHOD:
        raise Malformed(f"{first[:80]!a} is not a request line; GET /path HTTP/1.1 would be one")
    lines = tuple(_line(one) for one in rest if one)
    hosts = [value for name, value in lines if name.lower() == "host"]
    if len(hosts) != 1 or not hosts[0]:
        raise Malformed(f"the request names {len(hosts)} hosts; exactly one says for whom it was")
    url = target if target.startswith(("http://", "https://")) else f"{scheme}://{hosts[0]}{target}"
    if not target.startswith("/") and url != target:
        raise Malformed(f"the request is for {target[:80]!a}; a path or an absolute address would be right")
    return Captured(method, url, lines, body if blank else None)


def _parted(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Return head, the empty line, and body; a captured head need not have the empty line."""
    ends = [(data.find(one), one) for one in (b"\r\n\r\n", b"\n\n")]
    found = min((one for one in ends if one[0] >= 0), default=None)
    if found is None:
        return data, b"", b""
    place, blank = found
    return data[:place], blank, data[place + len(blank) :]


def _line(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name or name != name.strip() or "\r" in text or "\0" in text:
        raise Malformed(f"{text[:80]!a} is not a header line, Name: value, on one line")
    return name, value.strip(" \t")


def examine(
    request: Captured, *, key: VerifyingKey, at: datetime, source: Address | None = None, target: Address | None = None
) -> Shown:
    """Return what a request shows of whose it is.

    Args:
        request: as it was captured.
        key: the clearinghouse's.
        at: when it was seen.
        source: where it came from, if that is known.
        target: the address that it reached, if that is known.

    Raises:
        Malformed: it proves nothing, and why: no warrant, another clearinghouse's, changed, or a signature that does
            not hold for this request.
    """
    try:
        payload, key_id, signature = carried_warrant(request)
        warrant = open_carried(payload, key_id, signature, key=key)
        if not warrant.key:
            raise Malformed(
                f"the warrant of {warrant.scan.intent} names no key, so no request can be tied to it; "
                "anybody can copy the warrant"
            )
        signed = verify(request, public=warrant.key, at=at)
    except ProbeRefused as refusal:
        raise Malformed(str(refusal)) from None
    host, port = _authority(request.url)
    named = host if isinstance(host, str) else ""
    reached = target or (host if isinstance(host, Address) else None)
    sighting = Sighting(source or _NO_SOURCE, at, reached, named, port)
    match = judge(warrant.scan, sighting)
    if source is not None and not any(one.holds(source) for one in warrant.scan.sources):
        away = Miss(Why.SOURCE, f"it came from {source}, which the warrant does not name")
        match = replace(match, misses=(*match.misses, away))
    return Shown(warrant, signed, match)


def _authority(url: str) -> tuple[Address | str, int | None]:
    """Return for which address or name, and which port, a request was."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    host, port = parse_target(authority)
    return host, port if port is not None else _DEFAULT_PORTS.get(scheme)
