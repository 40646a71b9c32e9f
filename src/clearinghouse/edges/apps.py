"""Registers the edges with Django."""

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class EdgesConfig(AppConfig):
    """The edges app."""

    name = "clearinghouse.edges"
    label = "edges"

    def ready(self) -> None:
        """Have every address checked at start-up, where there are addresses."""
        if not hasattr(settings, "ROOT_URLCONF"):
            return
        from clearinghouse.edges.checks import TAG, every_address_says_whom_it_serves

        checks.register(every_address_says_whom_it_serves, TAG)
