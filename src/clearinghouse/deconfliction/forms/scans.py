"""What is filled in about a scan; what is wrong with it beyond its shape is said by the action."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django import forms

from clearinghouse.deconfliction.rules.announcing import Announcement, announcement_of
from clearinghouse.deconfliction.rules.lifecycle import Answering, ConstraintKind, Visibility
from clearinghouse.deconfliction.rules.suggestions import part_of, willing_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.deconfliction.rules.windows import Times, Window, times_of, weekly
from clearinghouse.errors import Malformed, Refused

_MOMENT = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
_LONGEST = 100_000
_PART = re.compile(r"(\w+)\[(\d+)\]")


def _choices() -> list[tuple[str, str]]:
    return [(one.name, one.title) for one in techniques().known.values()]


def lines_of(text: str) -> list[str]:
    """Return what stands on the lines of a text, without those that are empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class ScanForm(forms.Form):
    """A scan as it is meant; times are UTC."""

    technique = forms.ChoiceField(label="How", choices=_choices)
    targets = forms.CharField(
        label="What",
        max_length=_LONGEST,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text="One a line: pkg:pypi/name, https://… of a repository, an address or block, a host name, "
        "*.example.org, model:maker/name; or JSON as the API takes it.",
    )
    starts_at = forms.DateTimeField(label="From (UTC)", widget=_MOMENT)
    ends_at = forms.DateTimeField(label="Until (UTC)", widget=_MOMENT, help_text="At most 30 days; then renew it.")
    contact = forms.CharField(
        label="Whom to reach while it runs",
        max_length=300,
        help_text="An e-mail address, telephone number or https:// page.",
    )
    rate_per_second = forms.IntegerField(
        label="Requests or packets a second, at most", required=False, min_value=1, help_text="Of live systems."
    )
    sources = forms.CharField(
        label="Addresses that it comes from",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="Of live systems: one public block a line, /16 at the widest, so that a defender knows whose it is.",
    )
    scanner_key = forms.CharField(
        label="The scanner's public key", required=False, max_length=100, help_text="Ed25519, in base64; may be empty."
    )
    visibility = forms.ChoiceField(
        label="Who sees it",
        widget=forms.RadioSelect,
        choices=[
            (Visibility.EVERYONE.value, "Every participant"),
            (Visibility.THOSE_MET.value, "Those alone whom it meets, and the office"),
        ],
    )

    def add_refusal(self, refusal: Malformed) -> None:
        """Put each thing that is wrong at the field that it is about; of several lines, the line is named."""
        if not isinstance(refusal, Refused):
            self.add_error(None, str(refusal))
            return
        for one in refusal.problems:
            named = _PART.match(one.field)
            field, number = named.groups() if named else (one.field, None)
            line = f"line {int(number) + 1}: " if number else ""
            self.add_error(field if field in self.fields else None, line + one.reason)

    def announcement(self) -> Announcement:
        """Return it for the rules.

        Raises:
            Refused: some of it cannot be; everything that cannot is named.
        """
        said = self.cleaned_data
        return announcement_of(
            technique=said["technique"],
            targets=lines_of(said["targets"]),
            starts_at=_utc(said["starts_at"]),
            ends_at=_utc(said["ends_at"]),
            contact=said["contact"],
            rate_per_second=said["rate_per_second"],
            visibility=Visibility(said["visibility"]),
            sources=lines_of(said["sources"]),
            scanner_key=said["scanner_key"],
        )


class DivisionForm(forms.Form):
    """Among whom a scan could be divided, and by which folders; no part of what is announced."""

    parts = forms.CharField(
        label="Folders",
        required=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="One a line, src/parser or src/parser=5 with how much there is to do. None: divided by technique.",
    )
    willing = forms.CharField(
        label="Who would share the work",
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="One organization's id a line, or id=fuzzing,static-analysis with what it can do.",
    )

    def clean_parts(self) -> dict[str, int]:
        """Return each folder with how much there is to do in it."""
        return dict(_each(part_of, self.cleaned_data["parts"]))

    def clean_willing(self) -> dict[UUID, list[str]]:
        """Return each organization with the techniques that it can do; none: all of them."""
        return dict(_each(willing_of, self.cleaned_data["willing"]))


def _each[T](read: Callable[[str], T], text: str) -> list[T]:
    try:
        return [read(one) for one in lines_of(text)]
    except Malformed as refusal:
        raise forms.ValidationError(str(refusal)) from None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


class RenewForm(forms.Form):
    """Until when a scan is to last."""

    ends_at = forms.DateTimeField(label="Until (UTC)", widget=_MOMENT)
    version = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def clean_ends_at(self) -> datetime:
        """Return the end in UTC."""
        return _utc(self.cleaned_data["ends_at"])


class ReasonForm(forms.Form):
    """Why something is done."""

    why = forms.CharField(label="Why", max_length=2000, required=False, widget=forms.Textarea({"rows": 2}))


class ConstraintForm(forms.Form):
    """What an owner asks of whoever scans a target."""

    says = forms.ChoiceField(
        label="What do you ask?",
        widget=forms.RadioSelect,
        choices=[
            (ConstraintKind.DO_NOT_SCAN.value, "Do not scan it"),
            (ConstraintKind.ASK_FIRST.value, "Ask me first"),
            (ConstraintKind.ONLY_IN_WINDOWS.value, "Only at these times"),
            (ConstraintKind.AT_MOST_RATE.value, "At most at this rate"),
        ],
    )
    target = forms.CharField(label="Of what", max_length=2000, help_text="A package, repository, block, host or model.")
    techniques = forms.MultipleChoiceField(
        label="For these techniques alone", required=False, choices=_choices, widget=forms.CheckboxSelectMultiple
    )
    times = forms.CharField(
        label="Times (UTC), for “only at these times”",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
        help_text="One a line: saturday,sunday 22:00-06:00 each week, or 2026-12-01T22:00/2026-12-02T06:00 once.",
    )
    rate_per_second = forms.IntegerField(label="Rate a second, for “at most at this rate”", required=False, min_value=1)
    why = forms.CharField(label="Why", required=False, max_length=2000, help_text="Shown to whoever meets it.")
    contact = forms.CharField(
        label="Whom scanners ask about it",
        required=False,
        max_length=300,
        help_text="An address of mail, a number or a page. “Ask me first” needs one; shown to whoever meets it.",
    )

    def allowed_times(self) -> Times | None:
        """Return the times that are named; None: none is.

        Raises:
            Malformed: a line names none.
        """
        windows: list[list[str]] = []
        spans: list[tuple[int, int]] = []
        for line in lines_of(self.cleaned_data["times"]):
            if "/" in line:
                windows.append([_moment(one) for one in line.split("/")])
                continue
            days, _, hours = line.partition(" ")
            starts, _, until = hours.strip().partition("-")
            read = weekly([day.strip().lower() for day in days.split(",")], starts, until)
            spans += [(int(start.total_seconds()) // 60, int(end.total_seconds()) // 60) for start, end in read]
        return times_of({"windows": windows, "weekly": spans}) if windows or spans else None


def _moment(text: str) -> str:
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Malformed(f"{text[:40]!r} is no time; write 2026-12-01T22:00") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).isoformat()


class MappingForm(forms.Form):
    """That a package is built from a folder of a repository."""

    package = forms.CharField(label="Package", max_length=1500, help_text="A purl without version: pkg:pypi/pyyaml.")
    repository = forms.CharField(
        label="Repository that it is built from",
        max_length=500,
        help_text="Its address: https://github.com/yaml/pyyaml.",
    )
    folder = forms.CharField(
        label="Folder in it", required=False, max_length=128, help_text="May be empty: all of the repository."
    )


class AvailabilityForm(forms.Form):
    """Whether an organization answers."""

    answering = forms.ChoiceField(
        label="Whoever asks",
        widget=forms.RadioSelect,
        choices=[
            (Answering.DOWN.value, "Gets no answer: it is down"),
            (Answering.NORMAL.value, "Is answered again"),
        ],
    )
    why = forms.CharField(
        label="Why", required=False, max_length=2000, widget=forms.Textarea({"rows": 2}), help_text="Members read it."
    )
    organization = forms.UUIDField(
        label="Id of the organization",
        required=False,
        help_text="May be empty: your own. Others are the office's to say.",
    )


class SubscriptionForm(forms.Form):
    """A target that is to be watched."""

    target = forms.CharField(
        label="What", max_length=2000, help_text="A package, repository, block, host or model; a pattern too."
    )
    techniques = forms.MultipleChoiceField(
        label="Scans by these techniques alone", required=False, choices=_choices, widget=forms.CheckboxSelectMultiple
    )


class OwnershipForm(forms.Form):
    """That something is one's own."""

    target = forms.CharField(label="What", max_length=2000, help_text="As a whole: a package, block, domain, model.")
    criticality = forms.TypedChoiceField(
        label="How much depends on it",
        coerce=int,
        choices=[(5, "5: very much"), (4, "4"), (3, "3"), (2, "2"), (1, "1: hardly anything")],
    )
    evidence = forms.CharField(
        label="What shows that it is yours",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="A record in a registry, a file put in place. A coordinator looks at it before it counts.",
    )
    contact = forms.CharField(
        label="Whom scanners ask for an authorisation",
        required=False,
        max_length=300,
        help_text="An address of mail, a number or a page; told to participants once it is on record.",
    )


class AuthorisationForm(forms.Form):
    """That another organization may scan what is one's own."""

    scanner = forms.UUIDField(label="Id of the other organization", help_text="It stands on their page of intents.")
    targets = forms.CharField(
        label="What", max_length=4000, widget=forms.Textarea({"rows": 2}), help_text="One a line."
    )
    starts_at = forms.DateTimeField(label="From (UTC)", widget=_MOMENT)
    ends_at = forms.DateTimeField(label="Until (UTC)", widget=_MOMENT)
    techniques = forms.MultipleChoiceField(
        label="By these techniques alone", required=False, choices=_choices, widget=forms.CheckboxSelectMultiple
    )
    rate_per_second = forms.IntegerField(label="Rate a second, at most", required=False, min_value=1)
    reference = forms.CharField(label="Your reference", required=False, max_length=300)

    def window(self) -> Window:
        """Return from when until when.

        Raises:
            Malformed: it runs backwards.
        """
        return Window(_utc(self.cleaned_data["starts_at"]), _utc(self.cleaned_data["ends_at"]))
