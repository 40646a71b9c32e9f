"""Ed25519 keys on disk: made from a seed, the private half readable by its owner alone."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from clearinghouse.errors import Conflict, Malformed, NotFound
from clearinghouse.strict import dump_canonical

SEED_BYTES = 32
KEY_FILE_BYTES = 16 * 1024
"""No key file is longer; a longer one is not read."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a key."""

    raw: bytes
    """The 32 bytes of the point."""

    @property
    def key_id(self) -> str:
        """Lower-case hex SHA-256 over the canonical JSON of the key.

        Source: securesystemslib ``compute_default_keyid``; The Update Framework specification 1.0, 4.2.
        """
        described = {"keytype": "ed25519", "keyval": {"public": self.raw.hex()}, "scheme": "ed25519"}
        return hashlib.sha256(dump_canonical(described)).hexdigest()

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Say whether ``signature`` over ``data`` was made with the private half of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> bytes:
        """Return the key as PEM, the way OpenSSL writes public keys."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A whole key: it signs. Its text form does not show the secret."""

    seed: bytes

    def __post_init__(self) -> None:
        """Refuse a seed of another length."""
        if len(self.seed) != SEED_BYTES:
            raise Malformed(f"a seed has {len(self.seed)} bytes; Ed25519 takes {SEED_BYTES}")

    def __repr__(self) -> str:
        return f"SigningKey({self.public.key_id[:16]}…)"

    @property
    def public(self) -> VerifyingKey:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifyingKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature over ``data``."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(data)

    def pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_path(path: Path) -> Path:
    """Return where the public half of the key at ``path`` lies: the same name with ``.pub``."""
    return path.with_name(path.name + ".pub")


def save_key(key: SigningKey, path: Path) -> None:
    """Write the private half to ``path`` (mode 0600) and the public half beside it; never over a key that is there.

    Raises:
        Conflict: a file already lies at ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Conflict(f"{path} exists already; a signing key is never written over") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.pem())
        file.flush()
        os.fsync(file.fileno())
    public_path(path).write_bytes(key.public.pem())


def load_key(path: Path) -> SigningKey:
    """Return the signing key that lies at ``path``.

    Raises:
        NotFound: there is no such file.
        Malformed: it is not an Ed25519 private key, or others than its owner may read it.
    """
    data = _read(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Malformed(f"{path} can be read by others than its owner; chmod 600 it, or make a new key")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed(f"{path} is not an unencrypted private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Malformed(f"{path} holds another kind of key; Ed25519 is what we sign with")
    return SigningKey(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))


def load_public_key(path: Path) -> VerifyingKey:
    """Return the public key that lies at ``path``.

    Raises:
        NotFound: there is no such file.
        Malformed: it is not an Ed25519 public key in PEM.
    """
    return parse_public_key(_read(path), name=str(path))


def parse_public_key(data: bytes, *, name: str) -> VerifyingKey:
    """Return the public key that ``data`` holds; ``name`` is for the message.

    Raises:
        Malformed: it is not an Ed25519 public key in PEM.
    """
    try:
        key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed(f"{name} is not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed(f"{name} holds another kind of key; bundles are signed with Ed25519")
    return VerifyingKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(KEY_FILE_BYTES)
    except FileNotFoundError:
        raise NotFound(f"there is no key at {path}") from None
    except IsADirectoryError:
        raise Malformed(f"{path} is a folder, not a key") from None
