"""Organizations, who acts for them and by which role, who is invited, and by which terms they take part."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse_client.session import Session, at
from clearinghouse_client.shapes import each, shown


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A role of a person in an organization."""

    id: UUID
    person: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation, without its secret."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class InvitationMade(Invitation):
    """An invitation that was just made."""

    address: str
    """The link; shown this once, nothing but its hash is kept."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the terms."""

    version: int
    text: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class TermsNow:
    """The terms that bind whoever joins now, and by which one takes part."""

    newest: Terms | None
    """None: there are none; everybody with a role may take part."""
    accepted: int | None
    """The version by which the organization you act for takes part."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """By which version of the terms an organization takes part."""

    organization: UUID
    version: int
    since: datetime


class Organizations:
    """Organizations at one server; every method raises ``ServerRefused`` with the server's reason, or ``NoAnswer``.

    To accept terms, to take part no longer and to leave is for a person who has signed in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def organizations(self) -> Iterator[Organization]:
        """Yield the organizations that one may see."""
        yield from each(Organization, self._session.pages("/organizations"))

    def found(self, name: str, *, key: str = "") -> Organization:
        """Found an organization."""
        return shown(Organization, self._session.once("/organizations", key=key, json={"name": name}))

    def rename(self, organization: UUID, name: str) -> Organization:
        """Give an organization another name."""
        return shown(Organization, self._session.patch(at("organizations", organization), json={"name": name}))

    def members(self, organization: UUID) -> Iterator[Member]:
        """Yield who acts for an organization, once for each role."""
        yield from each(Member, self._session.pages(at("organizations", organization, "members")))

    def grant(self, organization: UUID, person: UUID, role: str) -> Member:
        """Let a person act for an organization by a role."""
        body = {"person": str(person), "role": role}
        return shown(Member, self._session.post(at("organizations", organization, "members"), json=body))

    def end_membership(self, organization: UUID, membership: UUID) -> None:
        """End a role of a person."""
        self._session.delete(at("organizations", organization, "members", membership))

    def invitations(self, organization: UUID) -> Iterator[Invitation]:
        """Yield who is invited to act for an organization."""
        yield from each(Invitation, self._session.pages(at("organizations", organization, "invitations")))

    def invite(self, organization: UUID, email: str, role: str) -> InvitationMade:
        """Invite somebody to act for an organization by a role; the link is for this address alone.

        It is sent once: if no answer comes, look among the invitations, and withdraw the one whose link nobody got.
        """
        path, body = at("organizations", organization, "invitations"), {"email": email, "role": role}
        return shown(InvitationMade, self._session.post(path, json=body))

    def withdraw_invitation(self, organization: UUID, invitation: UUID) -> None:
        """Take an invitation back."""
        self._session.delete(at("organizations", organization, "invitations", invitation))

    def close_person(self, person: UUID) -> None:
        """Close the account of a person: sessions and tokens end at once."""
        self._session.delete(at("people", person))

    def terms(self) -> TermsNow:
        """Return the terms that bind whoever joins now, and by which one takes part."""
        return shown(TermsNow, self._session.get("/terms"))

    def signed_terms(self, version: int) -> bytes:
        """Return one version of the terms, signed by the clearinghouse."""
        return self._session.get(at("terms", version)).content

    def publish_terms(self, text: str, *, key: str = "") -> Terms:
        """Publish the next version of the terms."""
        return shown(Terms, self._session.once("/terms", key=key, json={"text": text}))

    def acceptances(self) -> Iterator[Acceptance]:
        """Yield who takes part, and by which version of the terms."""
        yield from each(Acceptance, self._session.pages("/acceptances"))
