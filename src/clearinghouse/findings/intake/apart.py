"""Reads what strangers handed in in a process of its own, under limits: what goes wrong there ends that process alone.

The process is started anew for each submission, knows no setting and no secret, and writes what it read into a folder.
What makes it fail the same way again (memory, processor time) is a refusal; what may come from this machine is not.

Source: OWASP ASVS 5.0, 5.2 and 5.3; docs/decisions/0120.
"""

import json
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import clearinghouse
from clearinghouse.errors import Problem, Refused, Unavailable
from clearinghouse.findings.folders import LIMITS
from clearinghouse.findings.intake.claims import Claim, refused
from clearinghouse.findings.report.model import Report
from clearinghouse.findings.rules import Source

CPU_SECONDS: Final = 10
MEMORY_BYTES: Final = 320 * 1024 * 1024
"""Of which the program itself takes about a fifth."""
WRITTEN_BYTES: Final = 64 * 1024 * 1024
WAIT_SECONDS: Final = 120
"""On a busy machine; the processor's own time is what decides."""
MOST_CLAIMS: Final = 2000
CLAIMS, REFUSAL = "claims.json", "refusal.json"
TOO_COSTLY: Final = 75
"""Exit status of a reader that ran out of memory."""
_OF_THE_CONTENT = frozenset({-signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS})
_SOURCE = Path(clearinghouse.__file__).parents[1]


def read_apart(data: bytes, *, name: str, target: str = "") -> tuple[Claim, ...]:
    """Return what a document or archive claims, read in a process of its own.

    Raises:
        Refused: with every problem found, or because reading it takes more than any report may.
        Unavailable: the reader was ended from outside, or could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="clearinghouse-reading-") as folder:
        place = Path(folder)
        (place / "handed").write_bytes(data)
        (place / "about.json").write_text(json.dumps({"name": name, "target": target}), encoding="utf-8")
        (place / "out").mkdir()
        _check_end(_run(place))
        return _read_back(place / "out", data)


def _run(place: Path) -> int:
    module = "clearinghouse.findings.intake.apart_process"
    environment = {"PYTHONPATH": str(_SOURCE), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module, str(place)],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Unavailable(f"what was handed in could not be read now: {type(failure).__name__}") from None
    return done.returncode


def limit_oneself() -> None:
    """Put this process under its limits; for the reader, before it looks at anything."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))


def _check_end(status: int) -> None:
    if status == 0:
        return
    if status == TOO_COSTLY or status in _OF_THE_CONTENT:
        reason = f"reading it takes more than {MEMORY_BYTES >> 20} MiB of memory or {CPU_SECONDS} s"
        raise refused("too-costly", "", reason, "hand in a smaller report")
    raise Unavailable(f"the reader of submissions ended with status {status}; it is tried again")


def _read_back(out: Path, data: bytes) -> tuple[Claim, ...]:
    """Return what the reader wrote down; the documents are taken from what was handed in where they are the same."""
    if (out / REFUSAL).is_file():
        found: list[dict[str, str]] = json.loads((out / REFUSAL).read_bytes())
        raise Refused(tuple(Problem(**one) for one in found))
    said: list[dict[str, Any]] = json.loads((out / CLAIMS).read_bytes())
    originals: dict[str, bytes] = {}
    claims = []
    for one in said:
        number = str(one["original"])
        if number not in originals:
            originals[number] = data if number == "handed" else _file(out, number)
        files = {name: _file(out, str(place)) for name, place in one["files"].items()}
        report = Report.model_validate(one["report"])
        claims.append(Claim(report, Source(one["source"]), originals[number], files))
    return tuple(claims)


def _file(out: Path, number: str) -> bytes:
    path = out / f"{int(number)}.data"
    if path.stat().st_size > LIMITS.total_bytes:
        raise refused("too-large", "", "a file in it is too large", "send less")
    return path.read_bytes()


def write_down(out: Path, claims: Sequence[Claim], data: bytes) -> None:
    """Write what was read where the other process finds it; for the reader."""
    written: dict[int, int] = {}

    def place_of(content: bytes) -> int:
        if id(content) not in written:
            written[id(content)] = len(written)
            (out / f"{written[id(content)]}.data").write_bytes(content)
        return written[id(content)]

    if len(claims) > MOST_CLAIMS:
        reason = f"it holds {len(claims)} findings; at most {MOST_CLAIMS} are taken at once"
        raise refused("too-many", "", reason, "hand it in part by part")
    told = [
        {
            "report": one.report.model_dump(mode="json", exclude_unset=True),
            "source": str(one.source),
            "original": "handed" if one.original == data else place_of(one.original),
            "files": {name: place_of(content) for name, content in one.files.items()},
        }
        for one in claims
    ]
    (out / CLAIMS).write_text(json.dumps(told), encoding="utf-8")
