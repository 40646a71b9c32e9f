"""What is filled in to hand in a report; what is inside of it is read later, by a worker."""

from django import forms


class HandInForm(forms.Form):
    """A report, and what it is about where it does not say so itself."""

    report = forms.FileField(
        label="Report",
        help_text="A zip or tar of a report's folder, or one Markdown, OSV, SARIF, VDR or TAP document; up to 16 MiB.",
    )
    target = forms.CharField(
        label="Target",
        max_length=1600,
        required=False,
        help_text="Only for a document that does not say it: a package URL with version, like pkg:pypi/pyyaml@5.3",
    )
