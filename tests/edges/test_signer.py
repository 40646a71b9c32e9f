"""Tests of clearinghouse/edges/signer.py: one key for an installation, however many machines."""

from pathlib import Path
from typing import Any

import pytest

from clearinghouse.edges.models import HouseKey
from clearinghouse.edges.signer import sign_with_this_key, the_public_key, the_signer
from clearinghouse.errors import NotFound, Unavailable
from clearinghouse.signing.keys import SigningKey, load_public_key, save_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def machine(settings: Any, tmp_path: Path) -> Path:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_HOME, settings.CLEARINGHOUSE_KEY = tmp_path / "one", None
    return tmp_path


def test_the_first_who_signs_makes_the_key_and_keeps_it(machine: Path) -> None:
    assert the_public_key() == the_signer().public == the_signer().public
    assert load_public_key(machine / "one" / "keys" / "signing.key.pub") == the_public_key()


def test_a_second_machine_makes_no_key_and_says_what_to_copy(settings: Any, machine: Path) -> None:  # noqa: ANN401 - pytest-django's
    first = the_signer()
    settings.CLEARINGHOUSE_HOME = machine / "two"
    with pytest.raises(Unavailable, match="copy the key"):
        the_signer()
    assert not (machine / "two").exists() and the_public_key() == first.public
    save_key(first, machine / "two" / "keys" / "signing.key")
    assert the_signer() == first


def test_a_machine_with_another_key_does_not_sign_until_it_is_told_to(settings: Any, machine: Path) -> None:  # noqa: ANN401 - pytest-django's
    first, other = the_signer(), SigningKey(bytes(32))
    settings.CLEARINGHOUSE_HOME = machine / "two"
    save_key(other, machine / "two" / "keys" / "signing.key")
    with pytest.raises(Unavailable, match="sign-with-this-key"):
        the_signer()
    assert the_public_key() == first.public
    assert sign_with_this_key() == other.public
    assert the_signer() == other and HouseKey.objects.count() == 1


def test_nobody_signs_with_a_key_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        sign_with_this_key()
    assert not HouseKey.objects.exists()
