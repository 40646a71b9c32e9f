"""Files are fetched once, and believed only with the digest that their index states."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from clearinghouse.errors import NotFound, NotPossible, Unavailable
from clearinghouse.releases import download, fetch
from clearinghouse.releases.fetch import Files, expected, sha256_of
from clearinghouse.releases.rules import ReleaseFile
from tests.releases.makers import LocalIndex

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]

DATA = b"content" * 1000


@pytest.fixture
def file(index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> ReleaseFile:
    """A file on the local index."""
    monkeypatch.setattr(download, "WAITS_SECONDS", (0.01,))
    index.files["/file"] = DATA
    return ReleaseFile("file", f"{index.address}/file", f"sha256:{hashlib.sha256(DATA).hexdigest()}", "wheel")


def test_a_file_is_fetched_once(index: LocalIndex, file: ReleaseFile, tmp_path: Path) -> None:
    fetched = [Files(tmp_path).fetched(file) for _ in range(2)]
    assert fetched[0].read_bytes() == DATA
    assert (fetched[0], index.asked) == (fetched[1], ["/file"])
    assert sha256_of(fetched[0]) == file.digest


@pytest.mark.parametrize("algorithm", ["sha512", "sha384", "sha1"])
def test_digests_in_the_form_of_npm_are_checked(file: ReleaseFile, tmp_path: Path, algorithm: str) -> None:
    stated = base64.b64encode(hashlib.new(algorithm, DATA).digest()).decode()
    assert Files(tmp_path).fetched(replace(file, digest=f"{algorithm}-{stated}")).read_bytes() == DATA


def test_the_strongest_of_several_digests_decides() -> None:
    one, other = (base64.b64encode(hashlib.new(name, DATA).digest()).decode() for name in ("sha1", "sha512"))
    assert expected(f"sha1-{one} sha512-{other}?x") == ("sha512", hashlib.sha512(DATA).hexdigest())


@pytest.mark.parametrize("digest", ["", "md5:abc", "md5-YWJj", "sha512"])
def test_a_digest_that_cannot_be_checked_is_refused(digest: str) -> None:
    with pytest.raises(NotPossible, match="no digest"):
        expected(digest)


def test_other_content_is_refused_and_not_kept(index: LocalIndex, file: ReleaseFile, tmp_path: Path) -> None:
    index.files["/file"] = DATA + b"!"
    with pytest.raises(Unavailable, match="it is not used"):
        Files(tmp_path).fetched(file)
    index.files["/file"] = DATA
    assert Files(tmp_path).fetched(file).read_bytes() == DATA


def test_a_file_that_is_too_large_is_refused(
    file: ReleaseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MOST_BYTES", 100)
    with pytest.raises(NotPossible, match="more than 100 bytes"):
        Files(tmp_path).fetched(file)


def test_a_file_that_is_gone_is_not_found(index: LocalIndex, file: ReleaseFile, tmp_path: Path) -> None:
    index.files.clear()
    with pytest.raises(NotFound):
        Files(tmp_path).fetched(file)


def test_a_server_that_stumbles_is_asked_again(index: LocalIndex, file: ReleaseFile, tmp_path: Path) -> None:
    index.broken = True
    with pytest.raises(Unavailable, match="503"):
        Files(tmp_path).fetched(file)
    assert len(index.asked) == 2


def test_nobody_at_the_other_end_is_said(file: ReleaseFile, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="check the network"):
        Files(tmp_path).fetched(replace(file, url="http://127.0.0.1:9/file"))
