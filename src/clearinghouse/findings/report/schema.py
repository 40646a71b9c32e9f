"""The JSON Schemas of the format, generated from the models, so that the two cannot differ."""

from typing import Any

from pydantic import BaseModel

from clearinghouse.findings.report.calls import Calls
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.report.values import LINKS, MARKS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``report.yaml`` and ``report.json``."""
    return _schema(Report, "Clearinghouse report, version 1")


def calls_schema() -> dict[str, Any]:
    """Return the JSON Schema of a document of calls."""
    schema = _schema(Calls, "Clearinghouse calls document, version 1")
    made = _with_values(schema)
    made["$defs"]["Value"] = _value()
    return {key: made[key] for key in sorted(made)}


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": _DIALECT, **schema, "title": title}


def _with_values(node: Any) -> Any:  # noqa: ANN401
    if isinstance(node, list):
        return [_with_values(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("$comment") == "value":
        rest = {key: value for key, value in node.items() if key in ("title", "description")}
        return {**rest, "$ref": "#/$defs/Value"}
    return {key: _with_values(value) for key, value in node.items()}


def _value() -> dict[str, Any]:
    """Return the schema of a value: JSON, or one mark alone in a mapping."""
    value = {"$ref": "#/$defs/Value"}
    marked = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {mark: {} for mark in sorted([*MARKS, *LINKS])},
    }
    literal = {"type": "object", "propertyNames": {"pattern": "^(?!\\$)"}, "additionalProperties": value}
    return {
        "title": "Value",
        "description": "JSON, or a mapping with one mark; a literal key that begins with $ is written with $map.",
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": value},
            marked,
            literal,
        ],
    }
