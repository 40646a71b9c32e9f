"""CWE: the names of weaknesses, by number.

Source: Common Weakness Enumeration 4.17 (MITRE), as a data file.
"""

import json
import re
from functools import cache
from pathlib import Path

from clearinghouse.errors import Malformed

_ID = re.compile(r"CWE-([1-9][0-9]{0,5})\Z")


def name_of(weakness: str) -> str | None:
    """Return the name of ``CWE-…``, or nothing when this version of the list has no such weakness (or a category).

    Raises:
        Malformed: it is not written ``CWE-`` and a number.
    """
    found = _ID.match(weakness)
    if found is None:
        raise Malformed(f"{weakness!r} is no CWE id; write CWE- and a number, like CWE-502")
    return _names().get(found[1])


@cache
def _names() -> dict[str, str]:
    file = Path(__file__).parent / "data" / "cwe_4_17.json"
    names: dict[str, str] = json.loads(file.read_text("utf-8"))["names"]
    return names
