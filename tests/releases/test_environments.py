"""Environments hold a release beside the dependencies of its day, each made once and never half."""

import json
import os
import stat
from datetime import timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import pytest

from clearinghouse.errors import NotFound, NotPossible, Unavailable
from clearinghouse.releases import download
from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.rules import Interpreter, Release, Runtime
from clearinghouse.sandbox.profile import Ended, Job, Mount
from tests.releases.makers import DAY, LocalIndex, a_wheel, an_npm_package, an_sdist, some_environments
from tests.sandbox.makers import a_node, a_python, a_sandbox, some_interpreters

pytestmark = [pytest.mark.server, pytest.mark.enable_socket]


def test_a_pure_wheel_is_unpacked_and_can_be_imported_inside(index: LocalIndex, cache: Path) -> None:
    files = {"alone/__init__.py": "VALUE = 7\n", "alone/data.txt": "x"}
    index.add_python("alone", a_wheel("alone", "1.0", files=files))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/Alone@1.0")
    made = environments.environment(release, a_python())
    assert (made.names, made.dependencies, made.digests) == (("alone",), None, (release.files[0].digest,))
    python = made.interpreter
    code = "import sys; sys.path.insert(0, '/target'); import alone as a; print(a.VALUE, a.__cached__, a.__file__)"
    mounts = (Mount(python.root, python.inside_root), Mount(made.target, "/target"))
    ended = a_sandbox().run(Job(argv=(python.program, "-I", "-B", "-S", "-c", code), mounts=mounts))
    value, cached, file = ended.stdout.decode().split()
    assert (value, file) == ("7", "/target/alone/__init__.py")
    assert (made.target / cached.removeprefix("/target/")).is_file(), "it was compiled beforehand"


def test_a_changed_source_is_compiled_anew(index: LocalIndex, cache: Path, tmp_path: Path) -> None:
    index.add_python("alone", a_wheel("alone", "1.0", files={"alone.py": "VALUE = 7\n"}))
    indexes, environments = some_environments(cache, index)
    made = environments.environment(indexes.release("pkg:pypi/alone@1.0"), a_python())
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "__pycache__").mkdir()
    for file in (made.target / "__pycache__").iterdir():
        (changed / "__pycache__" / file.name).write_bytes(file.read_bytes())
    (changed / "alone.py").write_text("VALUE = 8\n")
    code = "import sys; sys.path.insert(0, '/target'); import alone; print(alone.VALUE)"
    python = made.interpreter
    mounts = (Mount(python.root, python.inside_root), Mount(changed, "/target"))
    assert a_sandbox().run(Job(argv=(python.program, "-I", "-B", "-S", "-c", code), mounts=mounts)).stdout == b"8\n"


def test_dependencies_are_those_of_the_day_of_publication(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"), at=DAY - timedelta(days=5))
    index.add_python("needed", a_wheel("needed", "1.1"), at=DAY - timedelta(days=1))
    index.add_python("needed", a_wheel("needed", "1.2"), at=DAY + timedelta(days=3))
    requires = ["needed>=1", 'absent; extra == "x"', "no; python_version<'3'"]
    index.add_python("asks", a_wheel("asks", "1.0", requires=requires))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/asks@1.0")
    made = environments.environment(release, a_python())
    assert made.dependencies is not None
    assert (made.dependencies / "needed.py").read_text() == "VERSION = '1.1'\n"
    assert (len(made.digests), environments.notes(release, a_python())) == (2, ())


def test_what_had_no_wheel_that_day_comes_from_the_nearest_later_one(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "2.0"), at=DAY + timedelta(days=900))
    index.add_python("needed", a_wheel("needed", "3.0"), at=DAY + timedelta(days=1000))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["needed"]))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/asks@1.0")
    made = environments.environment(release, a_python())
    assert made.dependencies is not None
    assert (made.dependencies / "needed.py").read_text() == "VERSION = '2.0'\n"
    (note,) = environments.notes(release, a_python())
    assert note.startswith("needed 2.0: of 2022-06-19")


def test_dependencies_that_do_not_exist_are_said(index: LocalIndex, cache: Path) -> None:
    index.add_python("asks", a_wheel("asks", "1.0", requires=["nowhere-to-be-found>=9"]))
    indexes, environments = some_environments(cache, index)
    with pytest.raises(NotPossible, match="nowhere-to-be-found"):
        environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())


def test_a_file_that_is_not_what_the_index_states_is_not_used(index: LocalIndex, cache: Path) -> None:
    name, data = a_wheel("forged", "1.0")
    index.add_python("forged", (name, data))
    index.files[f"/files/{name}"] = data + b"x"
    indexes, environments = some_environments(cache, index)
    with pytest.raises(Unavailable, match="it is not used"):
        environments.environment(indexes.release("pkg:pypi/forged@1.0"), a_python())
    assert not [one for one in (cache / "files").iterdir() if one.is_file()]


def test_everything_in_the_cache_can_be_read_by_all_and_written_by_none(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"))
    index.add_python("asks", an_sdist("asks", "1.0"))
    index.add_node("one", "1.0.0", an_npm_package("one", "1.0.0"))
    indexes, environments = some_environments(cache, index)
    environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())
    environments.environment(indexes.release("pkg:npm/one@1.0.0"), a_node())
    for folder, folders, files in os.walk(cache):
        for name in (*folders, *files):
            mode = Path(folder, name).lstat().st_mode
            assert not mode & (stat.S_IWOTH | stat.S_IWGRP), Path(folder, name)
            assert mode & stat.S_IROTH and (mode & stat.S_IXOTH or not stat.S_ISDIR(mode)), Path(folder, name)


def test_a_second_time_nothing_is_asked_or_fetched_again(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["needed"]))
    first_indexes, first = some_environments(cache, index)
    made = first.environment(first_indexes.release("pkg:pypi/asks@1.0"), a_python())
    index.asked.clear()
    again_indexes, again = some_environments(cache, index)
    assert again.environment(again_indexes.release("pkg:pypi/asks@1.0"), a_python()) == made
    assert index.asked == []


def test_what_a_killed_process_left_half_way_is_not_believed(index: LocalIndex, cache: Path) -> None:
    index.add_python("alone", a_wheel("alone", "1.0"))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/alone@1.0")
    for room in ("targets", "files"):
        half = cache / room / f".unfinished-999999999-{room}"
        half.mkdir(parents=True)
        (half / "alone.py").write_text("half")
        os.utime(half, (1, 1))
    made = environments.environment(release, a_python())
    assert (made.target / "alone.py").read_text() == "VERSION = '1.0'\n"
    assert not list(cache.glob("*/.unfinished-*"))


def _make(address: str, simple: str, cache: str) -> str:
    indexes, environments = some_environments(Path(cache), LocalIndex(address=address))
    assert indexes.addresses["pypi"] == simple
    return str(environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python()).dependencies)


def test_several_processes_make_one_environment(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"))
    index.add_python("asks", an_sdist("asks", "1.0"))
    with get_context("spawn").Pool(3) as pool:
        made = pool.starmap(_make, [(index.address, index.simple, str(cache))] * 3)
    assert len(set(made)) == 1
    assert sum(path.endswith(".tar.gz") for path in index.asked) == 1, "the file was fetched once"


def test_a_node_package_without_dependencies_needs_no_npm(index: LocalIndex, cache: Path) -> None:
    index.add_node("@scope/one", "1.0.0", an_npm_package("@scope/one", "1.0.0"))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:npm/%40scope/one@1.0.0")
    made = environments.environment(release, a_node())
    assert (made.names, made.dependencies, made.package) == (("@scope/one",), None, "pkg:npm/%40scope/one")
    assert json.loads((made.target / "package.json").read_text())["name"] == "@scope/one"
    assert made.digests[0].startswith("sha256:")
    assert environments.source_tree(release) == made.target


def test_node_dependencies_are_those_of_the_day_and_may_be_nested(index: LocalIndex, cache: Path) -> None:
    for version, days in (("1.0.0", -5), ("1.1.0", -1), ("1.2.0", 5), ("2.0.0", -3)):
        index.add_node("deep", version, an_npm_package("deep", version), at=DAY + timedelta(days=days))
    needs = {"dependencies": {"deep": "^2.0.0"}}
    index.add_node("middle", "1.0.0", an_npm_package("middle", "1.0.0", **needs), said=needs)
    asks = {"dependencies": {"deep": "^1.0.0", "middle": "*", "odd": "git+https://nowhere.invalid/x.git"}}
    index.add_node("asks", "1.0.0", an_npm_package("asks", "1.0.0", **asks), said=asks)
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:npm/asks@1.0.0")
    made = environments.environment(release, a_node())
    assert made.dependencies is not None

    def version_of(place: str) -> str:
        assert made.dependencies is not None
        return str(json.loads((made.dependencies / place / "package.json").read_text())["version"])

    assert (version_of("deep"), version_of("middle/node_modules/deep")) == ("1.1.0", "2.0.0")
    assert len(made.digests) == 4
    assert environments.notes(release, a_node()) == (
        "odd: git+https://nowhere.invalid/x.git is not from the registry; left out",
    )


def test_interpreters_are_those_the_release_allows_with_the_projects_own_first(index: LocalIndex, cache: Path) -> None:
    index.add_python("any", a_wheel("any", "1.0"))
    index.add_python("some", a_wheel("some", "1.0"), said={"requires-python": "<3.0"})
    indexes, environments = some_environments(cache, index)
    found = environments.interpreters_for(indexes.release("pkg:pypi/any@1.0"))
    assert found[0] == a_python()
    rest = [tuple(map(int, one.version.split(".")[:2])) for one in found[1:]]
    assert rest == sorted(rest, reverse=True) and all(version >= (3, 8) for version in rest)
    assert environments.interpreters_for(indexes.release("pkg:pypi/some@1.0")) == ()


def test_node_engines_are_respected(index: LocalIndex, cache: Path) -> None:
    for version, engines in (("1.0.0", {"node": ">=0.8"}), ("2.0.0", {"node": "<2"}), ("3.0.0", "odd")):
        index.add_node("one", version, an_npm_package("one", version), said={"engines": engines})
    indexes, environments = some_environments(cache, index)
    allowed = [bool(environments.interpreters_for(one)) for one in indexes.releases("pkg:npm/one")]
    assert allowed == [True, False, True]


def test_an_interpreter_of_another_machine_is_not_found(index: LocalIndex, cache: Path) -> None:
    index.add_python("any", a_wheel("any", "1.0"))
    indexes, environments = some_environments(cache, index)
    odd = Interpreter(Runtime.PYTHON, "3.12.0", Path("/nowhere"), "/interp", "/interp/bin/python3", "/interp/lib")
    with pytest.raises(NotFound, match="not on this machine"):
        environments.environment(indexes.release("pkg:pypi/any@1.0"), odd)


def test_a_release_without_any_file_that_suits_is_said(index: LocalIndex, cache: Path) -> None:
    _, data = a_wheel("old", "1.0")
    index.add_python("old", ("old-1.0-cp27-none-win32.whl", data))
    indexes, environments = some_environments(cache, index)
    release: Release = indexes.release("pkg:pypi/old@1.0")
    with pytest.raises(NotPossible, match="neither a wheel"):
        environments.environment(release, a_python())
    assert environments.source_tree(release) is None


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let uv and npm ask once."""
    for name in ("UV_HTTP_RETRIES", "npm_config_fetch_retries"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setattr(download, "WAITS_SECONDS", ())


@pytest.mark.usefixtures("impatient")
def test_an_index_that_stops_answering_uv_decides_nothing(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", a_wheel("needed", "1.0"))
    index.add_python("asks", a_wheel("asks", "1.0", requires=["needed"]))
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:pypi/asks@1.0")
    environments.source_tree(release)
    index.broken_below = "/simple/"
    with pytest.raises(Unavailable, match=r"does not answer|cannot reach") as refusal:
        environments.environment(release, a_python())
    assert str(cache) not in str(refusal.value)
    index.broken_below = None
    assert environments.environment(release, a_python()).dependencies is not None


@pytest.mark.usefixtures("impatient")
def test_a_registry_that_stops_answering_npm_never_makes_a_tree_without_a_date(index: LocalIndex, cache: Path) -> None:
    index.add_node("deep", "1.0.0", an_npm_package("deep", "1.0.0"), at=DAY - timedelta(days=1))
    index.add_node("deep", "1.1.0", an_npm_package("deep", "1.1.0"), at=DAY + timedelta(days=9))
    asks = {"dependencies": {"deep": "^1.0.0"}}
    index.add_node("asks", "1.0.0", an_npm_package("asks", "1.0.0", **asks), said=asks)
    indexes, environments = some_environments(cache, index)
    release = indexes.release("pkg:npm/asks@1.0.0")
    environments.source_tree(release)
    index.broken_below = "/deep"
    with pytest.raises(Unavailable, match="npm cannot install the dependencies of asks"):
        environments.environment(release, a_node())
    index.broken_below = None
    made = environments.environment(release, a_node())
    assert made.dependencies is not None
    assert json.loads((made.dependencies / "deep/package.json").read_text())["version"] == "1.0.0"
    assert environments.notes(release, a_node()) == ()


def test_only_npms_own_refusal_lets_later_releases_in(index: LocalIndex, cache: Path) -> None:
    index.add_node("deep", "1.1.0", an_npm_package("deep", "1.1.0"), at=DAY + timedelta(days=9))
    asks = {"dependencies": {"deep": "^1.0.0"}}
    index.add_node("asks", "1.0.0", an_npm_package("asks", "1.0.0", **asks), said=asks)
    indexes, environments = some_environments(cache, index)
    (note,) = environments.notes(indexes.release("pkg:npm/asks@1.0.0"), a_node())
    assert note.startswith("later releases were allowed")


def test_what_npm_knows_no_version_of_is_not_possible(index: LocalIndex, cache: Path) -> None:
    index.add_node("deep", "1.1.0", an_npm_package("deep", "1.1.0"))
    asks = {"dependencies": {"deep": "^7.0.0"}}
    index.add_node("asks", "1.0.0", an_npm_package("asks", "1.0.0", **asks), said=asks)
    indexes, environments = some_environments(cache, index)
    with pytest.raises(NotPossible, match="ETARGET"):
        environments.environment(indexes.release("pkg:npm/asks@1.0.0"), a_node())


def test_a_node_package_that_does_not_describe_itself_is_not_possible(index: LocalIndex, cache: Path) -> None:
    index.add_node("odd", "1.0.0", an_npm_package("odd", "1.0.0", files={"package.json": "{"}))
    indexes, environments = some_environments(cache, index)
    with pytest.raises(NotPossible, match=r"^pkg:npm/odd@1.0.0 holds no package.json"):
        environments.environment(indexes.release("pkg:npm/odd@1.0.0"), a_node())


class _Stumbling:
    """A sandbox that does not run until it is told to."""

    def __init__(self) -> None:
        self.stumbles = True
        self.tier = a_sandbox().tier

    def run(self, job: Job) -> Ended:
        """Run it, or say that nothing ran."""
        if self.stumbles:
            raise Unavailable("the sandbox did not come up")
        return a_sandbox().run(job)


def test_a_build_that_ran_and_failed_is_not_possible(index: LocalIndex, cache: Path) -> None:
    index.add_python("asks", an_sdist("asks", "1.0", at_import="raise OSError('/tmp/box-8a/file')"))
    indexes, environments = some_environments(cache, index)
    for _ in range(2):
        with pytest.raises(NotPossible, match=r"could not be built.*OSError") as refusal:
            environments.environment(indexes.release("pkg:pypi/asks@1.0"), a_python())
        assert "/tmp" not in str(refusal.value)


def test_what_cannot_be_put_together_on_the_best_interpreter_is_on_the_oldest(index: LocalIndex, cache: Path) -> None:
    indexes, environments = some_environments(cache, index)
    index.add_python("asks", an_sdist("asks", "1.0"))
    best, *others = environments.interpreters_for(indexes.release("pkg:pypi/asks@1.0"))
    minors = [tuple(map(int, one.version.split(".")[:2])) for one in (best, *others)]
    if minors[-1] >= minors[0]:
        pytest.skip("no Python here is older than the one that we run on")
    newer = f"1 / 0 if __import__('sys').version_info[:2] >= {minors[0]} else 1"
    index.add_python("old", an_sdist("old", "1.0", at_import=newer))
    release = indexes.release("pkg:pypi/old@1.0")
    (none, trouble), (made, _) = islice(environments.one_by_one(release), 2)
    assert none is None and "ZeroDivisionError" in trouble
    assert made is not None and made.interpreter == others[-1]


def test_a_sandbox_that_stumbles_builds_the_next_time(index: LocalIndex, cache: Path) -> None:
    index.add_python("needed", an_sdist("needed", "1.0"), at=DAY - timedelta(days=2))
    index.add_python("needed", a_wheel("needed", "2.0"), at=DAY + timedelta(days=9))
    index.add_python("asks", an_sdist("asks", "1.0"))
    index.add_python("more", a_wheel("more", "1.0", requires=["needed"]))
    indexes, sandbox = Indexes(cache, pypi_address=index.simple), _Stumbling()
    environments = Environments(cache, indexes, some_interpreters(), sandbox)
    release = indexes.release("pkg:pypi/more@1.0")
    for one in (indexes.release("pkg:pypi/asks@1.0"), release):
        sandbox.stumbles = True
        with pytest.raises(Unavailable, match="did not come up"):
            environments.environment(one, a_python())
        sandbox.stumbles = False
        environments.environment(one, a_python())
    (note,) = environments.notes(release, a_python())
    assert note.startswith("needed 1.0: built from its sdist")
