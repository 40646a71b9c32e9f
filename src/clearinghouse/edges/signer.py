"""The key that this installation signs with: one, however many machines serve and work.

The first process that signs makes it, and the database remembers its public half. A machine without it says so instead
of making another one, whose papers nobody could verify. Source: docs/decisions/0176.
"""

import base64
import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from clearinghouse.edges.models import HouseKey
from clearinghouse.errors import Conflict, Unavailable
from clearinghouse.signing.keys import SEED_BYTES, SigningKey, VerifyingKey, load_key, save_key

_CURE = (
    "copy the key from the machine that has it (keys/signing.key in its home), or name its file by CLEARINGHOUSE_KEY; "
    "to sign with the one here from now on: clearinghouse database sign-with-this-key"
)


def the_signer() -> SigningKey:
    """Return the key that bundles, terms, warrants and lists are signed with; made when nobody has signed before.

    Raises:
        Unavailable: this machine does not have the installation's key.
    """
    path = _path()
    if _known() is None:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(Conflict):  # another process has just made it
                save_key(SigningKey(secrets.token_bytes(SEED_BYTES)), path)
        HouseKey.objects.get_or_create(pk=1, defaults={"public": _written(load_key(path).public)})
    if wrong := why_not_here():
        raise Unavailable(f"{wrong}; {_CURE}")
    return load_key(path)


def why_not_here() -> str:
    """Return why this machine cannot sign for the installation; empty: it can, or nobody has signed yet."""
    path, known = _path(), _known()
    if known is None:
        return ""
    ours = f"this installation signs with the key {known.key_id[:16]}…"
    if not path.is_file():
        return f"there is no {path}, and {ours}"
    here = load_key(path).public
    return "" if here == known else f"{path} holds the key {here.key_id[:16]}…, and {ours}"


def the_public_key() -> VerifyingKey:
    """Return the public half of that key, also where its private half is not."""
    return _known() or the_signer().public


def sign_with_this_key() -> VerifyingKey:
    """Let the installation sign with this machine's key from now on; what was signed before verifies with the earlier.

    Raises:
        NotFound: this machine has none.
    """
    key = load_key(_path()).public
    HouseKey.objects.update_or_create(pk=1, defaults={"public": _written(key)})
    return key


def _path() -> Path:
    path: Path = settings.CLEARINGHOUSE_KEY or settings.CLEARINGHOUSE_HOME / "keys" / "signing.key"
    return path


def _known() -> VerifyingKey | None:
    row = HouseKey.objects.first()
    return None if row is None else VerifyingKey(base64.b64decode(row.public))


def _written(key: VerifyingKey) -> str:
    return base64.b64encode(key.raw).decode()
