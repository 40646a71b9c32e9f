"""What is filled in about a case; what is wrong with it beyond its shape is said by the action."""

from datetime import UTC, datetime, time

from django import forms

from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.policy import Band
from clearinghouse.cases.rules.queue import LONGEST_NAME, LONGEST_PACKAGE, LONGEST_WORDS, Filters, View
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.rules.seats import Part
from clearinghouse.standards.tlp import Tlp, audience

_AREA = forms.Textarea({"rows": 3})


_STATES = ((CaseState.OPEN.value, "Open"), (CaseState.TO_CONFIRM.value, "To be confirmed"))


class QueueForm(forms.Form):
    """Which cases of the queue are wanted; an address may say so too."""

    q = forms.CharField(
        label="Search",
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.TextInput({"type": "search"}),
        help_text="Words of an id, a title, a package or a finder.",
    )
    package = forms.CharField(
        label="Package",
        max_length=LONGEST_PACKAGE,
        required=False,
        widget=forms.TextInput({"list": "packages", "autocomplete": "off"}),
        help_text="Whole, without a version: pkg:pypi/pyyaml",
    )
    band = forms.ChoiceField(
        label="Band", required=False, choices=[("", "Every band"), *((one.value, one.value) for one in Band)]
    )
    state = forms.ChoiceField(label="State", required=False, choices=[("", "Every state"), *_STATES])
    view = forms.ChoiceField(
        label="View", required=False, choices=[(one.value, one.label) for one in View], widget=forms.HiddenInput
    )

    @property
    def wanted(self) -> Filters:
        """What was filled in, once it is cleaned."""
        said = self.cleaned_data
        return Filters(said["q"], said["view"] or View.ALL.value, said["band"], said["package"], said["state"])


class SaveViewForm(QueueForm):
    """What is looked at, and the name under which to keep it."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class ReasonForm(forms.Form):
    """Why something is done."""

    why = forms.CharField(label="Why", max_length=5000, required=False, widget=_AREA)


class ProposedForm(ReasonForm):
    """What is decided about a proposed day, and which day that was on the page."""

    proposed = forms.DateTimeField(label="The day you decide on", widget=forms.HiddenInput)


class ResponseForm(forms.Form):
    """What a party says of a case."""

    said = forms.ChoiceField(
        label="What do you say?",
        widget=forms.RadioSelect,
        choices=[
            (ResponseSaid.CONFIRMED.value, "It is a flaw"),
            (ResponseSaid.DISPUTED.value, "It is no flaw (say why)"),
            (ResponseSaid.ALREADY_KNOWN.value, "It was known already (name it)"),
        ],
    )
    why = forms.CharField(label="Reason", max_length=5000, required=False, widget=_AREA)
    reference = forms.CharField(
        label="Known as", max_length=500, required=False, help_text="A CVE, an advisory or an address."
    )


class EmbargoForm(forms.Form):
    """A day until which a case is to be kept quiet."""

    ends_on = forms.DateField(label="Keep quiet until", widget=forms.DateInput({"type": "date"}))
    why = forms.CharField(label="Reason for this day", max_length=5000, required=False, widget=_AREA)

    def clean_ends_on(self) -> datetime:
        """Return the end of that day, UTC."""
        return datetime.combine(self.cleaned_data["ends_on"], time(23, 59, 59), tzinfo=UTC)


class FixForm(forms.Form):
    """A patch of one's own."""

    patch = forms.FileField(label="Patch", help_text="A unified diff: git diff or git format-patch. At most 1 MiB.")
    base = forms.CharField(
        label="Made for release", max_length=200, required=False, help_text="Empty: the release of each report."
    )


class AnswerForm(forms.Form):
    """A person's yes or no to what a machine cannot say."""

    yes = forms.ChoiceField(
        label="Your answer", widget=forms.RadioSelect, choices=[("yes", "Yes, it is a flaw"), ("no", "No")]
    )
    why = forms.CharField(label="Reason", max_length=5000, widget=_AREA)


class SeatForm(forms.Form):
    """Whom to seat in a case, as what, and until when."""

    email = forms.EmailField(
        label="E-mail address of a person",
        required=False,
        help_text="Whoever has no account yet gets a link to sign up with.",
    )
    whole = forms.CharField(
        label="Or everybody of an organization",
        max_length=200,
        required=False,
        help_text="Its name, as it stands here. Not where the case is TLP:RED.",
    )
    part = forms.ChoiceField(label="As", choices=[(one.value, one.value) for one in Part])
    until_on = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="Finder and maintainer may sit without an end; all others need one.",
    )
    why = forms.CharField(label="Why they are needed", max_length=5000, required=False, widget=_AREA)


class AgreeForm(forms.Form):
    """For whom somebody who is invited will act."""

    organization = forms.CharField(
        label="They act for", max_length=200, help_text="The name of an organization; a new one is founded."
    )


class LeaveForm(forms.Form):
    """How to leave."""

    erase = forms.BooleanField(
        label="Erase everything that my organization handed in",
        required=False,
        help_text="Without this it stays here as it is. It cannot be undone.",
    )
    kept = forms.BooleanField(label="I have downloaded what I want to keep")
    name = forms.CharField(label="Write the organization's name to confirm", max_length=200)


class MarkingForm(forms.Form):
    """How far a case is to be told."""

    label = forms.ChoiceField(
        label="New marking", choices=[(one.value, f"TLP:{one}, for {audience(one)}") for one in Tlp]
    )
    why = forms.CharField(label="Why", max_length=5000, widget=_AREA)


class ConsultForm(forms.Form):
    """Whom to ask for their view, what, and until when."""

    organization = forms.CharField(label="Organization", max_length=200, help_text="Its name, as it stands here.")
    question = forms.CharField(label="Question", max_length=20_000, widget=_AREA)
    due_on = forms.DateField(label="Answer by", widget=forms.DateInput({"type": "date"}))
