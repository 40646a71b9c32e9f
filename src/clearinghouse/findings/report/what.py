"""What is wrong, and where: packages, weaknesses, places, circumstances."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from clearinghouse.findings.report.fields import (
    LIST_ENTRIES,
    FileName,
    Line,
    Package,
    Part,
    Prose,
    Vers,
    YesNo,
    wrong,
    wrong_together,
)
from clearinghouse.standards import purl, vers


class PackageRange(Part):
    """A package and some of its versions."""

    package: Package
    """purl without a version."""
    range: Vers
    """vers range of the same ecosystem as the package."""

    @model_validator(mode="after")
    def _speaks_of_one_ecosystem(self) -> Self:
        package, versions = purl.parse(self.package).type, vers.parse(self.range).scheme
        if package != versions:
            found = wrong(
                "ecosystem-mismatch",
                f"the package is {package}, the range is {versions}",
                f"begin it with vers:{package}/",
            )
            wrong_together(type(self), [(("range",), found)])
        return self


class Location(Part):
    """A place in the target's source."""

    path: FileName | None = None
    line: Annotated[StrictInt, Field(ge=1, le=10_000_000)] | None = None
    symbol: Line | None = None
    """Function, method or class, as the language writes it."""

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        found: list[tuple[tuple[str | int, ...], PydanticCustomError]] = []
        if self.path is None and self.symbol is None:
            found.append(((), wrong("missing", "it names neither a path nor a symbol", "add path or symbol")))
        if self.line is not None and self.path is None:
            found.append((("line",), wrong("missing", "a line without a path", "add the path of the file")))
        wrong_together(type(self), found)
        return self


class Circumstances(Part):
    """What must be the case for the flaw to show: the ``environment`` of a report."""

    interpreter: Line | None = None
    """As in ``python >=3.6``."""
    os: Line | None = None
    extras: Annotated[tuple[Line, ...], Field(max_length=LIST_ENTRIES)] = ()
    """Optional dependencies of the target that must be installed."""
    configuration: Annotated[Prose, Field(max_length=2_000)] | None = None
    default_configuration: YesNo | None = None
    """Whether the flaw shows without any setting changed."""


class Known(Part):
    """Something that may be known, with what it is known from: ``exploited`` and ``public``."""

    value: Literal["yes", "no", "unknown"]
    evidence: Annotated[tuple[Line, ...], Field(max_length=LIST_ENTRIES)] = ()
    """Addresses, or a sentence."""
