"""Packages by purl pattern."""

import pytest

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
