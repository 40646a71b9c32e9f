"""What people fill in about themselves."""

from django import forms

from clearinghouse.permissions.rules import PEOPLE


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

    name = forms.CharField(max_length=100, label="Name", help_text="So that you know it again.")
    scopes = forms.CharField(
        max_length=2000,
        label="What it may do",
        help_text="Verbs or their beginnings, separated by spaces: findings cases:case:read",
    )
    days = forms.IntegerField(min_value=1, max_value=365, initial=90, label="Holds for so many days")


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        required=False, label="E-mail address", help_text="Empty: whoever has the link may sign up with it."
    )
    role = forms.ChoiceField(label="As", choices=[(one.value, one.value) for one in PEOPLE])
