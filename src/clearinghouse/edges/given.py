"""What a door takes of programs; needs neither Django nor ninja, so that the command line reads the same quickly."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class Given(BaseModel):
    """What an operation takes: what it does not name is refused, so that nobody believes it was taken.

    A time says its zone: without one nobody knows which moment is meant.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _has_a_zone(cls, value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
        if isinstance(value, datetime) and value.tzinfo is None:
            raise PydanticCustomError("timezone_missing", "{at} says no time zone; add Z for UTC", {"at": str(value)})
        return value
