"""What people fill in about themselves and their organization."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final, cast

from django import forms

from clearinghouse.parties.rules import LONGEST_TERMS
from clearinghouse.permissions.rules import PEOPLE, Role
from clearinghouse.permissions.words import ROOMS, to_do

_CHOOSE: Final = ("", "Choose a role")
"""The first choice, so that no role is given because it came first."""


class JoinForm(forms.Form):
    """Who signs up with an invitation; what is wrong with it is said by the action."""

    name = forms.CharField(max_length=200, label="Your name", widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput({"autocomplete": "email"}))
    password = forms.CharField(
        label="Password",
        help_text="At least 12 characters; a sentence is easy to remember.",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class TokenForm(forms.Form):
    """What a token is called, what it is for and how long it holds."""

    def __init__(self, *args: Any, verbs: Iterable[str], **options: Any) -> None:  # noqa: ANN401 - Django's
        """Offer these verbs, each room's also all together."""
        super().__init__(*args, **options)
        scopes = cast("Any", self.fields["scopes"])
        scopes.choices = [
            (ROOMS[room], [(room, "All of this"), *((verb, to_do(verb).capitalize()) for verb in found)])
            for room, found in groupby(sorted(verbs), key=lambda verb: verb.partition(":")[0])
        ]

    name = forms.CharField(max_length=100, label="Name", help_text="So that you know it again.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one thing that it may do."},
    )
    days = forms.IntegerField(min_value=1, max_value=365, initial=90, label="Holds for so many days")

    @property
    def rooms(self) -> list[tuple[str, list[tuple[str, str, bool]], bool]]:
        """The scopes by room: its name, each scope in words and whether it is ticked, and whether any of them is."""
        ticked, scopes = set(self["scopes"].value() or ()), cast("Any", self.fields["scopes"])
        found = [(room, [(value, said, value in ticked) for value, said in group]) for room, group in scopes.choices]
        return [(room, group, any(one for _, _, one in group)) for room, group in found]


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail address", help_text="The link is good for this address alone.")
    role = forms.ChoiceField(label="As")

    def __init__(self, *args: Any, roles: Iterable[Role] = PEOPLE, **options: Any) -> None:  # noqa: ANN401 - Django's
        """Offer only the roles that whoever invites may give."""
        super().__init__(*args, **options)
        self.fields["role"] = forms.ChoiceField(
            label="As", choices=[_CHOOSE, *((one.value, one.value) for one in roles)]
        )


class GrantForm(forms.Form):
    """A role for somebody who has an account."""

    email = forms.EmailField(label="E-mail address of somebody with an account")
    role = forms.ChoiceField(label="New role", choices=[_CHOOSE, *((one.value, one.value) for one in PEOPLE)])


class FoundForm(forms.Form):
    """A new organization."""

    name = forms.CharField(label="Name of the organization", max_length=200)


class RenameForm(forms.Form):
    """Another name for an organization."""

    name = forms.CharField(label="New name", max_length=200)


class ActForForm(forms.Form):
    """For whom to act."""

    organization = forms.UUIDField(label="Organization")


class TermsForm(forms.Form):
    """The text of the next version of the terms."""

    text = forms.CharField(label="Text", max_length=LONGEST_TERMS, widget=forms.Textarea({"rows": 20}))


class AcceptForm(forms.Form):
    """The version that was read."""

    version = forms.IntegerField(min_value=1)


class ConsultationAnswerForm(forms.Form):
    """An organization's view."""

    answer = forms.CharField(label="Answer", max_length=20_000, widget=forms.Textarea({"rows": 4}))


class WhyForm(forms.Form):
    """Why something is done."""

    why = forms.CharField(label="Why", max_length=5000, required=False, widget=forms.Textarea({"rows": 3}))
