"""SPDX 2.x JSON, as far as packages go.

Source: SPDX 2.2.1 (ISO/IEC 5962:2021) and 2.3, clause 7.
"""

from clearinghouse.standards.component import Component, named
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
    texts = (
        it.text("referenceLocator", needed=True)
        for it in one.each("externalRefs")
        if it.text("referenceType") == "purl"
    )
    return named(
        one.text("name", needed=True),
        one.text("versionInfo"),
        next(texts, ""),
        reference=one.text("SPDXID", needed=True),
        place=one.path,
    )
