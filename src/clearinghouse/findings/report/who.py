"""Who hands a report in, with whom it may be shared, until when it is to be kept quiet, and what AI was used."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from clearinghouse.findings.report.fields import Day, Line, Part, Url, YesNo, wrong, wrong_together

Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
"""Who may be told. Source: FIRST TLP 2.0."""

Phase = Literal[
    "discovery",
    "validation",
    "code-analysis",
    "patch-development",
    "test-generation",
    "severity-assessment",
    "advisory-drafting",
    "translation",
]
"""Where in the work AI may have been used. Source: Akrites ai-use-disclosure, read 2026-11."""


class Deadline(Part):
    """Until when the finder keeps silence, and by which policy."""

    date: Day
    """The day on which the finder means to publish."""
    policy: Url | None = None
    """Where the finder's disclosure policy stands."""


class AiUse(Part):
    """Whether AI was used in one phase of the finder's work."""

    phase: Phase
    used: YesNo
    tool: Literal["public", "confidential"] | None = None
    """A public hosted model in the work means that no embargo can be promised; required when ``used``."""
    name: Annotated[Line, Field(max_length=100)] | None = None
    """Name of the tool, only if the finder wishes to tell."""

    @model_validator(mode="after")
    def _says_which_kind_of_tool(self) -> Self:
        if self.used and self.tool is None:
            found = wrong(
                "missing", f"AI was used in {self.phase}, but not which kind", "add tool: public or confidential"
            )
            wrong_together(type(self), [(("tool",), found)])
        return self
