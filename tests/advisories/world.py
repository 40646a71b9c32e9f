"""A server with something on it, for tests of pages: people of every kind, cases, a question, a refused report."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions
from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.cases import cases_for
from clearinghouse.findings.models import Finding
from clearinghouse.parties.models import Person
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.permissions.rules import Role
from clearinghouse.validation.rules import FindingOutcome, Grade, Reason
from tests.cases.makers import NOON
from tests.cases.rows import PATCH, a_finding, a_judgement, a_line, a_range, ids, not_validated
from tests.parties.makers import a_person, an_organization

GOOD_PATCH = PATCH.replace("570,7 +570,7", "570,5 +570,5")
PRIVATE = {"public": {"value": "no", "evidence": []}}


@dataclass(frozen=True, slots=True)
class World:
    """What there is."""

    coordinator: Person
    auditor: Person
    finder: Person
    case: Case
    doubted: Case
    findings: tuple[Finding, ...]


def a_world(store: Artefacts, **report: Any) -> World:  # noqa: ANN401
    """Make a server with two cases, one of two reports and one to confirm, and a refused report of our finder."""
    new_id, lab = ids(), an_organization("Blue Lab")
    finder = a_person(Role.FINDER, organization=lab)
    said = PRIVATE | report
    one = a_finding(store, "fa-1", report=said, patch=GOOD_PATCH)
    two = a_finding(store, "fb-1", finder="finder-b", report=said, patch=GOOD_PATCH)
    minimist = a_range(
        "pkg:npm/minimist", a_line(("1.2.4", "affected"), ("1.2.5", "affected"), ("1.2.6", "unaffected"))
    )
    doubt = a_judgement(
        grade=Grade.B, reason=Reason.NO_BENIGN, target="pkg:npm/minimist@1.2.5", fixed="pkg:npm/minimist@1.2.6"
    )
    three = a_finding(
        store,
        "fa-2",
        judgement=doubt,
        releases=minimist,
        patch=None,
        report=said | {"title": "A key sets a prototype", **report},
    )
    silent = not_validated(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, "The proof is silent on the vulnerable release.")
    four = a_finding(store, "fa-3", judgement=silent, patch=None, report=said)
    Finding.objects.update(organization_id=lab.pk)
    actions.join_findings(artefacts=store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)
    return World(
        coordinator=a_person(Role.COORDINATOR, organization=an_organization("Office")),
        auditor=a_person(Role.AUDITOR, organization=an_organization("Audit")),
        finder=finder,
        case=cases_for(LOCAL).get(package="pkg:pypi/pyyaml"),
        doubted=cases_for(LOCAL).get(package="pkg:npm/minimist"),
        findings=(one, two, three, four),
    )


def signed_in(person: Person, *, second_factor: bool = False) -> Client:
    """Return a browser in which a person has signed in."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    if second_factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0.0, "type": "totp"}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
    return client
