"""Registers the room with Django."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """The parties app."""

    name = "clearinghouse.parties"
    label = "parties"
