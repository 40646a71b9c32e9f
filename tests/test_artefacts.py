"""The store of files by their content."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.artefacts import Artefacts, digest_of, open_artefacts
from clearinghouse.errors import Malformed, NotFound, Unavailable


@given(st.binary(max_size=2000))
def test_what_is_put_is_got_back(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = Artefacts(Path(folder))
        assert kept.get(kept.put(data)) == data


def test_the_name_follows_from_the_content(tmp_path: Path) -> None:
    assert Artefacts(tmp_path).put(b"a") == digest_of(b"a")


def test_putting_again_changes_nothing(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    before = kept.path(kept.put(b"a")).stat().st_mtime_ns
    assert kept.path(kept.put(b"a")).stat().st_mtime_ns == before


def test_a_changed_file_is_not_handed_out(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    digest = kept.put(b"a")
    kept.path(digest).write_bytes(b"b")
    with pytest.raises(NotFound, match="changed"):
        kept.get(digest)


def test_a_changed_file_is_put_right_by_putting_again(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    digest = kept.put(b"a")
    kept.path(digest).write_bytes(b"b")
    kept.put(b"a")
    assert kept.get(digest) == b"a"


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Artefacts(tmp_path).get(digest_of(b"a"))


@pytest.mark.parametrize("name", ["", "sha256:", "../../etc/passwd", "sha256:" + "0" * 63, "sha256:" + "0" * 64 + "\n"])
def test_only_a_digest_names_an_artefact(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed):
        Artefacts(tmp_path).path(name)


def test_others_may_read_what_is_kept(tmp_path: Path) -> None:
    kept = Artefacts(tmp_path)
    assert kept.path(kept.put(b"a")).stat().st_mode & 0o777 == 0o644
    assert kept.has(digest_of(b"a")) and not kept.has(digest_of(b"b"))


def test_nothing_unfinished_is_left(tmp_path: Path) -> None:
    Artefacts(tmp_path).put(b"a")
    assert [path.name for path in tmp_path.rglob(".writing-*")] == []


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Return the endpoint of a server on loopback that speaks S3, with a bucket."""
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        serving = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        serving.start()
        host, port = serving.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        import boto3  # type: ignore[import-untyped]

        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="kept")
        yield endpoint
        serving.stop()


def in_bucket(endpoint: str) -> Artefacts:
    return open_artefacts(f"s3://kept/some/where?endpoint={endpoint}")


@pytest.mark.server
@pytest.mark.enable_socket
class TestBucket:
    """The same promises, in a bucket."""

    def test_what_is_kept_is_read_under_its_digest(self, s3: str) -> None:
        kept = in_bucket(s3)
        for data in (b"", b"a", bytes(range(256)) * 1000):
            assert kept.get(kept.put(data)) == data and kept.has(digest_of(data))
        assert in_bucket(s3).get(digest_of(b"a")) == b"a"

    def test_what_was_never_kept_is_not_found(self, s3: str) -> None:
        with pytest.raises(NotFound, match="no artefact"):
            in_bucket(s3).get(digest_of(b"never"))
        assert not in_bucket(s3).has(digest_of(b"never"))

    def test_what_was_changed_is_not_handed_out_and_can_be_kept_again(self, s3: str) -> None:
        import boto3

        kept = in_bucket(s3)
        name = kept.put(b"honest").removeprefix("sha256:")
        boto3.client("s3", endpoint_url=s3).put_object(
            Bucket="kept", Key=f"some/where/{name[:2]}/{name}", Body=b"other"
        )
        with pytest.raises(NotFound, match="was changed"):
            kept.get(f"sha256:{name}")
        assert kept.get(kept.put(b"honest")) == b"honest"

    def test_a_name_that_is_no_digest_is_refused(self, s3: str) -> None:
        with pytest.raises(Malformed):
            in_bucket(s3).get("sha256:../../x")

    def test_a_store_that_does_not_answer_is_unavailable(self, s3: str) -> None:
        with pytest.raises(Unavailable, match="other"):
            open_artefacts(f"s3://other?endpoint={s3}").put(b"x")


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(Malformed, match="names no bucket"):
        open_artefacts("s3:///x")
