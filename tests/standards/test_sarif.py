"""SARIF: every sample is read or refused with a reason, and results say what their rules add."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.standards import sarif
from clearinghouse.strict import load_json
from tests.shared_data import shared


def samples() -> dict[str, tuple[sarif.Run, ...]]:
    folder = shared("data", "sarif-samples")
    files = [
        one for one in sorted(folder.iterdir()) if one.suffix in (".sarif", ".json") and "expected" not in one.name
    ]
    return {one.name: sarif.read(load_json(one.read_bytes())) for one in files}


def test_every_sample_is_read() -> None:
    assert len(samples()) >= 17


def test_the_samples_hold_as_many_problems_as_another_reader_finds() -> None:
    """The other reader counts each place of a problem, and leaves out what is no problem."""
    expected = json.loads(shared("data", "sarif-samples", "expected_counts.json").read_text("utf-8"))
    counts = {
        f"sarif/{name}": sum(
            max(1, len(result.locations)) for run in runs for result in run.results if result.kind == "fail"
        )
        for name, runs in samples().items()
    }
    assert {name: counts[name] for name in expected} == expected


def log(*results: dict[str, Any], **run: object) -> dict[str, Any]:
    tool = run.pop("tool", {"driver": {"name": "scanner", "version": "1", "rules": RULES}})
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}


RULES = [
    {
        "id": "R1",
        "name": "FirstRule",
        "helpUri": "https://rules.example/R1",
        "shortDescription": {"text": "Short"},
        "messageStrings": {"default": {"text": "Found {0} in {{1}}, not {2}"}},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["external/cwe/cwe-089", "security"], "security-severity": "8.8"},
        "relationships": [{"target": {"id": "502", "toolComponent": {"name": "CWE"}}}],
    },
    {"id": "R2"},
]


def only(value: dict[str, Any]) -> sarif.Result:
    ((result,),) = (run.results for run in sarif.read(value))
    return result


def test_a_result_takes_level_message_weakness_and_severity_from_its_rule() -> None:
    found = only(log({"ruleIndex": 0, "message": {"id": "default", "arguments": ["x"]}}))
    assert (found.rule, found.rule_name, found.rule_help) == ("R1", "FirstRule", "Short")
    assert found.rule_address == "https://rules.example/R1"
    assert (found.level, found.message) == ("error", "Found x in {1}, not {2}")
    assert found.weaknesses == ("CWE-89", "CWE-502")
    assert found.security_severity == 8.8


def test_a_case_of_a_rule_is_read_as_that_rule() -> None:
    assert only(log({"ruleId": "R1/2", "message": {"text": "x"}})).level == "error"


def test_a_rule_of_an_extension_is_found() -> None:
    tool = {"driver": {"name": "scanner"}, "extensions": [{"name": "pack", "rules": RULES}]}
    found = only(log({"rule": {"index": 0, "toolComponent": {"index": 0}}, "message": {"text": "x"}}, tool=tool))
    assert found.rule == "R1"


def test_a_rule_whose_id_disagrees_with_its_place_is_found_by_id() -> None:
    assert only(log({"ruleId": "R1", "ruleIndex": 1, "message": {"text": "x"}})).rule_name == "FirstRule"


def test_without_a_level_a_problem_is_a_warning_and_anything_else_is_none() -> None:
    assert only(log({"ruleId": "R2", "message": {"text": "x"}})).level == "warning"
    assert only(log({"ruleId": "R2", "kind": "pass", "message": {"text": "x"}})).level == "none"


def test_a_forgotten_message_is_the_rules_own_text() -> None:
    assert only(log({"ruleId": "R1"})).message == "Short"


def test_a_place_has_path_line_and_function() -> None:
    location = {
        "physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 3, "snippet": {"text": "x()"}}},
        "logicalLocations": [{"fullyQualifiedName": "pkg.mod.f"}],
    }
    artifacts = [{"location": {"uri": "src/a.py", "uriBaseId": "SRC"}}]
    found = only(log({"message": {"text": "x"}, "locations": [location]}, artifacts=artifacts)).locations[0]
    assert found == sarif.Location(path="src/a.py", base="SRC", line=3, symbol="pkg.mod.f", snippet="x()")


@pytest.mark.parametrize(("status", "holds"), [(None, True), ("accepted", True), ("rejected", False)])
def test_a_suppression_holds_unless_it_was_rejected(status: str | None, holds: bool) -> None:  # noqa: FBT001
    suppression = {"kind": "external", "status": status, "justification": "known"}
    assert only(log({"message": {"text": "x"}, "suppressions": [suppression]})).is_suppressed is holds


def test_provenance_and_fingerprints_are_kept() -> None:
    result = {"message": {"text": "x"}, "fingerprints": {"b": "2"}, "partialFingerprints": {"a": "1"}}
    (run,) = sarif.read(
        log(result, versionControlProvenance=[{"repositoryUri": "https://x.example", "revisionId": "1"}])
    )
    assert run.provenance == (sarif.Provenance("https://x.example", "1"),)
    assert run.results[0].fingerprints == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize("severity", ["high", "11", "nan", True, None, "1e400"])
def test_a_security_severity_that_is_none_is_passed_over(severity: object) -> None:
    assert (
        only(log({"message": {"text": "x"}, "properties": {"security-severity": severity}})).security_severity is None
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({}, "version"),
        ({"version": "1.0.0", "runs": []}, "version"),
        ({"version": "2.1.0"}, "runs"),
        ({"version": "2.1.0", "runs": [{}]}, "runs[0].tool.driver"),
        ({"version": "2.1.0", "runs": {}}, "runs"),
        (log({}), "runs[0].results[0].message"),
        (log({"message": {}}), "runs[0].results[0].message"),
        (log({"message": {"id": "unheard-of"}}), "runs[0].results[0].message"),
        (log({"message": {"text": "x"}, "level": "fatal"}), "runs[0].results[0].level"),
        (log({"message": {"text": "x"}, "ruleIndex": "1"}), "runs[0].results[0].ruleIndex"),
        (log({"message": {"text": "x"}, "locations": [1]}), "runs[0].results[0].locations[0]"),
        (log({"message": {"text": "x"}, "fingerprints": {"a": 1}}), "runs[0].results[0].fingerprints.a"),
    ],
)
def test_a_log_of_another_shape_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        sarif.read(value)
    assert str(caught.value).startswith(place)


words = st.sampled_from(
    ["text", "id", "ruleId", "ruleIndex", "message", "locations", "physicalLocation", "level", "kind"]
)
shapes = st.recursive(
    st.none() | st.integers(-2, 3) | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(words, shapes, max_size=5))
def test_any_result_is_read_or_refused(result: dict[str, Any]) -> None:
    try:
        sarif.read(log(result))
    except Malformed:
        return
