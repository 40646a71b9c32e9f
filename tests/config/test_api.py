"""Every operation of the API, asked by an outsider for what is not theirs: nothing is told, nothing is written."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.test import Client

from clearinghouse.cases.models import Case, Participant
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.config.api import api
from clearinghouse.deconfliction.actions.coverage import Tried, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_intent, start_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import claim_ownership, state_constraint
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.findings.models import Finding
from clearinghouse.findings.tasks import read_submission
from clearinghouse.parties.actions import make_invitation
from clearinghouse.parties.models import (
    Consultation,
    Membership,
    Organization,
    Person,
    Request,
    Terms,
    Token,
)
from clearinghouse.permissions.rules import PEOPLE, Role
from clearinghouse.permissions.table import the_table
from tests.deconfliction.makers import a_member, a_scan, authorised, home_of
from tests.findings.test_submissions import a_finder, a_tar, handed_in
from tests.notices.makers import a_webhook
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db
_SCHEMA: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
OPERATIONS = sorted(
    (method, path, operation["operationId"])
    for path, methods in _SCHEMA["paths"].items()
    for method, operation in methods.items()
)
ROOMS = sorted({verb.partition(":")[0] for verb in the_table().verbs})
REFUSED = {403, 404, 409, 412, 422, 428, 503}
OF_ONESELF = {
    "notices",
    "webhooks",
    "whoami",
    "tokens",
    "organizations",
    "findings",
    "submissions",
    "index",
    "cases",
    "questions",
}
OF_ONESELF |= {"acceptances", "consultations", "terms", "signed_terms"}
"""What shows an outsider their own, or what is for everybody with a role, and nothing else."""
OF_ONESELF |= {"authorisations", "availability", "coverage", "intents", "mappings", "ownerships", "techniques"}
OF_ONESELF |= {"figures", "interchange", "opt_outs"}
OF_ONESELF |= {"feeds", "meetings", "requests", "subscriptions", "worth_looking_at"}
OF_STREAMS = {"events"}
"""What asks by a connection of its own, which sees nothing of a test's transaction; tests/notices/test_stream.py."""
OF_MEMBERS = {"constraint", "constraints"}
"""What every participant has to see, whoever says it."""


@pytest.fixture
def foreign(settings: Any, tmp_path: Path) -> dict[str, str]:  # noqa: ANN401 - pytest-django's
    """Return one of everything that belongs to others, by the names that addresses give it."""
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path, None
    made = handed_in(a_tar(), tmp_path, actor=a_finder())
    read_submission.call(str(made.pk))
    home = an_organization()
    person = a_person(Role.MAINTAINER, organization=home, at=right_now())
    a_token(person, "parties", at=right_now())
    invitation, _ = make_invitation(home, Role.FINDER, email="a@b.example", actor=ADMINISTRATOR, at=NOON)
    case = Case.objects.create(
        public_id="CASE-00000000", key="0" * 16, package="pkg:pypi/x", state=CaseState.OPEN, created_at=NOON
    )
    return {
        "finding_id": str(Finding.objects.get().pk),
        "receipt": made.receipt,
        "organization_id": str(home.pk),
        "person_id": str(person.pk),
        "membership_id": str(Membership.objects.get(person=person).pk),
        "invitation_id": str(invitation.pk),
        "token_id": str(Token.objects.get(person=person).pk),
        "webhook_id": str(a_webhook(person).pk),
        "person": str(person.pk),
        "case": case.public_id,
        "participant": str(_seat(case, person).pk),
        "asked": str(_request(case).pk),
        "consultation": str(_consultation(case, home).pk),
        "version": str(Terms.objects.create(version=1, text="t", published_by=person.pk, created_at=NOON).version),
        "entry": "0",
        "intent": "SCAN-0000000000",
        "response_id": str(uuid4()),
        "name": "proof.yaml",
        **_scanning(),
    }


def _scanning() -> dict[str, str]:
    """Return the names of another's confidential scan, constraint, authorisation, claim and mapping."""
    owner, scanner = a_member(Role.OPERATOR), a_member()
    rule, _ = state_constraint(
        home_of(owner), ConstraintKind.DO_NOT_SCAN, target_from_text("pkg:npm/kept"), actor=owner, at=NOON
    )
    claimed = claim_ownership(
        home_of(owner), target_from_text("192.0.2.0/24"), criticality=5, evidence="e", actor=owner, at=NOON
    )
    hidden = announce_intent(a_scan("pkg:npm/hidden", visibility=Visibility.THOSE_MET), actor=scanner, at=NOON).intent
    start_intent(hidden, actor=scanner, at=NOON)
    (covered,) = record_coverage(hidden, [Tried(target_of(hidden.targets[0]), findings=1)], actor=scanner, at=NOON)
    watched = begin_subscription(target_from_text("pkg:npm/kept"), actor=owner, at=NOON)
    return {
        "intent": hidden.public_id,
        "coverage": str(covered.pk),
        "subscription": watched.public_id,
        "constraint": rule.public_id,
        "authorisation": authorised(owner, scanner, "192.0.2.0/24").public_id,
        "ownership": str(claimed.pk),
        "mapping": str(add_mapping("pkg:npm/kept", "https://git.example/kept", actor=scanner, at=NOON).pk),
    }


def _seat(case: Case, person: Person) -> Participant:
    seat = {"part": "maintainer", "tier": 0, "invited_by": person.pk, "state": "seated", "created_at": NOON}
    return Participant.objects.create(case=case, person=person, **seat)


def _request(case: Case) -> Request:
    content = {"from": "RED", "to": "GREEN", "basis": "0" * 64}
    about = {"verb": "cases:marking:lower", "subject_kind": "case", "subject_id": str(case.pk), "content": content}
    return Request.objects.create(**about, digest="0" * 64, requested_by=uuid4(), state="open", created_at=NOON)


def _consultation(case: Case, home: Organization) -> Consultation:
    asked = {"about_kind": "case", "about_id": str(case.pk), "question": "when?", "asked_by": uuid4()}
    return Consultation.objects.create(**asked, organization=home, due_at=NOON, state="asked", created_at=NOON)


def _asked(client: Client, method: str, path: str, values: dict[str, str], body: dict[str, Any]) -> Any:  # noqa: ANN401
    for name, value in {**values, "name": "csaf.json" if "drafts" in path else values["name"]}.items():
        path = path.replace("{path:" + name + "}", value).replace("{" + name + "}", value)
    assert "{" not in path
    headers = {"If-Match": "*"}
    if method in {"get", "delete"}:
        return client.generic(method.upper(), path, headers=headers)
    return client.generic(method.upper(), path, json.dumps(body), content_type="application/json", headers=headers)


def _body_of(operation: str, foreign: dict[str, str]) -> dict[str, Any]:
    """Return a body that is right for each operation, so that nothing but the right is missing; ids are foreign."""
    ends = (right_now() + timedelta(days=3)).isoformat()
    bodies: dict[str, dict[str, Any]] = {
        "answer_question": {"why": "because", "yes": True},
        "found_organization": {"name": "mine"},
        "rename_organization": {"name": "mine"},
        "grant_membership": {"person": foreign["person"], "role": "administrator"},
        "make_invitation": {"role": "administrator"},
        "respond": {"said": "disputed", "why": "because"},
        "propose_embargo": {"why": "because", "ends_at": ends},
        "ask_seat": {"person": foreign["person"], "part": "maintainer", "tier": 0},
        "raise_marking": {"label": "RED", "why": "because"},
        "ask_lower_marking": {"label": "CLEAR", "why": "because"},
        "ask_about_case": {"organization": "mine", "question": "when?", "due_at": ends},
        "agree": {"organization": "mine"},
        "publish_count": {"where": "https://lab.example/advisory"},
        "publish_terms": {"text": "mine"},
        "answer_consultation": {"answer": "yes"},
        "leave": {"erase": True},
        "register_webhook": {"url": "https://inside.localhost/", "events": ["case.opened"]},
        "issue_token": {"name": "x", "scopes": ["parties"], "expires_at": ends},
    }
    return bodies.get(operation, {"why": "because"})


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that stands in every table."""
    return {model._meta.label: sorted(model._base_manager.values_list(), key=repr) for model in apps.get_models()}


@pytest.mark.parametrize(("method", "path", "operation"), [one for one in OPERATIONS if one[2] not in OF_STREAMS])
def test_an_outsider_gets_and_changes_nothing_of_others(
    method: str, path: str, operation: str, foreign: dict[str, str]
) -> None:
    insider = a_person(*PEOPLE, at=right_now())  # every role, but no second factor and no seat
    Membership.objects.filter(person=insider, role__in=[Role.AUDITOR, Role.ADMINISTRATOR, Role.COORDINATOR]).delete()
    client = Client(headers={"Authorization": f"Bearer {a_token(insider, *ROOMS, at=right_now())}"})
    before = _rows()
    answer = _asked(client, method, path, foreign, _body_of(operation, foreign))
    if operation in OF_MEMBERS:
        assert answer.status_code == 200 and foreign["constraint"] in answer.content.decode()
    elif operation in OF_ONESELF:
        assert answer.status_code == 200
        said = answer.content.decode()
        assert not [one for name, one in foreign.items() if len(one) > 10 and one in said and name != "mapping"]
    else:
        assert answer.status_code in REFUSED, answer.content
    assert _rows() == before


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_nobody_who_is_not_known_gets_anything(method: str, path: str, operation: str, foreign: dict[str, str]) -> None:
    answer = _asked(Client(), method, path, foreign, _body_of(operation, foreign))
    assert answer.status_code == 401 and answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "operation"), [one for one in OPERATIONS if one[0] in {"post", "put", "patch"}]
)
def test_no_field_of_a_row_is_written_from_outside(
    method: str, path: str, operation: str, foreign: dict[str, str]
) -> None:
    """Send every column of every table with an otherwise right body: what the operation does not name is refused."""
    columns = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    right = _body_of(operation, foreign)
    body = {name: str(UUID(int=7)) for name in columns if name not in right} | right
    administrator = a_person(Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINDER, at=right_now())
    token = a_token(administrator, *ROOMS, at=right_now(), second_factor=True)
    before = _rows()
    answer = _asked(Client(headers={"Authorization": f"Bearer {token}"}), method, path, foreign, body)
    assert answer.status_code in REFUSED, answer.content
    assert _rows() == before
