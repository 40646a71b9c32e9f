"""Tests of the pages and operations about terms, organizations and one's account, by requests."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from clearinghouse.parties.actions import grant_membership
from clearinghouse.parties.models import Acceptance, Invitation, Membership, Organization, Terms
from clearinghouse.parties.rules import TERMS_TYPE
from clearinghouse.permissions.rules import Role
from clearinghouse.signing.envelopes import open_envelope, parse_envelope
from clearinghouse.signing.keys import load_key
from tests.advisories.world import signed_in
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, a_token, an_organization, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Any) -> None:  # noqa: ANN401 - pytest's
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path, None


@pytest.fixture
def admin() -> Client:
    return signed_in(a_person(Role.ADMINISTRATOR, organization=an_organization("Office")), second_factor=True)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_terms_are_published_signed_read_and_accepted_on_one_page(admin: Client, settings: Any) -> None:  # noqa: ANN401
    finder = signed_in(a_person(Role.FINDER, organization=an_organization("Blue Lab")))
    assert "There are no terms yet" in text(finder, "/terms") and "Publish" not in text(finder, "/terms")
    assert finder.post("/terms/publish", {"text": "mine"}).status_code == 403
    assert admin.post("/terms/publish", {"text": "Leave when you like. <b>Really.</b>"}).status_code == 302
    page = text(finder, "/terms")
    assert "has not accepted the terms yet" in page and "&lt;b&gt;Really.&lt;/b&gt;" in page
    sealed = parse_envelope(finder.get("/terms/1.json").content)
    key = load_key(settings.CLEARINGHOUSE_HOME / "keys" / "signing.key").public
    assert json.loads(open_envelope(sealed, payload_type=TERMS_TYPE, key=key))["version"] == 1
    finder.post("/terms/accept", {"version": "1"})
    assert "takes part on <b>version 1</b>" in text(finder, "/terms") and "Blue Lab" in text(admin, "/terms")
    admin.post("/terms/publish", {"text": "Leave at once."})
    assert finder.post("/terms/accept", {"version": "1"}).status_code == 409, "there is a newer one"
    finder.post("/terms/end")
    assert not Acceptance.objects.filter(state="standing").exists()


def test_whoever_has_not_accepted_the_terms_is_told_where_they_stand_before_handing_in(admin: Client) -> None:
    admin.post("/terms/publish", {"text": "Leave when you like."})
    finder = signed_in(a_person(Role.FINDER))
    assert 'href="/terms"' in text(finder, "/hand-in").split("<main")[1]


def test_terms_over_the_api_are_accepted_by_session_alone(admin: Client) -> None:
    made = admin.post("/api/v1/terms", {"text": "Leave when you like."}, content_type="application/json")
    assert made.status_code == 201 and made.json()["version"] == Terms.objects.get().version == 1
    person = a_person(Role.FINDER, at=right_now())
    by_token = Client(headers={"Authorization": f"Bearer {a_token(person, 'parties', at=right_now())}"})
    assert by_token.get("/api/v1/terms").json()["accepted"] is None
    assert by_token.post("/api/v1/terms/1/accept").status_code == 403
    client = signed_in(person)
    assert client.post("/api/v1/terms/1/accept").status_code == 201
    assert client.get("/api/v1/terms").json()["accepted"] == 1
    assert [one["version"] for one in admin.get("/api/v1/acceptances").json()["items"]] == [1]
    assert client.delete("/api/v1/acceptances/mine").status_code == 204


def test_the_account_says_for_whom_one_acts_and_changes_it() -> None:
    person, other = a_person(Role.FINDER, organization=an_organization("Blue Lab")), an_organization("Red Lab")
    client = signed_in(person)
    assert "Act for another organization" not in text(client, "/account")
    grant_membership(person, other, Role.MAINTAINER, actor=ADMINISTRATOR, at=NOON)
    assert client.post("/account/organization", {"organization": str(other.pk)}).status_code == 302
    assert client.get("/api/v1/whoami").json()["roles"] == ["maintainer"]
    stranger = an_organization("Another")
    assert client.post("/account/organization", {"organization": str(stranger.pk)}).status_code == 404
    assert client.get("/api/v1/whoami").json()["organization"] == str(other.pk)


def test_a_role_that_waits_for_a_second_factor_says_so_and_leads_there() -> None:
    client = signed_in(a_person(Role.COORDINATOR))
    page = text(client, "/account")
    assert "As coordinator you can do nothing until you sign in with a second factor" in page
    assert 'href="/account/factors/"' in page and "/account" in text(client, "/")


def test_an_administrator_founds_invites_gives_and_ends_roles_on_pages(admin: Client) -> None:
    made = admin.post("/organizations", {"name": "Upstream"})
    page = made["Location"]
    home = Organization.objects.get(name="Upstream")
    assert admin.post("/organizations", {"name": "Upstream"}).status_code == 409
    assert (
        "/join/"
        in admin.post(f"{page}/invitations", {"email": "m@upstream.example", "role": "maintainer"}).content.decode()
    )
    (invitation,) = Invitation.objects.filter(organization=home)
    admin.post(f"{page}/invitations/{invitation.pk}/withdraw")
    assert "withdrawn" in text(admin, page)
    mia = a_person(Role.MAINTAINER)
    assert admin.post(f"{page}/members", {"email": "nobody@x.example", "role": "finder"}).status_code == 422
    admin.post(f"{page}/members", {"email": mia.email, "role": "finder"})
    row = Membership.objects.get(organization=home)
    assert row.person == mia and "End finder" in text(admin, page)
    admin.post(f"{page}/members/{row.pk}/end")
    assert not Membership.objects.filter(organization=home).exists()


def test_nobody_is_invited_who_has_an_account_for_the_link_would_lead_nowhere(admin: Client) -> None:
    mia, home = a_person(Role.MAINTAINER), an_organization()
    refused = admin.post(f"/organizations/{home.pk}/invitations", {"email": mia.email, "role": "finder"})
    assert refused.status_code == 422 and "has an account here already" in refused.content.decode()


def test_an_account_is_closed_on_the_page_and_its_address_invited_again(admin: Client) -> None:
    home = an_organization()
    mia = a_person(Role.MAINTAINER, organization=home)
    hers, page = signed_in(mia), f"/organizations/{home.pk}"
    assert hers.get("/account").status_code == 200
    close = f"{page}/members/{Membership.objects.get(person=mia).pk}/close"
    assert close in text(admin, page) and signed_in(a_person(Role.FINDER)).post(close).status_code == 404
    admin.post(close)
    assert hers.get("/account").status_code == 302, "an open session ends with the account"
    assert "(closed)" in text(admin, page) and close not in text(admin, page)
    assert "/join/" in admin.post(f"{page}/invitations", {"email": mia.email, "role": "finder"}).content.decode()


def test_a_coordinator_is_offered_only_the_roles_that_they_may_give() -> None:
    home = an_organization("Office")
    client = signed_in(a_person(Role.COORDINATOR, organization=home), second_factor=True)
    offered = re.findall(r'<option value="([a-z-]+)"', text(client, "/organization"))
    assert offered == ["finder", "maintainer", "operator"]
    assert (
        client.post(
            f"/organizations/{home.pk}/invitations", {"email": "a@office.example", "role": "auditor"}
        ).status_code
        == 422
    )


def test_a_member_gives_up_a_role_and_sees_no_other_organization() -> None:
    person, other = a_person(Role.FINDER, Role.MAINTAINER), an_organization("Red Lab")
    client = signed_in(person)
    assert "Red Lab" not in text(client, "/organization")
    assert client.get(f"/organizations/{other.pk}").status_code == 404
    row = Membership.objects.get(person=person, role="maintainer")
    assert client.post(f"/organizations/{row.organization_id}/members/{row.pk}/end")["Location"] == "/account"
    assert list(Membership.objects.values_list("role", flat=True)) == ["finder"]
