"""Registers the room with Django."""

from django.apps import AppConfig


class DeconflictionConfig(AppConfig):
    """The deconfliction app."""

    name = "clearinghouse.deconfliction"
    label = "deconfliction"
