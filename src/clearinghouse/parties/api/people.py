"""The API's operations about people."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.given import Given
from clearinghouse.edges.idempotency import idempotent
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import tag
from clearinghouse.errors import NotFound
from clearinghouse.parties import actions, queries
from clearinghouse.parties.models import Invitation, Membership, Organization, Token
from clearinghouse.permissions.rules import Role

router = Router(tags=["parties"])


class WhoAmI(Schema):
    """Who asks, and by what right."""

    id: UUID
    name: str
    email: str
    organization: UUID | None = Field(description="For whom you act now; null without a role.")
    roles: list[str]
    scopes: list[str] | None = Field(description="What your token is for; null when you signed in.")
    second_factor: bool = Field(description="Whether a second factor was shown; some roles count only with one.")


@router.get("/whoami", response={200: WhoAmI} | REFUSALS, operation_id="whoami", summary="Say who asks")
@door("parties:person:read")
def whoami(request: HttpRequest, response: HttpResponse) -> WhoAmI:
    """Return who asks, for which organization, with which roles, and what the token was issued for."""
    actor = actor_of(request)
    person = queries.oneself(actor)
    shown = WhoAmI(
        id=person.pk,
        name=person.name,
        email=person.email,
        organization=actor.organization,
        roles=sorted(actor.roles),
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        second_factor=actor.second_factor,
    )
    tag(response, shown)
    return shown


class TokenShown(Schema):
    """A token, without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime
    revoked_at: datetime | None


class TokenIssued(TokenShown):
    """A token that was just issued."""

    secret: str = Field(description="Shown this once; nothing but its hash is kept.")


class TokenWanted(Given):
    """A token that is wanted."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=100)
    expires_at: datetime


class OrganizationShown(Schema):
    """An organization."""

    id: UUID
    name: str


class OrganizationWanted(Given):
    """An organization that is to be founded."""

    name: str = Field(min_length=1, max_length=200)


class MemberShown(Schema):
    """A role of a person in an organization."""

    id: UUID
    person: UUID
    name: str
    role: Role


class MemberWanted(Given):
    """A role that a person is to have."""

    person: UUID
    role: Role


class InvitationShown(Schema):
    """An invitation, without its secret."""

    id: UUID
    role: Role
    email: str
    expires_at: datetime
    open: bool


class InvitationMade(InvitationShown):
    """An invitation that was just made."""

    address: str = Field(description="The link; shown this once, nothing but its hash is kept.")


class InvitationWanted(Given):
    """An invitation that is to be made."""

    role: Role
    email: str = Field(min_length=3, max_length=254, description="The link is good for this address alone.")


@router.get("/tokens", response={200: Page[TokenShown]} | REFUSALS, operation_id="tokens", summary="List tokens")
@door("parties:token:read")
def tokens(request: HttpRequest, paging: Query[Paging]) -> Page[TokenShown]:
    """Return one's own tokens, the newest first."""
    rows = queries.tokens_for(actor_of(request))
    return page_of(rows, paging, show=_token)


@router.post("/tokens", response={201: TokenIssued} | REFUSALS, operation_id="issue_token", summary="Issue a token")
@door("parties:token:issue")
def issue_token(request: HttpRequest, body: TokenWanted) -> Status[TokenIssued]:
    """Issue a token for oneself; only whoever signed in may, not a token. The secret is shown this once."""
    token, secret = actions.issue_token(
        body.name, scopes=body.scopes, expires_at=body.expires_at, actor=actor_of(request), at=timezone.now()
    )
    return Status(201, TokenIssued(**_token(token).model_dump(), secret=secret))


@router.delete(
    "/tokens/{token_id}", response={204: None} | REFUSALS, operation_id="revoke_token", summary="End a token at once"
)
@door("parties:token:revoke")
def revoke_token(request: HttpRequest, token_id: UUID) -> Status[None]:
    """End a token; it holds for no further request."""
    actor = actor_of(request)
    actions.revoke_token(queries.token_for(actor, token_id), actor=actor, at=timezone.now())
    return Status(204, None)


@router.get(
    "/organizations",
    response={200: Page[OrganizationShown]} | REFUSALS,
    operation_id="organizations",
    summary="List organizations",
)
@door("parties:organization:read")
def organizations(request: HttpRequest, paging: Query[Paging]) -> Page[OrganizationShown]:
    """Return the organizations that one may see, by name."""
    rows = queries.organizations_for(actor_of(request))
    return page_of(rows, paging, show=_organization)


@router.post(
    "/organizations",
    response={201: OrganizationShown} | REFUSALS,
    operation_id="found_organization",
    summary="Found an organization",
)
@decorate_view(idempotent)
@door("parties:organization:found")
def found_organization(request: HttpRequest, body: OrganizationWanted) -> Status[OrganizationShown]:
    """Found an organization."""
    made = actions.found_organization(body.name, actor=actor_of(request), at=timezone.now())
    return Status(201, _organization(made))


@router.patch(
    "/organizations/{organization_id}",
    response={200: OrganizationShown} | REFUSALS,
    operation_id="rename_organization",
    summary="Rename an organization",
)
@door("parties:organization:rename")
def rename_organization(request: HttpRequest, organization_id: UUID, body: OrganizationWanted) -> OrganizationShown:
    """Give an organization another name."""
    actor = actor_of(request)
    found = queries.organization_for(actor, organization_id)
    actions.rename_organization(found, body.name, actor=actor, at=timezone.now())
    return _organization(found)


@router.get(
    "/organizations/{organization_id}/members",
    response={200: Page[MemberShown]} | REFUSALS,
    operation_id="members",
    summary="List members",
)
@door("parties:membership:read")
def members(request: HttpRequest, organization_id: UUID, paging: Query[Paging]) -> Page[MemberShown]:
    """Return who has which role in an organization, as far as one may see it."""
    actor = actor_of(request)
    rows = queries.memberships_for(actor, queries.organization_for(actor, organization_id))
    return page_of(rows, paging, show=_member)


@router.post(
    "/organizations/{organization_id}/members",
    response={201: MemberShown} | REFUSALS,
    operation_id="grant_membership",
    summary="Give a person a role",
)
@door("parties:membership:grant")
def grant_membership(request: HttpRequest, organization_id: UUID, body: MemberWanted) -> Status[MemberShown]:
    """Give a person a role in an organization."""
    actor = actor_of(request)
    made = actions.grant_membership(
        queries.person_for(actor, body.person),
        queries.organization_for(actor, organization_id),
        body.role,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, _member(made))


@router.delete(
    "/organizations/{organization_id}/members/{membership_id}",
    response={204: None} | REFUSALS,
    operation_id="end_membership",
    summary="Take a role from a person",
)
@door("parties:membership:end")
def end_membership(request: HttpRequest, organization_id: UUID, membership_id: UUID) -> Status[None]:
    """Take a role from a person, at once also from their sessions and tokens."""
    actor = actor_of(request)
    found = queries.membership_for(actor, organization_id, membership_id)
    actions.end_membership(found, actor=actor, at=timezone.now())
    return Status(204, None)


@router.delete(
    "/people/{person_id}", response={204: None} | REFUSALS, operation_id="close_person", summary="Close an account"
)
@door("parties:person:close")
def close_person(request: HttpRequest, person_id: UUID) -> Status[None]:
    """Close an account for good; its address is free then, so somebody who cannot sign in can be invited anew."""
    actor = actor_of(request)
    actions.close_person(queries.person_for(actor, person_id), actor=actor, at=timezone.now())
    return Status(204, None)


@router.get(
    "/organizations/{organization_id}/invitations",
    response={200: Page[InvitationShown]} | REFUSALS,
    operation_id="invitations",
    summary="List invitations",
)
@door("parties:invitation:read")
def invitations(request: HttpRequest, organization_id: UUID, paging: Query[Paging]) -> Page[InvitationShown]:
    """Return the invitations to an organization, the newest first."""
    actor = actor_of(request)
    rows = queries.invitations_for(actor, queries.organization_for(actor, organization_id))
    return page_of(rows, paging, show=_invitation)


@router.post(
    "/organizations/{organization_id}/invitations",
    response={201: InvitationMade} | REFUSALS,
    operation_id="make_invitation",
    summary="Invite somebody",
)
@door("parties:invitation:make")
def make_invitation(request: HttpRequest, organization_id: UUID, body: InvitationWanted) -> Status[InvitationMade]:
    """Make a link with which somebody signs up; it is shown this once."""
    actor = actor_of(request)
    home = queries.organization_for(actor, organization_id)
    made, secret = actions.make_invitation(home, body.role, email=body.email, actor=actor, at=timezone.now())
    shown = InvitationMade(**_invitation(made).model_dump(), address=f"{settings.CLEARINGHOUSE_URL}/join/{secret}")
    return Status(201, shown)


@router.delete(
    "/organizations/{organization_id}/invitations/{invitation_id}",
    response={204: None} | REFUSALS,
    operation_id="withdraw_invitation",
    summary="End an invitation",
)
@door("parties:invitation:withdraw")
def withdraw_invitation(request: HttpRequest, organization_id: UUID, invitation_id: UUID) -> Status[None]:
    """End an invitation before it is accepted."""
    actor = actor_of(request)
    rows = queries.invitations_for(actor, queries.organization_for(actor, organization_id))
    found = next((one for one in rows if one.pk == invitation_id), None)
    if found is None:
        raise NotFound("no such invitation")
    actions.withdraw_invitation(found, actor=actor, at=timezone.now())
    return Status(204, None)


def _token(one: Token) -> TokenShown:
    return TokenShown(id=one.pk, name=one.name, scopes=one.scopes, expires_at=one.expires_at, revoked_at=one.revoked_at)


def _organization(one: Organization) -> OrganizationShown:
    return OrganizationShown(id=one.pk, name=one.name)


def _member(one: Membership) -> MemberShown:
    return MemberShown(id=one.pk, person=one.person_id, name=one.person.name, role=Role(one.role))


def _invitation(one: Invitation) -> InvitationShown:
    return InvitationShown(
        id=one.pk,
        role=Role(one.role),
        email=one.email,
        expires_at=one.expires_at,
        open=one.is_open(timezone.now()),
    )
