"""How every command prints what it found: as JSON, or a line for each."""

import json
from collections.abc import Callable, Sequence
from typing import Final

import click

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def print_list[T](found: Sequence[T], line: Callable[[T], str], *, as_json: bool, nothing: str) -> None:
    """Print what was found, as JSON or by ``line``; where nothing was, say so on stderr, out of the way of programs.

    Args:
        found: plain data.
        line: returns what is printed of one, in one line or several; all that others wrote has gone through ``plain``.
        as_json: print JSON instead.
        nothing: what is said where there is none.
    """
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        click.echo(line(one))
    if not found:
        click.echo(nothing, err=True)
