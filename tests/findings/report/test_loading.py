"""Reports are read whole, and refused with everything that is wrong."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.report.calls import Calls
from clearinghouse.findings.report.loading import calls_of, load_calls, load_report, named_files, plain, report_from
from tests.findings.makers import CALLS, a_folder, a_proof, a_report, some_files


def _refused(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        load_report(files)
    return caught.value.problems


def _codes(report: dict[str, Any], **more: bytes) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in _refused(some_files(report, **more))}


def test_a_whole_report_is_read() -> None:
    report = load_report(some_files())
    assert report.proofs[0].limit_seconds == 20 and report.tlp == "AMBER"


def test_a_folder_is_read_like_its_files(tmp_path: Path) -> None:
    assert load_report(a_folder(tmp_path, some_files())) == load_report(some_files())


def test_yaml_and_json_say_the_same() -> None:
    as_yaml = (
        b"schema: clearinghouse/report/1\nid: a\nfinder: f\ntitle: t\ntarget: pkg:npm/ini@1.3.5\npublic: {value: no}\n"
    )
    raw = {"id": "a", "finder": "f", "title": "t", "target": "pkg:npm/ini@1.3.5", "public": {"value": "no"}}
    as_json = json.dumps({"schema": "clearinghouse/report/1", **raw}).encode()
    assert load_report({"report.yaml": as_yaml}) == load_report({"report.json": as_json})


def test_only_five_keys_must_be_there() -> None:
    assert {one.field for one in _refused({"report.json": b"{}"})} == {"schema", "id", "finder", "title", "target"}


def test_what_is_kept_in_a_row_is_read_back_the_same() -> None:
    report = load_report(some_files())
    assert report_from(json.loads(json.dumps(plain(report))), some_files()) == report


def test_own_keys_are_kept_at_every_level() -> None:
    report = a_report(**{"x-own": {"a": [1]}}, proofs=[a_proof(**{"x-note": "n"})])
    kept = plain(load_report(some_files(report)))
    assert kept["x-own"] == {"a": [1]} and kept["proofs"][0]["x-note"] == "n"


@pytest.mark.parametrize(
    ("changed", "field", "fix"),
    [
        ({"findr": "a"}, "findr", "did you mean finder?"),
        ({"proofs": [a_proof(detectr="hang")]}, "proofs[0].detectr", "did you mean detector?"),
        ({"environment": {"extra": []}}, "environment.extra", "did you mean extras?"),
        ({"TLP": "RED"}, "TLP", "did you mean tlp?"),
    ],
)
def test_an_unknown_key_is_told_the_nearest(changed: dict[str, Any], field: str, fix: str) -> None:
    found = {one.field: one for one in _refused(some_files(a_report(**changed)))}
    assert (found[field].code, found[field].fix) == ("unknown-key", fix)


def test_every_problem_is_told_at_once() -> None:
    report = a_report(finder=None, tlp="PINK", target="pkg:pypi/pyyaml", proofs=[a_proof(entry="gone.yaml")])
    assert _codes(report) == {
        ("missing", "finder"),
        ("not-one-of", "tlp"),
        ("missing-version", "target"),
        ("missing-file", "proofs[0].entry"),
    }


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"id": "a b"}, "invalid-id", "id"),
        ({"finder": "a/b"}, "invalid-handle", "finder"),
        ({"contact": "me"}, "invalid-contact", "contact"),
        ({"title": "a\u202eb"}, "control-characters", "title"),
        ({"title": "a\nb"}, "control-characters", "title"),
        ({"title": " "}, "empty", "title"),
        ({"title": "a" * 201}, "too-long", "title"),
        ({"title": 5.3}, "wrong-type", "title"),
        ({"description": "a\0b"}, "control-characters", "description"),
        ({"description": "a" * 20_001}, "too-long", "description"),
        ({"target": "pyyaml 5.3"}, "invalid-purl", "target"),
        (
            {"affects": [{"package": "pkg:pypi/a@1", "range": "vers:pypi/<2"}]},
            "version-not-allowed",
            "affects[0].package",
        ),
        ({"affects": [{"package": "pkg:pypi/a", "range": "<2"}]}, "invalid-vers", "affects[0].range"),
        ({"affects": [{"package": "pkg:pypi/a", "range": "vers:npm/<2"}]}, "ecosystem-mismatch", "affects[0].range"),
        ({"repository": "git://a/b"}, "invalid-url", "repository"),
        ({"references": ["javascript:alert(1)"]}, "invalid-url", "references[0]"),
        ({"references": ["https://u:p@a/"]}, "invalid-url", "references[0]"),
        ({"references": ["https://a/"] * 33}, "too-many", "references"),
        ({"commit": "abc"}, "invalid-commit", "commit"),
        ({"aliases": ["cve 1"]}, "invalid-alias", "aliases[0]"),
        ({"weaknesses": ["79"]}, "invalid-cwe", "weaknesses[0]"),
        ({"severity": ["CVSS:3.1/AV:N"]}, "invalid-cvss", "severity[0]"),
        ({"severity": ["AV:N/AC:L/Au:N/C:P/I:P/A:P"]}, "invalid-cvss", "severity[0]"),
        ({"deadline": {"date": "2027-02-30"}}, "invalid-date", "deadline.date"),
        ({"deadline": {"date": "20 May"}}, "invalid-date", "deadline.date"),
        ({"tlp": "amber"}, "not-one-of", "tlp"),
        ({"ai": [{"phase": "discovery", "used": True}]}, "missing", "ai[0].tool"),
        ({"ai": [{"phase": "thinking", "used": False}]}, "not-one-of", "ai[0].phase"),
        ({"exploited": {"value": True}}, "not-one-of", "exploited.value"),
        ({"locations": [{"line": 3}]}, "missing", "locations[0]"),
        ({"locations": [{"path": "/etc/passwd"}]}, "unsafe-path", "locations[0].path"),
        ({"locations": [{"path": "a", "line": 0}]}, "out-of-bounds", "locations[0].line"),
        ({"patches": [{"file": "test_fix.py", "base": "1"}]}, "not-a-diff", "patches[0].file"),
        ({"tests": [{"file": "test_fix.py", "command": "sh a"}]}, "invalid-command", "tests[0].command"),
        ({"tests": [{"file": "test_fix.py", "command": "python 'a"}]}, "invalid-command", "tests[0].command"),
        ({"schema": "clearinghouse/report/2"}, "not-one-of", "schema"),
    ],
)
def test_each_bound_has_its_code(changed: dict[str, Any], code: str, field: str) -> None:
    assert (code, field) in _codes(a_report(**changed))


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"limit_seconds": 121}, "out-of-bounds", "limit_seconds"),
        ({"limit_seconds": 0}, "out-of-bounds", "limit_seconds"),
        ({"limit_seconds": "20"}, "wrong-type", "limit_seconds"),
        ({"entry": "proof.py"}, "wrong-file-kind", "entry"),
        ({"kind": "program"}, "wrong-file-kind", "entry"),
        ({"entry": "../proof.yaml"}, "unsafe-path", "entry"),
        ({"entry": "C:proof.yaml"}, "unsafe-path", "entry"),
        ({"benign": "gone.yaml"}, "missing-file", "benign"),
        ({"harness": {"call": "a.b", "as": "bytes"}}, "not-for-this-kind", "harness"),
        ({"detector": "growth"}, "missing", "sizes"),
        ({"detector": "growth", "sizes": [4, 3, 5, 6]}, "not-growing", "sizes"),
        ({"detector": "growth", "sizes": [1, 2, 3]}, "too-few", "sizes"),
        ({"detector": "growth", "sizes": list(range(1, 10))}, "too-many", "sizes"),
        ({"detector": "growth", "sizes": [0, 1, 2, 3]}, "out-of-bounds", "sizes"),
        ({"sizes": [1, 2, 3, 4]}, "not-for-this-detector", "sizes"),
        ({"detector": "exception"}, "missing", "expect.exception"),
        ({"expect": {"exception": "E"}}, "not-for-this-detector", "expect.exception"),
        ({"detector": "file-read", "expect": {"path": "up"}}, "not-one-of", "expect.path"),
        ({"detector": "pollution"}, "not-for-this-runtime", "detector"),
        ({"runtime": "node"}, "not-for-this-runtime", "runtime"),
        ({"kind": "program", "entry": "test_fix.py", "benign": None, "detector": "growth"}, "needs-calls", "kind"),
    ],
)
def test_each_rule_of_a_proof_has_its_code(changed: dict[str, Any], code: str, field: str) -> None:
    assert (code, f"proofs[0].{field}") in _codes(a_report(proofs=[a_proof(**changed)]))


@pytest.mark.parametrize(
    ("harness", "code", "field"),
    [
        (None, "missing", "harness"),
        ({}, "not-one-of", "harness"),
        ({"call": "yaml.load", "module": "yaml"}, "not-one-of", "harness"),
        ({"call": "yaml.load"}, "not-one-of", "harness"),
        ({"call": "yaml.load", "as": "bytes", "stdin": True}, "not-one-of", "harness"),
        ({"call": "yaml._load", "as": "bytes"}, "leaves-target", "harness.call"),
        ({"call": "yaml.load", "as": "bytes", "args": ["a"]}, "not-for-this-kind", "harness.args"),
        ({"module": "pkg.tool"}, "missing", "harness.args"),
        ({"module": "pkg._tool", "args": ["$input"]}, "leaves-target", "harness.module"),
        ({"bin": "tool", "args": ["$input"]}, "not-for-this-runtime", "harness.bin"),
        ({"module": "a", "as": "text", "stdin": True}, "not-for-this-kind", "harness.as"),
    ],
)
def test_each_rule_of_a_harness_has_its_code(harness: dict[str, Any] | None, code: str, field: str) -> None:
    proof = a_proof(kind="input", harness=harness)
    assert (code, f"proofs[0].{field}") in _codes(a_report(proofs=[proof]))


@pytest.mark.parametrize("harness", [{"call": "yaml.load", "as": "stream"}, {"module": "yaml", "args": ["$input"]}])
def test_an_input_with_a_harness_is_read(harness: dict[str, Any]) -> None:
    load_report(some_files(a_report(proofs=[a_proof(kind="input", harness=harness)])))


def test_a_bad_document_of_calls_is_refused_with_its_step() -> None:
    (problem,) = _refused(some_files(proof__yaml=b"steps:\n- {call: yaml._load}\n"))
    assert problem.field == "proofs[0].entry: proof.yaml: steps[0].call" and problem.code == "leaves-target"


def test_a_whole_number_as_long_as_a_key_is_read_and_a_longer_one_is_not() -> None:
    def calls(digits: int) -> Calls:
        data = f"steps: [{{call: pkg.key, args: [{'9' * digits}]}}]".encode()
        return load_calls(data, name="a.yaml", runtime="python")

    assert str(plain(calls(4300))).count("9") == 4300
    with pytest.raises(Refused, match="at most 4300"):
        calls(4301)


def test_growth_must_grow_something() -> None:
    proof = a_proof(detector="growth", sizes=[1, 2, 3, 4])
    assert ("no-size", "proofs[0].entry: proof.yaml") in _codes(a_report(proofs=[proof]))


def test_a_size_needs_growth() -> None:
    grows = b"steps:\n- {call: yaml.load, args: [{$repeat: [a, $n]}]}\n"
    assert ("no-size", "proofs[0].entry: proof.yaml") in _codes(a_report(), proof__yaml=grows)


def test_an_invariant_must_be_stated() -> None:
    assert ("no-expectation", "proofs[0].entry: proof.yaml") in _codes(a_report(proofs=[a_proof(detector="invariant")]))


def test_the_largest_size_counts_against_the_bound() -> None:
    grows = b"steps:\n- {call: yaml.load, args: [{$repeat: [{$repeat: [a, 100]}, $n]}]}\n"
    proof = a_proof(detector="growth", sizes=[1, 2, 3, 1_000_000])
    assert ("too-large", "proofs[0].entry: proof.yaml") in _codes(a_report(proofs=[proof]), proof__yaml=grows)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"tlp": "RED", "tlp": "CLEAR"}', "duplicate-key"),
        (b'{"a": NaN}', "not-a-number"),
        (b'{"a": "\\ud800"}', "lone-surrogate"),
        (b"\xff", "invalid-utf8"),
        (b"[" * 100 + b"]" * 100, "too-deep"),
        (b'{"x-a": "' + b"a" * 1024 * 1024 + b'"}', "too-large"),
        (b"[]", "wrong-type"),
        (b"{", "invalid-json"),
    ],
)
def test_a_report_is_read_strictly(data: bytes, code: str) -> None:
    assert [one.code for one in _refused({"report.json": data})] == [code]


def test_an_alias_bomb_is_refused() -> None:
    bomb = b"x-0: &a0 [a,a,a,a,a,a,a,a,a]\n" + b"".join(
        b"x-%d: &a%d [%s]\n" % (one, one, b",".join([b"*a%d" % (one - 1)] * 9)) for one in range(1, 9)
    )
    assert [one.code for one in _refused({"report.yaml": bomb})] == ["alias-bomb"]


def test_two_reports_in_one_folder_are_refused() -> None:
    assert [one.code for one in _refused({"report.yaml": b"", "report.json": b""})] == ["two-reports"]


def test_a_folder_without_a_report_is_refused() -> None:
    assert [one.code for one in _refused({"a.yaml": b""})] == ["no-report"]


def test_the_names_of_a_report_s_files_come_each_once() -> None:
    report = a_report(proofs=[a_proof(benign="proof.yaml")])
    assert named_files(load_report(some_files(report))) == ("proof.yaml", "fix.patch", "test_fix.py")


def test_the_calls_of_a_proof_are_read_from_its_files() -> None:
    files = some_files()
    assert calls_of(load_report(files), 0, files).document() == {"steps": [{"call": "yaml.load", "args": ["a: 1"]}]}


def test_a_purl_is_kept_in_its_canonical_form() -> None:
    assert load_report(some_files(a_report(target="pkg:PyPI/PyYAML@5.3"))).target == "pkg:pypi/pyyaml@5.3"


def _problems(read: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        read()
    except Refused as refusal:
        return refusal.problems
    return ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda held: st.lists(held) | st.dictionaries(st.text(), held),
    max_leaves=10,
)


@given(_JSON, st.sampled_from(sorted(a_report())))
def test_whatever_stands_in_a_key_is_read_or_refused(held: object, key: str) -> None:
    problems = _problems(lambda: report_from(a_report() | {key: held}, some_files()))
    assert all(one.code and one.reason and one.fix for one in problems)


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_document_of_calls_is_read_or_refused(data: bytes) -> None:
    problems = _problems(lambda: load_report(some_files() | {"proof.yaml": CALLS[:7] + data}))
    assert all(one.field.startswith("proofs[0].entry") for one in problems)
