"""The schemas that are published are those of the models, and say the same of a report."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from clearinghouse.findings.report.proof import DETECTORS
from clearinghouse.findings.report.schema import calls_schema, report_schema
from clearinghouse.validation.rules import Detector
from tests.findings.makers import a_proof, a_report

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize(("name", "schema"), [("report", report_schema()), ("calls", calls_schema())])
def test_the_published_schema_is_fresh(name: str, schema: dict[str, Any]) -> None:
    published = (REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == schema, (
        f"run clearinghouse report schema {name} > docs/reference/{name}.schema.json"
    )


@pytest.mark.parametrize("schema", [report_schema(), calls_schema()])
def test_the_schema_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schema_accepts_a_whole_report() -> None:
    jsonschema.validate(a_report(**{"x-own": 1}), report_schema())


@pytest.mark.parametrize("changed", [{"findr": "a"}, {"tlp": "PINK"}, {"proofs": [a_proof(limit_seconds=121)]}])
def test_the_schema_refuses_what_the_models_refuse(changed: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(a_report(**changed), report_schema())


def test_the_schema_knows_values() -> None:
    step = {"call": "a.b", "args": [{"$repeat": ["a", 3]}, {"plain": [1]}]}
    jsonschema.validate({"steps": [step]}, calls_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"steps": [{"call": "a.b", "args": [{"$nothing": 1}]}]}, calls_schema())


def test_the_format_names_every_detector() -> None:
    assert set(DETECTORS) == set(Detector)
