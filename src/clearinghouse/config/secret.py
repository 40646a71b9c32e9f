"""The key that signs sessions and links: named by a setting, else made at the first start."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from clearinghouse.errors import NotPossible

_FEWEST_CHARACTERS = 43
"""256 bits in base64."""


def secret_key(file: Path) -> str:
    """Return the key in ``file``, which is made, for this user alone, when there is none.

    Raises:
        NotPossible: the file holds no key.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        _make(file)
    key = file.read_text(encoding="utf-8").strip()
    if len(key) < _FEWEST_CHARACTERS:
        raise NotPossible(
            f"{file} holds no key; put at least {_FEWEST_CHARACTERS} random characters in it, "
            "or remove it to get a new one (everybody signs in again)"
        )
    return key


def _make(file: Path) -> None:
    """Put a new key there, whole or not at all; where another process was quicker, its key stays."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as new:
            new.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
