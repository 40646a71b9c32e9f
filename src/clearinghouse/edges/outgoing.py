"""The one way in which this program calls an address that somebody outside gave it: a webhook, nothing else.

Whoever may name an address could make us call our own network. So a name is looked up once, every address it has must
be a public one, and the connection goes to an address that was looked at; no proxy, no redirect, no password, nothing
kept from one call to the next. Time and size are bounded as a whole, not only between two bytes.

Source: CWE-918; docs/decisions/0140-outgoing.md; RFC 6890 (special addresses), RFC 6052, RFC 3056, RFC 4380 (addresses
that carry another in them).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from clearinghouse.errors import Malformed, Unavailable

TOTAL_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 4.0
ANSWER_BYTES: Final = 16 * 1024
LONGEST_URL: Final = 2000
PORTS: Final = frozenset({443, 8443})
"""Ports of the web; another one is another service."""
CARRIERS: Final = tuple(
    ipaddress.ip_network(one)
    for one in ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""Networks of addresses that carry one of version 4 in them: mapped, translated, compatible, NAT64, 6to4, Teredo."""

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type LookUp = Callable[[str, int], Sequence[str]]
"""Returns every address of a host, as text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and as much of the body as is kept."""

    status: int
    body: bytes


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public network, and carries no other in it."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or any(address in one for one in CARRIERS)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def looked_up(host: str, port: int) -> Sequence[str]:
    """Return every address of a host as this machine finds it.

    Raises:
        Unavailable: it has none, or nobody could be asked.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        raise Unavailable(f"no address was found for {host!r}: {failure}") from None
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


class Outgoing:
    """Calls addresses that strangers gave us; a look-up itself may take as long as this machine's resolver lets it."""

    def __init__(
        self,
        *,
        look_up: LookUp = looked_up,
        trusted: Mapping[str, ssl.SSLContext | None] | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Call through this machine's network.

        Args:
            look_up: what finds the addresses of a host.
            trusted: ``host:port`` that may lie in our own network, because whoever runs this installation said so; with
                the certificates to trust there, or None for an address without TLS.
            total_seconds: how long one call may take from beginning to end.
        """
        self._look_up = look_up
        self._trusted = trusted or {}
        self._total_seconds = total_seconds

    def checked(self, url: str) -> str:
        """Return ``url`` if it may be called, as far as it can be seen without a look-up: for when it is handed in.

        Raises:
            Malformed: it may not, and why.
        """
        self._place(url)
        return url

    def look(self, url: str) -> None:
        """Return quietly if ``url`` may be called and leads outside as this machine finds it now.

        It is looked at again with every call: a name may move.

        Raises:
            Malformed: it may not be called, or leads into a network that is not public.
            Unavailable: its host has no address.
        """
        host, port, _ = self._place(url)
        self._addresses(host, port)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send ``body`` and return the answer, whatever its status; a redirect is an answer like any other.

        Raises:
            Malformed: the address may not be called.
            Unavailable: nobody answers there, not in time, or the connection broke.
        """
        host, port, secure = self._place(url)
        until = time.monotonic() + self._total_seconds
        backend = _Guarded(self._addresses(host, port), until)
        trust = self._trusted.get(f"{host}:{port}") or ssl.create_default_context()
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), CONNECT_SECONDS)
        given = {"Host": _host_header(host, port, secure=secure), **headers}
        try:
            with (
                httpcore.ConnectionPool(ssl_context=trust, network_backend=backend, max_connections=1) as pool,
                pool.stream(
                    "POST", url, headers=list(given.items()), content=body, extensions={"timeout": timeouts}
                ) as answer,
            ):
                return Answer(answer.status, _read(answer.iter_stream()))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as failure:
            raise Unavailable(f"{host} did not answer: {type(failure).__name__}") from None

    def _place(self, url: str) -> tuple[str, int, bool]:
        """Return host, port and whether it is called by TLS."""
        if len(url) > LONGEST_URL or not url.isascii() or any(ord(one) <= 0x20 or one in "\\\x7f" for one in url):  # noqa: PLR2004
            raise Malformed("an address is plain ASCII without blanks, at most 2000 characters; write names as xn--…")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as failure:
            raise Malformed(f"this is no address: {failure}") from None
        host = parts.hostname or ""
        if parts.username is not None or parts.password is not None:
            raise Malformed("an address must not hold a name or password")
        if not host or parts.fragment:
            raise Malformed("an address needs a host, and has no fragment")
        secure = parts.scheme == "https"
        port = port or (443 if secure else 80)
        if f"{host}:{port}" in self._trusted:
            return host, port, secure
        if not secure:
            raise Malformed(f"an address begins with https://, not {parts.scheme[:20]!r}")
        if port not in PORTS:
            raise Malformed(f"port {port} is not one of the web: {', '.join(map(str, sorted(PORTS)))}")
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            return host, port, secure
        raise Malformed(f"name a host, not the address {literal}: its certificate could not be checked")

    def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        found = tuple(self._look_up(host, port))
        if not found:
            raise Unavailable(f"no address was found for {host!r}")
        if f"{host}:{port}" in self._trusted:
            return found
        for one in found:
            if not is_public(ipaddress.ip_address(one)):
                raise Malformed(f"{host} leads into a network that is not public; nothing there is called")
        return found


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and to no other, until a point in time."""

    def __init__(self, addresses: Sequence[str], until: float) -> None:
        self._addresses = addresses
        self._until = until
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - looked up before
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the whole call has one
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._inner.connect_tcp(
                    address, port, _left(self._until, CONNECT_SECONDS), local_address, socket_options
                )
                return _Bounded(stream, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as one:
                failure = one
        raise failure


class _Bounded(httpcore.NetworkStream):
    """A connection that ends at a point in time, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner = inner
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, as long as there is time."""
        return self._inner.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, as long as there is time."""
        self._inner.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on by TLS, with the certificate of the host that was named."""
        return _Bounded(self._inner.start_tls(ssl_context, server_hostname, _left(self._until, timeout)), self._until)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Return what is known of the connection."""
        return self._inner.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the call took too long")
    return min(left, timeout) if timeout is not None else left


def _host_header(host: str, port: int, *, secure: bool) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == (443 if secure else 80) else f"{name}:{port}"


def _read(chunks: Iterable[bytes]) -> bytes:
    """Return the beginning of a body; the rest is not waited for."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk[: ANSWER_BYTES - len(kept)]
        if len(kept) >= ANSWER_BYTES:
            break
    return bytes(kept)
