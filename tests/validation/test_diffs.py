import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.validation.diffs import FileDiff, apply_diff, parse_diff, place

OLD = "".join(f"line {number}\n" for number in range(40))


def a_diff(old: str, new: str, path: str = "src/pkg/mod.py") -> str:
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    return "".join(lines)


words = st.sampled_from(["alpha\n", "beta\n", "gamma\n", "    delta\n", "\n"])
texts = st.lists(words, min_size=1, max_size=30).map("".join)


@given(texts, texts)
def test_a_diff_laid_onto_the_old_text_gives_the_new_one(old: str, new: str) -> None:
    if old == new:
        return
    changed, absent = apply_diff(parse_diff(a_diff(old, new)), {"pkg/mod.py": old.encode()})
    assert (changed["pkg/mod.py"], absent) == (new.encode(), ())


def test_hunks_fit_although_lines_were_added_before_them() -> None:
    new = OLD.replace("line 20\n", "line twenty\n")
    shifted = "# a header\n# of two lines\n" + OLD
    changed, _ = apply_diff(parse_diff(a_diff(OLD, new)), {"pkg/mod.py": shifted.encode()})
    assert changed["pkg/mod.py"] == ("# a header\n# of two lines\n" + new).encode()


def test_windows_line_ends_stay() -> None:
    new = OLD.replace("line 20\n", "line twenty\n")
    changed, _ = apply_diff(parse_diff(a_diff(OLD, new)), {"pkg/mod.py": OLD.replace("\n", "\r\n").encode()})
    assert changed["pkg/mod.py"] == new.replace("\n", "\r\n").encode()


def test_a_hunk_whose_lines_do_not_stand_there_is_refused() -> None:
    diff = parse_diff(a_diff(OLD, OLD.replace("line 20\n", "line twenty\n")))
    with pytest.raises(Malformed, match="hunk 1 does not fit"):
        apply_diff(diff, {"pkg/mod.py": b"something else\n"})


def test_a_file_that_the_release_lacks_is_named() -> None:
    _, absent = apply_diff(parse_diff(a_diff("a\n", "b\n", "tests/test_mod.py")), {"pkg/mod.py": b""})
    assert absent == ("tests/test_mod.py",)


@pytest.mark.parametrize("path", ["../../etc/passwd", "pkg/../../x"])
def test_a_path_that_leaves_the_tree_is_refused(path: str) -> None:
    text = f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n"
    with pytest.raises(Malformed, match="leaves the tree"):
        parse_diff(text)


def test_prose_is_no_patch() -> None:
    with pytest.raises(Malformed, match="no unified diff"):
        parse_diff("please check the length first\n")


def test_new_files_go_beside_the_folder_that_is_there() -> None:
    text = "--- /dev/null\n+++ b/src/pkg/new.py\n@@ -0,0 +1 @@\n+x = 1\n"
    changed, _ = apply_diff(parse_diff(text), {"pkg/mod.py": b""})
    assert changed == {"pkg/new.py": b"x = 1\n"}


def test_the_longest_tail_decides_where_a_path_lies() -> None:
    tree = frozenset({"mod.py", "pkg/mod.py"})
    assert place("src/pkg/mod.py", tree) == "pkg/mod.py"
    assert place("other/thing.py", tree) is None


@pytest.mark.parametrize(
    ("path", "aside"),
    [
        ("tests/test_x.py", True),
        ("pkg/x.py", False),
        ("docs/index.rst", True),
        ("CHANGES.rst", True),
        ("lib/x.test.js", True),
    ],
)
def test_tests_and_documents_are_told_from_code(path: str, *, aside: bool) -> None:
    assert FileDiff(path, path, ()).aside() is aside
