"""Makes a right body for every operation of the API that takes one: of the shape of its schema, and with right values.

What a schema cannot say, such as that a package URL is wanted, stands in ``_right``; what is not named there is made of
its schema alone. A test that sends a right body is refused for the right, never for the shape.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from clearinghouse.config.api import api
from tests.cases.rows import PATCH
from tests.findings.makers import some_files
from tests.findings.test_submissions import a_tar
from tests.parties.makers import right_now

SCHEMA: Final[dict[str, Any]] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
SOMEBODY: Final = UUID(int=7)
"""An id that nothing has."""
QUERY: Final = {"old": "1", "new": "1", "source": "203.0.113.7"}
"""What operations ask for in the query, by its name."""
_PACKAGE = "pkg:pypi/swept"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, and the schema of what it takes."""

    method: str
    path: str
    name: str
    media_type: str = ""
    schema: Mapping[str, Any] | None = None
    """None: it takes no body."""
    asks: tuple[str, ...] = ()
    """What has to stand in the query."""


def _operations() -> Iterator[Operation]:
    for path, methods in SCHEMA["paths"].items():
        for method, said in methods.items():
            name = said["operationId"]
            given = said.get("parameters", [])
            asks = tuple(one["name"] for one in given if one["in"] == "query" and one["required"])
            for media_type, taken in said.get("requestBody", {}).get("content", {"": {}}).items():
                yield Operation(method, path, name, media_type, taken.get("schema"), asks)


OPERATIONS: Final = {one.name: one for one in sorted(_operations(), key=lambda one: (one.method, one.path))}


def _right(names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what each operation wants beyond its shape; ids are those that ``names`` gives."""
    soon, later = (right_now() + timedelta(days=days) for days in (1, 3))
    window = {"starts_at": soon.isoformat(), "ends_at": later.isoformat()}
    scan = window | {"technique": "fuzzing", "targets": [_PACKAGE], "contact": "mailto:ada@people.example"}
    encoded = {name: b64encode(data).decode() for name, data in some_files().items()}
    seen = b64encode(b"GET / HTTP/1.1\r\nHost: swept.example\r\n\r\n").decode()
    return {
        "hand_in_files": {"name": "report", "files": encoded},
        "respond": {"said": "disputed", "why": "because"},
        "propose_embargo": {"ends_at": later.isoformat()},
        "ask_seat": {"person": names["person"], "part": "maintainer", "tier": 0},
        "raise_marking": {"label": "RED", "why": "because"},
        "ask_lower_marking": {"label": "CLEAR", "why": "because"},
        "ask_about_case": {"organization": "mine", "question": "when?", "due_at": later.isoformat()},
        "agree": {"organization": "mine"},
        "found_organization": {"name": "mine"},
        "rename_organization": {"name": "mine"},
        "grant_membership": {"person": names["person"], "role": "administrator"},
        "make_invitation": {"role": "administrator", "email": "swept@people.example"},
        "leave": {"erase": True},
        "register_webhook": {"url": "https://192.0.2.1/", "events": ["case.opened"]},
        "issue_token": {"name": "x", "scopes": ["parties"], "expires_at": later.isoformat()},
        "whois_request": {"request": seen},
        "announce_intent": scan,
        "check_intent": scan,
        "suggest_instead": scan,
        "leave_plan": {"why": "because"},
        "declare_emergency": {"why": "because"},
        "renew_intent": {"ends_at": later.isoformat()},
        "state_constraint": {"says": "do-not-scan", "target": _PACKAGE},
        "give_authorisation": window | {"scanner": names["organization_id"], "targets": ["192.0.2.0/24"]},
        "claim_ownership": {"target": "198.51.100.0/24", "criticality": 3, "evidence": "a record"},
        "record_coverage": {"tried": [{"target": _PACKAGE}]},
        "add_mapping": {"package": _PACKAGE, "url": "https://git.example/swept"},
        "say_availability": {"answering": "down", "organization": names["organization_id"]},
        "begin_subscription": {"target": _PACKAGE},
    }


def body_of(name: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a right body of an operation: what its schema demands, and the values that it wants."""
    schema = OPERATIONS[name].schema
    made = {} if schema is None else dict(_made(schema) or {})
    return made | _right(names).get(name, {})


def sent(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as a client sends it: JSON, or the parts of a form with a report."""
    operation = OPERATIONS[name]
    if operation.schema is None:
        return {}
    if operation.media_type == "multipart/form-data":
        known = {"report": ("report.tar.gz", a_tar()), "patch": ("fix.patch", PATCH.encode())}
        named = resolved(operation.schema)["properties"]
        files = {name: SimpleUploadedFile(*known[name]) for name in named if named[name].get("format") == "binary"}
        return {"data": encode_multipart(BOUNDARY, {**body, **files}), "content_type": MULTIPART_CONTENT}
    return {"data": json.dumps(body), "content_type": "application/json"}


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema itself where another is only named, and of several the first that is not null."""
    while True:
        several = next((schema[way] for way in ("anyOf", "oneOf", "allOf") if way in schema), None)
        if "$ref" in schema:
            schema = SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif several:
            schema = next(one for one in several if one.get("type") != "null")
        else:
            return schema


def _made(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the least that a schema allows."""
    found = resolved(schema)
    for told in ("const", "default"):
        if told in found:
            return found[told]
    if found.get("examples") or found.get("enum"):
        return (found.get("examples") or found["enum"])[0]
    kind = found.get("type", "object")
    if kind == "object":
        properties = found.get("properties", {})
        return {one: _made(properties[one]) for one in found.get("required", [])}
    if kind == "array":
        return [_made(found["items"])] * found.get("minItems", 0)
    return _plain(kind, found)


def _plain(kind: str, found: Mapping[str, Any]) -> str | int | bool:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return int(found.get("minimum", 1))
    if found.get("format") == "date-time":
        return (right_now() + timedelta(days=3)).isoformat()
    if found.get("format") == "uuid":
        return str(SOMEBODY)
    return "0" * 64 if "64" in found.get("pattern", "") else "x" * max(found.get("minLength", 1), 1)


def objects_in(
    schema: Mapping[str, Any],
    value: Any,  # noqa: ANN401 - JSON
    at: str = "",
) -> Iterator[tuple[str, dict[str, Any], frozenset[str]]]:
    """Yield every object in a body whose fields its schema names: where it stands, itself, and those fields."""
    found = resolved(schema)
    if isinstance(value, dict) and "properties" in found:
        for name, inner in value.items():
            if name in found["properties"]:
                yield from objects_in(found["properties"][name], inner, f"{at}.{name}" if at else name)
        yield at, value, frozenset(found["properties"])
    elif isinstance(value, list) and "items" in found:
        for number, inner in enumerate(value):
            yield from objects_in(found["items"], inner, f"{at}.{number}")
