"""How a command is told which database to use: an SQLite file, a clearing's output folder, or ``postgresql://…``."""

from pathlib import Path

import click

POSTGRESQL = ("postgresql://", "postgres://")


class Database(click.ParamType):  # type: ignore[type-arg]  # not generic in every click
    """A path, or an address that stays as it is written (a path would fold its slashes)."""

    name = "database"

    def __init__(self, *, exists: bool = False) -> None:
        self._path = click.Path(path_type=Path, exists=exists)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str | Path:
        """Return the address as text, or the path."""
        if str(value).startswith(POSTGRESQL):
            return str(value)
        converted: Path = self._path.convert(str(value), param, ctx)
        return converted


database_option = click.option(
    "--database",
    type=Database(),
    help="SQLite file, output folder of a clearing, or postgresql://… (default: the one of the settings).",
)
from_option = click.option(
    "--from",
    "database",
    type=Database(exists=True),
    help="Output folder of a clearing, or a database (default: the one of the settings).",
)
