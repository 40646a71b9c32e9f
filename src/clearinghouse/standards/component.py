"""A part of a product, as a software bill of materials names it."""

from dataclasses import dataclass

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl as purls
from clearinghouse.standards.purl import Purl


@dataclass(frozen=True, slots=True)
class Component:
    """A package in use; without a purl nobody can say for certain which package it is."""

    name: str
    version: str
    purl: Purl | None
    reference: str = ""
    """Its id inside the document."""
    place: str = ""
    """Where it was found: a path in the document, or a file or folder."""
    trouble: str = ""
    """Why the purl that it states is none; bills of materials are full of such, and one must not hide the others."""


def named(name: str, version: str, text: str, *, reference: str, place: str) -> Component:
    """Return a component with the purl that ``text`` states, or with the trouble that it makes."""
    try:
        purl = purls.parse(purls.canonical(text)) if text else None
    except Malformed as refusal:
        return Component(name, version, None, reference, place, str(refusal))
    return Component(name, version, purl, reference, place)
