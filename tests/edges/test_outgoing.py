"""A webhook's address never leads into our own network, and never holds us up."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clearinghouse.edges.outgoing import ANSWER_BYTES, Outgoing, is_public
from clearinghouse.errors import Malformed, Unavailable

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nothing is bound here
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1", "192.168.255.255", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "fc00::1", "fd12:3456::1",
    "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80e::200e"]
NOT_ADDRESSES = [
    "", "hooks", "//host/x", "http://host.example/x", "ftp://host.example/x", "file:///etc/passwd", "gopher://h:70/_x",
    "https://", "https:///x", "https://user@host.example/", "https://user:pw@host.example/", "https://host.example/#x",
    "https://host.example:22/", "https://host.example:25/", "https://host.example:6379/", "https://host.example:99999/",
    "https://host.example:abc/", "https://127.0.0.1/", "https://8.8.8.8/", "https://[::1]/", "https://[fe80::1%25eth0]/",
    "https://[::ffff:10.0.0.1]/", "https://ho st.example/", "https://host.example/\r\nX: y", "https://host.example\\@x/",
    "https://h\u00f6st.example/", "https://host\u3002example/", "https://host.example/\x00", "javascript:alert(1)",
    "data:text/plain,x", "https://" + "a" * 2001, "dict://host.example:11211/stat", "https:host.example", "HTTPS//x",
]  # fmt: skip
HIDDEN = ["https://0x7f.1/", "https://2130706433/", "https://127.1/", "https://0177.0.0.1/", "https://localhost/"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_into_a_network_of_somebody_is_not_called(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    outgoing = Outgoing(look_up=lambda host, port: [address])  # noqa: ARG005
    with pytest.raises(Malformed, match="not public"):
        outgoing.post("https://host.example/hook", b"", {})


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_address_that_is_not_public_is_enough_to_refuse() -> None:
    outgoing = Outgoing(look_up=lambda host, port: ["8.8.8.8", "10.0.0.1"])  # noqa: ARG005
    with pytest.raises(Malformed, match="not public"):
        outgoing.post("https://host.example/hook", b"", {})


@pytest.mark.parametrize("url", NOT_ADDRESSES)
def test_what_is_no_address_of_the_web_is_refused_when_it_is_handed_in(url: str) -> None:
    with pytest.raises(Malformed):
        Outgoing().checked(url)


@pytest.mark.parametrize("url", HIDDEN)
def test_a_number_that_stands_for_this_machine_is_seen_once_it_is_looked_up(url: str) -> None:
    with pytest.raises(Malformed):
        Outgoing().post(url, b"", {})


def _request(line: socket.socket) -> bytes:
    """Read one whole request: who closes before the end tears the connection down."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(65536)
    length = int(said.lower().partition(b"content-length:")[2].split()[0])
    while len(said.partition(b"\r\n\r\n")[2]) < length:
        said += line.recv(65536)
    return said


@contextmanager
def a_server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """Serve on loopback; yield the port and what was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    line, _ = listener.accept()
                except TimeoutError:
                    continue
                with line:
                    try:
                        line.settimeout(10)
                        asked.append(_request(line))
                        answer(line)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            over.set()
            thread.join()


def trusting(port: int, *, total_seconds: float = 10.0) -> Outgoing:
    return Outgoing(trusted={f"127.0.0.1:{port}": None}, total_seconds=total_seconds)


def test_a_call_arrives_with_its_body_and_headers_and_the_answer_comes_back() -> None:
    with a_server(lambda line: line.sendall(OK)) as (port, asked):
        answer = trusting(port).post(f"http://127.0.0.1:{port}/hook?x=1", b'{"id": 1}', {"X-Signed": "v1"})
    assert (answer.status, answer.body) == (200, b"ok")
    assert asked[0].startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert b"X-Signed: v1" in asked[0]
    assert asked[0].endswith(b'{"id": 1}')


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with a_server(lambda line: line.sendall(OK)) as (other, never):
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()
        with a_server(lambda line: line.sendall(moved)) as (port, _):
            assert trusting(port).post(f"http://127.0.0.1:{port}/", b"x", {}).status == 307
    assert never == []


def test_the_address_that_was_looked_at_is_the_one_that_is_called() -> None:
    looked = []

    def rebinding(host: str, port: int) -> list[str]:
        looked.append((host, port))
        return ["127.0.0.1"] if len(looked) > 1 else ["8.8.8.8"]

    outgoing = Outgoing(look_up=rebinding, total_seconds=0.5)
    with a_server(lambda line: line.sendall(OK)) as (_, asked), pytest.raises(Unavailable):
        outgoing.post("https://host.example/hook", b"secret", {})
    assert (len(looked), asked) == (1, [])


def test_who_drips_does_not_hold_us_up() -> None:
    def drip(line: socket.socket) -> None:
        for byte in OK * 100:
            line.sendall(bytes([byte]))
            time.sleep(0.05)

    whole = len(OK * 100) * 0.05
    with a_server(drip) as (port, _):
        began = time.monotonic()
        with pytest.raises(Unavailable):
            trusting(port, total_seconds=0.6).post(f"http://127.0.0.1:{port}/", b"x", {})
        assert time.monotonic() - began < whole / 2


def test_an_endless_answer_is_cut() -> None:
    def flood(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            line.sendall(b"x" * 65536)

    with a_server(flood) as (port, _):
        assert len(trusting(port).post(f"http://127.0.0.1:{port}/", b"", {}).body) == ANSWER_BYTES


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return a certificate for ``hooks.example`` that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=3650))
        .not_valid_after(now + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize(("host", "reached"), [("hooks.example", True), ("other.example", False)])
def test_the_certificate_must_be_that_of_the_host_that_was_named(
    certificate: tuple[Path, Path], host: str, *, reached: bool
) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        with listener:
            line, _ = listener.accept()
            try:
                with served.wrap_socket(line, server_side=True) as secure:
                    _request(secure)
                    secure.sendall(OK)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    outgoing = Outgoing(look_up=lambda host, port: ["127.0.0.1"], trusted={f"{host}:{port}": trust})  # noqa: ARG005
    try:
        if reached:
            assert outgoing.post(f"https://{host}:{port}/", b"x", {}).body == b"ok"
        else:
            with pytest.raises(Unavailable):
                outgoing.post(f"https://{host}:{port}/", b"x", {})
    finally:
        thread.join()
