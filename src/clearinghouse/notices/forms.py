"""What people fill in about webhooks."""

from django import forms

from clearinghouse.notices.rules import EVENTS, Happened


class WebhookForm(forms.Form):
    """Where notices are to be sent, and which."""

    url = forms.CharField(
        max_length=2000,
        label="Address of the receiver",
        help_text="It begins with https:// and lies outside of our network.",
        widget=forms.URLInput(),
    )
    events = forms.MultipleChoiceField(
        label="Send when",
        choices=[(one.value, told.says) for one, told in EVENTS.items() if one is not Happened.WEBHOOK_TEST],
        widget=forms.CheckboxSelectMultiple(),
    )
