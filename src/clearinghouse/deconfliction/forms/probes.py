"""What a defender fills in who saw a probe."""

from django import forms

_SAY_UTC = "As 2026-11-23 14:05, in UTC. Leave it empty for now."


class WhoisForm(forms.Form):
    """An address that was seen probing, what it reached, and when."""

    source = forms.CharField(label="Source address", max_length=64, help_text="Where the probe came from: 203.0.113.7")
    target = forms.CharField(
        label="Target",
        max_length=300,
        required=False,
        help_text="What it reached: an address or a name, with a port if you know it: 198.51.100.9:443",
    )
    at = forms.DateTimeField(label="When", required=False, help_text=_SAY_UTC)
    rate_per_second = forms.IntegerField(
        label="Requests a second", required=False, min_value=0, max_value=10**9, help_text="If you have counted them."
    )
