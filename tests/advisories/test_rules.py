"""What follows from a dossier."""

import pytest

from clearinghouse.advisories.rules import fixed_in, is_after_fix, since, together, versions_of
from clearinghouse.validation.lines import ReleaseStatus
from tests.cases.rows import a_line, a_range

ONE = a_range("pkg:pypi/x", a_line(("1", "affected"), ("2", "unaffected"), ("3", "not-run"), ("4", "unaffected")))
OTHER = a_range("pkg:pypi/x", a_line(("1", "affected"), ("2", "affected"), ("3", "unaffected"), ("4", "unaffected")))


def test_a_release_is_affected_where_any_proof_of_the_case_shows_it() -> None:
    both = together([ONE, OTHER])
    assert versions_of(both, ReleaseStatus.AFFECTED) == ("1", "2")
    assert fixed_in(both) == ("3",)


def test_the_order_of_reports_does_not_change_the_releases() -> None:
    assert together([ONE, OTHER]) == together([OTHER, ONE])


def test_no_report_with_a_range_gives_none() -> None:
    assert together([]) is None
    assert since(None) == "Which releases are affected is not known."


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([[("1", "affected"), ("2", "unaffected")]], "affected from the first release to 1, fixed in 2."),
        ([[("0", "unaffected"), ("1", "affected")]], "affected in 1, no fixed release is known."),
        (
            [[("0", "unaffected"), ("1", "affected"), ("2", "affected"), ("3", "not-run"), ("4", "unaffected")]],
            "affected from 1 to 2, fixed in 4 or in a release before it that could not be run.",
        ),
        (
            [
                [("0.1", "affected")],
                [("1.0", "affected"), ("1.1", "unaffected")],
                [("2", "affected"), ("3", "unaffected")],
            ],
            "affected from the first release to 1.0, fixed in 1.1; affected in 2, fixed in 3.",
        ),
        ([[("1", "not-run")]], "Which releases are affected is not known."),
    ],
)
def test_since_when_is_said_over_all_lines(lines: list[list[tuple[str, str]]], says: str) -> None:
    assert since(a_range("pkg:pypi/x", *(a_line(*line) for line in lines))) == says


@pytest.mark.parametrize(("version", "fixed"), [("0", False), ("2", True)])
def test_an_unaffected_release_is_fixed_only_after_an_affected_one(version: str, *, fixed: bool) -> None:
    releases = a_range("pkg:pypi/x", a_line(("0", "unaffected"), ("1", "affected"), ("2", "unaffected")))
    assert is_after_fix(releases, version) is fixed


def test_borders_run_over_all_lines_in_version_order() -> None:
    releases = a_range(
        "pkg:npm/x",
        a_line(("0.1", "affected")),
        a_line(("1.0", "affected"), ("1.1", "unaffected")),
        a_line(("2.0", "affected"), ("2.1", "not-run"), ("2.2", "unaffected")),
    )
    assert releases.events() == ({"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "2.0"}, {"fixed": "2.2"})
