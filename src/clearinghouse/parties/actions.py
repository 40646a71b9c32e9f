"""What is done with parties."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted, Problem, Refused
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Invitation, Membership, Organization, Person, Token
from clearinghouse.parties.queries import has_administrator, open_invitation
from clearinghouse.parties.rules import (
    CLEARINGHOUSE,
    INVITATION_HOLDS,
    LOCAL,
    LOCAL_ORGANIZATION,
    SECRET_BYTES,
    TOKEN_PREFIX,
    check_expiry,
    check_scopes,
    digest_of,
    normal_email,
)
from clearinghouse.permissions.rules import PEOPLE, Actor, Role
from clearinghouse.permissions.table import demand, the_table


def local_actor(*, at: datetime) -> Actor:
    """Return the actor of the embedded default, founding its organization at the first call."""
    if not Organization.objects.filter(pk=LOCAL_ORGANIZATION).exists():
        _found_local_organization(at=at)
    return LOCAL


@transaction.atomic
def _found_local_organization(*, at: datetime) -> None:
    organization, made = Organization.objects.get_or_create(
        pk=LOCAL_ORGANIZATION, defaults={"name": "local", "created_at": at}
    )
    if made:
        demand(LOCAL, "parties:organization:found", organization)
        record("parties:organization:found", subject=organization, actor=LOCAL, at=at, details={"name": "local"})


@transaction.atomic
def found_organization(name: str, *, actor: Actor, at: datetime) -> Organization:
    """Found and return an organization.

    Raises:
        NotPermitted: the actor may not.
        Malformed: the name is empty.
        Conflict: there is one of that name.
    """
    demand(actor, "parties:organization:found")
    organization = Organization(name=name, created_at=at)
    _save_named(organization)
    record("parties:organization:found", subject=organization, actor=actor, at=at, details={"name": organization.name})
    return organization


@transaction.atomic
def rename_organization(organization: Organization, name: str, *, actor: Actor, at: datetime) -> None:
    """Give an organization another name; what was written down under the old one keeps it.

    Raises:
        NotPermitted: the actor may not.
        Malformed: the name is empty.
        Conflict: there is one of that name.
    """
    demand(actor, "parties:organization:rename", organization)
    was, organization.name = organization.name, name
    _save_named(organization)
    details = {"from": was, "to": organization.name}
    record("parties:organization:rename", subject=organization, actor=actor, at=at, details=details)


def _save_named(organization: Organization) -> None:
    organization.name = organization.name.strip()
    if not organization.name:
        raise Malformed("an organization has a name; write one")
    try:
        with transaction.atomic():
            organization.save()
    except IntegrityError:
        raise Conflict(f"there is an organization {organization.name!r}; choose another name") from None


@transaction.atomic
def make_invitation(
    organization: Organization, role: Role, *, email: str = "", actor: Actor, at: datetime
) -> tuple[Invitation, str]:
    """Make an invitation, and return it with the secret of its link, which is kept nowhere.

    Raises:
        NotPermitted: the actor may not invite.
        Malformed: nobody can have that role, or no address is named, or none that mail could be sent to.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    invitation = Invitation(
        organization=organization,
        role=role,
        email=normal_email(email),
        invited_by=actor.id,
        digest=digest_of(secret),
        expires_at=at + INVITATION_HOLDS,
        created_at=at,
    )
    demand(actor, "parties:invitation:make", invitation, is_kept=False)
    if role not in PEOPLE:
        raise Malformed(f"nobody can have the role {role}; choose one of {', '.join(PEOPLE)}")
    if email:
        check_address(email)
    elif actor.id != CLEARINGHOUSE.id:
        raise Malformed("name the address that it is for; a link for any address tells which ones have an account here")
    invitation.save(force_insert=True)
    details = {"organization": organization.pk, "role": role}
    record("parties:invitation:make", subject=invitation, actor=actor, at=at, details=details)
    return invitation, secret


def check_address(email: str) -> None:
    """Return quietly if ``email`` is an e-mail address.

    Raises:
        Malformed: it is none.
    """
    try:
        validate_email(normal_email(email))
    except ValidationError:
        raise Malformed(f"{email[:80]!r} is no e-mail address; it would be name@host") from None


@transaction.atomic
def invite_first_administrator(*, at: datetime, office: str = "") -> str | None:
    """Return the secret with which the first administrator signs up; earlier ones end. None: there is one already.

    Args:
        at: now.
        office: how the organization that runs the installation is to be called from now on; empty: as it is.

    Raises:
        Malformed: the name is none.
        Conflict: another organization has it.
    """
    if has_administrator():
        return None
    for earlier in Invitation.objects.filter(
        role=Role.ADMINISTRATOR, invited_by=CLEARINGHOUSE.id, accepted_at=None, withdrawn_at=None
    ):
        withdraw_invitation(earlier, actor=CLEARINGHOUSE, at=at)
    local_actor(at=at)
    home = Organization.objects.get(pk=LOCAL_ORGANIZATION)
    if office and office.strip() != home.name:
        rename_organization(home, office, actor=CLEARINGHOUSE, at=at)
    return make_invitation(home, Role.ADMINISTRATOR, actor=CLEARINGHOUSE, at=at)[1]


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, actor: Actor, at: datetime) -> None:
    """End an invitation before it is accepted.

    Raises:
        NotFound: the actor may not know of it.
        Conflict: it was accepted, or withdrawn before.
    """
    demand(actor, "parties:invitation:withdraw", invitation)
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not waiting.update(withdrawn_at=at):
        raise Conflict("this invitation has ended already; look at it again")
    record("parties:invitation:withdraw", subject=invitation, actor=actor, at=at)


@transaction.atomic
def accept_invitation(secret: str, *, email: str, name: str, password: str | None, at: datetime) -> Person:
    """Sign up with the secret of an invitation, and return the new person with the role it was made for.

    Without a password whoever signs up does so by a provider, and signs in by it alone.

    Raises:
        NotFound: there is no such invitation, or it has ended.
        Refused: the password is weak, or the address cannot be used; every problem is named.
        Conflict: somebody else was quicker with the same link.
    """
    invitation = open_invitation(secret, at=at)
    person = Person(id=uuid4(), email=normal_email(email), name=name.strip(), created_at=at)
    _check_sign_up(person, invitation, password)
    role = Role(invitation.role)
    actor = Actor(person.pk, person.name, frozenset({role}), invitation.organization_id)
    demand(actor, "parties:invitation:accept")
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(accepted_at=at):
        raise Conflict("somebody has signed up with this link already; ask for another one")
    person.set_password(password)
    person.save(force_insert=True)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=person)
    details = {"person": person.pk, "role": role}
    record("parties:invitation:accept", subject=invitation, actor=actor, at=at, details=details)
    Membership.objects.create(person=person, organization=invitation.organization, role=role, created_at=at)
    return person


def _check_sign_up(person: Person, invitation: Invitation, password: str | None) -> None:
    """Raise ``Refused`` with everything that keeps this person from signing up."""
    problems, meant = [], invitation.email in ("", person.email)
    if not meant:
        problems.append(Problem("email-other", "email", "the invitation is for another address", "use that address"))
    try:
        if password is not None:
            validate_password(password, person)
    except ValidationError as weak:
        problems += [Problem("password-weak", "password", one, "choose a longer one") for one in weak.messages]
    try:
        # Whether an address has an account is told to nobody but whom the link was sent to.
        person.full_clean(exclude=("password",), validate_unique=meant)
    except ValidationError as wrong:
        problems += [
            Problem(f"{field}-unusable", field, " ".join(messages), "enter another one")
            for field, messages in wrong.message_dict.items()
        ]
    if problems:
        raise Refused(tuple(problems))


@transaction.atomic
def grant_membership(
    person: Person, organization: Organization, role: Role, *, actor: Actor, at: datetime
) -> Membership:
    """Give a person a role in an organization, and return the membership.

    Raises:
        NotPermitted: the actor may not.
        Malformed: nobody can have that role.
        Conflict: they have it already.
    """
    demand(actor, "parties:membership:grant")
    if role not in PEOPLE:
        raise Malformed(f"nobody can have the role {role}; choose one of {', '.join(PEOPLE)}")
    membership, made = Membership.objects.get_or_create(
        person=person, organization=organization, role=role, defaults={"created_at": at}
    )
    if not made:
        raise Conflict(f"this person is {role} of {organization.name} already")
    details = {"person": person.pk, "organization": organization.pk, "role": role}
    record("parties:membership:grant", subject=membership, actor=actor, at=at, details=details)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, actor: Actor, at: datetime) -> None:
    """Take a role from a person, at once also from their sessions and tokens.

    Raises:
        NotFound: the actor may not know of it, or somebody else ended it.
        NotPermitted: the actor may not.
        Conflict: nobody would administer the installation any more.
    """
    demand(actor, "parties:membership:end", membership)
    details = {"person": membership.person_id, "organization": membership.organization_id, "role": membership.role}
    record("parties:membership:end", subject=membership, actor=actor, at=at, details=details)
    if not Membership.objects.filter(pk=membership.pk).delete()[0]:
        raise NotFound("no such membership")
    if membership.role == Role.ADMINISTRATOR and not has_administrator():
        raise Conflict("nobody would administer this installation any more; give the role to somebody else first")


@transaction.atomic
def close_person(person: Person, *, actor: Actor, at: datetime) -> None:
    """Close an account: no session and no token of it holds any more.

    Its address is free again: whoever lost every way to sign in is invited anew. The new account has the invitation's
    role and nothing of the old one, so that closing and inviting takes nobody's place.

    Raises:
        NotFound: the actor may not know of it.
        NotPermitted: the actor may not.
        Conflict: it is closed, or nobody would administer the installation any more.
    """
    demand(actor, "parties:person:close", person)
    administers = Membership.objects.filter(person=person, role=Role.ADMINISTRATOR).exists()
    freed = f"{person.pk}@closed.invalid"  # a name that is reserved for what is no address; source: RFC 2606
    if not Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False, email=freed):
        raise Conflict("this account is closed already")
    record("parties:person:close", subject=person, actor=actor, at=at)
    if administers and actor.id != LOCAL.id and not has_administrator():
        raise Conflict("nobody would administer this installation any more; give the role to somebody else first")


@transaction.atomic
def issue_token(
    name: str, *, scopes: Iterable[str], expires_at: datetime, actor: Actor, at: datetime
) -> tuple[Token, str]:
    """Issue a token for whoever acts, and return it with the secret, which is kept nowhere.

    Raises:
        NotPermitted: the actor has no account, or acts with a token.
        Refused: a scope stands for no verb.
        Malformed: the end is not within a year.
    """
    if actor.organization is None or not Person.objects.filter(pk=actor.id).exists():
        raise NotPermitted("tokens are for people who have an account and a role; sign up first")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token(
        person_id=actor.id,
        organization_id=actor.organization,
        name=name,
        digest=digest_of(secret),
        scopes=list(check_scopes(scopes, the_table())),
        second_factor=actor.second_factor,
        expires_at=check_expiry(expires_at, at=at),
        created_at=at,
    )
    demand(actor, "parties:token:issue", token)
    token.save(force_insert=True)
    details = {"scopes": token.scopes, "expires": token.expires_at}
    record("parties:token:issue", subject=token, actor=actor, at=at, details=details)
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, actor: Actor, at: datetime) -> None:
    """End a token at once.

    Raises:
        NotFound: the actor may not know of it.
        Conflict: it was revoked before.
    """
    demand(actor, "parties:token:revoke", token)
    if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        raise Conflict("this token is revoked already")
    record("parties:token:revoke", subject=token, actor=actor, at=at)


@transaction.atomic
def note_secured(person: Person, what: str, *, actor: Actor, at: datetime) -> None:
    """Write down that a person changed how they sign in.

    Raises:
        NotPermitted: it is another person, or a token.
    """
    demand(actor, "parties:person:secure", person)
    record("parties:person:secure", subject=person, actor=actor, at=at, details={"what": what})
