"""Registers the room with Django."""

from django.apps import AppConfig


class SightConfig(AppConfig):
    """The app that carries the policies of PostgreSQL."""

    name = "clearinghouse.sight"
    label = "sight"
