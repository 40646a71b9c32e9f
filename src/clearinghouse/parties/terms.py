"""The terms of taking part: versioned, signed data, accepted by a person for an organization, and left at will."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted
from clearinghouse.ledger.actions import record
from clearinghouse.parties.models import Acceptance, Organization, Terms
from clearinghouse.parties.rules import ACCEPTANCE, LONGEST_TERMS, TERMS_TYPE, AcceptanceState, AcceptanceStep
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.signing.envelopes import seal
from clearinghouse.signing.keys import SigningKey
from clearinghouse.strict import dump_canonical


@transaction.atomic
def publish_terms(text: str, *, key: SigningKey, actor: Actor, at: datetime) -> Terms:
    """Publish the next version of the terms, signed; organizations that accepted an earlier one go on by it.

    Raises:
        NotPermitted: the actor may not.
        Malformed: there is no text, or too much.
    """
    demand(actor, "parties:terms:publish")
    if not text.strip() or len(text) > LONGEST_TERMS:
        raise Malformed(f"terms have a text of 1 to {LONGEST_TERMS} characters, not {len(text)}")
    version = (Terms.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    payload = dump_canonical({"version": version, "text": text, "published_at": at.isoformat()})
    envelope = seal(payload, payload_type=TERMS_TYPE, key=key)
    terms = Terms.objects.create(
        version=version, text=text, envelope=envelope.dump().decode(), published_by=actor.id, created_at=at
    )
    record("parties:terms:publish", subject=terms, actor=actor, at=at, details={"version": version})
    return terms


def current_terms() -> Terms | None:
    """Return the terms that bind whoever joins now; None: there are none yet."""
    return Terms.objects.order_by("-version").first()


def accepted_terms(organization_id: UUID | None) -> Acceptance | None:
    """Return the acceptance by which an organization takes part; None: it has accepted no terms."""
    if organization_id is None:
        return None
    standing = Acceptance.objects.filter(organization_id=organization_id, state=AcceptanceState.STANDING)
    return standing.select_related("terms").first()


@transaction.atomic
def accept_terms(terms: Terms, *, actor: Actor, at: datetime) -> Acceptance:
    """Accept terms for the organization that the actor acts for; an earlier acceptance ends with it.

    Raises:
        NotPermitted: the actor acts for no organization, or by a token.
        Conflict: there is a newer version, or this one is accepted already.
    """
    newest = current_terms()
    if newest is None or newest.pk != terms.pk:
        raise Conflict("there is a newer version of the terms; read that one")
    if actor.organization is None:
        raise NotPermitted("terms are accepted for an organization; you act for none")
    acceptance = Acceptance(
        terms=terms,
        organization_id=actor.organization,
        accepted_by=actor.id,
        state=ACCEPTANCE.initial,
        created_at=at,
    )
    demand(actor, "parties:acceptance:give", acceptance, is_kept=False)
    earlier = accepted_terms(actor.organization)
    if earlier is not None and earlier.terms_id == terms.pk:
        raise Conflict("your organization has accepted these terms already")
    if earlier is not None:
        advance(
            earlier, ACCEPTANCE, AcceptanceStep.END, actor=actor, at=at, why=f"terms {terms.version} take its place"
        )
    acceptance.save(force_insert=True)
    details = {"version": terms.version, "organization": actor.organization}
    record("parties:acceptance:give", subject=acceptance, actor=actor, at=at, details=details)
    return acceptance


def on_terms(actor: Actor) -> bool:
    """Say whether the actor's organization takes part on terms, or there are none to accept."""
    return current_terms() is None or accepted_terms(actor.organization) is not None


def demand_terms(actor: Actor) -> None:
    """Return quietly if the actor's organization has accepted terms, or there are none to accept.

    Raises:
        NotPermitted: it has not; what is kept of it already stays theirs, and may be taken away.
    """
    if not on_terms(actor):
        raise NotPermitted("your organization has not accepted the terms of taking part; one of its people has to")


@transaction.atomic
def end_acceptance(organization: Organization, *, actor: Actor, at: datetime) -> None:
    """Take part no longer; what was handed in stays until it is taken back or erased.

    Raises:
        NotFound: no terms are accepted.
        NotPermitted: the actor acts for another organization.
    """
    standing = accepted_terms(organization.pk)
    if standing is None:
        raise NotFound("no terms are accepted")
    demand(actor, "parties:acceptance:end", standing)
    advance(standing, ACCEPTANCE, AcceptanceStep.END, actor=actor, at=at)


def standing_for(actor: Actor) -> Acceptance | None:
    """Return the acceptance by which the organization that one acts for takes part; None: there is none."""
    return next((one for one in acceptances_for(actor) if one.organization_id == actor.organization), None)


def acceptances_for(actor: Actor) -> QuerySet[Acceptance]:
    """Return by which terms organizations take part, as far as the actor may read it, the latest first."""
    found: QuerySet[Acceptance] = Acceptance.objects.visible_to(actor).filter(state=AcceptanceState.STANDING)
    return found.select_related("terms", "organization").order_by("-created_at", "pk")


def terms_of_version(actor: Actor, version: int) -> Terms:
    """Return one version of the terms.

    Raises:
        NotFound: there is none, or none that the actor may read.
    """
    found: Terms | None = Terms.objects.visible_to(actor).filter(version=version).first()
    if found is None:
        raise NotFound("no such terms")
    return found
