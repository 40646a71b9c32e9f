"""The key that this installation signs with."""

import secrets
from pathlib import Path

from django.conf import settings

from clearinghouse.signing.keys import SEED_BYTES, SigningKey, load_key, save_key


def the_signer() -> SigningKey:
    """Return the key that bundles and terms are signed with, made on first use."""
    path: Path = settings.CLEARINGHOUSE_KEY or settings.CLEARINGHOUSE_HOME / "keys" / "signing.key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_key(SigningKey(secrets.token_bytes(SEED_BYTES)), path)
    return load_key(path)
