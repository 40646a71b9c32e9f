"""What is kept about parties."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from clearinghouse.documents import Document
from clearinghouse.parties.rules import AcceptanceState, ConsultationState, RequestState
from clearinghouse.permissions.rules import PEOPLE
from clearinghouse.records import Record, Records, StatefulRecord


class Organization(Record):
    """A party: somebody who reports, coordinates, fixes or deploys."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"].from_queryset(Records["Person"])):  # type: ignore[misc]
    """Finds people the way sign-in asks for them, and knows who is asking."""


class Person(AbstractBaseUser, Record):
    """Somebody who can sign in; what they may do stands in their memberships alone: there is no superuser."""

    email = models.EmailField(max_length=254, unique=True, help_text="Lower case; what they sign in with.")
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True, help_text="False for ever, once the account is closed.")

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (models.CheckConstraint(name="person_email_lower", condition=models.Q(email=Lower("email"))),)

    def __str__(self) -> str:
        return self.name


class Membership(Record):
    """One role that a person has in an organization; ending it deletes the row, the ledger keeps that it was."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="membership_once", fields=("person", "organization", "role")),
            models.CheckConstraint(
                name="membership_role_known", condition=models.Q(role__in=[str(role) for role in PEOPLE])
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id}: {self.role}"


class Invitation(Record):
    """A link, good once, with which somebody signs up and gets a role in an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=40)
    email = models.EmailField(max_length=254, blank=True, help_text="Whom it was sent to; empty: whoever has the link.")
    invited_by = models.UUIDField(help_text="The actor.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret in the link.")
    expires_at = models.DateTimeField(help_text="UTC.")
    accepted_at = models.DateTimeField(null=True, help_text="UTC.")
    accepted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="accepted")
    withdrawn_at = models.DateTimeField(null=True, help_text="UTC.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_role_known", condition=models.Q(role__in=[str(role) for role in PEOPLE])
            ),
            models.CheckConstraint(
                name="invitation_ends_once", condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="invitation_taken_up_in_time",
                condition=models.Q(accepted_by=None) | models.Q(accepted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"invitation as {self.role}"

    def is_open(self, at: datetime) -> bool:
        """Say whether it can be accepted now."""
        return self.accepted_at is None and self.withdrawn_at is None and at < self.expires_at


class Token(Record):
    """What a program signs in with: a secret of which only the hash is kept, for some verbs and some time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    scopes = models.JSONField(help_text="Verbs, or the first parts of verbs.")
    second_factor = models.BooleanField(help_text="Whether a second factor was shown when it was issued.")
    expires_at = models.DateTimeField(help_text="UTC.")
    revoked_at = models.DateTimeField(null=True, help_text="UTC.")

    def __str__(self) -> str:
        return self.name


class Request(StatefulRecord):
    """An act that needs two people: who asks for it, for what exactly, and who else agreed."""

    verb = models.CharField(max_length=100)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of act, subject, state and content, in hex.")
    content = Document(default=dict, help_text="What is asked for, to be shown to whoever agrees; the digest binds.")
    why = models.TextField(blank=True)
    requested_by = models.UUIDField(help_text="The person who asks.")
    decided_by = models.UUIDField(null=True, help_text="The other person.")
    decided_at = models.DateTimeField(null=True, help_text="UTC.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="request_state_known", condition=models.Q(state__in=[one.value for one in RequestState])
            ),
            models.CheckConstraint(
                name="request_two_people",
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("requested_by")),
            ),
            models.CheckConstraint(
                name="request_decided_by_somebody",
                condition=~models.Q(
                    state__in=[RequestState.APPROVED.value, RequestState.REFUSED.value, RequestState.USED.value]
                )
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("subject_kind", "subject_id"), name="request_by_subject"),)

    def __str__(self) -> str:
        return f"{self.verb}: {self.state}"


class Terms(Record):
    """One version of the terms of taking part: data, signed, never changed."""

    version = models.PositiveIntegerField(unique=True, help_text="1, 2, 3 …; the highest binds whoever joins.")
    text = models.TextField()
    envelope = models.TextField(help_text="DSSE envelope over version, text and time, as JSON.")
    published_by = models.UUIDField(help_text="The actor.")

    class Meta:
        verbose_name_plural = "terms"
        constraints = (
            models.CheckConstraint(name="terms_versions_count_from_one", condition=models.Q(version__gte=1)),
        )

    def __str__(self) -> str:
        return f"terms {self.version}"


class Acceptance(StatefulRecord):
    """That an organization takes part on one version of the terms, said by one of its people."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="acceptances")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="acceptances")
    accepted_by = models.UUIDField(help_text="The person.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="acceptance_state_known", condition=models.Q(state__in=[one.value for one in AcceptanceState])
            ),
            models.UniqueConstraint(
                name="acceptance_one_stands",
                fields=("organization",),
                condition=models.Q(state=AcceptanceState.STANDING.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.terms_id} accepted: {self.state}"


class Consultation(StatefulRecord):
    """Who was asked for their view on something, when, until when, and what they answered."""

    about_kind = models.CharField(max_length=60)
    about_id = models.CharField(max_length=100)
    question = models.TextField()
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="consultations")
    asked_by = models.UUIDField(help_text="The actor who asks.")
    due_at = models.DateTimeField(help_text="UTC; silence after it is silence.")
    answer = models.TextField(blank=True)
    answered_by = models.UUIDField(null=True, help_text="The person who answers for the organization.")
    answered_at = models.DateTimeField(null=True, help_text="UTC.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="consultation_state_known",
                condition=models.Q(state__in=[one.value for one in ConsultationState]),
            ),
            models.CheckConstraint(
                name="consultation_answered_by_somebody",
                condition=~models.Q(state=ConsultationState.ANSWERED.value)
                | models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(answer=""),
            ),
        )
        indexes = (models.Index(fields=("about_kind", "about_id"), name="consultation_by_subject"),)

    def __str__(self) -> str:
        return f"consultation about {self.about_kind}: {self.state}"
