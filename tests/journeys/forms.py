"""Fills in every form of the portal rightly: who is sent away is sent away for the right and not for the form."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cases.rows import PATCH
from tests.findings.test_submissions import a_tar
from tests.parties.makers import right_now

_PACKAGE = "pkg:pypi/swept"


def filled_in(route: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what is sent to a form: each takes what it names of it, and those whose words clash have their own."""
    soon, later = (right_now() + timedelta(days=days) for days in (1, 3))
    said: dict[str, Any] = {
        "answer": "yes",
        "answering": "down",
        "contact": "mailto:ada@people.example",
        "criticality": "3",
        "days": "90",
        "do": "announce",
        "due_on": later.date().isoformat(),
        "email": "swept@people.example",
        "ends_at": later.strftime("%Y-%m-%dT%H:%M"),
        "ends_on": later.date().isoformat(),
        "erase": "on",
        "events": "case.opened",
        "evidence": "a record",
        "finding": names["key"],
        "kept": "on",
        "label": "RED",
        "name": "Strangers",
        "organization": names["organization"],
        "package": _PACKAGE,
        "part": "maintainer",
        "proposed": names["proposed"],
        "patch": SimpleUploadedFile("fix.patch", PATCH.encode()),
        "question": "when?",
        "repository": "https://git.example/swept",
        "report": SimpleUploadedFile("report.tar.gz", a_tar()),
        "role": "finder",
        "said": "disputed",
        "says": "do-not-scan",
        "scanner": names["organization"],
        "scopes": "parties",
        "starts_at": soon.strftime("%Y-%m-%dT%H:%M"),
        "target": _PACKAGE,
        "targets": _PACKAGE,
        "technique": "fuzzing",
        "text": "mine",
        "url": "https://192.0.2.1/",
        "version": "1",
        "visibility": "everyone",
        "why": "because",
        "yes": "yes",
    }
    if route.endswith("/consultations"):
        said["organization"] = "Upstream"
    if route.endswith("/members"):
        said["email"] = names["email"]
    return said
