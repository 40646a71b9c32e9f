"""Packages made by the tests, and an index of our own that serves them on loopback."""

import base64
import contextlib
import hashlib
import io
import json
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from tests.sandbox.makers import a_sandbox, a_shared_cache, some_interpreters

DAY = datetime(2020, 1, 1, tzinfo=UTC)

BACKEND = """
import base64, hashlib, os, zipfile
{at_import}
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("{name}.py", "VALUE = 1\\n")
        info = "{name}-{version}.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


def a_wheel(
    name: str, version: str, *, files: Mapping[str, str] | None = None, requires: Sequence[str] = ()
) -> tuple[str, bytes]:
    """Return file name and content of a pure wheel."""
    info = f"{name}-{version}.dist-info"
    metadata = "".join(f"Requires-Dist: {one}\n" for one in requires)
    content = {
        **(files if files is not None else {f"{name}.py": f"VERSION = {version!r}\n"}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_urlsafe(text)},{len(text.encode())}\n" for path, text in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return f"{name}-{version}-py3-none-any.whl", buffer.getvalue()


def an_sdist(name: str, version: str, *, at_import: str = "") -> tuple[str, bytes]:
    """Return file name and content of an sdist with a build backend of its own, and what that does when imported."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": BACKEND.format(name=name, version=version, at_import=at_import),
        f"{name}.py": "VALUE = 1\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    return f"{name}-{version}.tar.gz", a_tarball(files, folder=f"{name}-{version}")


def an_npm_package(name: str, version: str, *, files: Mapping[str, str] | None = None, **said: object) -> bytes:
    """Return the tarball of a Node package."""
    package = json.dumps({"name": name, "version": version, **said})
    return a_tarball({"package.json": package, "index.js": "module.exports = 1\n", **(files or {})}, folder="package")


def a_tarball(files: Mapping[str, str], *, folder: str) -> bytes:
    """Return a compressed tar with everything in one folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{folder}/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@dataclass
class LocalIndex:
    """A Python index and an npm registry in one, with what the test puts in."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    python: dict[str, list[dict[str, object]]] = field(default_factory=lambda: defaultdict(list))
    node: dict[str, dict[str, dict[str, object]]] = field(default_factory=lambda: defaultdict(dict))
    times: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    broken: bool = False
    broken_below: str | None = None

    def add_python(
        self, name: str, file: tuple[str, bytes], *, at: datetime = DAY, said: Mapping[str, object] | None = None
    ) -> None:
        """Publish a wheel or an sdist."""
        file_name, data = file
        self.files[f"/files/{file_name}"] = data
        self.python[name].append(
            {
                "filename": file_name,
                "url": f"{self.address}/files/{file_name}",
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
                "size": len(data),
                "upload-time": at.isoformat().replace("+00:00", "Z"),
                **(said or {}),
            }
        )

    def add_node(
        self,
        name: str,
        version: str,
        data: bytes,
        *,
        at: datetime = DAY,
        said: Mapping[str, object] | None = None,
    ) -> None:
        """Publish a Node package."""
        path = f"/files/{name.replace('/', '-')}-{version}.tgz"
        self.files[path] = data
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
        dist = {"tarball": f"{self.address}{path}", "integrity": integrity}
        self.node[name][version] = {"name": name, "version": version, "dist": dist, **(said or {})}
        self.times[name][version] = at.isoformat()

    @property
    def simple(self) -> str:
        """The address for Python clients."""
        return f"{self.address}/simple/"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, type and content for a path."""
        self.asked.append(path)
        if self.broken or (self.broken_below and path.startswith(self.broken_below)):
            return 503, "text/plain", b"later"
        if path in self.files:
            return 200, "application/octet-stream", self.files[path]
        name = unquote(path.removeprefix("/simple/").strip("/"))
        if path.startswith("/simple/") and name in self.python:
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": self.python[name], "versions": []}
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()
        if name in self.node:
            latest = list(self.node[name])[-1]
            document = {"name": name, "dist-tags": {"latest": latest}, "versions": self.node[name]}
            document["time"] = self.times[name]
            return 200, "application/json", json.dumps(document).encode()
        return 404, "text/plain", b"absent"


@contextlib.contextmanager
def an_index() -> Iterator[LocalIndex]:
    """Serve an index on loopback."""
    index = LocalIndex()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def do_GET(self) -> None:
            self._answer(with_content=True)

        def _answer(self, *, with_content: bool) -> None:
            status, kind, data = index.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if with_content:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def a_cache() -> Iterator[Path]:
    """Return a fresh cache that the sandbox's user can read."""
    with tempfile.TemporaryDirectory(prefix="cache-", dir=a_shared_cache()) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def some_environments(cache: Path, index: LocalIndex | None = None) -> tuple[Indexes, Environments]:
    """Return environments over an index of ours, or over the real ones."""
    if index is None:
        indexes = Indexes(cache)
    else:
        indexes = Indexes(cache, pypi_address=index.simple, npm_address=f"{index.address}/")
    return indexes, Environments(cache, indexes, some_interpreters(), a_sandbox())


def _urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
