"""Tests of clearinghouse/ledger/notes.py: published notes, round trips, and everything that is not a note."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.ledger.notes import (
    Checkpoint,
    NoteKey,
    StoredProof,
    open_note,
    read_checkpoint,
    read_proof,
    sign_note,
)
from clearinghouse.ledger.tree import leaf_hash, node_hash
from clearinghouse.signing.keys import SigningKey, VerifyingKey

SIGNER = SigningKey(bytes(range(32)))
KEY = NoteKey("log.example/1", SIGNER.public)
OTHER = NoteKey("log.example/1", SigningKey(bytes(32)).public)

# From the documentation of Go's golang.org/x/mod/sumdb/note.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


def _published() -> NoteKey:
    name, _, encoded = PUBLISHED_KEY.split("+", 2)
    return NoteKey(name, VerifyingKey(base64.b64decode(encoded)[1:]))


def test_a_published_key_has_its_published_text() -> None:
    assert _published().text == PUBLISHED_KEY


def test_a_published_note_opens() -> None:
    assert open_note(f"{PUBLISHED_TEXT}\n{PUBLISHED_SIGNATURE}\n", key=_published()) == PUBLISHED_TEXT


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(lambda text: text + "\n")


@given(texts)
def test_what_was_signed_opens(text: str) -> None:
    assert open_note(sign_note(text, name=KEY.name, key=SIGNER), key=KEY) == text


@given(texts, st.integers(0, 10_000))
def test_a_note_with_another_character_does_not_open(text: str, place: int) -> None:
    note = sign_note(text, name=KEY.name, key=SIGNER)
    place %= len(note)
    forged = note[:place] + ("x" if note[place] != "x" else "y") + note[place + 1 :]
    with pytest.raises(Malformed):
        open_note(forged, key=KEY)


def test_signatures_of_others_are_left_aside() -> None:
    note = sign_note("text\n", name=KEY.name, key=SIGNER)
    both = note + sign_note("else\n", name="witness.example", key=SIGNER).split("\n\n")[1]
    assert open_note(both, key=KEY) == "text\n"


def test_another_key_of_the_same_name_does_not_open() -> None:
    with pytest.raises(Malformed, match="no signature by"):
        open_note(sign_note("text\n", name=KEY.name, key=SIGNER), key=OTHER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— log.example/1 \n",
        "text\n\n— log.example/1 !!!!\n",
        "text\n\n- log.example/1 AAAA\n",
        "text\n\n— log.example/1 AAAAAA==",
        "te\x07xt\n\n— log.example/1 AAAAAAAAAAA=\n",
        "text\n\n" + "— log.example/1 AAAAAAAAAAA=\n" * 65,
        "text\n\n" + "x" * (1 << 20),
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(Malformed):
        open_note(note, key=KEY)


@pytest.mark.parametrize("text", ["", "no newline", "bell\x07\n", "tab\t\n"])
def test_what_cannot_be_signed_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, name=KEY.name, key=SIGNER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        NoteKey(name, SIGNER.public)


def test_a_checkpoint_has_the_published_form() -> None:
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    published = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint("example.com/behind-the-sofa", 20852163, root).text == published
    assert read_checkpoint(published) == Checkpoint("example.com/behind-the-sofa", 20852163, root)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n",
        f"o\n{'9' * 5000}\n{ROOT}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n {ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        "o\n1\n" + ROOT[:-2] + "B=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_checkpoint(text)


def _proof() -> StoredProof:
    root = node_hash(leaf_hash(b"one"), leaf_hash(b"two"))
    note = sign_note(Checkpoint(KEY.name, 2, root).text, name=KEY.name, key=SIGNER)
    return StoredProof(1, (leaf_hash(b"one"),), note, b"extra")


def test_a_stored_proof_is_read_back() -> None:
    assert read_proof(_proof().text) == _proof()


def test_a_stored_proof_shows_its_leaf() -> None:
    assert _proof().shows(b"two", key=KEY).size == 2


def test_a_stored_proof_does_not_show_another_leaf() -> None:
    with pytest.raises(Malformed, match="does not lead"):
        _proof().shows(b"one", key=KEY)


def test_a_checkpoint_of_another_log_shows_nothing() -> None:
    note = sign_note(Checkpoint("other.example", 1, leaf_hash(b"one")).text, name=KEY.name, key=SIGNER)
    with pytest.raises(Malformed, match="speaks for other"):
        StoredProof(0, (), note).shows(b"one", key=KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n\nnote",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
        "index 0\n\nnote",
        "x" * (1 << 21),
    ]
    + [
        f"c2sp.org/tlog-proof@v1\n{lines}\n\nnote"
        for lines in ("index x", "extra ?\nindex 0", "index 0\nAAAA", "index")
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_proof(text)
