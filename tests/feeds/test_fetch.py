"""Fetching over the network: from a server of our own on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.feeds.fetch import fetch

ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/list": (200, {}, b"the list"),
    "/moved": (302, {"location": "/list"}, b""),
    "/round": (302, {"location": "/round"}, b""),
    "/elsewhere": (302, {"location": "https://elsewhere.invalid/list"}, b""),
    "/down": (302, {"location": "http://elsewhere.invalid/list"}, b""),
    "/large": (200, {}, b"x" * 2000),
    "/squeezed": (200, {"content-encoding": "gzip"}, b"x"),
    "/broken": (500, {}, b"sorry"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = ANSWERS.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.mark.server
@pytest.mark.enable_socket
class TestServer:
    @pytest.mark.parametrize("path", ["/list", "/moved"])
    def test_the_list_is_fetched_also_through_a_redirect(self, server: str, path: str) -> None:
        assert fetch(server + path, limit_bytes=1000) == b"the list"

    @pytest.mark.parametrize("path", ["/round", "/elsewhere", "/squeezed", "/broken", "/nowhere"])
    def test_an_answer_that_is_not_the_list_is_unavailable(self, server: str, path: str) -> None:
        with pytest.raises(Unavailable):
            fetch(server + path, limit_bytes=1000)

    @pytest.mark.parametrize("path", ["/large", "/down"])
    def test_an_answer_that_breaks_the_limits_is_refused(self, server: str, path: str) -> None:
        with pytest.raises(Malformed):
            fetch(server + path, limit_bytes=1000)

    def test_when_nobody_answers_the_refusal_says_what_else_to_do(self) -> None:
        with pytest.raises(Unavailable, match="name a file instead"):
            fetch("http://127.0.0.1:1/list", limit_bytes=1000, timeout_seconds=2)


@pytest.mark.parametrize(
    "address",
    ["", "file:///etc/passwd", "ftp://x.example/a", "http://x.example/a", "https://", "https://me:secret@x.example/a"],
)
def test_an_address_that_is_not_https_is_never_asked(address: str) -> None:
    with pytest.raises(Malformed):
        fetch(address, limit_bytes=1000)
