"""SPDX 2.x JSON, as far as packages go.

Source: SPDX 2.2.1 (ISO/IEC 5962:2021) and 2.3, clause 7.
"""

from clearinghouse.errors import Malformed
from clearinghouse.standards import purl as purls
from clearinghouse.standards.component import Component
from clearinghouse.standards.shapes import Fields, fields


def components(value: object) -> tuple[Component, ...]:
    """Return the packages of a bill of materials.

    Raises:
        Malformed: it is no SPDX 2.x JSON document, or a part has another shape than the standard's.
    """
    document = fields(value, "")
    version = document.text("spdxVersion", needed=True)
    if not version.startswith("SPDX-2."):
        raise document.wrong("spdxVersion", f"{version[:20]!r} is not read; SPDX-2.2 and SPDX-2.3 are")
    return tuple(map(_component, document.each("packages")))


def _component(one: Fields) -> Component:
    purl = None
    for reference in one.each("externalRefs"):
        if reference.text("referenceType") == "purl":
            try:
                purl = purls.parse(purls.canonical(reference.text("referenceLocator", needed=True)))
            except Malformed as refusal:
                raise reference.wrong("referenceLocator", str(refusal)) from None
            break
    return Component(
        one.text("name", needed=True), one.text("versionInfo"), purl, one.text("SPDXID", needed=True), one.path
    )
