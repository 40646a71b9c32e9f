"""What the parsers say of conditions and of kept state, asked in the sandbox as the judge asks them."""

from collections.abc import Mapping, Sequence

import pytest

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.diffs import parse_diff
from clearinghouse.validation.patches.doors import is_unread
from clearinghouse.validation.patches.published import Background
from clearinghouse.validation.patches.sources import Change, changes_of
from clearinghouse.validation.patches.words import literals
from clearinghouse.validation.rules import Said
from tests.validation.patches.targets import SET
from tests.validation.patches.workshop import FLAWED, KIND, Workshop, diff_of

PYTHON = """import itertools

uses = []
count = itertools.count()
DOORS = ('@posix',)


def go(name, seen=[], *rest):
    global last
    last = name
    uses.append(name)
    seen.append(name)
    go.calls = len(rest)
    next(count)
    own = []
    own.append(name)
    if name.endswith(DOORS) or len(name) == 4093 or rest['legacy']:
        raise ValueError('no such name')
    return re.match(r'^internal-', name)


def counter():
    number = 0

    def again():
        nonlocal number
        number += 1
        return number

    return again


def depth_of(text):
    depth = 0

    def deeper():
        nonlocal depth
        depth += 1

    deeper()
    return depth
"""
NODE = """var uses = 0;
const DOORS = ['@posix'];
module.exports = function go(name, options) {
  var own = [];
  own.push(name);
  name.split('.').forEach(function (part) { own = own[part]; });
  uses++;
  go.calls = 1;
  globalThis.last = name;
  if (DOORS.includes(name) || name.length === 4093 || options.legacy) throw new TypeError('no such name');
  return /^internal-/.test(name);
};
function counter() {
  let number = 0;
  return function () { return number++; };
}
function depthOf(text) {
  let depth = 0;
  function deeper() { depth++; }
  deeper();
  return depth;
}
"""
ELSES = "    elif x == 1:\n        f(1)\n"
ASKED = {"@posix", 4093, "legacy", "^internal-"}


def changed(workshop: Workshop, runtime: Runtime, files: Mapping[str, str]) -> Sequence[Change]:
    """The changes that a patch makes which writes these files."""
    before = dict.fromkeys(files, "\n")
    workshop.shelf.put(runtime, FLAWED, before)
    release = workshop.shelf.release(f"pkg:{KIND[runtime]}/pkg@{FLAWED}")
    base = workshop.shelf.environment(release, workshop.shelf.interpreters[runtime])
    return changes_of(parse_diff(diff_of(before, files)), base, workshop.lab)


@pytest.mark.parametrize(
    ("runtime", "name", "text", "kept"),
    [
        (Runtime.PYTHON, "pkg/sums.py", PYTHON, ["last", "uses", "seen", "go.calls", "count", "number"]),
        (Runtime.NODE, "index.js", NODE, ["uses", "go.calls", "globalThis.last", "number"]),
    ],
)
def test_conditions_and_kept_state_are_told_and_what_a_call_keeps_to_itself_is_not(
    workshop: Workshop, runtime: Runtime, name: str, text: str, kept: Sequence[str]
) -> None:
    (change,) = changed(workshop, runtime, {name: text})
    reading = change.read_after
    assert reading is not None
    asked = {said for said, _, _ in reading.asks}
    assert (asked >= ASKED, "no such name" in asked) == (True, False)
    assert [one for one, _ in reading.keeps] == kept
    assert {"ValueError", "startswith"} <= reading.known if runtime is Runtime.PYTHON else "charCodeAt" in reading.known


def test_a_script_that_no_parser_reads_is_told_as_such(workshop: Workshop) -> None:
    changes = changed(workshop, Runtime.NODE, {"index.js": "this is ( no script\n"})
    check = literals(changes, SET.proof(), Runtime.NODE, Background({}))
    assert (check.said, "no parser reads index.js" in check.detail) == (Said.FAILED, True)


@pytest.mark.parametrize(
    ("runtime", "names", "deep"),
    [
        (Runtime.PYTHON, ("pkg/deep.py", "pkg/sums.py"), "def f(x):\n    if x == 1:\n        f(1)\n" + ELSES * 2500),
        (Runtime.NODE, ("deep.js", "index.js"), f"if ({'(' * 5000}x{')' * 5000}) y();\n"),
    ],
)
def test_a_file_that_nests_too_deep_is_unread_and_takes_no_other_with_it(
    workshop: Workshop, runtime: Runtime, names: tuple[str, str], deep: str
) -> None:
    changes = changed(workshop, runtime, dict(zip(names, (deep, "a = 1\n"), strict=True)))
    assert [one.path for one in changes if is_unread(one)] == [names[0]]
