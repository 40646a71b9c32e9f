"""Small packages with known flaws: each with a release that has the flaw, one with the project's fix, and a proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clearinghouse.releases.rules import Runtime
from clearinghouse.validation.brief import Form, Proof
from clearinghouse.validation.rules import Detector

NONCE = {"$nonce": True}


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw in a package, as a finder would report it."""

    runtime: Runtime
    flawed: Mapping[str, str]
    fixed: Mapping[str, str]
    """The files that differ in the release with the fix."""
    detector: Detector
    steps: list[dict[str, Any]]
    benign: list[dict[str, Any]]
    expect: Mapping[str, str] = field(default_factory=dict)

    def proof(self) -> Proof:
        """Return the proof of the flaw."""
        return Proof(
            runtime=self.runtime,
            kind="calls",
            detector=self.detector,
            form=Form("calls", document={"steps": self.steps}),
            benign=Form("calls", document={"steps": self.benign}),
            expect=self.expect,
        )


SUMS = '''"""Sums."""

LIMIT = 1000


def total(text, limit=LIMIT):
    """Return the sum that a text says.

    >>> total("1 + 2")
    3
    """
    found = eval(text)
    return min(found, limit)


def average(numbers):
    """Return the mean."""
    return sum(numbers) / len(numbers)


def depth(text):
    """Return how deep the brackets of a text go."""

    def inside(at):
        return 1 + inside(at + 1) if text[at : at + 1] == "(" else 0

    return inside(0)
'''
SUMS_FIXED = SUMS.replace(
    "    found = eval(text)\n",
    "    for one in text:\n"
    '        if one not in "0123456789+-*/(). ":\n'
    '            raise ValueError("not a sum")\n'
    "    found = eval(text)\n",
)
DEPTH_FIXED = SUMS.replace(
    "    def inside(at):\n        return 1",
    '    if text.count("(") > 200:\n        raise ValueError("nested too deep")\n\n'
    "    def inside(at):\n        return 1",
)
INITIAL = '''"""A package of sums."""

from pkg.sums import average, depth, total

__version__ = "1.0"
'''
PAYLOAD = {"$cat": ["__import__('os').system('true ", NONCE, "')"]}
SUM = Flaw(
    Runtime.PYTHON,
    {"pkg/__init__.py": INITIAL, "pkg/sums.py": SUMS},
    {"pkg/sums.py": SUMS_FIXED},
    Detector.COMMAND_EXECUTION,
    [{"call": "pkg.total", "args": [PAYLOAD]}],
    [{"call": "pkg.total", "args": ["40 + 2"]}],
)
NESTED = Flaw(
    Runtime.PYTHON,
    SUM.flawed,
    {"pkg/sums.py": DEPTH_FIXED},
    Detector.EXCEPTION,
    [{"call": "pkg.depth", "args": [{"$repeat": ["(", 5000]}]}],
    [{"call": "pkg.depth", "args": ["((("]}],
    {"exception": "RecursionError"},
)

SETTINGS = """'use strict';

/** Put a value at a path. */
function set(object, path, value) {
  var parts = path.split('.');
  var here = object;
  for (var i = 0; i < parts.length - 1; i++) {
    var key = parts[i];
    if (here[key] === undefined) here[key] = {};
    here = here[key];
  }
  here[parts[parts.length - 1]] = value;
  return object;
}

/** Return the value at a path. */
function get(object, path) {
  return path.split('.').reduce(function (here, key) { return here[key]; }, object);
}

/** Return the names in a query. */
function names(query) {
  return query.match(/[a-z]+(?==)/g).map(function (name) { return name.trim(); });
}

module.exports = { set: set, get: get, names: names };
"""
SETTINGS_FIXED = SETTINGS.replace(
    "    var key = parts[i];\n",
    "    var key = parts[i];\n"
    "    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return object;\n",
)
NAMES_FIXED = SETTINGS.replace("query.match(/[a-z]+(?==)/g)", "(query.match(/[a-z]+(?==)/g) || [])")
PACKAGE = '{"name": "pkg", "version": "1.0.0", "main": "index.js"}\n'
SET = Flaw(
    Runtime.NODE,
    {"package.json": PACKAGE, "index.js": SETTINGS},
    {"index.js": SETTINGS_FIXED},
    Detector.POLLUTION,
    [{"call": "pkg#set", "args": [{}, {"$cat": ["__proto__.", NONCE]}, 1]}],
    [{"call": "pkg#set", "args": [{}, {"$cat": ["server.", NONCE]}, 1]}],
)
QUERY = Flaw(
    Runtime.NODE,
    SET.flawed,
    {"index.js": NAMES_FIXED},
    Detector.EXCEPTION,
    [{"call": "pkg#names", "args": ["nothing here"]}],
    [{"call": "pkg#names", "args": ["a=1&b=2"]}],
    {"exception": "TypeError"},
)
