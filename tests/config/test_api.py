"""Every operation of the API, asked by an outsider for what is not theirs: nothing is told, nothing is written."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client

from clearinghouse.cases.models import Case, Participant, SavedView
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.queue import Filters
from clearinghouse.cases.saving import save_view
from clearinghouse.deconfliction.actions.coverage import Tried, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_intent, start_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.actions.owners import claim_ownership, state_constraint
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.edges.signer import the_signer
from clearinghouse.findings.models import Finding
from clearinghouse.findings.tasks import read_submission
from clearinghouse.parties.actions import make_invitation
from clearinghouse.parties.models import (
    Acceptance,
    Consultation,
    Membership,
    Organization,
    Person,
    Request,
    Terms,
    Token,
)
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import AcceptanceState
from clearinghouse.permissions.rules import PEOPLE, Role
from clearinghouse.permissions.table import the_table
from tests.config.bodies import OPERATIONS, QUERY, SOMEBODY, body_of, objects_in, sent
from tests.deconfliction.makers import a_member, a_scan, authorised, home_of
from tests.findings.test_submissions import a_finder, a_tar, handed_in
from tests.notices.makers import a_webhook
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db
ROOMS = sorted({verb.partition(":")[0] for verb in the_table().verbs})
EVERY = list(OPERATIONS)
WRITES = [name for name, one in OPERATIONS.items() if one.schema is not None]
REFUSED = {403, 404, 503}
"""For want of a right, as what is not there, or because what is asked for is written later; never for its shape."""
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
OF_ONESELF |= {"feeds", "meetings", "requests", "save_view", "saved_views", "subscriptions", "worth_looking_at"}
OF_ONESELF |= {"announce_intent", "bring_in", "check_claim", "check_intent", "suggest_instead", "whois_request"}
OF_ONESELF |= {"add_mapping", "begin_subscription", "claim_ownership", "give_authorisation", "state_constraint"}
OF_ONESELF |= {"hand_in", "hand_in_files", "public_key", "whois_scan"}
OF_PROOF = {"whois_request"}
"""What is asked with a scanner's signature: right in shape, and refused for want of it."""
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
    the_signer()  # whoever is the first to ask for the key has it made; that is nobody's row
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
        "view_id": str(_view().pk),
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


def _view() -> SavedView:
    whose = actor_for_person(a_person(Role.COORDINATOR, at=right_now()), second_factor=True, at=right_now())
    return save_view("Theirs", Filters(words="hidden"), actor=whose, at=NOON)


def _request(case: Case) -> Request:
    content = {"from": "RED", "to": "GREEN", "basis": "0" * 64}
    about = {"verb": "cases:marking:lower", "subject_kind": "case", "subject_id": str(case.pk), "content": content}
    return Request.objects.create(**about, digest="0" * 64, requested_by=uuid4(), state="open", created_at=NOON)


def _consultation(case: Case, home: Organization) -> Consultation:
    asked = {"about_kind": "case", "about_id": str(case.pk), "question": "when?", "asked_by": uuid4()}
    return Consultation.objects.create(**asked, organization=home, due_at=NOON, state="asked", created_at=NOON)


def _asked(client: Client, name: str, values: dict[str, str], body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    operation = OPERATIONS[name]
    path = operation.path
    for part, value in {**values, "name": "csaf.json" if "drafts" in path else values["name"]}.items():
        path = path.replace("{path:" + part + "}", value).replace("{" + part + "}", value)
    assert "{" not in path
    said = sent(name, body_of(name, values) if body is None else body)
    query = urlencode({one: QUERY[one] for one in operation.asks})
    return client.generic(operation.method.upper(), path, headers={"If-Match": "*"}, QUERY_STRING=query, **said)


def _on_terms(person: Person) -> None:
    """Let the organization of a person take part, so that nothing is refused for want of that."""
    home = Membership.objects.filter(person=person)[0].organization
    taken = {"terms": Terms.objects.get(), "accepted_by": person.pk, "state": AcceptanceState.STANDING}
    Acceptance.objects.create(organization=home, created_at=NOON, **taken)


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that stands in every table."""
    return {model._meta.label: sorted(model._base_manager.values_list(), key=repr) for model in apps.get_models()}


def _stand(before: dict[str, list[tuple[Any, ...]]]) -> bool:
    """Say whether every row that was there is there still, and as it was; only the ledger grows."""
    after = _rows()
    return all(
        {repr(row) for row in rows} <= {repr(row) for row in after[name]}
        for name, rows in before.items()
        if name != "ledger.Head"
    )


@pytest.mark.parametrize("operation", [one for one in EVERY if one not in OF_STREAMS])
def test_an_outsider_gets_and_changes_nothing_of_others(operation: str, foreign: dict[str, str]) -> None:
    insider = a_person(*PEOPLE, at=right_now())  # every role, but no second factor and no seat
    Membership.objects.filter(person=insider, role__in=[Role.AUDITOR, Role.ADMINISTRATOR, Role.COORDINATOR]).delete()
    _on_terms(insider)
    client = Client(headers={"Authorization": f"Bearer {a_token(insider, *ROOMS, at=right_now())}"})
    before = _rows()
    answer = _asked(client, operation, foreign)
    if operation in OF_MEMBERS:
        assert answer.status_code == 200 and foreign["constraint"] in answer.content.decode()
    elif operation in OF_PROOF:
        assert answer.status_code == 422 and answer.json()["code"] == "malformed", answer.content
    elif operation in OF_ONESELF:
        assert answer.status_code in {200, 201, 202}, answer.content
        said, own = answer.content.decode(), str(body_of(operation, foreign))
        hidden = [one for name, one in foreign.items() if len(one) > 10 and name != "mapping" and one not in own]
        assert not [one for one in hidden if one in said]
        assert _stand(before)
        return
    else:
        assert answer.status_code in REFUSED, answer.content
    assert _rows() == before


@pytest.mark.parametrize("operation", EVERY)
def test_nobody_who_is_not_known_gets_anything(operation: str, foreign: dict[str, str]) -> None:
    answer = _asked(Client(), operation, foreign)
    assert answer.status_code == 401 and answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("operation", WRITES)
def test_no_field_of_a_row_is_written_from_outside(operation: str, foreign: dict[str, str]) -> None:
    """Send every column of every table with a right body, in each object of it: all are named and refused."""
    columns = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    administrator = a_person(Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINDER, at=right_now())
    token = a_token(administrator, *ROOMS, at=right_now(), second_factor=True)
    _on_terms(administrator)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    schema, body = OPERATIONS[operation].schema, body_of(operation, foreign)
    assert schema is not None
    extra = set()
    for place, found, known in list(objects_in(schema, body)):
        named = columns - known
        found.update(dict.fromkeys(named, str(SOMEBODY)))
        extra |= {f"{place}.{name}".removeprefix(".") for name in named}
    before = _rows()
    answer = _asked(client, operation, foreign, body)
    if OPERATIONS[operation].media_type == "multipart/form-data":  # what a form does not name is not looked at
        assert answer.status_code in {201, 202, 404}, answer.content
        assert str(SOMEBODY) not in repr(_rows())
        return
    assert answer.status_code == 422, answer.content
    told = answer.json()["violations"]
    assert {one["code"] for one in told} == {"extra-forbidden"}, "the body is right but for what it must not name"
    assert {one["field"].removeprefix("body.") for one in told} == extra
    assert _rows() == before
