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
    ],
)
def test_ranges_of_all_schemes(one: str, other: str, *, overlap: bool) -> None:
    assert vers.overlap(one, other) == overlap
