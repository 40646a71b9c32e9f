"""The OpenID Connect providers that people may sign in with, read from the file that a setting names."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clearinghouse.errors import Malformed
from clearinghouse.strict import Limits, load_json

_LIMITS = Limits(size_bytes=64 * 1024, depth=5, items=500)
_FIELDS = {"id", "name", "issuer", "client_id", "client_secret"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def openid_apps(file: Path | None) -> list[dict[str, Any]]:
    """Return allauth's words for the providers in ``file``: a JSON list; none without a file.

    Raises:
        Malformed: it is no such list, or an issuer is not asked over HTTPS.
    """
    if file is None:
        return []
    try:
        listed = load_json(file.read_bytes(), limits=_LIMITS)
    except OSError as failure:
        raise Malformed(f"{file} cannot be read: {failure.strerror}; it is to list the providers for sign-in") from None
    if not isinstance(listed, list):
        raise Malformed(f"{file} is to hold a list of providers")
    return [_app(one, file) for one in listed]


def _app(one: object, file: Path) -> dict[str, Any]:
    if not isinstance(one, dict) or set(one) != _FIELDS or not all(isinstance(text, str) for text in one.values()):
        raise Malformed(f"each provider in {file} has exactly the texts {', '.join(sorted(_FIELDS))}")
    issuer = urlsplit(one["issuer"])
    if issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        raise Malformed(f"the issuer {one['issuer']} in {file} is not asked over HTTPS; anybody between could answer")
    return {
        "provider_id": one["id"],
        "name": one["name"],
        "client_id": one["client_id"],
        "secret": one["client_secret"],
        "settings": {"server_url": one["issuer"], "oauth_pkce_enabled": True},
    }
