"""Reading what owners and participants have put on record, from constraints to coverage."""

from uuid import UUID

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import (
    Authorisation,
    Availability,
    Constraint,
    Coverage,
    Mapping,
    Ownership,
)
from clearinghouse.deconfliction.queries.searching import covered_meeting, those_meeting
from clearinghouse.deconfliction.rules.lifecycle import MappingState, OwnershipState
from clearinghouse.deconfliction.rules.targets.kinds import Target, target_from, target_of
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Malformed, NotFound
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor


def constraint_for(actor: Actor, public_id: str) -> Constraint:
    """Return a constraint that the actor may see.

    Raises:
        NotFound: there is none.
    """
    return _one(constraints_for(actor).filter(public_id=public_id), "constraint")


def constraints_for(actor: Actor) -> QuerySet[Constraint]:
    """Return the constraints that the actor may see, the latest first."""
    return Constraint.objects.visible_to(actor).order_by("-created_at", "pk")


def about(constraints: QuerySet[Constraint], target: Target) -> QuerySet[Constraint]:
    """Return those of some constraints that meet a target by whatever name.

    Raises:
        Conflict: they are more than one search gives.
    """
    return those_meeting(constraints, (target,), of="constraint")


def authorisation_for(actor: Actor, public_id: str) -> Authorisation:
    """Return an authorisation that the actor may see.

    Raises:
        NotFound: there is none.
    """
    return _one(authorisations_for(actor).filter(public_id=public_id), "authorisation")


def authorisations_for(actor: Actor) -> QuerySet[Authorisation]:
    """Return the authorisations that the actor may see, the latest first."""
    return Authorisation.objects.visible_to(actor).order_by("-created_at", "pk")


def ownership_for(actor: Actor, pk: UUID) -> Ownership:
    """Return an ownership that the actor may see.

    Raises:
        NotFound: there is none.
    """
    return _one(ownerships_for(actor).filter(pk=pk), "ownership")


def ownerships_for(actor: Actor) -> QuerySet[Ownership]:
    """Return the ownerships that the actor may see, the latest first."""
    return Ownership.objects.visible_to(actor).order_by("-created_at", "pk")


def owned_targets(actor: Actor) -> tuple[Target, ...]:
    """Return what is known to be the actor's organization's."""
    own = ownerships_for(actor).filter(organization=actor.organization, state=OwnershipState.VERIFIED)
    return tuple(target_of(one) for one in own.values_list("target", flat=True))


def mapping_for(actor: Actor, pk: UUID) -> Mapping:
    """Return a mapping that the actor may see.

    Raises:
        NotFound: there is none.
    """
    return _one(Mapping.objects.visible_to(actor).filter(pk=pk), "mapping")


def mappings_for(actor: Actor) -> QuerySet[Mapping]:
    """Return the mappings that stand, as far as the actor may see them, by package."""
    return Mapping.objects.visible_to(actor).filter(state=MappingState.STANDING).order_by("package", "url", "pk")


def mappings_about(mappings: QuerySet[Mapping], word: str) -> QuerySet[Mapping]:
    """Return those of some mappings that name a package, one of a pattern, or a repository.

    Raises:
        Malformed: the word names neither.
    """
    target = target_from(word)
    match target:
        case Software():
            beginning = target.package.removesuffix("*")
            return (
                mappings.filter(package__startswith=beginning)
                if target.is_prefix
                else mappings.filter(package=beginning)
            )
        case Repository():
            return mappings.filter(url=target.url)
    raise Malformed(f"{word[:200]!r} is a {target.kind}; name a package (pkg:pypi/name) or the address of a repository")


def coverage_for(actor: Actor, target: Target | None = None) -> QuerySet[Coverage]:
    """Return what was covered, of a target by whatever name if one is named, the latest first."""
    rows = Coverage.objects.visible_to(actor).select_related("intent").order_by("-covered_at", "pk")
    return rows if target is None else covered_meeting(rows, target)


def coverage_entry_for(actor: Actor, pk: UUID) -> Coverage:
    """Return one entry of coverage that the actor may see.

    Raises:
        NotFound: there is none.
    """
    return _one(coverage_for(actor).filter(pk=pk), "coverage")


def availabilities_for(actor: Actor) -> QuerySet[Availability]:
    """Return who is said to be down, or to answer again, as far as the actor may see it."""
    return Availability.objects.visible_to(actor).order_by("-since_at", "pk")


def scanner_named(written: UUID | str) -> Organization:
    """Return an organization by its id, which its own people have handed over.

    Raises:
        Malformed: that is no id.
        NotFound: there is none.
    """
    try:
        organization = UUID(str(written))
    except ValueError:
        raise Malformed(f"{str(written)[:60]!r} is no organization's id; ask the scanner for theirs") from None
    return _one(Organization.objects.filter(pk=organization), "organization")


def _one[R](rows: QuerySet[R], what: str) -> R:  # type: ignore[type-var]  # any model
    found: R | None = rows.first()
    if found is None:
        raise NotFound(f"no such {what}")
    return found
