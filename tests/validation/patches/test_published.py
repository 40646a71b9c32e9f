"""What the project's own fix says, too: hunks that stand the same in it."""

import pytest

from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change

BEFORE = (
    "def a(text):\n    found = []\n    go(text)\n    return found\n\n\ndef b(text):\n    stay(text)\n    return text\n"
)
FIX = BEFORE.replace("    go(text)", "    check(text)\n    go(text)")


def has(after: str, fixed: str, *, before: str = BEFORE) -> list[bool]:
    change = Change("pkg.py", before.encode(), after.encode())
    background = Background({"pkg.py": before.encode()}, {"pkg.py": fixed.encode()})
    return [background.has(change, one) for one in change.regions()]


def test_a_hunk_of_the_project_s_own_fix_is_known_wherever_other_lines_of_that_release_stand() -> None:
    assert has(FIX, "import os\n\n" + FIX + "\n\ndef c():\n    pass\n") == [True]


@pytest.mark.parametrize(
    "after",
    [
        FIX.replace("check(text)", "check(text, again)"),
        FIX.replace("    check(text)\n", "    check(text)\n    more(text)\n"),
        BEFORE.replace("    stay(text)", "    check(text)\n    stay(text)"),
    ],
)
def test_a_hunk_that_says_something_else_or_more_or_elsewhere_is_the_patch_s_own(after: str) -> None:
    assert has(after, FIX) == [False]


def test_of_a_fix_with_something_more_only_the_something_more_is_asked_about() -> None:
    assert has(FIX.replace("    stay(text)", "    leave(text)"), FIX) == [True, False]


def test_a_line_that_is_only_taken_away_is_known_where_the_fix_takes_it_away() -> None:
    gone = BEFORE.replace("    go(text)\n", "")
    assert (has(gone, gone), has(gone, FIX)) == ([True], [False])


def test_the_end_of_a_file_that_goes_on_in_the_fix_is_the_patch_s_own() -> None:
    without_b = BEFORE[: BEFORE.index("\n\ndef b")]
    assert (has(without_b, without_b), has(without_b, FIX), has("", FIX)) == ([True], [False], [False])


def test_what_reads_like_another_place_that_was_there_before_is_the_patch_s_own() -> None:
    again = "    first()\n    second()\n    third()\n    fourth()\n"
    guarded = again.replace("    third()", "    guard()\n    third()")
    before = f"def a():\n{guarded}\n\ndef b():\n{again}"
    after, fixed = before.replace("    guard()\n", ""), before.replace("def b():\n", "def b():\n    check()\n")
    assert has(after, fixed, before=before) == [False]
    assert has(after, after, before=before) == [True]


def test_without_a_published_fix_every_hunk_is_the_patch_s_own() -> None:
    change = Change("pkg.py", BEFORE.encode(), FIX.encode())
    assert [Background({"pkg.py": BEFORE.encode()}).has(change, one) for one in change.regions()] == [False]
