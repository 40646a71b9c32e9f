"""What is asked about parties."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.errors import NotFound, NotPermitted, SignInNeeded
from clearinghouse.parties.models import Invitation, Membership, Organization, Person, Token
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL, TOKEN_PREFIX, digest_of, normal_email
from clearinghouse.permissions.guards import WithoutToken
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.permissions.table import the_table

_WITHOUT_ACCOUNT: Final = {CLEARINGHOUSE.id: "The clearinghouse", LOCAL.id: "Whoever runs this server"}


def actor_for_person(
    person: Person, *, organization: UUID | None = None, second_factor: bool = False, at: datetime | None = None
) -> Actor:
    """Return the actor that ``person`` is: their roles in one organization, as their memberships stand now.

    Args:
        person: who signed in.
        organization: for which organization they act; None: the one that they joined first.
        second_factor: whether they have shown one.
        at: the moment of asking; None: seats with an end do not count.

    Raises:
        SignInNeeded: the account is closed.
    """
    if not person.is_active:
        raise SignInNeeded("this account is closed")
    held = list(Membership.objects.filter(person=person).order_by("created_at", "pk"))
    home = organization if organization is not None else next((one.organization_id for one in held), None)
    roles = frozenset(Role(one.role) for one in held if one.organization_id == home)
    return Actor(
        id=person.pk,
        name=person.name,
        roles=roles,
        organization=home if roles else None,
        second_factor=second_factor,
        asks_at=at,
    )


def actor_for_token(secret: str, *, at: datetime) -> Actor:
    """Return the actor that whoever holds this token is: the person's roles now, narrowed to the token's scopes.

    Raises:
        SignInNeeded: there is no such token, it has ended or was revoked, or the account is closed; which of these
            is told to nobody.
    """
    refusal = SignInNeeded("this token does not hold; issue another one")
    if not secret.startswith(TOKEN_PREFIX):
        raise refusal
    token = Token.objects.select_related("person").filter(digest=digest_of(secret)).first()
    if token is None or token.revoked_at is not None or at >= token.expires_at or not token.person.is_active:
        raise refusal
    whole = actor_for_person(token.person, organization=token.organization_id, second_factor=token.second_factor, at=at)
    return replace(whole, scopes=frozenset(token.scopes))


def person_for(actor: Actor, person_id: UUID) -> Person:
    """Return a person whom ``actor`` may see.

    Raises:
        NotFound: there is none.
    """
    person: Person | None = Person.objects.visible_to(actor).filter(pk=person_id).first()
    if person is None:
        raise NotFound("no such person")
    return person


def person_with_email(actor: Actor, email: str) -> Person | None:
    """Return who signs in with this address, if there is somebody that the actor may see whose account is open."""
    found: Person | None = Person.objects.visible_to(actor).filter(email=normal_email(email), is_active=True).first()
    return found


def oneself(actor: Actor) -> Person:
    """Return the person who acts.

    Raises:
        NotFound: whoever acts has no account.
        NotPermitted: the token is not for that, or there is no role left; that one exists is no secret from oneself.
    """
    person: Person | None = Person.objects.filter(pk=actor.id).first()
    if person is None:
        raise NotFound("no such person")
    verdict = the_table().decide(actor, "parties:person:read", person)
    if not verdict.allowed:
        raise NotPermitted(verdict.why, verb="parties:person:read")
    return person


def organization_for(actor: Actor, organization_id: UUID) -> Organization:
    """Return an organization that ``actor`` may see.

    Raises:
        NotFound: there is none.
    """
    organization = Organization.objects.visible_to(actor).filter(pk=organization_id).first()
    if organization is None:
        raise NotFound("no such organization")
    return organization


def organizations_for(actor: Actor) -> QuerySet[Organization]:
    """Return the organizations that ``actor`` may see, by name."""
    return Organization.objects.visible_to(actor).order_by("name", "pk")


def tokens_for(actor: Actor) -> QuerySet[Token]:
    """Return the tokens that ``actor`` may see, the newest first."""
    return Token.objects.visible_to(actor).order_by("-created_at", "pk")


def token_for(actor: Actor, token_id: UUID) -> Token:
    """Return a token that ``actor`` may see.

    Raises:
        NotFound: there is none.
    """
    token = Token.objects.visible_to(actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound("no such token")
    return token


def verbs_for_tokens(actor: Actor) -> list[str]:
    """Return the verbs that a token of the actor could be good for: of their roles, and open to tokens at all."""
    table = the_table()
    return [
        verb
        for verb in table.verbs
        if any(row.roles_of(actor) and WithoutToken() not in row.guards for row in table.rows(verb))
    ]


def open_invitation(secret: str, *, at: datetime) -> Invitation:
    """Return the invitation whose link carries ``secret``.

    Raises:
        NotFound: there is none that can still be accepted.
    """
    found = Invitation.objects.select_related("organization").filter(digest=digest_of(secret)).first()
    if found is None or not found.is_open(at):
        raise NotFound("this link is not good, or not any more; ask whoever sent it for another one")
    return found


def has_administrator() -> bool:
    """Say whether somebody administers this installation."""
    return Membership.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True).exists()


def memberships_for(actor: Actor, organization: Organization) -> list[Membership]:
    """Return who has which role in an organization, as far as the actor may see it."""
    rows = Membership.objects.visible_to(actor).filter(organization=organization).select_related("person")
    return list(rows.order_by("person__name", "role", "pk"))


def membership_for(actor: Actor, organization_id: UUID, membership_id: UUID) -> Membership:
    """Return a role in an organization that the actor may see.

    Raises:
        NotFound: there is none.
    """
    rows = memberships_for(actor, organization_for(actor, organization_id))
    found = next((one for one in rows if one.pk == membership_id), None)
    if found is None:
        raise NotFound("no such membership")
    return found


def names_of(people: QuerySet[Person], ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what each of these actors is called: by name, if it is among ``people``; some never had an account."""
    names = dict(people.filter(pk__in=ids).values_list("pk", "name")) | _WITHOUT_ACCOUNT
    return {one: names.get(one, "Somebody whose name is not kept") for one in ids}


def memberships_of(person_id: UUID) -> list[Membership]:
    """Return one's own roles, in all organizations; for oneself alone."""
    rows = Membership.objects.filter(person_id=person_id).select_related("organization")
    return list(rows.order_by("organization__name", "role", "pk"))


def invitations_for(actor: Actor, organization: Organization) -> list[Invitation]:
    """Return the invitations to an organization that the actor may see, the latest first."""
    return list(Invitation.objects.visible_to(actor).filter(organization=organization).order_by("-created_at", "pk"))


def organization_named(actor: Actor, name: str) -> Organization | None:
    """Return the organization of this name, if there is one that the actor may see."""
    found: Organization | None = Organization.objects.visible_to(actor).filter(name=name).first()
    return found
