"""What is kept about scans: intents, where they are found, what owners say, what was covered."""

from django.db import models
from django.db.models import F, Q

from clearinghouse.deconfliction.rules.figures import Outcome
from clearinghouse.deconfliction.rules.interchange import RecordKind
from clearinghouse.deconfliction.rules.lifecycle import (
    INDEXED,
    Answering,
    AuthorisationState,
    ConstraintKind,
    ConstraintState,
    IntentState,
    MappingState,
    OwnershipState,
    TargetKind,
    Visibility,
)
from clearinghouse.documents import Document
from clearinghouse.parties.models import Organization
from clearinghouse.records import Record, StatefulRecord


class Intent(StatefulRecord):
    """An announced scan: what, how, when, by whom."""

    public_id = models.CharField(max_length=15, unique=True, help_text="SCAN- and ten random characters.")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="intents")
    person_id = models.UUIDField(help_text="Who announced it.")
    technique = models.CharField(max_length=60)
    table = models.CharField(max_length=20, help_text="Version of the table of techniques.")
    targets = Document(help_text="As plain data, in the order in which they were named.")
    starts_at = models.DateTimeField(help_text="UTC.")
    ends_at = models.DateTimeField(help_text="UTC; not included.")
    rate_per_second = models.PositiveIntegerField(null=True, help_text="Requests or packets, at most.")
    contact = models.CharField(max_length=300, help_text="Whom to reach while it runs.")
    visibility = models.CharField(max_length=20)
    sources = Document(default=list, help_text="Blocks of addresses that it comes from.")
    scanner_key = models.CharField(max_length=64, blank=True, help_text="Its Ed25519 public key, in base64.")
    version_key = models.CharField(max_length=43, unique=True, help_text="Opaque; whoever holds it has seen this.")
    revision = models.PositiveIntegerField(default=0, help_text="Counts its changes.")
    changed_at = models.DateTimeField(help_text="UTC; of its last change.")
    acknowledged = Document(default=dict, help_text="What was seen when it was accepted: public id and version key.")
    request_key = models.CharField(max_length=200, blank=True, help_text="The announcer's own key of this request.")
    request_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was announced by that key.")
    why = models.TextField(blank=True, help_text="Why it left its plan, or could not wait.")
    began_at = models.DateTimeField(null=True, help_text="UTC; when it was first started.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was ended, by whomever.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="intent_state_known", condition=Q(state__in=[one.value for one in IntentState])
            ),
            models.CheckConstraint(
                name="intent_visibility_known", condition=Q(visibility__in=[one.value for one in Visibility])
            ),
            models.CheckConstraint(name="intent_runs_forward", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(
                name="intent_once_a_request", fields=("organization", "request_key"), condition=~Q(request_key="")
            ),
        )
        indexes = (
            models.Index(fields=("organization", "ends_at"), name="intent_by_organization"),
            models.Index(fields=("changed_at",), name="intent_by_change"),
        )

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class Meeting(Record):
    """That an organization has met a confidential intent, and sees it from then on."""

    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="meetings")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="meetings")
    by = models.CharField(max_length=20, help_text="What it met: an intent of theirs, or what they own.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="meeting_once", fields=("intent", "organization")),
            models.CheckConstraint(name="meeting_by_known", condition=Q(by__in=["intent", "ownership"])),
        )

    def __str__(self) -> str:
        return f"{self.organization_id} met {self.intent_id}"


class Constraint(StatefulRecord):
    """What an organization asks of whoever scans a target."""

    public_id = models.CharField(max_length=15, unique=True, help_text="RULE- and ten random characters.")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="constraints")
    person_id = models.UUIDField(help_text="Who stated it.")
    says = models.CharField(max_length=20)
    target = Document(help_text="As plain data.")
    techniques = Document(default=list, help_text="For which it holds; empty: for all.")
    times = Document(null=True, help_text="When scans may run.")
    rate_per_second = models.PositiveIntegerField(null=True)
    why = models.TextField(blank=True)
    contact = models.CharField(max_length=300, blank=True, help_text="Whom scanners ask about it.")
    version_key = models.CharField(max_length=43, unique=True, help_text="Opaque; whoever holds it has seen this.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was withdrawn.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="constraint_state_known", condition=Q(state__in=[one.value for one in ConstraintState])
            ),
            models.CheckConstraint(
                name="constraint_says_known", condition=Q(says__in=[one.value for one in ConstraintKind])
            ),
        )

    def __str__(self) -> str:
        return f"{self.public_id}: {self.says}"


class Ownership(StatefulRecord):
    """That something is claimed to be an organization's, and what came of looking into it."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="ownerships")
    target = Document(help_text="As plain data, whole.")
    criticality = models.PositiveSmallIntegerField(help_text="1 to 5, as its owner says.")
    evidence = models.TextField(help_text="What shows it: a record in a registry, a file put in place.")
    contact = models.CharField(max_length=300, blank=True, help_text="Whom scanners ask for an authorisation.")
    requested_by = models.UUIDField(help_text="The person who claims it.")
    decided_by = models.UUIDField(null=True, help_text="The other person.")
    decided_at = models.DateTimeField(null=True, help_text="UTC.")
    decided_why = models.TextField(blank=True, help_text="What they looked at.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="ownership_state_known", condition=Q(state__in=[one.value for one in OwnershipState])
            ),
            models.CheckConstraint(
                name="ownership_two_people", condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by"))
            ),
            models.CheckConstraint(
                name="ownership_verified_by_somebody",
                condition=~Q(state=OwnershipState.VERIFIED.value) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(name="ownership_criticality", condition=Q(criticality__range=(1, 5))),
        )

    def __str__(self) -> str:
        return f"ownership: {self.state}"


class Authorisation(StatefulRecord):
    """That an organization lets another scan what is its own, for some time."""

    public_id = models.CharField(max_length=15, unique=True, help_text="AUTH- and ten random characters.")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="authorisations")
    scanner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="authorised")
    person_id = models.UUIDField(help_text="Who gave it.")
    targets = Document(help_text="As plain data.")
    techniques = Document(default=list, help_text="Which it allows; empty: every one.")
    starts_at = models.DateTimeField(help_text="UTC.")
    ends_at = models.DateTimeField(help_text="UTC; not included.")
    rate_per_second = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=300, blank=True, help_text="The owner's own: a contract, a ticket.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was withdrawn.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="authorisation_state_known", condition=Q(state__in=[one.value for one in AuthorisationState])
            ),
            models.CheckConstraint(name="authorisation_runs_forward", condition=Q(ends_at__gt=F("starts_at"))),
        )

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class Place(models.Model):
    """Where the index finds one target of an intent, constraint, ownership, authorisation, or of coverage."""

    id = models.BigAutoField(primary_key=True)
    cell = models.BigIntegerField()
    of = models.CharField(max_length=13)
    holder = models.UUIDField(help_text="The organization whose it is.")
    subject_id = models.UUIDField()
    number = models.PositiveSmallIntegerField(help_text="Which of its targets.")
    target = models.TextField(help_text="As JSON.")
    starts_at = models.DateTimeField(help_text="UTC.")
    ends_at = models.DateTimeField(help_text="UTC; not included.")

    class Meta:
        constraints = (models.CheckConstraint(name="place_of_known", condition=Q(of__in=INDEXED)),)
        indexes = (
            models.Index(fields=("cell", "ends_at"), name="place_by_cell"),
            models.Index(fields=("holder", "ends_at", "cell"), name="place_by_holder"),
            models.Index(fields=("subject_id",), name="place_by_subject"),
        )

    def __str__(self) -> str:
        return f"target {self.number} of {self.of} {self.subject_id}"


class Mapping(StatefulRecord):
    """That a package is built from a folder of a repository: a scan of the one meets a scan of the other."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="mappings")
    person_id = models.UUIDField(help_text="Who said so.")
    package = models.CharField(max_length=1500, help_text="purl without version, canonical.")
    url = models.CharField(max_length=500, help_text="Of the repository, in its one form.")
    folder = models.CharField(max_length=256, blank=True, help_text="Where in it; empty: all of it.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was withdrawn.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="mapping_state_known", condition=Q(state__in=[one.value for one in MappingState])
            ),
            models.UniqueConstraint(
                name="mapping_stands_once",
                fields=("package", "url", "folder"),
                condition=Q(state=MappingState.STANDING.value),
            ),
        )
        indexes = (
            models.Index(fields=("package",), name="mapping_by_package"),
            models.Index(fields=("url",), name="mapping_by_url"),
        )

    def __str__(self) -> str:
        return f"{self.package} from {self.url}"


class Subscription(StatefulRecord):
    """That an organization wants to be told of every scan of a target that it may see."""

    public_id = models.CharField(max_length=16, unique=True, help_text="WATCH- and ten random characters.")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="subscriptions")
    person_id = models.UUIDField(help_text="Who asked for it.")
    target = Document(help_text="As plain data.")
    techniques = Document(default=list, help_text="Of scans by which it is told; empty: by every one.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was given up.")

    class Meta:
        constraints = (
            models.CheckConstraint(name="subscription_state_known", condition=Q(state__in=["standing", "ended"])),
        )

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class WatchedCell(models.Model):
    """Where a standing subscription is found; apart from the index that writers search, so that they never see it."""

    id = models.BigAutoField(primary_key=True)
    cell = models.BigIntegerField(db_index=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="cells")

    def __str__(self) -> str:
        return f"{self.subscription_id} watches {self.cell}"


class Untold(models.Model):
    """That others have still to be told what happened to a scan or a constraint: one row for each write."""

    id = models.BigAutoField(primary_key=True)
    event = models.CharField(max_length=40, help_text="What a notice of it says.")
    of = models.CharField(max_length=13, help_text="intent or constraint")
    subject_id = models.UUIDField()
    told = Document(default=list, help_text="The organizations that know already.")
    at = models.DateTimeField(help_text="UTC; when it happened.")

    def __str__(self) -> str:
        return f"{self.event}: {self.of} {self.subject_id}"


class Availability(Record):
    """Whether a participant answers; without a row it does."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="availability")
    answering = models.CharField(max_length=10)
    since_at = models.DateTimeField(help_text="UTC.")
    why = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "availabilities"
        constraints = (
            models.CheckConstraint(
                name="availability_known", condition=Q(answering__in=[one.value for one in Answering])
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.answering}"


class Coverage(Record):
    """That one target was tried with a technique, on which version, and how far."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="coverage")
    intent = models.ForeignKey(Intent, null=True, on_delete=models.SET_NULL, related_name="coverage")
    target = Document(help_text="As plain data.")
    target_kind = models.CharField(max_length=20)
    target_name = models.CharField(max_length=1500, help_text="Its package, address, block or name alone.")
    technique = models.CharField(max_length=60)
    version = models.CharField(max_length=256, blank=True, help_text="The version or commit that was tried.")
    is_complete = models.BooleanField(help_text="Whether all of the target was tried.")
    covered_at = models.DateTimeField(help_text="UTC.")
    findings = models.PositiveIntegerField(null=True, help_text="How many came of it; its own organization's to know.")
    published = models.CharField(max_length=300, blank=True, help_text="Where they are; then their number is told.")
    visibility = models.CharField(max_length=20, help_text="As that of its scan.")

    class Meta:
        verbose_name_plural = "coverage"
        constraints = (
            models.CheckConstraint(
                name="coverage_kind_known", condition=Q(target_kind__in=[one.value for one in TargetKind])
            ),
            models.CheckConstraint(
                name="coverage_visibility_known", condition=Q(visibility__in=[one.value for one in Visibility])
            ),
        )
        indexes = (models.Index(fields=("target_name", "covered_at"), name="coverage_by_target"),)

    def __str__(self) -> str:
        return f"{self.technique} on {self.target_name}"


class ScanSource(models.Model):
    """One block of addresses that an announced scan comes from, as a defender looks it up."""

    id = models.BigAutoField(primary_key=True)
    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="known_sources")
    block = models.CharField(max_length=43, help_text="Canonical, as 203.0.113.0/24.")
    starts_at = models.DateTimeField(help_text="UTC; from when it was first announced, whatever a renewal says.")
    ends_at = models.DateTimeField(help_text="UTC; not included.")

    class Meta:
        constraints = (models.CheckConstraint(name="source_runs_forward", condition=Q(ends_at__gt=F("starts_at"))),)
        indexes = (models.Index(fields=("block", "ends_at"), name="source_by_block"),)

    def __str__(self) -> str:
        return f"{self.block} of {self.intent_id}"


class ShownRequest(models.Model):
    """A signed request of a scan that a defender showed: shown again, it is known."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the scan's name and the nonce.")
    shown_at = models.DateTimeField(help_text="UTC; when it was first shown.")
    expires_at = models.DateTimeField(db_index=True, help_text="UTC; from then on it may be forgotten.")

    def __str__(self) -> str:
        return f"shown {self.shown_at}"


class Attempt(Record):
    """That an announcement was refused: counted in figures, shown to its own organization and the office alone."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="attempts")
    scan = models.CharField(max_length=64, help_text="SHA-256 of technique and targets: the same for each try.")
    outcome = models.CharField(max_length=20, help_text="Why it was refused.")
    is_open = models.BooleanField(help_text="Whether neither it nor anything that it met is confidential.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="attempt_outcome_known", condition=Q(outcome__in=[one.value for one in Outcome])
            ),
        )
        indexes = (models.Index(fields=("created_at",), name="attempt_by_time"),)

    def __str__(self) -> str:
        return f"{self.outcome} at {self.created_at}"


class ForeignRecord(Record):
    """A record of another federation that was brought in: a claim, an opt-out (now a constraint), a route."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="foreign_records")
    said_kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=2000)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the subject; of a claim, the finding's salted hash.")
    statement = Document(help_text="As it was brought in.")
    fingerprint = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the statement.")
    constraint = models.ForeignKey(Constraint, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="foreign_record_kind_known", condition=Q(said_kind__in=[one.value for one in RecordKind])
            ),
        )
        indexes = (models.Index(fields=("digest",), name="foreign_record_by_digest"),)

    def __str__(self) -> str:
        return f"{self.said_kind} about {self.subject}"
