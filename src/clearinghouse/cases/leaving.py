"""Leaving at will: what an organization handed in is given back, on wish erased, and proofs go on holding."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.actions import NewId, join_package
from clearinghouse.cases.files import remove_unneeded
from clearinghouse.cases.marking import forget_reports
from clearinghouse.cases.models import Fix, Participant, Response, SavedView
from clearinghouse.cases.queries.facts import lineage_of, package_of
from clearinghouse.cases.rules.seats import SEAT, SeatState, SeatStep
from clearinghouse.deconfliction.actions.leaving import end_scans, erase_scans, what_was_announced
from clearinghouse.errors import Conflict, NotFound
from clearinghouse.findings.models import Finding, Submission
from clearinghouse.ledger.actions import erase_matter, record
from clearinghouse.notices.models import Notice, Webhook
from clearinghouse.notices.webhooks import end_webhooks_of
from clearinghouse.parties.models import Invitation, Membership, Organization, Person, Token
from clearinghouse.parties.queries import has_administrator
from clearinghouse.parties.rules import ACCEPTANCE, CLEARINGHOUSE, AcceptanceState, AcceptanceStep
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance
from clearinghouse.sight.asking import beyond_sight

_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and what must be looked after."""

    reports: int = 0
    acts: int = 0
    packages: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """What leaving ends, and how much was handed in."""

    members: int
    seats: int
    invitations: int
    reports: int
    submissions: int
    responses: int
    fixes: int


def what_leaving_ends(organization: Organization, *, actor: Actor) -> Ends:
    """Return what leaving would end, counted before anything is done.

    Raises:
        NotFound: the actor acts for another organization.
    """
    demand(actor, "parties:organization:read", organization)
    if organization.pk != actor.organization:
        raise NotFound("no such organization")
    with beyond_sight():
        people = list(Person.objects.filter(memberships__organization=organization).distinct())
        return Ends(
            members=Membership.objects.filter(organization=organization).count(),
            seats=_seats_of(organization, people).count(),
            invitations=_open_invitations(organization).count(),
            reports=_findings(organization).count(),
            submissions=Submission.objects.filter(organization=organization).count(),
            responses=Response.objects.filter(organization_id=organization.pk).count(),
            fixes=Fix.objects.filter(organization_id=organization.pk).count(),
        )


def _seats_of(organization: Organization, people: list[Person]) -> QuerySet[Participant]:
    """Return the seats of an organization, and of those of its people who belong nowhere else."""
    only_here = [one.pk for one in people if not one.memberships.exclude(organization=organization).exists()]
    mine = Q(organization=organization) | Q(person__in=only_here) | Q(invitation__accepted_by__in=only_here)
    return Participant.objects.filter(mine, state=SeatState.SEATED)


def _open_invitations(organization: Organization) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organization=organization, accepted_at=None, withdrawn_at=None)


def what_is_ours(organization: Organization, *, artefacts: Artefacts, actor: Actor) -> bytes:
    """Return a ZIP archive of everything that an organization handed in, and what became of it.

    Raises:
        NotFound, NotPermitted: the actor acts for another organization, by a token, or without a second factor.
    """
    demand(actor, "parties:organization:leave", organization)
    out = io.BytesIO()
    with beyond_sight(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(organization, artefacts):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), data)
    return out.getvalue()


def _files(organization: Organization, artefacts: Artefacts) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file that goes back."""
    for finding in _findings(organization).select_related("validation"):
        folder = f"reports/{finding.key[:16]}"
        validation = getattr(finding, "validation", None)
        became = {
            "state": finding.state,
            "received_at": finding.received_at.isoformat(),
            "judgement": validation and validation.judgement,
            "affected": validation and validation.ranges,
            "patches": validation and validation.patches,
        }
        yield f"{folder}/report.json", _text(finding.report)
        yield f"{folder}/outcome.json", _text(became)
        for name, digest in sorted(finding.artefacts.items()):
            yield f"{folder}/files/{name.lstrip('/').replace('..', '__')}", artefacts.get(digest)
    for one in Submission.objects.filter(organization=organization).order_by("created_at", "pk"):
        said = {"receipt": one.receipt, "name": one.name, "state": one.state, "problems": one.problems}
        yield f"submissions/{one.receipt}.json", _text(said)
    for name, told in what_was_announced(organization):
        yield name, _text(told)
    for row in Response.objects.filter(organization_id=organization.pk).order_by("created_at", "pk"):
        yield f"responses/{row.pk}.json", _text({"said": row.said, "why": row.why, "reference": row.reference})


def _text(document: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def _findings(organization: Organization) -> Any:  # noqa: ANN401 - a query set of findings
    return Finding.objects.filter(organization=organization).order_by("received_at", "pk")


def leave(
    organization: Organization, *, erase: bool, artefacts: Artefacts, new_id: NewId, actor: Actor, at: datetime
) -> bytes:
    """Leave with everything given back as an archive; ``erase``: nothing of it stays here.

    Seats, memberships, tokens, invitations and the acceptance of terms end at once. Erased are reports, verdicts,
    files, submissions, responses, fixes and the people who belong nowhere else; and the matter and salts of what the
    ledger committed to about them, so that nobody can open those entries any more while every proof goes on holding.

    Raises:
        NotFound, NotPermitted: the actor acts for another organization, by a token, or without a second factor.
        Conflict: nobody would administer the installation any more.
    """
    given_back = what_is_ours(organization, artefacts=artefacts, actor=actor)
    with beyond_sight(), transaction.atomic():
        people = list(Person.objects.filter(memberships__organization=organization).distinct())
        _end_all(organization, people, actor=actor, at=at)
        gone = _erase(organization, people) if erase else Erased()
        details = {"how": "erased" if erase else "returned", "reports": gone.reports, "acts": gone.acts}
        record("parties:organization:leave", subject=organization, actor=actor, at=at, details=details)
        for package in gone.packages:
            join_package(package, artefacts=artefacts, new_id=new_id, actor=CLEARINGHOUSE, at=at)
        transaction.on_commit(lambda: remove_unneeded(gone.digests, artefacts))
    return given_back


def _end_all(organization: Organization, people: list[Person], *, actor: Actor, at: datetime) -> None:
    """End whatever lets an organization and its people in."""
    end_scans(organization, actor=actor, at=at)
    for seat in _seats_of(organization, people):
        advance(seat, SEAT, SeatStep.LEAVE, actor=actor, at=at, why="the organization left")
    for acceptance in organization.acceptances.filter(state=AcceptanceState.STANDING):
        advance(acceptance, ACCEPTANCE, AcceptanceStep.END, actor=actor, at=at, why="the organization left")
    Token.objects.filter(organization=organization, revoked_at=None).update(revoked_at=at)
    end_webhooks_of(organization, actor=actor, at=at)
    _open_invitations(organization).update(withdrawn_at=at)
    for membership in Membership.objects.filter(organization=organization):
        details = {"person": membership.person_id, "role": membership.role, "why": "the organization left"}
        record("parties:membership:end", subject=membership, actor=actor, at=at, details=details)
        membership.delete()
    if not has_administrator():
        raise Conflict("nobody would administer this installation any more; give the role to somebody else first")


def _erase(organization: Organization, people: list[Person]) -> Erased:
    """Delete what is an organization's, and return what must be looked after: packages and digests."""
    findings = list(_findings(organization))
    submissions = list(Submission.objects.filter(organization=organization))
    responses = list(Response.objects.filter(organization_id=organization.pk))
    fixes = list(Fix.objects.filter(organization_id=organization.pk))
    gone = [one for one in people if not one.memberships.exists()]
    subjects = [(row.kind, str(row.pk)) for row in (*findings, *submissions, *responses, *fixes, *gone)]
    subjects += [("validation", str(one.validation.pk)) for one in findings if hasattr(one, "validation")]
    subjects += [("join", str(pk)) for one in findings for pk in one.joins.values_list("pk", flat=True)]
    subjects += erase_scans(organization)
    packages = sorted({package_of(one) for one in findings})
    digests = {digest for one in findings for digest in (*one.artefacts.values(), one.source_digest) if digest}
    digests |= {one.digest for one in submissions} | {one.digest for one in fixes}
    for row in (*responses, *fixes, *submissions):
        row.delete()
    Webhook.objects.filter(organization=organization).delete()
    Notice.objects.filter(organization=organization).delete()
    for finding in sorted(findings, key=lambda one: one.received_at, reverse=True):
        Finding.objects.filter(supersedes=finding).update(supersedes=None)
        finding.delete()
    forget_reports(map(lineage_of, findings))
    SavedView.objects.filter(person__in=gone).delete()
    for person in gone:
        _forget(person)
    return Erased(len(findings), erase_matter(subjects), tuple(packages), tuple(sorted(digests)))


def _forget(person: Person) -> None:
    """Close an account for good, and leave of its person only the id that entries name."""
    person.email, person.name, person.is_active = f"{person.pk}@erased.invalid", "erased", False
    person.set_unusable_password()
    person.last_login = None
    person.save()
    for relation in ("authenticator_set", "socialaccount_set", "emailaddress_set"):
        if (rows := getattr(person, relation, None)) is not None:
            rows.all().delete()
