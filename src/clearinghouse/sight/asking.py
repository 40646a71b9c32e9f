"""Who asks, as PostgreSQL is told: one text for each transaction, empty while nobody is known."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from clearinghouse.permissions.rules import Actor, Role

NOBODY: Final = ""
_PROGRAMME: Final = Actor(UUID(int=0), "clearinghouse", frozenset({Role.CLEARINGHOUSE}))
_asks: ContextVar[str | None] = ContextVar("asks", default=None)
_usually = NOBODY


def told_of(actor: Actor | None) -> str:
    """Return what the policies need to know of an actor, as JSON; empty for nobody."""
    if actor is None:
        return NOBODY
    told = {
        "id": str(actor.id),
        "roles": sorted(actor.roles),
        "second_factor": actor.second_factor,
        "organization": None if actor.organization is None else str(actor.organization),
    }
    if actor.asks_at is not None:
        told["at"] = actor.asks_at.isoformat()
    if actor.scopes is not None:
        told["scopes"] = sorted(actor.scopes)
    return json.dumps(told, sort_keys=True)


def who_asks() -> str:
    """Return what the transaction is told: of whoever asks here and now, else of whom this process usually asks for."""
    here = _asks.get()
    return _usually if here is None else here


def usually_ask_as(actor: Actor | None) -> None:
    """Say for whom this process asks wherever nothing else is said; None: for nobody, as whoever serves pages must."""
    global _usually  # noqa: PLW0603 - threads do not inherit a context, a process has one answer
    _usually = told_of(actor)


def ask_as(actor: Actor | None) -> str | None:
    """Ask for this actor from here on, and return what ``ask_as_before`` takes."""
    before = _asks.get()
    _asks.set(told_of(actor))
    return before


def ask_as_before(before: str | None) -> None:
    """Ask for whoever asked before ``ask_as``; by no token, for a server begins and ends a request in two contexts."""
    _asks.set(before)


@contextmanager
def asking_as(actor: Actor | None) -> Iterator[None]:
    """Ask for this actor inside the block."""
    before = ask_as(actor)
    try:
        yield
    finally:
        ask_as_before(before)


@contextmanager
def beyond_sight() -> Iterator[None]:
    """Let an action see, inside the block, what whoever asks may not; after ``demand()``, and nothing of it is shown.

    For questions that the work itself must ask of all rows: is this report here already, what does it supersede.
    """
    with asking_as(_PROGRAMME):
        yield
