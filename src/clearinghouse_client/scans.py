"""Asking whose a probe is, and fetching what is signed: lists and warrants."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearinghouse_client.session import Session


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a probe is: ``registered``, ``outside`` of what was announced, or ``unknown``."""

    standing: str
    sentence: str
    basis: str
    """What the answer stands on."""
    contacts: tuple[str, ...]
    whole: Mapping[str, Any]
    """Everything that the server says, as JSON."""


class Scans:
    """Standing scans at one server."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def whois(
        self, source: str, *, target: str = "", at: datetime | None = None, rate_per_second: int | None = None
    ) -> Whose:
        """Return whose an address is that was seen probing.

        Args:
            source: where it came from.
            target: what it reached, an address or a name, with a port if that is known.
            at: when; None: now.
            rate_per_second: how many requests a second were seen.

        Raises:
            ServerRefused: it cannot be asked so, or you may not ask.
            NoAnswer: the server does not answer.
        """
        asked: dict[str, str | int] = {"source": source, "target": target}
        if at is not None:
            asked["at"] = at.isoformat()
        if rate_per_second is not None:
            asked["rate_per_second"] = rate_per_second
        return _whose(self._session.get("/scans/whois", **asked).json())

    def whois_request(
        self,
        request: bytes,
        *,
        scheme: str = "https",
        source: str = "",
        target: str = "",
        at: datetime | None = None,
    ) -> Whose:
        """Return whose a captured request is, by the warrant and the signature that it carries.

        Args:
            request: as it went over the wire.
            scheme: how it came.
            source: where it came from, if that is known.
            target: the address that it reached, if that is known.
            at: when it was seen; None: now.

        Raises:
            ServerRefused: it proves nothing, and why; or you may not ask.
            NoAnswer: the server does not answer.
        """
        asked = {"request": base64.b64encode(request).decode(), "scheme": scheme, "source": source, "target": target}
        body = asked | ({"at": at.isoformat()} if at else {})
        return _whose(self._session.post("/scans/whois/request", json=body).json())

    def list(self, *, own: bool = False) -> bytes:
        """Return the signed list for all members, or the one with details for your own networks.

        Raises:
            ServerRefused: there is none for you.
            NoAnswer: the server does not answer.
        """
        return self._session.get("/scans/list", own="true" if own else "false").content

    def warrant(self, intent: str) -> bytes:
        """Return the warrant of a standing scan of yours, which its requests carry.

        Raises:
            ServerRefused: there is no such scan, or it is over.
            NoAnswer: the server does not answer.
        """
        return self._session.get(f"/scans/{intent}/warrant").content

    def probing(self, intent: str) -> bytes:
        """Return what the scanning machines of a standing scan of yours say of it at ``/.well-known/probing.txt``.

        Raises:
            ServerRefused: there is no such scan, or it is over.
            NoAnswer: the server does not answer.
        """
        return self._session.get(f"/scans/{intent}/probing.txt").content

    def key(self) -> bytes:
        """Return the clearinghouse's public key in PEM, with which warrants and lists are verified.

        Whoever can change what the server answers can change the key too: compare its id with one had by another way.

        Raises:
            NoAnswer: the server does not answer.
        """
        return self._session.get("/scans/key").content


def _whose(said: Mapping[str, Any]) -> Whose:
    contacts = dict.fromkeys(str(one["contact"]) for one in said["scans"])
    return Whose(said["standing"], said["sentence"], said["basis"], tuple(contacts), said)
