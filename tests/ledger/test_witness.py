"""Tests of clearinghouse/ledger/witness.py, cosigning.py and publishing.py."""

import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.ledger import queries
from clearinghouse.ledger.actions import append
from clearinghouse.ledger.cosigning import Asked, WitnessKey, cosign, cosigned_at, read_asked, read_witness_key
from clearinghouse.ledger.notes import Checkpoint, NoteKey, open_note, sign_note
from clearinghouse.ledger.publishing import Publisher
from clearinghouse.ledger.rules import BATCH
from clearinghouse.ledger.sequence import fill
from clearinghouse.ledger.signer import Signer
from clearinghouse.ledger.tree import consistency_proof, node_hash, root_of_leaves
from clearinghouse.ledger.witness import Witness, server
from clearinghouse.signing.keys import SigningKey

ORIGIN, NAME = "clearinghouse.example/log", "witness.example/one"
LOG, OWN, OTHER = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
LEAVES = [f"leaf {number}".encode() for number in range(64)]
NOW = 1_790_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(NAME, OWN, {ORIGIN: NoteKey(ORIGIN, LOG.public)}, tmp_path / "seen.sqlite3", lambda: NOW)


def _subtree(level: int, index: int) -> bytes:
    return root_of_leaves(LEAVES[index << level : (index + 1) << level])


def asked(old: int, new: int, *, key: SigningKey = LOG, origin: str = ORIGIN, root: bytes | None = None) -> str:
    proof = consistency_proof(old, new, _subtree) if 0 < old <= new else ()
    text = Checkpoint(origin, new, root or root_of_leaves(LEAVES[:new])).text
    return Asked(old, proof, sign_note(text, name=origin, key=key)).text


def test_a_log_that_grows_is_signed_each_time(witness: Witness) -> None:
    for old, new in [(0, 5), (5, 5), (5, 17), (17, 64)]:
        answer = witness.add_checkpoint(asked(old, new))
        text = open_note(read_asked(asked(old, new)).note, key=NoteKey(ORIGIN, LOG.public))
        assert answer.status == HTTPStatus.OK
        assert cosigned_at(text, answer.body, key=WitnessKey(NAME, OWN.public)) == NOW


def test_a_log_that_goes_back_is_told_what_was_seen(witness: Witness) -> None:
    witness.add_checkpoint(asked(0, 17))
    for old, new in [(0, 17), (5, 17), (5, 9), (16, 20)]:
        answer = witness.add_checkpoint(asked(old, new))
        assert (answer.status, answer.body, answer.kind) == (HTTPStatus.CONFLICT, "17\n", "text/x.tlog.size")


def test_a_second_past_is_not_signed(witness: Witness) -> None:
    witness.add_checkpoint(asked(0, 17))
    assert witness.add_checkpoint(asked(17, 17, root=b"\1" * 32)).status == HTTPStatus.CONFLICT
    assert witness.add_checkpoint(asked(17, 30, root=b"\1" * 32)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(asked(17, 30)).status == HTTPStatus.OK


def test_what_was_seen_outlives_the_process(witness: Witness) -> None:
    witness.add_checkpoint(asked(0, 17))
    again = Witness(witness.name, witness.key, witness.logs, witness.file)
    assert again.add_checkpoint(asked(0, 20)).status == HTTPStatus.CONFLICT


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (asked(0, 5, key=OTHER), HTTPStatus.FORBIDDEN),
        (asked(0, 5, origin="another.example"), HTTPStatus.NOT_FOUND),
        (asked(9, 5), HTTPStatus.BAD_REQUEST),
        ("", HTTPStatus.BAD_REQUEST),
        ("old 01\n\n", HTTPStatus.BAD_REQUEST),
        ("old 1\nAAAA\n\nx", HTTPStatus.BAD_REQUEST),
        (asked(0, 5).replace("old 0", "old 0\n" + "\n".join(["A" * 43 + "="] * 64)), HTTPStatus.BAD_REQUEST),
        (asked(0, 5).replace("old 0", "old 0\n" + "A" * 43 + "="), HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
def test_what_is_no_request_of_a_known_log_is_refused(witness: Witness, body: str, status: HTTPStatus) -> None:
    assert witness.add_checkpoint(body).status == status


def test_of_many_pasts_at_once_one_is_signed(witness: Witness) -> None:
    """Two witnesses over one file at the same moment: compare and keep are one step."""
    witness.add_checkpoint(asked(0, 1))
    statuses: list[HTTPStatus] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        # Trees of two leaves that begin alike and end otherwise: each is a right continuation by itself.
        end = node_hash(_subtree(0, 0), bytes([number]) * 32)
        note = sign_note(Checkpoint(ORIGIN, 2, end).text, name=ORIGIN, key=LOG)
        body = Asked(1, (bytes([number]) * 32,), note).text
        start.wait()
        statuses.append(witness.add_checkpoint(body).status)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sorted(statuses) == [HTTPStatus.OK] + [HTTPStatus.CONFLICT] * 7


def test_a_cosignature_holds_for_its_text_key_and_time_alone() -> None:
    line = cosign("a\n1\nx\n", name=NAME, key=OWN, at_seconds=NOW)
    key = WitnessKey(NAME, OWN.public)
    assert cosigned_at("a\n1\nx\n", line, key=key) == NOW
    for text, signed, by in [
        ("a\n2\nx\n", line, key),
        ("a\n1\nx\n", line, WitnessKey(NAME, OTHER.public)),
        ("a\n1\nx\n", line, WitnessKey("another", OWN.public)),
        ("a\n1\nx\n", cosign("a\n1\nx\n", name=NAME, key=OTHER, at_seconds=NOW), key),
        ("a\n1\nx\n", "no line", key),
    ]:
        with pytest.raises(Malformed):
            cosigned_at(text, signed, key=by)


@pytest.mark.parametrize("change", [lambda t: t[1:], lambda t: t.replace("+", "-"), lambda t: t[:-4], lambda _: "a+b"])
def test_a_key_is_read_as_it_is_printed_or_not_at_all(change: object) -> None:
    text = WitnessKey(NAME, OWN.public).text
    assert read_witness_key(text) == WitnessKey(NAME, OWN.public)
    assert callable(change)
    with pytest.raises(Malformed):
        read_witness_key(change(text))


@pytest.fixture
def address(witness: Witness) -> Iterator[str]:
    serving = server(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{serving.server_address[1]}"
    serving.shutdown()
    serving.server_close()
    thread.join()


def _grow(count: int) -> None:
    with transaction.atomic():
        append([(uuid4(), b"leaf") for _ in range(count)])


@pytest.mark.server
@pytest.mark.enable_socket
@pytest.mark.django_db
def test_what_is_published_carries_the_witnesses_signatures(address: str, tmp_path: Path) -> None:
    signer, key = Signer(LOG, tmp_path / "state", ORIGIN), WitnessKey(NAME, OWN.public)
    for count in (3, 300):
        _grow(count)  # the second publisher knows nothing of what the witness saw, and is told
        fill()
        said = Publisher(signer, tmp_path / "public", (address,), (key.text,), quorum=1).publish()
        note = (tmp_path / "public" / "checkpoint").read_text("utf-8")
        text = open_note(note, key=NoteKey(ORIGIN, LOG.public))
        assert said.cosigned == 1 and said.size == queries.size()
        assert cosigned_at(text, note.splitlines()[-1], key=key) == NOW


@pytest.mark.server
@pytest.mark.enable_socket
@pytest.mark.django_db
def test_without_enough_witnesses_nothing_is_published(address: str, tmp_path: Path) -> None:
    _grow(BATCH)
    signer, stranger = Signer(LOG, tmp_path / "state", ORIGIN), WitnessKey(NAME, OTHER.public)
    publisher = Publisher(signer, tmp_path / "public", (address, "http://127.0.0.1:1"), (stranger.text,), quorum=1)
    with pytest.raises(Unavailable, match="nothing is published"):
        publisher.publish()
    assert not (tmp_path / "public").exists()
