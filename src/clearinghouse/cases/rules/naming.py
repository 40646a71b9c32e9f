"""The names that people use for cases: ``CASE-`` and eight random characters; nothing outside counts up."""

from clearinghouse.errors import Malformed
from clearinghouse.findings.receipts import CROCKFORD

LENGTH = 8


def public_id(chance: bytes) -> str:
    """Return the public id that ``chance`` (at least eight random bytes) gives: five bits of each."""
    if len(chance) < LENGTH:
        raise Malformed(f"a public id takes {LENGTH} random bytes; there are {len(chance)}")
    return "CASE-" + "".join(CROCKFORD[byte & 31] for byte in chance[:LENGTH])
