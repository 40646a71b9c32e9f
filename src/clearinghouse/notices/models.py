"""What is kept about what was told, and to where."""

from collections.abc import Mapping
from typing import ClassVar, Final
from uuid import UUID

from django.db import models
from django.db.models import Q

from clearinghouse.documents import Document
from clearinghouse.notices.rules import Happened, WebhookState
from clearinghouse.parties.models import Organization, Person
from clearinghouse.permissions.guards import AllOf, Clause, Is, Not
from clearinghouse.records import FollowingState, Record, StatefulRecord

_TO_NOBODY_NAMED: Final = AllOf((Is("organization_id", None), Is("person_id", None)))


class Notice(FollowingState, Record):
    """That something happened to a thing, told to one party; to no organization or person: to those at work here."""

    states: ClassVar[Mapping[str, Clause]] = {
        "to-the-office": _TO_NOBODY_NAMED,
        "to-a-party": Not(_TO_NOBODY_NAMED),
    }

    happening = models.UUIDField(help_text="The same in every notice of one happening.")
    event = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=100)
    name = models.CharField(max_length=100, blank=True, help_text="What the doors of the thing call it.")
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="notices")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="notices")
    place = models.UUIDField(
        null=True, unique=True, help_text="Where it stands in the stream; null: it was not given a place yet."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(name="notice_event_known", condition=Q(event__in=[one.value for one in Happened])),
            models.CheckConstraint(name="notice_to_one", condition=Q(organization=None) | Q(person=None)),
        )
        indexes = (
            models.Index(fields=("organization", "place"), name="notice_by_organization"),
            models.Index(fields=("person", "place"), name="notice_by_person"),
            models.Index(
                fields=("place",), name="notice_to_the_office", condition=Q(organization__isnull=True, person=None)
            ),
            models.Index(fields=("id",), name="notice_without_place", condition=Q(place__isnull=True)),
            models.Index(fields=("created_at",), name="notice_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.event}: {self.subject_kind} {self.subject_id}"

    @property
    def stands_at(self) -> UUID:
        """The place that it was given; readers get only notices that have one."""
        if self.place is None:
            raise ValueError(f"{self} has no place yet")
        return self.place


class Webhook(StatefulRecord):
    """An address of an organization that is sent notices, by the right of whoever registered it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="webhooks")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="webhooks")
    second_factor = models.BooleanField(help_text="Whether a second factor was shown when it was registered.")
    url = models.CharField(max_length=2000)
    events = Document(help_text="The kinds of notices that it carries.")
    secret = models.CharField(max_length=80, help_text="Signs every message; shown once.")
    former_secret = models.CharField(max_length=80, blank=True)
    former_until = models.DateTimeField(null=True, help_text="UTC; until then the former one signs too.")
    failing_since = models.DateTimeField(null=True, help_text="UTC; the first failure since anything was taken.")
    disabled_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="webhook_state_known", condition=Q(state__in=[one.value for one in WebhookState])
            ),
        )

    def __str__(self) -> str:
        return f"webhook {self.pk}: {self.state}"


class Delivery(FollowingState, Record):
    """One notice on its way to one webhook, and how each try ended."""

    states: ClassVar[Mapping[str, Clause]] = {
        "delivered": Not(Is("delivered_at", None)),
        "given-up": Not(Is("given_up_at", None)),
        "waiting": AllOf((Is("delivered_at", None), Is("given_up_at", None))),
    }

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    tries = Document(default=list, help_text="Of each: at, status (null: no answer), reason.")
    failures = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text="UTC; not before.")
    delivered_at = models.DateTimeField(null=True, help_text="UTC.")
    given_up_at = models.DateTimeField(null=True, help_text="UTC.")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(name="delivery_once", fields=("webhook", "notice")),
            models.CheckConstraint(name="delivery_ends_once", condition=Q(delivered_at=None) | Q(given_up_at=None)),
        )
        indexes = (
            models.Index(
                fields=("webhook", "next_at"),
                name="delivery_waiting",
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.webhook_id}: {self.state}"
