"""Makes people, organizations and tokens for tests, the way sign-up makes them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from clearinghouse.parties.actions import accept_invitation, issue_token, make_invitation
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "a long and unlikely sentence"
ADMINISTRATOR = Actor(UUID(int=0xAD), "administrator", frozenset({Role.ADMINISTRATOR}), second_factor=True)


def right_now() -> datetime:
    """Return the present, for what the server holds against its own clock."""
    return datetime.now(UTC)  # noqa: TID251 - the server's clock is not ours to set


def an_organization(name: str = "") -> Organization:
    return Organization.objects.create(name=name or f"org {uuid4().hex[:8]}", created_at=NOON)


def a_person(
    *roles: Role, organization: Organization | None = None, email: str = "", at: datetime | None = None
) -> Person:
    """Return somebody who was invited for the first role, and given the others."""
    from clearinghouse.parties.actions import grant_membership

    moment = at or NOON
    home = organization or an_organization()
    first, *others = roles or (Role.FINDER,)
    address = email or f"{uuid4().hex[:8]}@people.example"
    _, secret = make_invitation(home, first, email=address, actor=ADMINISTRATOR, at=moment)
    person = accept_invitation(secret, email=address, name="Ada Finder", password=PASSWORD, at=moment)
    for role in others:
        grant_membership(person, home, role, actor=ADMINISTRATOR, at=moment)
    return person


def a_token(person: Person, *scopes: str, at: datetime = NOON, second_factor: bool = False) -> str:
    """Return a token of ``person`` that holds for a day."""
    actor = actor_for_person(person, second_factor=second_factor)
    return issue_token("test", scopes=scopes, expires_at=at + timedelta(days=1), actor=actor, at=at)[1]
