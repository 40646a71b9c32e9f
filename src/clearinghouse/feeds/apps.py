"""Registers the room with Django."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """The feeds app."""

    name = "clearinghouse.feeds"
    label = "feeds"
