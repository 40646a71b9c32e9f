"""What is kept about cases."""

from django.db import models
from django.db.models import Q

from clearinghouse.cases.rules.facts import FOUNDING, How
from clearinghouse.cases.rules.lifecycle import CaseState, EmbargoState, FixState, ResponseState
from clearinghouse.cases.rules.marking import Turn
from clearinghouse.cases.rules.policy import Band
from clearinghouse.cases.rules.queue import LONGEST_NAME, LONGEST_PACKAGE, LONGEST_WORDS, Filters, View
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.rules.seats import Part, SeatState, Tier
from clearinghouse.documents import Document
from clearinghouse.findings.models import Finding
from clearinghouse.parties.models import Invitation, Organization, Person
from clearinghouse.records import FollowingState, Record, StatefulRecord
from clearinghouse.standards.tlp import Tlp


class Case(StatefulRecord):
    """The findings that share one root cause and one fix, and the work on that fix."""

    public_id = models.CharField(max_length=13, unique=True, help_text="CASE- and eight random characters.")
    key = models.CharField(max_length=16, help_text="Follows from the package and the smallest finding alone.")
    package = models.CharField(max_length=1500, help_text="purl without version.")
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", help_text="Where the findings went."
    )
    tlp = models.CharField(
        max_length=15, default=Tlp.RED.value, help_text="How far it may be told; follows from its reports and markings."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=[one.value for one in CaseState])),
            models.CheckConstraint(name="case_tlp_known", condition=Q(tlp__in=[one.value for one in Tlp])),
            models.UniqueConstraint(
                name="case_key_stands_once", fields=("key",), condition=~Q(state=CaseState.DISSOLVED.value)
            ),
        )
        indexes = (models.Index(fields=("package",), name="case_by_package"),)

    def __str__(self) -> str:
        return f"{self.public_id}: {self.state}"


class Join(FollowingState, Record):
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


class Response(StatefulRecord):
    """What a party says of a case: that it is a flaw, that it is none, or that it was known."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="responses")
    said = models.CharField(max_length=20)
    why = models.TextField(blank=True)
    reference = models.CharField(max_length=500, blank=True, help_text="Under which name it is known.")
    by = models.CharField(max_length=200, help_text="The person's name.")
    person_id = models.UUIDField(help_text="The actor.")
    organization_id = models.UUIDField(null=True, help_text="For whom they spoke.")
    ended_at = models.DateTimeField(null=True, help_text="UTC; when it was withdrawn or overruled.")
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="response_state_known", condition=Q(state__in=[one.value for one in ResponseState])
            ),
            models.CheckConstraint(
                name="response_said_known", condition=Q(said__in=[one.value for one in ResponseSaid])
            ),
            models.UniqueConstraint(
                name="response_one_stands",
                fields=("case", "organization_id"),
                condition=Q(state=ResponseState.STANDING.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.said}: {self.state}"


class Embargo(StatefulRecord):
    """A promise of silence about a case until a date."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="embargo")
    proposed_ends_at = models.DateTimeField(null=True, help_text="UTC; under discussion.")
    proposed_by = models.UUIDField(null=True, help_text="The actor who proposed it.")
    ends_at = models.DateTimeField(null=True, help_text="UTC; agreed.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="embargo_state_known", condition=Q(state__in=[one.value for one in EmbargoState])
            ),
            models.CheckConstraint(
                name="embargo_agreed_has_a_date",
                condition=~Q(state__in=[EmbargoState.ACTIVE.value, EmbargoState.REVISE.value])
                | Q(ends_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"embargo: {self.state}"


class Fix(StatefulRecord):
    """A patch that a party hands in for a case; it is checked against every proof in it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="fixes")
    digest = models.CharField(max_length=71, help_text="sha256: and hex of the patch.")
    file = models.CharField(max_length=200)
    base = models.CharField(max_length=200, blank=True, help_text="The release it is for; empty: that of each report.")
    by = models.CharField(max_length=200, help_text="The person's name.")
    person_id = models.UUIDField(help_text="The actor.")
    organization_id = models.UUIDField(null=True, help_text="For whom they acted.")
    results = Document(default=dict, help_text="Key of each finding to rules.PatchResult.")

    class Meta:
        constraints = (
            models.CheckConstraint(name="fix_state_known", condition=Q(state__in=[one.value for one in FixState])),
            models.UniqueConstraint(name="fix_once", fields=("case", "digest", "base")),
        )

    def __str__(self) -> str:
        return f"{self.file}: {self.state}"


class Participant(StatefulRecord):
    """A seat in a case: whose, in which part, how much it lets see, and until when.

    It is a person's, or that of whoever takes up an invitation, or of everybody who acts for an organization.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="seats")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.PROTECT, related_name="seats")
    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="seats")
    part = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField()
    until_at = models.DateTimeField(null=True, help_text="UTC; the moment itself is too late. Null: without an end.")
    invited_by = models.UUIDField(help_text="The actor who gave the seat.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="participant_state_known", condition=Q(state__in=[one.value for one in SeatState])
            ),
            models.CheckConstraint(name="participant_part_known", condition=Q(part__in=[one.value for one in Part])),
            models.CheckConstraint(name="participant_tier_known", condition=Q(tier__in=[one.value for one in Tier])),
            models.CheckConstraint(
                name="participant_is_one_party",
                condition=Q(person__isnull=False, invitation=None, organization=None)
                | Q(person=None, invitation__isnull=False, organization=None)
                | Q(person=None, invitation=None, organization__isnull=False),
            ),
            *(
                models.UniqueConstraint(
                    name=f"participant_{party}_sits_once",
                    fields=("case", party),
                    condition=Q(state=SeatState.SEATED.value),
                )
                for party in ("person", "invitation", "organization")
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} at tier {self.tier}: {self.state}"


class Marking(Record):
    """That the audience of a case was narrowed by one person, or widened by two, on the reports that were in it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="markings")
    turn = models.CharField(max_length=10)
    label = models.CharField(max_length=15, help_text="A label of TLP 2.0.")
    reports = Document(default=list, help_text="finder/id of each report that was in the case.")
    basis = models.CharField(max_length=64, help_text="SHA-256 of the label of each of them, in hex.")
    why = models.TextField(blank=True)
    by = models.UUIDField(help_text="The person; of two, the one who agreed.")

    class Meta:
        constraints = (
            models.CheckConstraint(name="marking_turn_known", condition=Q(turn__in=[one.value for one in Turn])),
            models.CheckConstraint(name="marking_label_known", condition=Q(label__in=[one.value for one in Tlp])),
        )

    def __str__(self) -> str:
        return f"TLP:{self.label}"


class SavedView(Record):
    """What a person looks at in the queue, under a name of theirs."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=LONGEST_NAME)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True, help_text="What is searched for.")
    view = models.CharField(max_length=20, default=View.ALL.value)
    band = models.CharField(max_length=20, blank=True, help_text="Empty: every one.")
    package = models.CharField(max_length=LONGEST_PACKAGE, blank=True, help_text="purl without version; empty: all.")
    case_state = models.CharField(max_length=40, blank=True, help_text="Empty: every one.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="saved_view_one_of_a_name", fields=("person", "name")),
            models.CheckConstraint(name="saved_view_known", condition=Q(view__in=[one.value for one in View])),
            models.CheckConstraint(
                name="saved_view_band_known", condition=Q(band__in=["", *(one.value for one in Band)])
            ),
            models.CheckConstraint(
                name="saved_view_state_known", condition=Q(case_state__in=["", *(one.value for one in CaseState)])
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def wanted(self) -> Filters:
        """What it lets through."""
        return Filters(self.words, self.view, self.band, self.package, self.case_state)
