"""Packages by purl pattern."""

import pytest

from clearinghouse.deconfliction.rules.targets.kinds import meets, plain_of, target_from, target_from_text, target_of
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Malformed


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("pkg:pypi/PyYAML", "pkg:pypi/pyyaml", True),
        ("pkg:pypi/py_yaml", "pkg:pypi/py-yaml", True),
        ("pkg:pypi/pyyaml", "pkg:npm/pyyaml", False),
        ("pkg:npm/%40scope/*", "pkg:npm/%40scope/name", True),
        ("pkg:npm/%40scope/*", "pkg:npm/%40other/name", False),
        ("pkg:npm/%40scope/*", "pkg:npm/%40scope/na*", True),
        ("pkg:maven/org.example/*", "pkg:maven/org.example.other/x", False),
        ("pkg:pypi/django-*", "pkg:pypi/django", False),
        ("pkg:pypi/django-*", "pkg:pypi/django-x", True),
        ("pkg:pypi/x@1.0", "pkg:pypi/x@1.0.0", True),
        ("pkg:pypi/x@1.0", "pkg:pypi/x@1.1", False),
        ("pkg:pypi/x#src/a", "pkg:pypi/x#src", True),
        ("pkg:pypi/x#src/a", "pkg:pypi/x#src/b", False),
    ],
)
def test_packages_meet_by_name_version_and_path(one: str, other: str, *, meet: bool) -> None:
    assert Software.read(one).meets(Software.read(other)) == meet


@pytest.mark.parametrize(
    ("package", "versions", "why"),
    [
        ("pkg:npm/x", "vers:npm/^1.2.3", r"'\^1.2.3' is no semantic version.*vers:npm/>=1.2.3\|<2.0.0.*all of them"),
        ("pkg:npm/x@latest", "", "'latest' is no semantic version.*all of them"),
        ("pkg:pypi/x@garbage!", "", "no PEP 440 version"),
        ("pkg:nuget/x@latest", "", "'latest' is no nuget version"),
        ("pkg:golang/git.example/x@master", "", "'master' is no golang version"),
        ("pkg:golang/git.example/x@1.x", "", "'1.x' is no single version"),
        ("pkg:maven/org.example/x", "vers:maven/[1.0,2.0)", r"no single version.*vers:maven/>=1.0\|<2.0"),
        ("pkg:maven/org.example/x@RELEASE", "", "no single version"),
        ("pkg:composer/x/y@2.x-dev", "", "no single version"),
        ("pkg:composer/x/y@1.0|2.0", "", r"'1.0\|2.0' is no single version"),
        ("pkg:composer/x/y@1.0 - 2.0", "", "'1.0 - 2.0' is no single version"),
        ("pkg:composer/x/y", "vers:composer/1.0.%2A", "no single version"),
        ("pkg:maven/org.example/x@1.0,2.0", "", "'1.0,2.0' is no single version"),
        ("pkg:maven/org.example/x@1.0.+", "", "no single version"),
    ],
)
def test_what_is_no_version_is_refused_where_it_is_written(package: str, versions: str, why: str) -> None:
    written = {"kind": "software", "package": package} | ({"versions": versions} if versions else {})
    with pytest.raises(Malformed, match=why):
        target_from(written)
    if not versions:
        with pytest.raises(Malformed, match=why):
            target_from_text(package)


@pytest.mark.parametrize("package", ["pkg:npm/x@latest", "pkg:npm/x@^1.2.3", "pkg:maven/org.example/x@latest"])
def test_what_is_kept_with_such_a_version_is_still_read_and_meets_every_version_it_may_be(package: str) -> None:
    kept = target_of({"kind": "software", "package": package})
    assert meets(kept, Software.read(package.rpartition("@")[0]))
    if "npm" in package:
        assert meets(kept, Software.read("pkg:npm/x@1.2.5"))


@pytest.mark.parametrize(
    "package",
    [
        "pkg:deb/debian/curl@1:7.50.3~rc1-1",
        "pkg:golang/git.example/x@v0.0.0-20200101000000-abcdefabcdef",
        "pkg:apk/alpine/curl@7.83.0-r0",
        "pkg:rpm/fedora/curl@7.50.3-1.fc25",
        "pkg:rpm/fedora/curl@7.50.3^20200101git-1.fc25",
        "pkg:deb/debian/curl@7.50+dfsg-1+b2",
        "pkg:conan/x@cci.20200101",
        "pkg:maven/org.example/x@1.0.x-SNAPSHOT",
        "pkg:docker/library/nginx@latest",
    ],
)
def test_versions_that_an_index_has_are_taken(package: str) -> None:
    written = target_from_text(package)
    assert plain_of(written)["versions"]
    assert meets(written, Software.read(package.rpartition("@")[0]))


@pytest.mark.parametrize(
    ("package", "versions", "why"),
    [
        ("pypi/x", "", "pkg:"),
        ("pkg:pypi", "", "TYPE/NAME"),
        ("pkg:pypi/*", "", "too wide"),
        ("pkg:pypi/a*b*", "", "star inside"),
        ("pkg:npm/*/x", "", "star inside"),
        ("pkg:pypi/x@1.0", "vers:pypi/>2", "one of the two"),
        ("pkg:pypi/x", "vers:npm/>2.0.0", "write vers:pypi"),
        ("pkg:pypi/x", ">2", "no version range"),
        ("pkg:pypi/x", "vers:pypi/" + "|".join(f"{n}.0" for n in range(100)), "parts"),
    ],
)
def test_what_is_no_package_is_refused_with_the_reason(package: str, versions: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Software.read(package, versions=versions)


def test_what_begins_like_json_and_is_none_is_refused_with_the_place_and_another_way() -> None:
    with pytest.raises(Malformed, match=r"begins like JSON and is none: .*line 1, column 2.*such as pkg:pypi/name"):
        target_from("{bad")
