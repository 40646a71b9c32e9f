"""Repositories, by whatever address, and their commits."""

import pytest

from clearinghouse.deconfliction.rules.targets.repository import Repository, address
from clearinghouse.errors import Malformed

A, B, C = "a" * 40, "b" * 40, "c" * 40


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Yaml/PyYAML",
        "http://github.com/yaml/pyyaml.git",
        "git+https://github.com/yaml/pyyaml/",
        "ssh://git@github.com/yaml/pyyaml.git",
        "git@github.com:yaml/pyyaml.git",
        "https://user:secret@github.com:443/yaml/pyyaml",
    ],
)
def test_one_repository_has_one_address(url: str) -> None:
    assert address(url) == "https://github.com/yaml/pyyaml"


def test_other_hosts_tell_names_apart_by_case() -> None:
    assert address("https://git.example.org/A") != address("https://git.example.org/a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a/b",
        "https://a",
        "https://a/../b",
        "https://a/b?c",
        "https://a/b c",
        "file:///etc",
        "https://[/a",
        "x" * 600,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        address(url)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("", A, True),
        (A, A, True),
        (A, B, False),
        (f"{A}..{B}", B, True),
        (f"{A}..{B}", A, False),
        (f"{A}..{B}", C, True),
        (f"{A}..{B}", f"{B}..{C}", False),
        (f"{A}..{B}", f"{A}..{C}", True),
    ],
)
def test_commits_are_apart_where_their_ids_alone_show_it(one: str, other: str, *, meet: bool) -> None:
    first, second = (Repository.read("https://example.org/r", commits=each) for each in (one, other))
    assert first.meets(second) == second.meets(first) == meet


@pytest.mark.parametrize("commits", ["main", "abc", f"{A}..", f"{A}...{B}", "g" * 40])
def test_commits_are_named_by_full_ids(commits: str) -> None:
    with pytest.raises(Malformed, match="full"):
        Repository.read("https://example.org/r", commits=commits)
