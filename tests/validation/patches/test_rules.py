"""The static side of the checks: names, words, literals, hunks, and what counts as the product."""

from collections.abc import Sequence
from typing import Any

import pytest

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.diffs import parse_diff
from clearinghouse.validation.patches.hunks import reached, wanted_of
from clearinghouse.validation.patches.names import lost_exports, lost_names, narrowed
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change, Reading, Survey
from clearinghouse.validation.patches.words import literals, words
from clearinghouse.validation.rules import Said
from tests.validation.patches.targets import QUERY, SET

UNKNOWN = Background({})
"""No code before, and no published fix."""
PLAIN: list[list[Any]] = [["plain", "text", False], ["plain", "limit", True]]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (PLAIN, ""),
        ([*PLAIN, ["plain", "strict", True]], ""),
        ([*PLAIN, ["named", "strict", True]], ""),
        ([["plain", "text", True], ["plain", "limit", True]], ""),
        ([["plain", "text", False], ["rest", "more", True], ["others", "named", True]], ""),
        (PLAIN[:1], "takes fewer arguments by their place (limit)"),
        ([["plain", "text", False], ["plain", "limit", False]], "now needs limit"),
        ([*PLAIN, ["named", "strict", False]], "now needs strict"),
        ([["plain", "text", False], ["named", "limit", True]], "takes fewer arguments by their place (limit)"),
        ([["only", "text", False], ["plain", "limit", True]], "no longer takes text="),
        ([["plain", "line", False], ["plain", "limit", True]], "no longer takes text="),
        ([["plain", "limit", True], ["plain", "text", False]], "takes limit where it took text"),
    ],
)
def test_a_signature_may_grow_but_not_take_less(after: Sequence[Sequence[Any]], why: str) -> None:
    assert narrowed(PLAIN, after) == why


def test_rest_parameters_that_vanish_are_told() -> None:
    before = [*PLAIN, ["rest", "more", True], ["others", "named", True]]
    assert narrowed(before, PLAIN) == "no longer takes *more"


def test_a_name_that_is_gone_is_told_and_one_that_came_is_not() -> None:
    assert list(lost_names({"total": PLAIN, "LIMIT": None}, {"total": PLAIN, "more": None})) == ["LIMIT is gone"]


@pytest.mark.parametrize(
    ("kind", "now", "lost"),
    [
        ("function/2", "function/2", []),
        ("function/2", "function/3", []),
        ("function/2", "function/1", ["set states 1 parameters, not 2"]),
        ("function/2", "object", ["set was function and is object"]),
        ("function/2", None, ["set is gone"]),
        ("undefined", "string", []),
    ],
)
def test_an_export_stands_by_type_and_number_of_parameters(kind: str, now: str | None, lost: list[str]) -> None:
    assert list(lost_exports({"set": kind}, {"set": now} if now else {})) == lost


def javascript(before: str, after: str) -> list[Change]:
    return [Change("index.js", before.encode(), after.encode(), read_before=Reading(), read_after=Reading())]


@pytest.mark.parametrize(
    "line",
    [
        "if (process.env.HOME) return;",
        "process.on('uncaughtException', function () {});",
        "if (Math.random() < 0.5) return;",
        "Error.prepareStackTrace = keep;",
        "try { go(); } catch (e) {}",
        "return run().catch(() => {});",
        "if (require('fs').existsSync('/proc/self')) return;",
        "return eval(text);",
        "if (text.indexOf('canary') > 0) return;",
        "key = Function('key', text)(key);",
        "key = atob(text);",
        "key = Buffer.from(text, 'base64');",
        "key = text.constructor('return 1');",
        "key = vm.runInNewContext(text);",
        "key = [].filter['constructor'](text)();",
        "require('https').get(text);",
        "key = 'cmV0dXJuIFN0cmluZyhrKQq9xYz';",
    ],
)
def test_a_word_that_a_fix_rarely_needs_is_told_with_its_place(line: str) -> None:
    check = words(javascript("go();\n", f"{line}\ngo();\n"), SET.proof(), UNKNOWN)
    assert (check.said, "index.js:1" in check.found[0]) == (Said.FAILED, True)


@pytest.mark.parametrize(
    "line",
    [
        "if (key === '__proto__') return object;",
        "try { return new URL(text).hostname; } catch (error) { return text; }",
        "throw new TypeError('no');",
        "// a random name, as process.env would give one",
        "controller.signal.addEventListener('abort', stop);",
        "var inner = isFunction(text);",
        "var never = ['constructor'];",
        "if (text.length > MOST_CHARACTERS_THAT_ARE_READ_AT_ONCE) return;",
    ],
)
def test_what_an_honest_fix_says_is_not_told(line: str) -> None:
    assert words(javascript("go();\n", f"{line}\ngo();\n"), SET.proof(), UNKNOWN).said is Said.PASSED


def test_a_word_that_only_moved_is_not_told() -> None:
    assert words(javascript("a();\neval(b);\n", "eval(b);\na();\n"), SET.proof(), UNKNOWN).said is Said.PASSED


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("query === 'nothing here'", Said.FAILED),
        ("/^nothing\\ here$/.test(query)", Said.FAILED),
        ("/nothing\\ here/.test(query)", Said.FAILED),
        ("query === '='", Said.PASSED),
        ("query === 'a=1'", Said.PASSED),
    ],
)
def test_a_text_of_the_proof_in_the_patch_is_told(condition: str, said: Said) -> None:
    changes = javascript("go();\n", f"if ({condition}) return [];\ngo();\n")
    assert literals(changes, QUERY.proof(), Runtime.NODE, UNKNOWN).said is said


def test_a_key_that_every_fix_of_this_kind_names_is_not_told() -> None:
    changes = javascript("go();\n", "if (key === '__proto__' || key === 'constructor') return;\ngo();\n")
    assert literals(changes, SET.proof(), Runtime.NODE, UNKNOWN).said is Said.PASSED


def test_changes_in_two_functions_are_two_hunks_however_near_they_stand() -> None:
    before = "def a():\n    return 1\n\ndef b():\n    return 2\n"
    change = Change("pkg.py", before.encode(), before.replace("1", "3").replace("2", "4").encode())
    assert [one.place for one in change.regions()] == ["pkg.py:2", "pkg.py:5"]


def test_a_hunk_is_taken_back_alone() -> None:
    before = "LIMIT = 1\n\ndef a():\n    return 1\n\ndef b():\n    return 2\n"
    after = "LIMIT = 9\n\ndef a():\n    x()\n    return 1\n\ndef b():\n    return 4\n"
    change = Change("pkg.py", before.encode(), after.encode())
    taken_back = [change.without(one).decode() for one in change.regions()]
    assert taken_back == [
        after.replace("LIMIT = 9", "LIMIT = 1"),
        after.replace("    x()\n", ""),
        after.replace("return 4", "return 2"),
    ]


def test_a_hunk_that_only_takes_away_is_looked_for_before_the_patch() -> None:
    was = Survey(lines=frozenset({1, 2, 3}), inner=frozenset({2, 3}))
    now = Survey(lines=frozenset({1, 2}), inner=frozenset({2}))
    change = Change("pkg.py", b"def a():\n    b()\n    c()\n", b"def a():\n    c()\n", was, now)
    (wanted,) = wanted_of(change)
    assert not wanted.after
    assert (reached(wanted, {"pkg.py": [2]}), reached(wanted, {"pkg.py": [1]})) == (True, False)


@pytest.mark.parametrize(
    ("path", "builds"),
    [
        ("setup.py", True),
        ("package.json", True),
        (".github/workflows/test.yml", True),
        ("pkg-1.0.dist-info/METADATA", True),
        ("hidden.pth", True),
        ("pkg/version.py", False),
        ("pkg/setup_tools.py", False),
        ("lib/index.js", False),
    ],
)
def test_what_builds_or_starts_a_package_is_no_code_of_the_product(path: str, builds: bool) -> None:  # noqa: FBT001
    (diff,) = parse_diff(f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a\n+b\n")
    assert diff.builds() is builds
