"""Keys on disk, and that foreign code reads them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from securesystemslib.signer._key import SSlibKey
from securesystemslib.signer._utils import compute_default_keyid

from clearinghouse.errors import Conflict, Malformed, NotFound
from clearinghouse.signing.keys import SigningKey, load_key, load_public_key, public_path, save_key

SEED = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "keys" / "signing.key"
    save_key(SigningKey(SEED), place)
    return place


def test_a_saved_key_signs_the_same_after_loading(path: Path) -> None:
    assert load_key(path).sign(b"x") == SigningKey(SEED).sign(b"x")


def test_only_the_owner_can_read_a_saved_key(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_public_half_lies_beside_it(path: Path) -> None:
    assert load_public_key(public_path(path)) == SigningKey(SEED).public


def test_a_key_is_never_written_over(path: Path) -> None:
    with pytest.raises(Conflict, match="never written over"):
        save_key(SigningKey(bytes(32)), path)
    assert load_key(path).seed == SEED


def test_a_key_that_others_can_read_is_refused(path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(Malformed, match="chmod 600"):
        load_key(path)


def test_a_missing_key_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_key(tmp_path / "none")


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="folder"):
        load_public_key(tmp_path)


@pytest.mark.parametrize("text", [b"", b"hello", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_not_a_key_is_refused(tmp_path: Path, text: bytes) -> None:
    place = tmp_path / "key"
    place.write_bytes(text)
    place.chmod(0o600)
    with pytest.raises(Malformed):
        load_key(place)
    with pytest.raises(Malformed):
        load_public_key(place)


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    place, public = tmp_path / "rsa.pem", tmp_path / "rsa.pub"
    rsa = generate_private_key(65537, 2048)
    place.write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    place.chmod(0o600)
    with pytest.raises(Malformed, match="another kind"):
        load_key(place)
    with pytest.raises(Malformed, match="another kind"):
        load_public_key(public)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(Malformed, match="32"):
        SigningKey(b"short")


def test_the_secret_is_not_shown() -> None:
    assert SEED.hex() not in repr(SigningKey(SEED))


def test_the_key_id_is_the_one_securesystemslib_gives() -> None:
    public = SigningKey(SEED).public
    assert compute_default_keyid("ed25519", "ed25519", {"public": public.raw.hex()}) == public.key_id


def test_securesystemslib_reads_the_public_half(path: Path) -> None:
    foreign = SSlibKey.from_crypto(load_pem_public_key(public_path(path).read_bytes()))
    assert foreign.keyid == load_key(path).public.key_id
