"""KEV: the catalogue is read as its schema says, and nothing else is."""

from datetime import date
from typing import Any

import pytest

from clearinghouse.errors import Malformed
from clearinghouse.standards import kev
from clearinghouse.strict import load_json
from tests.shared_data import shared

ENTRY = {
    "cveID": "CVE-2021-21315",
    "vendorProject": "Npm package",
    "product": "System Information Library",
    "vulnerabilityName": "Command injection",
    "dateAdded": "2022-01-18",
    "shortDescription": "Short",
    "requiredAction": "Update",
    "dueDate": "2022-02-01",
    "knownRansomwareCampaignUse": "Known",
    "cwes": ["CWE-78"],
}
CATALOGUE: dict[str, Any] = {
    "title": "A list",
    "catalogVersion": "2026.08.21",
    "dateReleased": "2026-08-21T17:46:43.6019Z",
    "count": 1,
    "vulnerabilities": [ENTRY],
}


def test_the_real_catalogue_is_read_whole() -> None:
    found = kev.parse(load_json(shared("data", "kev", "kev_2026-08-21.json").read_bytes()))
    assert (found.version, len(found.entries)) == ("2026.08.21", 1674)


def test_an_entry_has_dates_and_what_to_do() -> None:
    entry = kev.parse(CATALOGUE).entries["CVE-2021-21315"]
    assert (entry.added_on, entry.due_on) == (date(2022, 1, 18), date(2022, 2, 1))
    assert (entry.product, entry.action, entry.ransomware) == ("Npm package System Information Library", "Update", True)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": 2}, "count"),
        ({"count": "1"}, "count"),
        ({"dateReleased": "soon"}, "dateReleased"),
        ({"catalogVersion": ""}, "catalogVersion"),
        ({"vulnerabilities": [ENTRY, ENTRY]}, "vulnerabilities[1].cveID"),
        ({"vulnerabilities": [ENTRY | {"cveID": "CVE-1"}]}, "vulnerabilities[0].cveID"),
        ({"vulnerabilities": [ENTRY | {"dueDate": "1 May"}]}, "vulnerabilities[0].dueDate"),
        ({"vulnerabilities": [ENTRY | {"product": None}]}, "vulnerabilities[0].product"),
    ],
)
def test_a_catalogue_of_another_shape_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as caught:
        kev.parse(CATALOGUE | change)
    assert str(caught.value).startswith(place)
