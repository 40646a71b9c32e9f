"""Registers the room with Django."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """The findings app."""

    name = "clearinghouse.findings"
    label = "findings"
