"""Lines that a patch changes in one place and leaves in another."""

from collections.abc import Mapping

from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change
from clearinghouse.validation.patches.twins import left_over

BUILD = """export function set(object, keys, value) {
  var here = object, index = 0, count = keys.length;
  while (index < count) {
    key = keys[index++];
    if (key === '__proto__' || key === 'constructor') break;
    here = here[key] = index === count ? value : here[key] || {};
  }
}
"""
FIXED = BUILD.replace("key = keys", "key = '' + keys")


def places(patched: Mapping[str, str], fixed: Mapping[str, str] | None) -> list[str]:
    before = {"index.js": BUILD, "index.mjs": BUILD}
    change = Change("index.js", BUILD.encode(), patched["index.js"].encode())
    trees = [{path: text.encode() for path, text in one.items()} for one in (before, {**before, **patched})]
    known = {path: text.encode() for path, text in fixed.items()} if fixed is not None else None
    return list(left_over([change], trees[1], Background(trees[0], known)))


def test_a_second_build_that_stays_as_it_was_is_told_with_its_line() -> None:
    assert places({"index.js": FIXED}, {"index.js": FIXED, "index.mjs": FIXED}) == ["index.mjs:2"]


def test_a_second_build_that_is_patched_as_well_is_not() -> None:
    assert places({"index.js": FIXED, "index.mjs": FIXED}, {"index.js": FIXED, "index.mjs": FIXED}) == []


def test_a_copy_that_the_project_s_own_fix_leaves_alone_is_not() -> None:
    assert places({"index.js": FIXED}, {"index.js": FIXED, "index.mjs": BUILD}) == []


def test_without_a_published_fix_any_other_file_with_the_same_lines_is_told() -> None:
    assert places({"index.js": FIXED}, None) == ["index.mjs:2"]


def test_a_bundle_that_a_tool_makes_and_a_test_are_not_told() -> None:
    bundle = f"/* webpackBootstrap */\n{BUILD}"
    patched = {"index.js": FIXED, "index.mjs": FIXED, "dist/all.js": bundle, "test/copy.js": BUILD}
    assert places(patched, None) == []


def test_lines_that_are_few_or_short_are_alike_by_chance() -> None:
    short = Change("a.js", b"if (a) {\n  b();\n}\n", b"if (a) {\n  c();\n}\n")
    assert list(left_over([short], {"b.js": b"if (a) {\n  b();\n}\n"}, Background({}))) == []
