"""Whether two ranges hold a version in common, held against the versions of a fine grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.standards import vers

GRID = [f"{major}.{minor}" for major in range(6) for minor in (0, 5)]
"""Between two named versions (whole ones) lies one more; before the first and after the last, one."""
_constraint = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "", "!="]), st.integers(1, 4)).map(
    lambda pair: f"{pair[0]}{pair[1]}.0"
)
ranges = st.lists(_constraint, min_size=1, max_size=4, unique_by=lambda one: one.lstrip("<>=!")).map(
    lambda some: str(vers.canonical("vers:pypi/" + "|".join(some)))
)


@given(ranges, ranges)
def test_ranges_overlap_exactly_when_a_version_lies_in_both(one: str, other: str) -> None:
    first, second = vers.canonical(one), vers.canonical(other)
    assert vers.overlap(one, other) == any(version in first and version in second for version in GRID)


@given(ranges, ranges)
def test_overlapping_is_mutual(one: str, other: str) -> None:
    assert vers.overlap(one, other) == vers.overlap(other, one)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("vers:pypi/*", "vers:pypi/1.0", True),
        ("vers:pypi/1.0", "vers:pypi/1.0.0", True),
        ("vers:pypi/1.0", "vers:npm/1.0.0", False),
        ("vers:pypi/>=1.0|<2.0", "vers:pypi/>=2.0", False),
        ("vers:pypi/!=1.0", "vers:pypi/1.0", False),
        ("vers:npm/>=1.0.0-alpha|<1.0.0", "vers:npm/>=1.0.0", False),
        ("vers:oci/a|b", "vers:oci/b|c", True),
        ("vers:oci/a|b", "vers:oci/c", False),
        ("vers:oci/>a", "vers:oci/b", True),
        ("vers:oci/latest", "vers:oci/sha256:0123456789abcdef", True),
        ("vers:oci/sha256:0123456789abcdef", "vers:oci/sha256:1123456789abcdef", False),
        ("vers:oci/sha256:0123456789abcdef", "vers:oci/sha512:1123456789abcdef", True),
        ("vers:github/v1.0", "vers:github/0123456789abcdef", True),
        ("vers:github/0123456", "vers:github/0123456789abcdef", True),
        ("vers:github/0123456", "vers:github/1123456789abcdef", False),
        ("vers:github/v1.0", "vers:github/v1.1", False),
        ("vers:npm/%5E1.2.3", "vers:npm/1.2.5", True),
        ("vers:npm/latest", "vers:npm/1.0.0|2.0.0", True),
        ("vers:npm/1.0.0|latest", "vers:npm/2.0.0", True),
        ("vers:nuget/latest", "vers:nuget/1.0.0", True),
        ("vers:apk/1.2", "vers:apk/1.2.3", False),
        ("vers:apk/1.2", "vers:apk/>=1.2|<1.3", True),
        ("vers:ebuild/1.2-r1", "vers:ebuild/1.2-r2", False),
        ("vers:alpm/1.2", "vers:alpm/<2", True),
        ("vers:composer/1.0", "vers:composer/1.0.0.pre", True),
    ],
)
def test_ranges_of_all_schemes(one: str, other: str, *, overlap: bool) -> None:
    assert vers.overlap(one, other) == overlap


@given(ranges, ranges)
def test_a_range_is_part_of_another_exactly_when_the_other_holds_all_its_versions(one: str, other: str) -> None:
    first, second = vers.canonical(one), vers.canonical(other)
    assert vers.is_part(one, other) == all(version in second for version in GRID if version in first)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("vers:npm/1.2.3", "vers:npm/>=1.0.0|<2.0.0", True),
        ("vers:npm/1.2.3", "vers:pypi/1.2.3", False),
        ("vers:deb/1.0", "vers:deb/1.0|1.1", True),
        ("vers:deb/1.0", "vers:deb/<2.0", False),
        ("vers:npm/latest", "vers:npm/>=1.0.0", False),
        ("vers:npm/1.2.3", "vers:npm/*", True),
        ("vers:npm/*", "vers:npm/1.2.3", False),
    ],
)
def test_where_versions_have_no_order_here_only_lists_are_parts_of_each_other(
    one: str, other: str, *, part: bool
) -> None:
    assert vers.is_part(one, other) is part
