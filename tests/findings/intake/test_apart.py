"""Strangers' bytes are read in a process of its own: what swells or loops ends that process alone, and is refused."""

import gzip
import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from clearinghouse.errors import Refused, Unavailable
from clearinghouse.findings.intake import apart
from clearinghouse.findings.intake.apart import read_apart
from clearinghouse.findings.intake.reading import read_bytes
from tests.findings.makers import a_report
from tests.findings.test_submissions import a_tar, a_zip

MIB = 1024 * 1024


def _nested_zip() -> bytes:
    inner = a_zip({"zeros": bytes(64 * MIB)})
    for _ in range(3):
        inner = a_zip({f"{number}.zip": inner for number in range(4)})
    return inner


def _many_names() -> bytes:
    return a_zip({f"file-{number}": b"" for number in range(20_000)})


def _claims_to_be_small() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", bytes(40 * MIB))
    return kept.getvalue().replace((40 * MIB).to_bytes(4, "little"), (100).to_bytes(4, "little"))


BOMBS: dict[str, Callable[[], bytes]] = {
    "zeros.zip": lambda: a_zip({"report.json": bytes(200 * MIB)}),
    "zeros.gz": lambda: gzip.compress(bytes(300 * MIB)),
    "nested.zip": _nested_zip,
    "names.zip": _many_names,
    "lies.zip": _claims_to_be_small,
    "deep.json": lambda: b"[" * 5_000_000,
    "objects.json": lambda: b'{"a":' * 1_000_000,
    "number.json": lambda: b'{"a": ' + b"9" * 8_000_000 + b"}",
    "aliases.yaml": lambda: (
        b"schema: clearinghouse/report/1\na: &a [x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (two, two, b", ".join([b"*%c" % one] * 9))
            for one, two in zip(b"abcdefgh", b"bcdefghi", strict=True)
        )
    ),
    "cut.tar.gz": lambda: a_tar()[:-40],
    "random.zip": lambda: b"PK\x03\x04" + bytes(range(256)) * 400,
}


PEAK = """
import contextlib, pathlib, resource, sys
from clearinghouse.errors import Refused
from clearinghouse.findings.intake.apart import read_apart

path = pathlib.Path(sys.argv[1])
with contextlib.suppress(Refused):
    read_apart(path.read_bytes(), name=path.name)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_refused_with_a_reason_and_takes_little(name: str) -> None:
    data = BOMBS[name]()
    with pytest.raises(Refused) as refusal:
        read_apart(data, name=name)
    assert all(one.code and one.reason and one.fix for one in refusal.value.problems)


@pytest.mark.parametrize("name", ["zeros.zip", "zeros.gz", "nested.zip", "deep.json"])
def test_what_reads_a_bomb_stays_small(name: str, tmp_path: Path) -> None:
    """In a process of its own: the largest child of this one may have been any other test's."""
    (tmp_path / name).write_bytes(BOMBS[name]())
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < apart.MEMORY_BYTES // 1024 + 64 * 1024


def test_what_is_read_apart_is_what_is_read_here() -> None:
    data = a_tar()
    assert read_apart(data, name="a.tgz") == read_bytes(data, name="a.tgz")
    alone = json.dumps(a_report(proofs=None, patches=None, tests=None)).encode()
    assert read_apart(alone, name="report.json") == read_bytes(alone, name="report.json")


@pytest.mark.parametrize("status", [apart.TOO_COSTLY, -signal.SIGXCPU, -signal.SIGSEGV])
def test_a_reader_that_ran_out_refuses_the_submission(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_run", lambda _: status)
    with pytest.raises(Refused) as refusal:
        read_apart(b"x", name="x")
    assert [one.code for one in refusal.value.problems] == ["too-costly"]


@pytest.mark.parametrize("status", [-signal.SIGKILL, -signal.SIGTERM, 1])
def test_a_reader_that_was_ended_from_outside_never_counts_against_the_finder(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_run", lambda _: status)
    with pytest.raises(Unavailable):
        read_apart(b"x", name="x")
