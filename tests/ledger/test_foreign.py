"""Has the Go team's ``sumdb/note`` and ``tlog``, which we did not write, check our notes and proofs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from clearinghouse.ledger import queries
from clearinghouse.ledger.notes import NoteKey, sign_note
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


def _check(checker: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(checker), str(folder)], capture_output=True, text=True, timeout=60, check=False)


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
