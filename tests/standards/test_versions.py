"""The order of versions is the ecosystems' own."""

import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards.versions import in_order, is_prerelease, is_version, sort_key

identifiers = st.sampled_from(["0", "1", "10", "alpha", "beta", "rc", "x-1", "0a", "A", "-"])
semvers = st.builds(
    lambda numbers, tags, build: ".".join(map(str, numbers)) + ("-" + ".".join(tags) if tags else "") + build,
    st.tuples(*[st.integers(0, 12)] * 3),
    st.lists(identifiers, max_size=3),
    st.sampled_from(["", "+b1"]),
)


def test_semantic_versions_are_ordered_as_their_standard_says() -> None:
    chain = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    chain += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0"]
    assert in_order("npm", reversed(chain)) == tuple(chain)


def test_python_versions_are_ordered_as_pep_440_says() -> None:
    chain = ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1", "1!0.1"]
    assert in_order("pypi", reversed(chain)) == tuple(chain)


@pytest.mark.parametrize(
    ("kind", "one", "other"), [("npm", "1.0.0", "v1.0.0"), ("npm", "1.0.0+a", "1.0.0+b"), ("pypi", "1.0", "1.0.0")]
)
def test_two_spellings_of_one_version_are_equal(kind: str, one: str, other: str) -> None:
    assert sort_key(kind, one) == sort_key(kind, other)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("npm", "1.0"),
        ("npm", "01.0.0"),
        ("npm", "1.0.0-01"),
        ("npm", f"{2**53}.0.0"),
        ("npm", "1.0.0" + "0" * 300),
        ("pypi", "2004d"),
        ("unheard-of", "1"),
        ("generic", "1"),
        ("gem", "..."),
    ],
)
def test_what_has_no_place_in_the_order_is_refused(kind: str, text: str) -> None:
    assert not is_version(kind, text)
    with pytest.raises(Malformed):
        sort_key(kind, text)


def test_what_has_a_place_in_the_order_is_a_version() -> None:
    assert is_version("pypi", "1.0")


def test_an_old_version_of_npm_without_its_dash_is_a_prerelease() -> None:
    assert in_order("npm", ["1.0.2", "1.0.2beta", "1.0.1"]) == ("1.0.1", "1.0.2beta", "1.0.2")
    assert is_prerelease("npm", "1.0.2beta")
    assert not is_version("cargo", "1.0.2beta")


def test_other_ecosystems_are_compared_by_their_own_rules() -> None:
    assert in_order("deb", ["1.0", "1.0~rc1"]) == ("1.0~rc1", "1.0")


@pytest.mark.parametrize(
    ("kind", "version", "pre"),
    [("npm", "1.0.0-rc.1", True), ("npm", "1.0.0+x", False), ("pypi", "1.0b1", True), ("pypi", "1.0.post1", False)],
)
def test_a_prerelease_is_known(kind: str, version: str, pre: bool) -> None:  # noqa: FBT001
    assert is_prerelease(kind, version) is pre


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm, which brings node-semver, is not here")
@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(semvers, semvers), min_size=200, max_size=300))
def test_semantic_versions_compare_as_in_node_semver(pairs: list[tuple[str, str]]) -> None:
    script = (
        "const {dirname}=require('path');const fs=require('fs');"
        "const npm=dirname(dirname(fs.realpathSync(process.argv[1])));"
        "const semver=require(npm+'/node_modules/semver');"
        "const pairs=JSON.parse(fs.readFileSync(0));"
        "console.log(JSON.stringify(pairs.map(([a,b])=>semver.compare(a,b))))"
    )
    node, npm = shutil.which("node"), shutil.which("npm")
    assert node is not None and npm is not None
    ended = subprocess.run(
        [node, "-e", script, npm], input=json.dumps(pairs), capture_output=True, text=True, check=True
    )
    theirs = json.loads(ended.stdout)
    keys = [(sort_key("npm", one), sort_key("npm", other)) for one, other in pairs]
    assert [(one > other) - (one < other) for one, other in keys] == theirs
