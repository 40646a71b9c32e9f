"""What is kept of validations: one row per finding, one per run."""

from django.db import models
from django.db.models import Q

from clearinghouse.documents import Document
from clearinghouse.findings.models import Finding
from clearinghouse.records import FollowingState, Record, StatefulRecord
from clearinghouse.validation.lifecycle import ValidationState


class Validation(StatefulRecord):
    """How far a finding's validation is, and what it showed. The JSON shapes are those of ``rules``."""

    finding = models.OneToOneField(Finding, on_delete=models.CASCADE, related_name="validation")
    judgement = Document(null=True, help_text="rules.Judgement")
    replay = Document(null=True, help_text="Which proof was judged, and the calls recorded from a program.")
    environments = Document(default=dict, help_text="purl to digests of the files it was made of.")
    ranges = Document(null=True, help_text="rules.AffectedRange")
    patches = Document(null=True, help_text="A list of rules.PatchResult.")

    class Meta:
        constraints = (
            models.CheckConstraint(name="validation_state_known", condition=Q(state__in=list(ValidationState))),
            models.CheckConstraint(
                name="validation_judged_has_judgement",
                condition=Q(state=ValidationState.WAITING) | Q(judgement__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"validation of {self.finding_id}: {self.state}"


class Answer(FollowingState, Record):
    """What a person said to a question about a finding; it stands until they say otherwise, through every judging."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40, help_text="Code of the question.")
    yes = models.BooleanField()
    why = models.TextField()
    by = models.CharField(max_length=200, help_text="The person's name.")
    actor = models.UUIDField(help_text="Who handed it in.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when they said otherwise.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="answer_one_stands", fields=("finding", "question"), condition=Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.question} of {self.finding_id}: {'yes' if self.yes else 'no'}"


class StoredRun(models.Model):
    """A run that was made, so that a stopped clearing does not make it again."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Content key: same proof, code and question.")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="runs")
    run = Document(help_text="rules.Run")

    def __str__(self) -> str:
        return self.key


class KnownBypass(Record):
    """A form of a proof that once got past a patch; it is run against every later patch of the package, for ever.

    Of the organization whose finding it was seen on: what others learned in secret judges nobody else.

    It stands by itself: neither the finding nor the patch that it was seen on need to be kept for it.
    """

    package = models.CharField(max_length=1500, help_text="purl without version.")
    organization = models.UUIDField(null=True, help_text="Whose finding it was seen on; null: nobody's.")
    digest = models.CharField(max_length=64, help_text="Of the form: the same form is kept once.")
    detector = models.CharField(max_length=30)
    bypass = Document(help_text="rules.Bypass")
    patch = models.CharField(max_length=71, help_text="sha256: and hex of the patch that it got past first.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="known_bypass_once", fields=("package", "digest", "organization")),
            models.UniqueConstraint(
                name="known_bypass_of_nobody_once", fields=("package", "digest"), condition=Q(organization=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.detector} of {self.package} past {self.patch}"
