"""What a judgement needed from outside travels with it, and is enough where nothing else is to be had."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.releases.carrying import carried, fill
from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.supply import Supply
from tests.releases.makers import DAY, LocalIndex, a_cache, a_wheel, an_sdist
from tests.sandbox.makers import a_python, a_sandbox, some_interpreters

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


def closed(cache: Path) -> tuple[Indexes, Environments]:
    indexes = Indexes(cache, supply=Supply(closed=True))
    return indexes, Environments(cache, indexes, some_interpreters(), a_sandbox())


def collected(index: LocalIndex, usual: Path, own: Path, purl: str) -> dict[str, bytes]:
    indexes = Indexes(own, pypi_address=index.simple, supply=Supply(behind=usual))
    environments = Environments(own, indexes, some_interpreters(), a_sandbox())
    environments.environment(indexes.release(purl), a_python())
    return carried(own)


def test_a_release_that_must_be_built_is_built_again_from_what_is_carried(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", an_sdist("needed", "1.0"), at=DAY - timedelta(days=2))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["needed"]))
    with a_cache() as own, a_cache() as elsewhere:
        files = collected(index, cache, own, "pkg:pypi/asks@1.0")
        assert {name.split("/")[0] for name in files} == {"index", "files", "resolutions"}
        assert not any(index.address.encode() in data for data in files.values())
        fill(elsewhere, files)
        indexes, environments = closed(elsewhere)
        made = environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())
        assert made.dependencies is not None
        assert (made.dependencies / "needed.py").is_file()


def test_what_did_not_come_along_is_not_fetched(index: LocalIndex, cache: Path) -> None:
    index.add_python("asks", a_wheel("asks", "1.0"))
    with a_cache() as own, a_cache() as elsewhere:
        files = collected(index, cache, own, "pkg:pypi/asks@1.0")
        fill(elsewhere, {name: data for name, data in files.items() if not name.startswith("files/")})
        indexes, environments = closed(elsewhere)
        with pytest.raises(Unavailable, match="did not come along"):
            environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())
        with pytest.raises(Unavailable, match="did not come along"):
            indexes.release("pkg:pypi/other@1.0")


@pytest.mark.parametrize(
    "name",
    [
        "files/../../etc/passwd",
        "files/sha256-" + "0" * 64 + "/x",
        "index/pypi/../x.json",
        "index/gem/x.json",
        "targets/x/y.py",
        "resolutions/x.json",
        "files",
    ],
)
def test_a_name_that_no_carried_file_has_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed, match="no name that a carried file has"):
        fill(tmp_path, {name: b"{}"})
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_what_its_name_states_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="not what its name states"):
        fill(tmp_path, {"files/sha256-" + "0" * 64: b"other"})


def test_a_carried_decision_cannot_name_a_file_of_this_machine(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"), at=DAY - timedelta(days=2))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["needed"]))
    with a_cache() as own, a_cache() as elsewhere:
        files = collected(index, cache, own, "pkg:pypi/asks@1.0")
        (name,) = [one for one in files if one.startswith("resolutions/")]
        said = json.loads(files[name])
        said["pins"][0][2] = "../../etc/passwd"
        fill(elsewhere, files | {name: json.dumps(said).encode()})
        indexes, environments = closed(elsewhere)
        with pytest.raises(Malformed, match="no place of a wheel"):
            environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())
