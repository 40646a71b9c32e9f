"""Registers the room with Django and finds every room's tasks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WorkConfig(AppConfig):
    """The work app."""

    name = "clearinghouse.work"
    label = "work"

    def ready(self) -> None:
        """Load each room's ``tasks.py``, which declares its steps and says where to read off what is due."""
        autodiscover_modules("tasks")
