"""What is kept about cases."""

from django.db import models
from django.db.models import Q

from clearinghouse.cases.rules.facts import FOUNDING, How
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.documents import Document
from clearinghouse.findings.models import Finding
from clearinghouse.records import Record, StatefulRecord


class Case(StatefulRecord):
    """The findings that share one root cause and one fix, and the work on that fix."""

    public_id = models.CharField(max_length=13, unique=True, help_text="CASE- and eight random characters.")
    key = models.CharField(max_length=16, help_text="Follows from the package and the smallest finding alone.")
    package = models.CharField(max_length=1500, help_text="purl without version.")
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", help_text="Where the findings went."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=[one.value for one in CaseState])),
            models.UniqueConstraint(
                name="case_key_stands_once", fields=("key",), condition=~Q(state=CaseState.DISSOLVED.value)
            ),
        )
        indexes = (models.Index(fields=("package",), name="case_by_package"),)

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class Join(Record):
    """That a finding is in a case, on what grounds, and if it was undone, by whom and why."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="joins")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="joins")
    other = models.ForeignKey(
        Finding, null=True, on_delete=models.CASCADE, related_name="+", help_text="What it was joined to."
    )
    how = models.CharField(max_length=30)
    reason = models.TextField()
    evidence = Document(default=dict)
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was replaced or undone.")
    undone_by = models.UUIDField(null=True, help_text="The person who undid it.")
    undone_why = models.TextField(blank=True)
    apart_from = Document(default=list, help_text="finder/id of each finding it was set apart from.")

    class Meta:
        constraints = (
            models.CheckConstraint(name="join_how_known", condition=Q(how__in=[FOUNDING, *(one.value for one in How)])),
            models.CheckConstraint(
                name="join_undone_has_ended", condition=Q(undone_by__isnull=True) | Q(ended_at__isnull=False)
            ),
            models.CheckConstraint(
                name="join_founds_or_joins", condition=Q(how=FOUNDING, other=None) | ~Q(how=FOUNDING) & ~Q(other=None)
            ),
            models.UniqueConstraint(
                name="join_one_case_at_a_time", fields=("finding",), condition=Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} in {self.case_id} by {self.how}"

    @property
    def state(self) -> str:
        """Whether it stands: for the permission table."""
        return "ended" if self.ended_at else "standing"


class Link(Record):
    """That two findings of different cases may belong together; no more than that."""

    one = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=30)
    reason = models.TextField()
    evidence = Document(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(name="link_how_known", condition=Q(how__in=[one.value for one in How])),
            models.UniqueConstraint(name="link_once", fields=("one", "other")),
        )

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id} by {self.how}"

    @property
    def state(self) -> str:
        """Without a lifecycle."""
        return ""


class Trial(Record):
    """What running a finding's proof on a release with another finding's patch showed."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="trials")
    patch = models.CharField(max_length=71, help_text="sha256: and hex.")
    stops = models.BooleanField(null=True, help_text="None: it could not run.")
    why = models.TextField(blank=True, help_text="What stood in the way.")

    class Meta:
        constraints = (models.UniqueConstraint(name="trial_once", fields=("finding", "patch")),)

    def __str__(self) -> str:
        return f"{self.patch} on {self.finding_id}: {self.stops}"

    @property
    def state(self) -> str:
        """Without a lifecycle."""
        return ""
