"""Receipts: what whoever handed something in can ask with, and nobody can guess; pure."""

from typing import Final

from clearinghouse.errors import Malformed

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters without those that are mistaken for others. Source: Crockford, Base32."""
RECEIPT_LENGTH: Final = 26
"""Five bits each: 130, for whoever holds a receipt may ask how far it is."""


def receipt_from(chance: bytes) -> str:
    """Return the receipt that ``chance`` (at least 26 random bytes) gives: ``SUB-`` and five bits of each."""
    if len(chance) < RECEIPT_LENGTH:
        raise Malformed(f"a receipt takes {RECEIPT_LENGTH} random bytes; there are {len(chance)}")
    return "SUB-" + "".join(CROCKFORD[byte & 31] for byte in chance[:RECEIPT_LENGTH])
