"""The event stream: what a reader may hear of, from a place on, as it happens.

One question every half second wakes, in each process, the readers that something was told; all others sleep.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import Error

from clearinghouse.edges import streams
from clearinghouse.errors import ClearinghouseError
from clearinghouse.notices.models import Notice
from clearinghouse.notices.queries import BEGIN, demand_hearing, newest_place, notices_after, told_since
from clearinghouse.notices.sending import message_of
from clearinghouse.notices.telling import latest_place
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.sight.asking import asking_as

ASK_SECONDS: Final = 0.5
type Party = UUID | None
"""An organization, a person; None: those at work here."""
type FindActor = Callable[[], Actor]
"""Says who asks, as it stands at this moment."""

_log = logging.getLogger(__name__)


class Bells:
    """Wakes the readers of one event loop when something was told them."""

    def __init__(self) -> None:
        self._bells: dict[Party, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    @contextmanager
    def bell(self, actor: Actor) -> Iterator[asyncio.Event]:
        """Ring the event while inside whenever something was told the actor, or their organization, or the office."""
        mine, parties = asyncio.Event(), _parties_of(actor)
        for party in parties:
            self._bells[party].add(mine)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._ring())
        try:
            yield mine
        finally:
            for party in parties:
                self._bells[party].discard(mine)
                if not self._bells[party]:
                    del self._bells[party]

    async def _ring(self) -> None:
        """Ask what was told, as long as anybody listens."""
        place: UUID | None = None
        while self._bells:
            try:
                if place is None:
                    place = await streams.in_thread(latest_place) or BEGIN
                    self._wake(None)
                else:
                    place, told = await streams.in_thread(lambda after=place: told_since(after))  # type: ignore[misc]
                    self._wake(told)
            except Error as failure:
                _log.warning("nobody can be woken now: %s", failure)
            await asyncio.sleep(ASK_SECONDS)

    def _wake(self, told: set[Party] | None) -> None:
        """Wake whoever was told something; None: everybody, for what was told before is not known."""
        for party, bells in self._bells.items():
            if told is None or party in told:
                for one in bells:
                    one.set()


_bells: WeakKeyDictionary[asyncio.AbstractEventLoop, Bells] = WeakKeyDictionary()


def _parties_of(actor: Actor) -> set[Party]:
    parties: set[Party] = {actor.id}
    if actor.organization is not None:
        parties.add(actor.organization)
    if Role.COORDINATOR in actor.roles:
        parties.add(None)
    return parties


async def lines_for(
    find_actor: FindActor, place: UUID | None, *, heartbeat_seconds: float = streams.HEARTBEAT_SECONDS
) -> AsyncGenerator[str]:
    """Yield what somebody may hear of after ``place`` (None: from now on), as long as they may, for an hour at most.

    Who they are and what they may is found anew before anything is said, and at every heartbeat.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + streams.LONGEST_SECONDS
    actor, begin = await streams.in_thread(lambda: _begin(find_actor, place))
    with streams.counted(actor.id), _bells.setdefault(loop, Bells()).bell(actor) as bell:
        yield streams.beginning(str(begin))
        while loop.time() < until:
            bell.clear()
            try:
                found = await streams.in_thread(lambda after=begin: _heard(find_actor, after))  # type: ignore[misc]
            except ClearinghouseError as refusal:
                yield streams.event("end", {"reason": str(refusal)})
                return
            for one in found:
                begin = one.stands_at
                yield streams.event(one.event, message_of(one), place=str(begin))
            if not found and not await _rung(bell, heartbeat_seconds):
                yield streams.HEARTBEAT


def _begin(find_actor: FindActor, place: UUID | None) -> tuple[Actor, UUID]:
    with asking_as(None):
        actor = find_actor()
    with asking_as(actor):
        return actor, newest_place(actor) if place is None else place


def _heard(find_actor: FindActor, after: UUID) -> list[Notice]:
    with asking_as(None):
        actor = find_actor()
    with asking_as(actor):
        demand_hearing(actor)
        return notices_after(actor, after)


async def _rung(bell: asyncio.Event, limit_seconds: float) -> bool:
    try:
        async with asyncio.timeout(limit_seconds):
            await bell.wait()
    except TimeoutError:
        return False
    return True
