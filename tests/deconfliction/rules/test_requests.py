import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from clearinghouse.deconfliction.rules.prefixes import parse_address, parse_prefix
from clearinghouse.deconfliction.rules.requests import MOST_BYTES, Shown, examine, read_request
from clearinghouse.deconfliction.rules.sightings import Reach, Standing, Why
from clearinghouse.deconfliction.rules.warrants import Warrant, issue
from clearinghouse.errors import Malformed
from clearinghouse.signing.keys import SigningKey
from clearinghouse_client.probes import sign
from tests.deconfliction.rules.test_warrants import HOUSE, OTHER, a_warrant
from tests.deconfliction.scans import HOUR, NOON, a_scan

SCANNER, THIEF = SigningKey(b"s" * 32), SigningKey(b"t" * 32)
NONCE = "n" * 24
URL = "https://a.shop.example/admin?q=1"


def the_warrant(**changed: Any) -> Warrant:  # noqa: ANN401 - the fields of a warrant
    return a_warrant(**{"key": SCANNER.public.raw} | changed)


def a_request(
    url: str = URL,
    *,
    warrant: bytes | None = None,
    key: SigningKey = SCANNER,
    at: datetime = NOON,
    method: str = "GET",
    body: bytes | None = None,
) -> bytes:
    """Return a request that a scan signed, as it goes over the wire."""
    request = httpx.Request(method, url, content=body)
    sign(request, key=key.pem(), warrant=warrant or issue(the_warrant(), key=HOUSE), at=at, nonce=NONCE)
    return on_the_wire(request)


def on_the_wire(request: httpx.Request) -> bytes:
    head = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    head += [b"%b: %b" % (name.lower(), value) for name, value in request.headers.raw]
    return b"\r\n".join([*head, b"", request.content])


def shown(data: bytes, *, at: datetime = NOON, scheme: str = "https", **seen: str) -> Shown:
    addresses = {name: parse_address(value) for name, value in seen.items()}
    return examine(read_request(data, scheme=scheme), key=HOUSE.public, at=at, **addresses)


def test_a_request_shows_whose_it_is() -> None:
    found = shown(a_request(), source="203.0.113.7")
    assert found.answer.standing is Standing.REGISTERED
    assert found.warrant == the_warrant()
    assert (found.signed.nonce, found.signed.created_at) == (NONCE, NOON)


def test_a_body_is_covered_too() -> None:
    data = a_request(method="POST", body=b"x=1")
    assert shown(data).signed.covers_body
    with pytest.raises(Malformed, match="does not hold"):
        shown(data.replace(b"x=1", b"x=2"))
    with pytest.raises(Malformed, match="does not hold"):
        shown(a_request(method="POST") + b"x=1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GET ", b"HEAD "),
        (b"/admin?", b"/other?"),
        (b"?q=1", b"?q=2"),
        (b"?q=1", b""),
        (b"host: a.shop.example", b"host: b.shop.example"),
        (b'nonce="nnn', b'nonce="nnm'),
        (b"created=1795", b"created=1794"),
        (b'tag="clearinghouse-scan"', b'tag="other"'),
        (b'"@authority" ', b""),
        (b'"scan-warrant"', b'"host"'),
        (b'"@query" ', b""),
        (b"scan=(", b"scan=();a=("),
        (b"signature: ", b"x-signature: "),
        (b"signature-input: ", b"x-signature-input: "),
        (b"scan-warrant: ", b"x-scan-warrant: "),
    ],
)
def test_copied_headers_fit_no_other_request(old: bytes, new: bytes) -> None:
    data = a_request()
    changed = data.replace(old, new)
    assert changed != data
    with pytest.raises(Malformed):
        shown(changed)


def test_a_stolen_warrant_is_worth_nothing_without_its_key() -> None:
    with pytest.raises(Malformed, match="another key than the warrant names"):
        shown(a_request(key=THIEF))


def test_a_warrant_without_a_key_shows_nothing() -> None:
    with pytest.raises(Malformed, match="names no key"):
        shown(a_request(warrant=issue(the_warrant(key=b""), key=HOUSE)))


def test_a_warrant_that_the_scanner_wrote_itself_is_refused() -> None:
    with pytest.raises(Malformed, match="names key"):
        shown(a_request(warrant=issue(the_warrant(), key=OTHER)))


def test_a_warrant_with_a_changed_window_is_refused() -> None:
    longer = the_warrant(scan=replace(the_warrant().scan, ends_at=NOON + timedelta(days=9)))
    envelope = json.loads(issue(the_warrant(), key=HOUSE))
    envelope["payload"] = json.loads(issue(longer, key=HOUSE))["payload"]
    with pytest.raises(Malformed, match="signature does not hold"):
        shown(a_request(warrant=json.dumps(envelope).encode()))


@pytest.mark.parametrize(("later", "holds"), [(-31, False), (-30, True), (89, True), (90, False), (86400, False)])
def test_a_request_holds_for_a_minute_and_what_clocks_are_apart(later: int, holds: bool) -> None:  # noqa: FBT001
    at = NOON + timedelta(seconds=later)
    data = a_request(
        warrant=issue(the_warrant(scan=a_scan(starts_at=NOON - HOUR, ends_at=NOON + 48 * HOUR)), key=HOUSE)
    )
    if holds:
        assert not shown(data, at=at).match.misses
    else:
        with pytest.raises(Malformed, match="the request was seen"):
            shown(data, at=at)


def test_an_ended_window_is_said_though_the_signature_holds() -> None:
    at = the_warrant().scan.ends_at
    found = shown(a_request(at=at), at=at)
    assert [one.why for one in found.match.misses] == [Why.WINDOW]
    assert found.answer.standing is Standing.OUTSIDE


@pytest.mark.parametrize(
    ("url", "seen", "whys"),
    [
        ("https://a.shop.example/", {}, []),
        ("https://bank.example/", {"target": "192.0.2.1"}, [Why.SCOPE]),
        ("https://198.51.100.9/", {}, []),
        ("https://198.51.100.9:8443/", {}, []),  # its names may lead there
        ("https://[2001:db8::9]:8443/", {}, []),
        ("https://bank.example/", {"target": "198.51.100.9"}, []),
        ("https://a.shop.example/", {"source": "203.0.113.7"}, []),
        ("https://a.shop.example/", {"source": "::ffff:203.0.113.7"}, []),
        ("https://a.shop.example/", {"source": "192.0.2.77"}, [Why.SOURCE]),
    ],
)
def test_what_a_request_is_for_is_held_against_the_warrant(url: str, seen: dict[str, Any], whys: list[Why]) -> None:
    assert [one.why for one in shown(a_request(url), **seen).match.misses] == whys


def test_a_scan_of_networks_alone_goes_to_no_other_port() -> None:
    warrant = the_warrant(scan=a_scan(reaches=(Reach(parse_prefix("198.51.100.0/24"), 80, 443),)))
    found = shown(a_request("https://198.51.100.9:8443/", warrant=issue(warrant, key=HOUSE)))
    assert [one.why for one in found.match.misses] == [Why.SCOPE]


def test_a_name_that_may_lie_in_its_networks_is_said_to_be_open() -> None:
    warrant = the_warrant(scan=a_scan(reaches=(Reach(parse_prefix("198.51.100.0/24")),)))
    found = shown(a_request("https://bank.example/", warrant=issue(warrant, key=HOUSE)))
    assert found.match.unsaid


def test_a_usual_port_may_be_written_or_not() -> None:
    data = a_request("https://a.shop.example/").replace(b"host: a.shop.example", b"host: a.shop.example:443")
    assert not shown(data).match.misses
    with pytest.raises(Malformed):
        shown(data, scheme="http")


def test_a_head_without_a_body_is_enough() -> None:
    assert not shown(a_request(method="POST", body=b"x=1").partition(b"\r\n\r\n")[0]).match.misses


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"GET /",
        b"GET / HTTP/2\r\nhost: a\r\n\r\n",
        b"get / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n\r\n",
        b"GET * HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n",
        b"GET  / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nscan-warrant: x=:\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 70_000,
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        shown(data)
    assert len(str(refused.value)) < 300


def test_two_warrants_in_one_request_are_refused() -> None:
    data = a_request()
    line = next(one for one in data.split(b"\r\n") if one.startswith(b"scan-warrant"))
    with pytest.raises(Malformed, match="more than one warrant"):
        shown(data.replace(line, line + b"\r\n" + line))
