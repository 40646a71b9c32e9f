"""What people fill in about themselves."""

from django import forms


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
