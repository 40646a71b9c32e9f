"""The conformance suite: our server keeps every rule, and a server that breaks one is found out by its check."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from clearinghouse.deconfliction.actions.owners import claim_ownership, verify_ownership
from clearinghouse.deconfliction.models import Authorisation, Constraint, Intent, Mapping
from clearinghouse.deconfliction.rules.lifecycle import STANDING
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.parties.models import Membership
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Role
from clearinghouse_client.conformance import awareness
from clearinghouse_client.conformance.parties import Party, Run
from clearinghouse_client.conformance.suite import CHECKS, Check, numbered, run_checks
from tests.conformance.broken import (
    Break,
    Broken,
    Ours,
    answer,
    body_of,
    is_at,
    rewrites,
    says,
    sees_for_them,
    takes,
    tells,
    with_body,
    with_headers,
    without_parts,
)
from tests.deconfliction.makers import a_member
from tests.parties.makers import a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db
OWNED = "203.0.113.0/24"
BY_NUMBER = {numbered(one)[0]: one for one in CHECKS}
AT_ONCE = numbered(awareness.two_at_once_are_never_both_unaware)[0]


@dataclass(frozen=True)
class Tokens:
    """Of those who take part."""

    one: str
    other: str
    owner: str


@pytest.fixture
def tokens(settings: Any) -> Tokens:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_REQUESTS_A_MINUTE = 0
    settings.ALLOWED_HOSTS = ["testserver"]
    now = right_now()
    people = [a_person(*roles, organization=an_organization(), at=now) for roles in _ROLES]
    owner = actor_for_person(people[2], at=now)
    home = Membership.objects.get(person=people[2]).organization
    claimed = claim_ownership(home, target_from_text(OWNED), criticality=4, evidence="its record", actor=owner, at=now)
    verify_ownership(claimed, why="looked at it", actor=a_member(Role.COORDINATOR), at=now)
    return Tokens(*(a_token(one, "deconfliction", "parties", at=now) for one in people))


_ROLES = ((Role.FINDER,), (Role.FINDER, Role.MAINTAINER), (Role.OPERATOR,))


def a_run(tokens: Tokens, breaks: Break | None = None) -> Run:
    """Return a run against our server, or against one that breaks something."""
    transport = Broken(Ours(), breaks) if breaks else Ours()
    one, other, nobody, owner = (
        Party("http://testserver", token, transport=transport) for token in (tokens.one, tokens.other, "", tokens.owner)
    )
    return Run(one, other, nobody, owner, OWNED)


def test_our_server_keeps_every_rule(tokens: Tokens) -> None:
    checks = [check for number, check in BY_NUMBER.items() if number != AT_ONCE]  # by threads: see test_conformance.py
    found = list(run_checks(a_run(tokens), checks))
    assert len(found) == len(CHECKS) - 1
    assert [one for one in found if one.outcome != "passed" or one.reason] == []
    standing = [Intent.objects.filter(state__in=STANDING), *(kind.objects.filter(state="standing") for kind in _STATED)]
    assert Intent.objects.exists() and [one for rows in standing for one in rows] == []


_STATED = (Authorisation, Constraint, Mapping)


def test_what_a_check_put_on_record_is_taken_back_even_if_it_fails_and_told_if_it_cannot_be(tokens: Tokens) -> None:
    (found,) = run_checks(a_run(tokens, BREAKS[103](tokens)), [BY_NUMBER[103]])
    assert found.outcome == "failed" and "still on record" not in found.reason
    assert Intent.objects.exists() and not Intent.objects.filter(state__in=STANDING).exists()
    (found,) = run_checks(a_run(tokens, says("/end", status=503)), [BY_NUMBER[102]])
    (left,) = Intent.objects.filter(state__in=STANDING)
    assert found.reason == f"still on record: /intents/{left.public_id}/end"


def _announces_too(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    if is_at(request, "/intents/check"):
        url = request.url.copy_with(path=request.url.path.removesuffix("/check"))
        send(with_body(httpx.Request("POST", url, headers=request.headers), body_of(request)))
    return send(request)


def _earlier(body: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(body["starts_at"]) - timedelta(minutes=1)
    return body | {"starts_at": start.isoformat()}


def _suffix(body: dict[str, Any]) -> dict[str, Any]:
    """Take a name that only ends like a domain for one that is in it."""
    named = [
        one.replace("x", "a.", 1) if isinstance(one, str) and one.startswith("x") else one for one in body["targets"]
    ]
    return body | {"targets": named}


def _as_html(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    answered = send(request)
    if answered.status_code >= 400:
        answered.headers["Content-Type"] = "application/json"
    return answered


def _tells_of_hidden(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    answered = send(request)
    hidden = answered.status_code == 404 and "SCAN-0000000000" not in request.url.path
    return answer(404, answered.json() | {"detail": "it is confidential"}) if hidden else answered


def _without_contact(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"met": [{**one, "contact": ""} for one in told["met"]]}


def _lets_anybody(tokens: Tokens) -> Break:
    """Take every step for that of whoever announced it."""

    def breaks(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        if request.method == "POST" and "/intents/SCAN-" in request.url.path:
            request.headers["Authorization"] = f"Bearer {tokens.one}"
        return send(request)

    return breaks


def _always_signed_in(tokens: Tokens) -> Break:
    def breaks(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        request.headers.setdefault("Authorization", f"Bearer {tokens.one}")
        return send(request)

    return breaks


BREAKS: dict[int, Callable[[Tokens], Break]] = {
    101: lambda _: _announces_too,
    102: lambda _: tells(_without_contact, "/intents/check"),
    103: lambda _: sees_for_them(),
    104: lambda _: rewrites(lambda body: body | {"seen": []}, "/intents"),
    105: lambda _: sees_for_them(),
    106: lambda _: sees_for_them(),
    107: lambda _: sees_for_them(),
    108: lambda _: rewrites(_earlier, "/intents"),
    109: lambda _: rewrites(lambda body: body | {"technique": "fuzzing"}),
    110: lambda _: says("/end"),
    111: lambda _: rewrites(lambda body: body | {"begin": "accepted"}, "/intents"),
    112: lambda _: sees_for_them("/start"),
    113: lambda _: rewrites(lambda body: body | {"begin": "accepted"}, "/intents"),
    114: lambda _: takes(409),
    116: lambda _: says("/availability", method="PUT"),
    117: lambda _: rewrites(lambda body: body | {"visibility": "everyone"}, "/intents"),
    201: lambda _: without_parts("versions"),
    202: lambda _: without_parts("paths"),
    203: lambda _: says("/targets/mappings", status=201),
    204: lambda _: without_parts("ports"),
    205: lambda _: rewrites(_suffix),
    301: lambda _: takes(422),
    302: lambda _: takes(422),
    303: lambda _: takes(422),
    304: lambda _: takes(422),
    401: lambda _: takes(403),
    402: lambda _: takes(403, as_status=200),
    403: lambda _: sees_for_them(),
    404: lambda _: takes(403),
    405: lambda _: says("/withdraw"),
    406: lambda _: takes(403),
    501: _always_signed_in,
    502: lambda _: _as_html,
    503: lambda _: _tells_of_hidden,
    504: _lets_anybody,
    505: lambda _: with_headers(Idempotency_Key=None),
    506: lambda _: with_headers(If_Match="*"),
    507: lambda _: takes(409, as_status=200),
    508: lambda _: tells(lambda page: page | {"items": page["items"][1:]}, "/intents", method="GET"),
}


@pytest.mark.parametrize("number", [number for number in BY_NUMBER if number != AT_ONCE])
def test_a_server_that_breaks_a_rule_is_found_out_by_its_check(number: int, tokens: Tokens) -> None:
    (found,) = run_checks(a_run(tokens, BREAKS[number](tokens)), [BY_NUMBER[number]])
    assert (found.number, found.outcome) == (number, "failed"), found.reason


PARTS = {301: (422, 6), 302: (422, 11), 303: (422, 1), 304: (422, 4), 404: (403, 8), 406: (403, 5)}
"""Checks that ask for several refusals: of which status, and how many."""


@pytest.mark.parametrize("number", PARTS)
def test_each_refusal_that_a_check_asks_for_is_missed_when_it_does_not_come(number: int, tokens: Tokens) -> None:
    status, count = PARTS[number]
    for part in range(count + 1):
        run = a_run(tokens, takes(status, number=part))
        (found,) = run_checks(run, [BY_NUMBER[number]])
        assert found.outcome == ("failed" if part < count else "passed"), (part, found.reason)


@pytest.mark.parametrize("part", [0, 1, 13, 27])
def test_no_live_scan_that_is_taken_is_missed(part: int, tokens: Tokens) -> None:
    (found,) = run_checks(a_run(tokens, takes(403, number=part)), [BY_NUMBER[401]])
    assert found.outcome == "failed"


def test_two_that_are_both_accepted_at_one_moment_are_found_out() -> None:
    careless = httpx.MockTransport(lambda _: httpx.Response(201, json={"intent": {}, "met": []}))
    parties = [Party("http://testserver", "t", transport=careless) for _ in range(3)]
    (found,) = run_checks(Run(parties[0], parties[1], parties[2]), [BY_NUMBER[AT_ONCE]])
    assert found.outcome == "failed" and "2 were accepted" in found.reason


def test_rules_about_owners_are_skipped_without_an_owner(tokens: Tokens) -> None:
    run = a_run(tokens)
    run.owner = None
    found = list(run_checks(run, [BY_NUMBER[404], BY_NUMBER[405], BY_NUMBER[406]]))
    assert {one.outcome for one in found} == {"skipped"} and "--owned" in found[0].reason


def test_a_server_that_speaks_otherwise_fails_and_does_not_stop_the_suite() -> None:
    strange = httpx.MockTransport(lambda _: httpx.Response(200, content=b"hello"))
    parties = [Party("http://testserver", "t", transport=strange) for _ in range(3)]
    checks: list[Check] = list(CHECKS)
    found = list(run_checks(Run(parties[0], parties[1], parties[2]), checks))
    assert len(found) == len(CHECKS) and {one.outcome for one in found} <= {"failed", "skipped"}


def test_every_rule_has_its_own_number() -> None:
    assert len(BY_NUMBER) == len(CHECKS) and set(BY_NUMBER) - {AT_ONCE} == set(BREAKS)
