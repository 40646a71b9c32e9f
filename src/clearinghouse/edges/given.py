"""What a door takes of programs; needs neither Django nor ninja, so that the command line reads the same quickly."""

from pydantic import BaseModel, ConfigDict


class Given(BaseModel):
    """What an operation takes: what it does not name is refused, so that nobody believes it was taken."""

    model_config = ConfigDict(extra="forbid")
