"""A part of a product, as a software bill of materials names it."""

from dataclasses import dataclass

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
