"""What a process that is attacked is told, and who the outsiders are; loads nothing of the server."""

from dataclasses import dataclass

STRANGER = "stranger"
ROLES = ("finder", "maintainer", "operator", STRANGER)


@dataclass(frozen=True, slots=True)
class Brief:
    """What one process does."""

    database: str
    folder: str
    hidden: bool
    names: str
    """Where the world with the hidden case leaves its names, and the other one takes them from."""
    answers: str
    requests: int
    roles: tuple[str, ...]
    seed: int
    planted: str = ""
