"""Fetching an outside list over HTTPS, with limits on size, time and where it may lead."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from clearinghouse.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from httpx import Response

_REDIRECTS: Final = 3
_TIMEOUT_SECONDS: Final = 30.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def fetch(address: str, *, limit_bytes: int, timeout_seconds: float = _TIMEOUT_SECONDS) -> bytes:
    """Return what stands at ``address``; redirects are followed on the same host only.

    Args:
        address: an ``https`` address; ``http`` on this machine itself.
        limit_bytes: the most that is read.
        timeout_seconds: for connecting, and for each piece that arrives.

    Raises:
        Malformed: the address is not one that is fetched, or the answer is too large.
        Unavailable: nothing answers, or not with the list.
    """
    import httpx

    # What is compressed in transit could swell without bounds; a list that is a gzip file stays one.
    headers = {"accept-encoding": "identity", "user-agent": "clearinghouse"}
    try:
        with httpx.Client(timeout=timeout_seconds, headers=headers, trust_env=True) as client:
            host = _checked_host(address)
            for _ in range(_REDIRECTS + 1):
                with client.stream("GET", address) as answer:
                    if not answer.is_redirect:
                        return _body(answer, address, limit_bytes)
                    address = str(answer.url.join(answer.headers["location"]))
                if _checked_host(address) != host:
                    raise Unavailable(
                        f"{host} sends us elsewhere, to {address[:200]}; name that address if it is right"
                    )
            raise Unavailable(f"{host} sends us round and round")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = str(error) or type(error).__name__
        raise Unavailable(f"{address[:200]} does not answer ({why}); try later, or name a file instead") from None


def _body(answer: "Response", address: str, limit_bytes: int) -> bytes:
    if not answer.is_success:
        raise Unavailable(f"{address[:200]} answers {answer.status_code}; try later, or name a file instead")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Unavailable(f"{address[:200]} answers compressed though asked not to")
    kept = bytearray()
    for piece in answer.iter_raw():
        kept += piece
        if len(kept) > limit_bytes:
            raise Malformed(f"{address[:200]} sends more than {limit_bytes} bytes")
    return bytes(kept)


def _checked_host(address: str) -> str:
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and host not in _LOOPBACK):
        raise Malformed(f"{address[:200]!r} is no https address")
    if parts.username or parts.password:
        raise Malformed("an address with a password in it is not fetched")
    return host
