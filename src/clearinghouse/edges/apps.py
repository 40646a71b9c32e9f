"""Registers the edges with Django, where pages are served."""

from django.apps import AppConfig
from django.core import checks


class EdgesConfig(AppConfig):
    """The edges app."""

    name = "clearinghouse.edges"
    label = "edges"

    def ready(self) -> None:
        """Have every address checked at start-up."""
        from clearinghouse.edges.checks import TAG, every_address_says_whom_it_serves

        checks.register(every_address_says_whom_it_serves, TAG)
