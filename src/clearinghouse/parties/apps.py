"""Registers the room with Django."""

from django.apps import AppConfig, apps


class PartiesConfig(AppConfig):
    """The parties app."""

    name = "clearinghouse.parties"
    label = "parties"

    def ready(self) -> None:
        """Where people sign in, hear of what they change about it."""
        if apps.is_installed("allauth.mfa"):
            from clearinghouse.parties.securing import listen

            listen()
