"""The actors that exist without anyone having signed up."""

from typing import Final
from uuid import UUID, uuid5

from clearinghouse.permissions.rules import Actor, Role

_NAMES: Final = UUID("5f0d2a46-6c0e-5d0b-9a53-0d4a4f4b0c11")
LOCAL_ORGANIZATION: Final = uuid5(_NAMES, "local organization")

LOCAL: Final = Actor(
    id=uuid5(_NAMES, "local actor"),
    name="local",
    roles=frozenset({Role.COORDINATOR, Role.FINDER, Role.VENDOR, Role.DEPLOYER}),
    organization=LOCAL_ORGANIZATION,
)
"""Whoever runs the command on their own machine, with their own file: every role that a person can have there."""

CLEARINGHOUSE: Final = Actor(
    id=uuid5(_NAMES, "clearinghouse"), name="clearinghouse", roles=frozenset({Role.CLEARINGHOUSE})
)
"""This programme itself, at work in the background."""
