"""The lists of releases are read as the indexes publish them, and kept for a day."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from clearinghouse.errors import Malformed, NotFound, Unavailable
from clearinghouse.releases import download
from clearinghouse.releases.index import FRESH_SECONDS, Indexes
from tests.releases.makers import DAY, LocalIndex, a_wheel, an_npm_package, an_sdist

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "WAITS_SECONDS", (0.01,))


def indexes_of(index: LocalIndex, cache: Path) -> Indexes:
    return Indexes(cache, pypi_address=index.simple, npm_address=f"{index.address}/")


def test_python_releases_are_sorted_by_version_with_their_files(index: LocalIndex, tmp_path: Path) -> None:
    for version in ("1.10", "1.9", "2.0rc1"):
        index.add_python("some-name", a_wheel("some_name", version), said={"requires-python": ">=3.8"})
    index.add_python("some-name", an_sdist("some_name", "1.9"), at=DAY + timedelta(days=1))
    index.add_python("some-name", ("some_name-1.9.win32.exe", b""))
    index.add_python("some-name", ("nonsense.tar.gz", b""))
    found = indexes_of(index, tmp_path).releases("pkg:pypi/Some_Name")
    assert [one.version for one in found] == ["1.9", "1.10", "2.0rc1"]
    assert [(file.kind, file.digest[:7]) for file in found[0].files] == [("wheel", "sha256:"), ("sdist", "sha256:")]
    assert (found[0].published_at, found[0].requires, found[0].package) == (DAY, ">=3.8", "pkg:pypi/some-name")


def test_a_release_is_yanked_when_all_its_files_are(index: LocalIndex, tmp_path: Path) -> None:
    index.add_python("x", a_wheel("x", "1.0"), said={"yanked": "bad"})
    index.add_python("x", a_wheel("x", "2.0"), said={"yanked": "bad"})
    index.add_python("x", an_sdist("x", "2.0"))
    assert [one.yanked for one in indexes_of(index, tmp_path).releases("pkg:pypi/x")] == [True, False]


def test_node_releases_are_sorted_by_precedence(index: LocalIndex, tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.0", "2.0.0-beta.2", "2.0.0-beta.10", "1.0.0beta"):
        index.add_node("@a/b", version, an_npm_package("@a/b", version), said={"engines": {"node": ">=4"}})
    found = indexes_of(index, tmp_path).releases("pkg:npm/%40a/b@9")
    assert [one.version for one in found] == ["1.0.0beta", "1.9.0", "1.10.0", "2.0.0-beta.2", "2.0.0-beta.10"]
    assert (found[0].package, found[0].requires, found[0].published_at) == ("pkg:npm/%40a/b", ">=4", DAY)
    assert found[0].files[0].digest.startswith("sha512-")


def test_a_release_is_found_by_its_version_however_that_is_written(index: LocalIndex, tmp_path: Path) -> None:
    index.add_python("x", a_wheel("x", "1.0"))
    assert indexes_of(index, tmp_path).release("pkg:pypi/X@1.0.0").purl == "pkg:pypi/x@1.0"


def test_a_release_that_is_absent_is_answered_with_the_nearest(index: LocalIndex, tmp_path: Path) -> None:
    for version in ("1.0", "1.1", "3.0", "3.1.1", "3.1.2", "4.0"):
        index.add_python("x", a_wheel("x", version))
    with pytest.raises(NotFound, match=r"3\.1\.1, 3\.1\.2"):
        indexes_of(index, tmp_path).release("pkg:pypi/x@3.1.9")


@pytest.mark.parametrize("purl", ["pkg:pypi/absent", "pkg:npm/absent"])
def test_a_package_that_is_absent_is_not_found(index: LocalIndex, tmp_path: Path, purl: str) -> None:
    with pytest.raises(NotFound):
        indexes_of(index, tmp_path).releases(purl)


@pytest.mark.parametrize("purl", ["x", "pkg:gem/rails@1.0", "pkg:pypi"])
def test_what_is_no_package_of_ours_is_malformed(tmp_path: Path, purl: str) -> None:
    with pytest.raises(Malformed):
        Indexes(tmp_path).releases(purl)


@pytest.mark.parametrize("purl", ["pkg:pypi/x", "pkg:npm/x"])
def test_an_index_that_does_not_answer_is_unavailable_unless_its_answer_is_kept(
    index: LocalIndex, tmp_path: Path, purl: str
) -> None:
    index.add_python("x", a_wheel("x", "1.0"))
    index.add_node("x", "1.0.0", an_npm_package("x", "1.0.0"))
    found = indexes_of(index, tmp_path).releases(purl)
    index.broken = True
    assert indexes_of(index, tmp_path).releases(purl) == found
    with pytest.raises(Unavailable):
        indexes_of(index, tmp_path).releases(purl, refresh=True)
    kept = next((tmp_path / "index").glob("*/x.json"))
    os.utime(kept, (time.time() - FRESH_SECONDS - 1,) * 2)
    with pytest.raises(Unavailable):
        indexes_of(index, tmp_path).releases(purl)


def test_the_index_is_asked_once_and_again_only_on_demand(index: LocalIndex, tmp_path: Path) -> None:
    index.add_python("x", a_wheel("x", "1.0"))
    indexes = indexes_of(index, tmp_path)
    indexes.releases("pkg:pypi/x")
    index.add_python("x", a_wheel("x", "1.1"))
    assert len(indexes.releases("pkg:pypi/x")) == 1
    assert len(indexes.releases("pkg:pypi/x", refresh=True)) == len(indexes.releases("pkg:pypi/x")) == 2


def test_a_kept_list_that_is_damaged_is_asked_for_again(index: LocalIndex, tmp_path: Path) -> None:
    index.add_python("x", a_wheel("x", "1.0"))
    indexes_of(index, tmp_path).releases("pkg:pypi/x")
    next((tmp_path / "index").glob("*/x.json")).write_text('{"layout": 1, "rel')
    assert len(indexes_of(index, tmp_path).releases("pkg:pypi/x")) == 1


def test_an_answer_that_says_a_thing_twice_is_not_believed(index: LocalIndex, tmp_path: Path) -> None:
    index.files["/twice"] = b'{"versions": {}, "versions": {"1.0.0": {}}}'
    with pytest.raises(Unavailable, match="not understood"):
        indexes_of(index, tmp_path).releases("pkg:npm/twice")
