"""Tests of clearinghouse/ledger/signer.py: a second past is never signed."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction

from clearinghouse.errors import Conflict, NotFound
from clearinghouse.ledger.actions import append
from clearinghouse.ledger.models import Entry, Head, Node
from clearinghouse.ledger.notes import Checkpoint, NoteKey, open_note, read_checkpoint
from clearinghouse.ledger.signer import Signer
from clearinghouse.ledger.tree import grow, node_hash
from clearinghouse.signing.keys import SigningKey
from tests.conftest import past_the_triggers

pytestmark = pytest.mark.django_db
ORIGIN = "clearinghouse.example/log"
KEY = SigningKey(bytes(range(32)))


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(KEY, tmp_path / "state", ORIGIN)


def _grow(count: int, text: str = "leaf") -> None:
    with transaction.atomic():
        append([(uuid4(), f"{text} {number}".encode()) for number in range(count)])


def _read(note: str) -> Checkpoint:
    return read_checkpoint(open_note(note, key=NoteKey(ORIGIN, KEY.public)))


def test_a_ledger_that_grows_is_signed_again_and_again(signer: Signer) -> None:
    sizes = []
    for _ in range(5):
        _grow(7)
        sizes.append(_read(signer.sign()).size)
    assert sizes == [7, 14, 21, 28, 35] and _read(signer.sign()).size == 35


def test_an_empty_ledger_is_not_signed(signer: Signer) -> None:
    with pytest.raises(NotFound):
        signer.sign()


def _begin_anew(count: int, text: str) -> None:
    """Put another past in the place of this one."""
    with past_the_triggers():
        for model in (Entry, Node, Head):
            model._base_manager.all().delete()
    _grow(count, text)


def _restore() -> None:
    """Go back to an old backup."""
    _begin_anew(9, "leaf")


def _fork() -> None:
    """Go back and on in another way, as far as it was signed and further."""
    _begin_anew(40, "other")


def _fork_late() -> None:
    """Change one of the last entries and go on."""
    _begin_anew(19, "leaf")
    _grow(20, "other")


def _lie_about_a_subtree() -> None:
    """Leave every row that was signed in place, and build the new tree on a subtree that does not hold them."""
    frontier = [b"\7" * 32]
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_node WHERE level >= 4")
        Node.objects.create(level=5, index=0, hash=frontier[0])
        stack, made = grow(32, tuple(frontier), b"new")
        Node.objects.bulk_create([Node(level=level, index=index, hash=found) for level, index, found in made])
        Head.objects.filter(id=1).update(size=33, frontier=b"".join(stack))
    assert node_hash(b"", b"") != frontier[0]


def _lose_a_subtree() -> None:
    with past_the_triggers():
        Node.objects.filter(level=4).delete()


@pytest.mark.parametrize("happens", [_restore, _fork, _fork_late, _lie_about_a_subtree, _lose_a_subtree])
def test_what_does_not_continue_is_not_signed_now_or_later(signer: Signer, happens: Callable[[], None]) -> None:
    _grow(20)
    signer.sign()
    happens()
    for _ in range(2):
        with pytest.raises(Conflict):
            signer.sign()


def test_a_restored_ledger_under_another_name_is_signed(signer: Signer) -> None:
    _grow(20)
    signer.sign()
    _restore()
    again = Signer(KEY, signer.state, "clearinghouse.example/second")
    assert again.sign().startswith("clearinghouse.example/second\n9\n")


@pytest.mark.parametrize("damage", [b"", b"\xff", b"clearinghouse.example/log\n1\nAAAA\n"])
def test_a_state_that_cannot_be_trusted_is_not_guessed(signer: Signer, damage: bytes) -> None:
    _grow(20)
    signer.sign()
    state = next(one for one in signer.state.iterdir() if one.suffix != ".lock")
    state.write_bytes(damage)
    with pytest.raises(Conflict, match="cannot be trusted"):
        signer.sign()
