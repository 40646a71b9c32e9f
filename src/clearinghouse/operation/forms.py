"""What is asked of the ledger: which acts to show."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final

from django import forms

from clearinghouse.permissions.words import ROOMS, WORDS

_ACTS: Final = [
    ("", "Everything"),
    *(
        (ROOMS[room], sorted(((verb, WORDS[verb].done) for verb in verbs), key=lambda one: one[1]))
        for room, verbs in groupby(sorted(WORDS), key=lambda verb: verb.partition(":")[0])
    ),
]


class ActsForm(forms.Form):
    """Which acts are wanted, as addresses name it too; what is empty leaves every act in."""

    case = forms.CharField(label="About the case", max_length=100, required=False, help_text="Such as CASE-7Q4M2XKD.")
    person = forms.CharField(
        label="Done by", max_length=254, required=False, help_text="A whole name, or an e-mail address."
    )
    day = forms.DateField(label="On the day (UTC)", required=False, widget=forms.DateInput({"type": "date"}))
    verb = forms.ChoiceField(label="What was done", required=False, choices=_ACTS)

    @property
    def query(self) -> dict[str, str]:
        """What was filled in, as an address says it."""
        return {name: value for name in self.fields if (value := str(self.data.get(name, "")))}

    @property
    def within(self) -> dict[str, Any]:
        """The wanted day as a half-open time; empty: every day."""
        day: date | None = self.cleaned_data.get("day")
        if day is None:
            return {}
        begins = datetime.combine(day, time(), tzinfo=UTC)
        # The last day there is has no day after it.
        return {"at__gte": begins} | ({"at__lt": begins + timedelta(days=1)} if day < date.max else {})
