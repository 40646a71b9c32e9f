"""The check at start-up: no address without a door that is declared."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

from clearinghouse.edges.doors import undeclared
from clearinghouse.permissions.table import the_table

TAG = "doors"


def every_address(
    patterns: Sequence[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every address of the URLconf with its view."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(one.pattern).removeprefix("^").removeprefix("/")
        if isinstance(one, URLResolver):
            yield from every_address(one.url_patterns, address)
        else:
            yield address, one.callback


def every_address_says_whom_it_serves(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    """Return an error for each address without a declared door."""
    return [
        Error(f"{address} {wrong}", hint="declare @door(verb) or @public(reason)", id="clearinghouse.E001")
        for address, wrong in undeclared(every_address(), the_table().verbs)
    ]
