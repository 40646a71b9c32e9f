"""Registers the room with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The ledger app."""

    name = "clearinghouse.ledger"
    label = "ledger"
