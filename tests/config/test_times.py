"""Every time that an operation of the API takes says its zone."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.config.bodies import OPERATIONS, SCHEMA, body_of, resolved, sent
from tests.parties.makers import a_person

pytestmark = pytest.mark.django_db
NAIVE = "2030-01-02T03:04:05"


class _Anything(dict[str, str]):
    """A name for whatever an address or a body names."""

    def __missing__(self, key: str) -> str:
        return str(uuid4())


def _is_time(schema: Mapping[str, Any]) -> bool:
    return resolved(schema).get("format") == "date-time"


def _times() -> Iterator[tuple[str, str, str]]:
    """Yield operation, where and name of every time that is taken."""
    for name, operation in OPERATIONS.items():
        said = SCHEMA["paths"][operation.path][operation.method]
        for one in said.get("parameters", ()):
            if one["in"] == "query" and _is_time(one["schema"]):
                yield name, "query", one["name"]
        for field, schema in resolved(operation.schema or {}).get("properties", {}).items():
            if _is_time(schema):
                yield name, "body", field


@pytest.fixture
def client() -> Client:
    return signed_in(a_person(Role.COORDINATOR), second_factor=True)


def test_some_times_are_taken_in_bodies_and_queries() -> None:
    assert len(list(_times())) > 10 and {where for _, where, _ in _times()} == {"body", "query"}


@pytest.mark.parametrize(("name", "where", "field"), list(_times()))
def test_a_time_without_its_zone_is_refused_by_its_field(client: Client, name: str, where: str, field: str) -> None:
    operation, path = OPERATIONS[name], OPERATIONS[name].path
    for one in [part for part in path.split("/") if "{" in part]:
        path = path.replace(one, str(uuid4()))
    body = body_of(name, _Anything())
    said = sent(name, body | {field: NAIVE} if where == "body" else body)
    asks = dict.fromkeys(operation.asks, "203.0.113.7") | ({field: NAIVE} if where == "query" else {})
    query = "&".join(f"{key}={value}" for key, value in asks.items())
    answer = client.generic(operation.method.upper(), path, headers={"If-Match": "*"}, QUERY_STRING=query, **said)
    told = [(one["field"], one["code"]) for one in answer.json()["violations"]]
    assert answer.status_code == 422 and (f"{where}.{field}", "timezone-missing") in told, answer.content
