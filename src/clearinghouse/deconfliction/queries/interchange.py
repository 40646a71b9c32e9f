"""Records for other federations: those that were brought in, and those that say what owners ask here."""

from collections.abc import Iterator

from django.db.models import QuerySet

from clearinghouse.deconfliction.models import Constraint, ForeignRecord
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.rules.interchange import Interchanged, RecordKind, claim, finding_hash, opt_out
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind, ConstraintState
from clearinghouse.findings.queries import findings_for
from clearinghouse.permissions.rules import Actor


def foreign_records_for(actor: Actor) -> QuerySet[ForeignRecord]:
    """Return what was brought in, as far as the actor may see it, the latest first."""
    return ForeignRecord.objects.visible_to(actor).order_by("-created_at", "pk")


def claimant_of(actor: Actor, finding: str) -> str | None:
    """Return whom to talk to about the finding of this salted hash; None: nobody has claimed it."""
    found = foreign_records_for(actor).filter(said_kind=RecordKind.CLAIM, digest=finding).first()
    return None if found is None else str(found.statement["predicate"]["contact"])


def opt_outs_for(actor: Actor) -> Iterator[Interchanged]:
    """Yield an opt-out for each repository that somebody here wants nobody to scan by whatever technique.

    What was brought in as an opt-out is not told again as our own.
    """
    foreign = foreign_records_for(actor).exclude(constraint=None).values("constraint")
    rows = Constraint.objects.visible_to(actor).filter(
        state=ConstraintState.STANDING, says=ConstraintKind.DO_NOT_SCAN, techniques=[]
    )
    for row in rows.exclude(pk__in=foreign).order_by("created_at", "pk"):
        if row.target["kind"] == "repository" and set(row.target) == {"kind", "url"}:
            yield opt_out(row.target["url"], requested_at=row.created_at, reason=row.why)


def claims_for(actor: Actor, *, salt: str, contact: str) -> Iterator[Interchanged]:
    """Yield a claim for each finding of one's own organization that names a repository and a place in it."""
    for one in findings_for(actor).filter(organization=home_of(actor)):
        said = one.report
        repository = said.get("repository")
        places = [str(each["path"]) for each in said.get("locations") or () if each.get("path")]
        if repository and places:
            yield claim(
                finding_hash(
                    salt,
                    repository=str(repository),
                    location=places[0],
                    weaknesses=[str(each) for each in said.get("weaknesses") or ()],
                ),
                contact=contact,
            )
