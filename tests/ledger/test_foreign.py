"""Has the Go team's ``sumdb/note`` and ``tlog``, which we did not write, check our notes and proofs."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from clearinghouse.ledger import queries
from clearinghouse.ledger.actions import append
from clearinghouse.ledger.notes import NoteKey, sign_note
from clearinghouse.ledger.signer import Signer
from clearinghouse.ledger.tiles import publish
from clearinghouse.signing.keys import SigningKey
from tests.ledger.makers import an_act

ORIGIN = "clearinghouse.example/log"
SIGNER = SigningKey(bytes(range(32)))

pytestmark = [pytest.mark.index, pytest.mark.enable_socket, pytest.mark.django_db]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the foreign program, built; skip where that cannot be."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed")
    program = tmp_path_factory.mktemp("foreign") / "foreign"
    built = subprocess.run(
        [go, "build", "-mod=readonly", "-o", str(program), "."],
        cwd=Path(__file__).parent / "foreign",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"the Go modules cannot be fetched: {built.stderr[-300:]}")
    return program


def _state(name: str, folder: Path) -> int:
    stated = queries.checkpoint(origin=ORIGIN)
    (folder / f"{name}.note").write_text(sign_note(stated.text, name=ORIGIN, key=SIGNER), newline="")
    return stated.size


def _write_all(folder: Path, *, index: int) -> None:
    for _ in range(11):
        an_act()
    old = _state("old", folder)
    for _ in range(26):
        an_act()
    new = _state("new", folder)
    (folder / "key").write_text(NoteKey(ORIGIN, SIGNER.public).text)
    (folder / "index").write_text(str(index))
    (folder / "leaf").write_bytes(bytes(queries.entry_of(str(index)).leaf))
    for name, hashes in (
        ("record", queries.inclusion_proof(index, new)),
        ("tree", queries.consistency_proof(old, new)),
    ):
        (folder / f"{name}.hashes").write_text("".join(f"{one.hex()}\n" for one in hashes))


def _check(checker: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(checker), str(folder), *more], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("index", [0, 17, 36])
def test_foreign_tools_accept_our_checkpoints_and_proofs(checker: Path, tmp_path: Path, index: int) -> None:
    _write_all(tmp_path, index=index)
    checked = _check(checker, tmp_path)
    assert checked.returncode == 0 and checked.stdout == "accepted 11 37\n", checked.stdout


@pytest.mark.parametrize("name", ["leaf", "record.hashes", "tree.hashes", "new.note"])
def test_foreign_tools_refuse_what_was_tampered_with(checker: Path, tmp_path: Path, name: str) -> None:
    _write_all(tmp_path, index=17)
    data = bytearray((tmp_path / name).read_bytes())
    data[15] = ord("0") if data[15] != ord("0") else ord("1")
    (tmp_path / name).write_bytes(bytes(data))
    assert _check(checker, tmp_path).returncode == 1


def _published(folder: Path, acts: int) -> None:
    """Publish a ledger with so many acts as static files, with the key beside them."""
    with transaction.atomic():
        append([(uuid4(), f"leaf {number}".encode()) for number in range(acts)])
    publish(folder, Signer(SIGNER, folder / "state", ORIGIN).sign(), acts)
    (folder / "key").write_text(NoteKey(ORIGIN, SIGNER.public).text)


@pytest.mark.parametrize("acts", [1, 255, 256, 257, 700])
def test_foreign_tools_accept_what_is_published_leaf_by_leaf(checker: Path, tmp_path: Path, acts: int) -> None:
    _published(tmp_path, acts)
    checked = _check(checker, tmp_path, "tiles")
    assert checked.stdout == f"accepted {acts}\n" and checked.returncode == 0


def test_foreign_tools_accept_a_published_log_that_grew(checker: Path, tmp_path: Path) -> None:
    _published(tmp_path, 300)
    with transaction.atomic():
        append([(uuid4(), b"later") for _ in range(250)])
    publish(tmp_path, Signer(SIGNER, tmp_path / "state", ORIGIN).sign(), 550)
    assert _check(checker, tmp_path, "tiles").stdout == "accepted 550\n"


def _swap(data: bytes) -> bytes:
    return data[32:64] + data[:32] + data[64:]


def _signed_by_another(data: bytes) -> bytes:
    text = data.decode().rpartition("\n\n")[0] + "\n"
    return sign_note(text, name=ORIGIN, key=SigningKey(bytes(range(1, 33)))).encode()


TAMPERING: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("tile/0/000", lambda data: b"\0" + data[1:]),
    ("tile/0/000", _swap),
    ("tile/0/000", lambda data: data[:-32]),
    ("tile/0/001.p/44", lambda data: data[:-1] + b"\0"),
    ("tile/0/001.p/44", lambda data: data[:-32]),
    ("tile/1/000.p/1", lambda data: data[::-1]),
    ("tile/entries/000", lambda data: data[:5] + b"X" + data[6:]),
    ("tile/entries/000", lambda data: data[len(data) // 2 :]),
    ("tile/entries/001.p/44", lambda data: data + b"\0\1x"),
    ("tile/entries/001.p/44", lambda data: data[:-1]),
    ("checkpoint", lambda data: data.replace(b"\n300\n", b"\n299\n")),
    ("checkpoint", lambda data: data.replace(b"/log\n", b"/lag\n", 1)),
    ("checkpoint", lambda data: data.replace(data.split(b"\n")[2], data.split(b"\n")[2][::-1])),
    ("checkpoint", lambda data: data[:-10] + b"AAAA" + data[-6:]),
    ("checkpoint", _signed_by_another),
    ("checkpoint", lambda data: data.partition(b"\n\n")[0] + b"\n\n"),
    ("checkpoint", lambda data: data.replace(b"\n\n", b"\nmore\n\n", 1)),
    ("tile/entries/000", lambda data: data[8:16] + data[:8] + data[16:]),
    ("tile/0/001.p/44", lambda data: data + data[-32:]),
    ("tile/1/000.p/1", lambda data: bytes(len(data))),
]


@pytest.mark.parametrize(("name", "change"), TAMPERING, ids=[f"{n} {one[0]}" for n, one in enumerate(TAMPERING)])
def test_foreign_tools_refuse_published_files_that_were_tampered_with(
    checker: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    _published(tmp_path, 300)
    (tmp_path / name).write_bytes(change((tmp_path / name).read_bytes()))
    assert _check(checker, tmp_path, "tiles").returncode == 1


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/001.p/44", "tile/entries/000", "tile/entries/001.p/44"])
def test_foreign_tools_refuse_a_log_that_lacks_a_file(checker: Path, tmp_path: Path, name: str) -> None:
    _published(tmp_path, 300)
    (tmp_path / name).unlink()
    assert _check(checker, tmp_path, "tiles").returncode == 1
