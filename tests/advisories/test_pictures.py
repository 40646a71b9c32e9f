"""The two pictures of a case."""

from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.advisories.pictures import strips_of
from tests.cases.rows import a_line, a_range

statuses = st.lists(st.sampled_from(["affected", "unaffected", "not-run"]), min_size=1, max_size=30)


@given(st.lists(statuses, min_size=1, max_size=5))
def test_every_release_stands_in_one_stretch_and_the_stretches_fill_the_strip(lines: list[list[str]]) -> None:
    strips = strips_of(
        a_range(
            "pkg:pypi/x",
            *(
                a_line(*((f"{major}.{minor}", said) for minor, said in enumerate(line)))
                for major, line in enumerate(lines)
            ),
        )
    )
    assert sum(one.count for strip in strips for one in strip.stretches) == sum(map(len, lines))
    for strip in strips:
        assert abs(sum(one.width for one in strip.stretches) - 100) < 0.5
        assert all(0 <= dot <= 100 for one in strip.stretches for dot in one.dots)


def test_lines_in_which_nothing_changes_are_drawn_with_the_next() -> None:
    releases = a_range(
        "pkg:npm/ip",
        a_line(("0.1", "affected")),
        a_line(("1.0", "affected"), ("1.1", "unaffected")),
        a_line(("2.0", "affected"), ("2.1", "unaffected")),
    )
    assert [[one.first for one in strip.stretches] for strip in strips_of(releases)] == [["0.1", "1.1"], ["2.0", "2.1"]]


def test_a_strip_can_be_read_aloud() -> None:
    (strip,) = strips_of(a_range("pkg:pypi/x", a_line(("1", "affected"), ("2", "affected"), ("3", "unaffected"))))
    assert strip.says == "1 to 2: affected (2 releases, 2 run); 3: not affected (1 release, 1 run)"


def test_a_case_without_releases_has_no_strip() -> None:
    assert strips_of(None) == ()
