"""The client against the committed description of the API: what it asks is allowed, and no answer is cut."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from clearinghouse.edges.checks import every_address
from clearinghouse.edges.doors import doors_of
from clearinghouse.permissions.guards import WithoutToken
from clearinghouse.permissions.table import the_table
from clearinghouse_client.cases import Cases
from clearinghouse_client.session import NoAnswer, Session
from tests.clearinghouse_client.calls import CALLS, Named
from tests.house.sources import REFERENCE

DESCRIBED: Final[Mapping[str, Any]] = json.loads((REFERENCE / "openapi.json").read_text(encoding="utf-8"))
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMED: Final = Named(now=NOON)
TOLD_IN_ITS_OWN_WAY: Final = frozenset({"events", "interchange", "notices", "settled"})
"""Answers of which the client does not keep the shape."""
_PLAIN: Final = {"integer": 1, "number": 0.5, "boolean": True, "null": None}
_FORMATS: Final = {"uuid": str(UUID(int=7)), "date-time": "2026-11-23T12:00:00Z"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it is described."""

    name: str
    method: str
    path: str
    said: Mapping[str, Any]

    def fits(self, request: httpx.Request) -> bool:
        """Say whether a request asks for this."""
        wanted = re.sub(r"\{\w+\}", "[^/]+", self.path)
        return request.method == self.method and re.fullmatch(wanted, request.url.path) is not None


OPERATIONS: Final = sorted(
    (
        Operation(said["operationId"], method.upper(), path, said)
        for path, methods in DESCRIBED["paths"].items()
        for method, said in methods.items()
    ),
    key=lambda one: one.path.count("{"),
)


class Described(httpx.BaseTransport):
    """Answers as the description says, and lets nothing pass that it does not allow."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.asked: list[str] = []
        self.said: Any = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return an answer that is right."""
        operation = next(one for one in OPERATIONS if one.fits(request))
        self.asked.append(operation.name)
        _check(request, operation.said)
        status, answer = next((code, one) for code, one in operation.said["responses"].items() if code[0] == "2")
        taken = answer.get("content", {})
        if "text/event-stream" in taken:
            return httpx.Response(200, content=b"id: 1\n\n")
        if not taken or taken["application/json"]["schema"].get("format") == "binary":
            return httpx.Response(int(status), content=b"bytes")
        self.said = self._made(taken["application/json"]["schema"])
        if isinstance(self.said, dict) and self.said.keys() == {"items", "next"}:
            self.said["next"] = None if request.url.params.get("cursor") else "further"
        return httpx.Response(int(status), json=self.said, headers={"ETag": '"1"'})

    def _made(self, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return all that a schema allows, or the least."""
        if "$ref" in schema:
            return self._made(DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        several = schema.get("anyOf") or schema.get("allOf")
        if several:
            return self._made(several[0 if self.whole else -1])
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "array":
            return [self._made(schema["items"])]
        if schema.get("type") == "object":
            known, needed = schema.get("properties", {}), schema.get("required", [])
            least = {} if known else {"x": "y"}
            return least | {name: self._made(known[name]) for name in known if self.whole or name in {*needed, "next"}}
        return _PLAIN.get(schema.get("type", ""), _FORMATS.get(schema.get("format", ""), "text"))


def _check(request: httpx.Request, said: Mapping[str, Any]) -> None:
    """Raise if a request is not as it is described."""
    body = request.read()
    known = {one["name"]: one for one in said.get("parameters", []) if one["in"] == "query"}
    assert set(request.url.params) <= set(known), request.url
    assert {name for name, one in known.items() if one["required"]} <= set(request.url.params), request.url
    taken = said.get("requestBody", {}).get("content", {})
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    assert not body if not taken else kind in taken, (request.url, kind)
    if kind == "application/json":
        schema = {**taken[kind]["schema"], "components": DESCRIBED["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(body))
    elif taken:
        sent = set(re.findall(r'form-data; name="(\w+)"', body.decode("latin-1")))
        schema = taken[kind]["schema"]
        assert set(schema["required"]) <= sent <= set(schema["properties"]), sent


def _plain(value: Any) -> Any:  # noqa: ANN401 - what the client gives, and JSON
    """Return what the client gives as the JSON that it was made of."""
    if hasattr(value, "whole"):
        return value.whole
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name != "etag"}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


def _called(name: str, transport: Described) -> Any:  # noqa: ANN401 - whatever it gives
    with Session("http://clearinghouse.example", "ch_x", transport=transport) as session:
        made = CALLS[name](session, NAMED)
        return list(made) if isinstance(made, Iterator) else made


@pytest.mark.parametrize("name", CALLS)
def test_what_is_asked_is_described_and_all_that_is_said_is_kept(name: str) -> None:
    transport = Described(whole=True)
    made = _called(name, transport)
    assert transport.asked[-1] == name
    if name in TOLD_IN_ITS_OWN_WAY or made is None:
        return
    if isinstance(made, bytes):
        assert made == b"bytes" or json.loads(made) == transport.said
    elif isinstance(transport.said, dict) and "items" in transport.said:
        assert _plain(made) == transport.said["items"] * 2  # there were two pages
    else:
        assert _plain(made) == transport.said


@pytest.mark.parametrize("name", CALLS)
def test_the_least_that_may_be_said_is_understood(name: str) -> None:
    transport = Described(whole=False)
    _called(name, transport)
    assert transport.asked[-1] == name


def test_every_operation_is_reached_or_is_for_people_who_signed_in() -> None:
    assert {one.name for one in OPERATIONS} - set(CALLS) == set(_closed_to_tokens())
    assert len(CALLS) > 100


def _closed_to_tokens() -> Iterator[str]:
    """Yield the operations that the table refuses to every token: a client has nothing else to show."""
    for route, view in every_address():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{route.removeprefix('/')}")
        for method, found in doors_of(view).items():
            for one in OPERATIONS:
                if found and not found.public and (one.method, one.path) == (method, path):
                    rows = the_table().rows(found.verb)
                    if all(any(isinstance(guard, WithoutToken) for guard in row.guards) for row in rows):
                        yield one.name


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"position": "1"}, "Case.position is no int"),
        ({"position": True}, "Case.position is no int"),
        ({"why_now": "because"}, "Case.why_now is no list"),
        (
            {"embargo": {"state": "x", "ends_at": "soon", "proposed_ends_at": None}},
            "Case.embargo.ends_at is no datetime",
        ),
        ({"joins": [{}]}, "Case.joins has no finding"),
        ({"band": ...}, "Case has no band"),
    ],
)
def test_an_answer_of_another_shape_is_none(changed: dict[str, Any], where: str) -> None:
    transport = Described(whole=True)
    _called("case", transport)
    said = {name: value for name, value in (transport.said | changed).items() if value is not ...}
    other = httpx.MockTransport(lambda _: httpx.Response(200, json=said))
    session = Session("http://clearinghouse.example", "ch_x", transport=other)
    with session, pytest.raises(NoAnswer, match=where):
        Cases(session).case("CASE-7Q4M2XKD")


def test_what_a_newer_server_says_besides_is_passed_over() -> None:
    transport = Described(whole=True)
    case = _called("case", transport)
    more = httpx.MockTransport(
        lambda _: httpx.Response(200, json={**transport.said, "newer": 1}, headers={"ETag": '"1"'})
    )
    with Session("http://clearinghouse.example", "ch_x", transport=more) as session:
        assert Cases(session).case("CASE-7Q4M2XKD") == case


def test_no_part_of_a_path_leads_anywhere_else() -> None:
    asked = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404, json={"code": "not-found"})

    with Session("http://clearinghouse.example", "ch_x", transport=httpx.MockTransport(answer)) as session:
        for name in ("../tokens", "x?state=y", "x#y", "a b"):
            with pytest.raises(Exception, match="404"):
                Cases(session).case(name)
    assert asked == [f"/api/v1/cases/{one}" for one in ("..%2Ftokens", "x%3Fstate%3Dy", "x%23y", "a%20b")]


def test_a_list_is_read_no_further_than_it_is_wanted() -> None:
    transport = Described(whole=True)
    with Session("http://clearinghouse.example", "ch_x", transport=transport) as session:
        assert len(list(islice(Cases(session).queue(), 1))) == 1
    assert transport.asked == ["cases"]
