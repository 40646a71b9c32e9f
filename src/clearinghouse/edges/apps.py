"""Registers the edges with Django, where pages are served."""

from django.apps import AppConfig


class EdgesConfig(AppConfig):
    """The edges app."""

    name = "clearinghouse.edges"
    label = "edges"
