"""How messages to a webhook are signed. Source: Standard Webhooks 1.0 (symmetric, ``v1``)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def secret_from(chance: bytes) -> str:
    """Return a secret made of random bytes, as receivers take it."""
    return _PREFIX + base64.b64encode(chance).decode()


def signed(message_id: str, body: bytes, *, at: datetime, secrets: Iterable[str]) -> Mapping[str, str]:
    """Return the headers that tell a receiver who sent ``body`` and when, by each secret that holds."""
    when = str(int(at.timestamp()))
    content = f"{message_id}.{when}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": when,
        "webhook-signature": " ".join(f"v1,{_mac(one, content)}" for one in secrets),
    }


def _mac(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
