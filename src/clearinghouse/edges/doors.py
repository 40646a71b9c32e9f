"""Which verb each address serves: said at the door, checked when the server starts; and who asks.

A door decides nothing. Its verb tells a reader, and the check at start-up, which rows of the permission table its
actions and queries stand on.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.operation import PathView

from clearinghouse.edges.reading import read_in_one
from clearinghouse.errors import Malformed, SignInNeeded, TooMany
from clearinghouse.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class Door:
    """What an address serves: a verb, or the public for a reason."""

    verb: str = ""
    public: str = ""
    uncounted: bool = False
    """Whether it costs so little that it answers however often it is asked."""


def door[V: Callable[..., Any]](verb: str) -> Callable[[V], V]:
    """Say that a view or an API operation serves ``verb``; whoever has not signed in is asked to."""
    declare = _declared(Door(verb=verb))
    return lambda view: declare(read_in_one(view))


def public[V: Callable[..., Any]](reason: str, *, uncounted: bool = False) -> Callable[[V], V]:
    """Say that a view or an API operation is for everybody, and why that is right.

    Args:
        reason: why.
        uncounted: whether it costs so little that it answers however often it is asked.
    """
    if not reason:
        raise Malformed("an address is public for a reason; say which")
    return _declared(Door(public=reason, uncounted=uncounted))


def _declared[V: Callable[..., Any]](declared: Door) -> Callable[[V], V]:
    def declare(view: V) -> V:
        view.door = declared  # type: ignore[attr-defined]
        return view

    return declare


def doors_of(view: Callable[..., Any]) -> dict[str, Door | None]:
    """Return the doors behind an address by HTTP method (``*``: any); None where nothing was declared."""
    path = path_view(view)
    if path is None:
        return {"*": getattr(view, "door", None)}
    return {
        method: getattr(operation.view_func, "door", None)
        for operation in path.operations
        for method in operation.methods
    }


def door_for(view: Callable[..., Any], method: str) -> Door | None:
    """Return the door that answers ``method``; None: there is none."""
    found = doors_of(view)
    return found.get(method) or found.get("*")


def path_view(view: Callable[..., Any]) -> PathView | None:
    """Return the operations of the API that share an address; None for a view of the portal."""
    if not inspect.isfunction(view):
        return None
    holder = inspect.getclosurevars(view).nonlocals.get("self")
    return holder if isinstance(holder, PathView) else None


def undeclared(views: Iterable[tuple[str, Callable[..., Any]]], verbs: Iterable[str]) -> list[tuple[str, str]]:
    """Return each address that says nothing about whom it serves, or names a verb without a row, and what is wrong."""
    known, wrong = frozenset(verbs), []
    for address, view in views:
        for method, found in doors_of(view).items():
            where = address if method == "*" else f"{method} {address}"
            if found is None:
                wrong.append((where, "declares neither a verb nor why it is public"))
            elif not found.public and found.verb not in known:
                wrong.append((where, f"declares the verb {found.verb!r}, which has no row in the permission table"))
    return wrong


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks: the person who signed in, or the token; found once per request.

    Raises:
        SignInNeeded: nobody knows.
        TooMany: they have asked too often.
    """
    find: Callable[[], Actor] = request.find_actor  # type: ignore[attr-defined]  # put there by a higher room
    return find()


def finder_of(request: HttpRequest) -> Callable[[], Actor]:
    """Return what says who asks as it stands at each moment, for answers that take long; it raises as ``actor_of``."""
    find: Callable[[], Actor] = request.find_actor_now  # type: ignore[attr-defined]  # put there by a higher room
    return find


def actor_or_none(request: HttpRequest) -> Actor | None:
    """Return who asks, or None for a stranger and for whoever has asked too often."""
    try:
        return actor_of(request)
    except (SignInNeeded, TooMany):
        return None
