"""What is kept about findings."""

from django.db import models
from django.db.models import Q

from clearinghouse.documents import Document
from clearinghouse.findings.rules import FindingState, Notify, Source, SubmissionState
from clearinghouse.parties.models import Organization
from clearinghouse.records import Record, StatefulRecord


class Finding(StatefulRecord):
    """Something claimed to be wrong, as one finder said it in one version of one report."""

    key = models.CharField(max_length=64, unique=True, help_text="Follows from the content alone.")
    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    finder = models.CharField(max_length=64)
    finder_ref = models.CharField(max_length=100, help_text="The finder's own name for it.")
    report = Document(help_text="The report, as JSON of format version 1.")
    artefacts = Document(default=dict, help_text="Name and digest of each file that belongs to it.")
    source = models.CharField(max_length=20)
    source_name = models.CharField(max_length=300, help_text="What was handed in was called so.")
    source_digest = models.CharField(max_length=71, blank=True, help_text="The document as it came in.")
    received_at = models.DateTimeField(help_text="UTC.")
    readiness = Document(default=list, help_text="The checklist of six: element, said, hint.")
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="superseded_by", help_text="The version before."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="finding_state_known", condition=Q(state__in=[one.value for one in FindingState])
            ),
            models.CheckConstraint(name="finding_source_known", condition=Q(source__in=[one.value for one in Source])),
            models.UniqueConstraint(
                name="finding_one_version_stands",
                fields=("organization", "finder", "finder_ref"),
                condition=~Q(state=FindingState.SUPERSEDED.value),
            ),
        )
        indexes = (models.Index(fields=("state",), name="finding_by_state"),)

    def __str__(self) -> str:
        return f"{self.finder} {self.finder_ref}: {self.state}"


class RefusedReport(Record):
    """A report that could not be taken in, with every problem found."""

    name = models.CharField(max_length=300, help_text="What was handed in was called so.")
    digest = models.CharField(max_length=71, blank=True, help_text="Of the file; empty for a folder.")
    problems = Document(help_text="code, field, reason and fix of each.")
    received_at = models.DateTimeField(help_text="UTC.")
    replaced_at = models.DateTimeField(null=True, help_text="UTC; when something under this name was handed in again.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="refused_report_one_stands", fields=("name",), condition=Q(replaced_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: refused"


class Submission(StatefulRecord):
    """Something handed in from outside, kept as it came; read later, under limits, in a process of its own."""

    receipt = models.CharField(max_length=30, unique=True, help_text="SUB- and 26 random characters.")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField(help_text="Who handed it in.")
    name = models.CharField(max_length=300, help_text="What was handed in was called so.")
    target = models.CharField(max_length=1600, blank=True, help_text="purl with version, for what does not say it.")
    digest = models.CharField(max_length=71, help_text="Of the bytes as they came.")
    size_bytes = models.PositiveIntegerField()
    notify = models.CharField(max_length=12, default=Notify.FINAL.value)
    problems = Document(default=list, help_text="Of what was refused: code, field, reason and fix of each.")
    findings = models.ManyToManyField(Finding, related_name="submissions")
    read_at = models.DateTimeField(null=True, help_text="UTC; when it was taken in or refused.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="submission_state_known", condition=Q(state__in=[one.value for one in SubmissionState])
            ),
            models.CheckConstraint(
                name="submission_notify_known", condition=Q(notify__in=[one.value for one in Notify])
            ),
        )
        indexes = (
            models.Index(fields=("state", "created_at"), name="submission_by_state"),
            models.Index(fields=("person", "created_at"), name="submission_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.receipt}: {self.state}"
