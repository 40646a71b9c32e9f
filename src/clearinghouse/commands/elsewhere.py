"""``clearinghouse clear --server``: the same clearing, done by a server; needs no database here."""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from clearinghouse.commands.plain import plain
from clearinghouse.commands.servers import at_server
from clearinghouse.errors import Malformed, Refused
from clearinghouse.findings.archives import packed
from clearinghouse.findings.discovery import Handed, discover
from clearinghouse.findings.folders import read_folder
from clearinghouse_client.reports import Reports, Submission
from clearinghouse_client.session import ServerRefused

POLL_SECONDS: Final = 1.0
LONGEST_POLL_SECONDS: Final = 10.0
_REUSED: Final = "idempotency-key-reused"


def clear_elsewhere(reports: Sequence[Path], *, out: Path, target: str, server: str, token: str, as_json: bool) -> bool:
    """Hand reports in at a server, wait until nothing more is to be done, and fetch its index; say if one was refused.

    Raises:
        Malformed: there is no report, or no token.
        NotPermitted: the token does not hold, or is not for this.
        Unavailable: the server does not answer.
    """
    with at_server(server, token) as session:
        handed = discover(reports)
        if not handed:
            raise Malformed("there is no report at the paths given")
        return _clear(Reports(session), handed, out=out, target=target, as_json=as_json)


def _clear(reports: Reports, handed: Sequence[Handed], *, out: Path, target: str, as_json: bool) -> bool:
    receipts = []
    for one in handed:
        receipts.append(_receipt_of(reports, _bytes_of(one), name=one.name, target=target))
        click.echo(plain(f"handed in {one.name}: {receipts[-1]}"), err=True)
    done = _watch(reports, receipts)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    index = reports.index()
    (out / "index.json").write_bytes(index)
    if as_json:
        click.echo(index.decode(), nl=False)
    else:
        _tell(reports, done, json.loads(index), out)
    return any(one.refused for one in done)


def _receipt_of(reports: Reports, data: bytes, *, name: str, target: str) -> str:
    """Hand a report in, and return the receipt: that of the first time if it was handed in before, today."""
    try:
        return reports.hand_in(data, name=name, target=target, key=_key_of(data, name=name, target=target)).receipt
    except ServerRefused as refusal:
        if refusal.code != _REUSED:
            raise
    # It was handed in by other roles or scopes than these: what came of that is not told by this right.
    return reports.hand_in(data, name=name, target=target).receipt


def _key_of(data: bytes, *, name: str, target: str) -> str:
    """Return the idempotency key of a report: the same for the same bytes, name and target.

    So an answer that is lost is asked for again, also by clearing anew after this was broken off: the server, which
    keeps the key for a day, hands in once and gives the receipt that it gave.
    """
    digest = hashlib.sha256(b"clearinghouse clear\0")
    for part in (data, name.encode(), target.encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _bytes_of(one: Handed) -> bytes:
    """Return what lies there as one document: a folder is packed; what cannot be read here is not sent.

    Raises:
        Malformed: it is no file, or holds what no report may.
    """
    if one.path.is_symlink() or not (one.path.is_dir() or one.path.is_file()):
        raise Malformed(f"{one.name} is a link or a device; name the file or folder itself")
    try:
        return packed(read_folder(one.path)) if one.path.is_dir() else one.path.read_bytes()
    except Refused as refusal:
        raise Malformed(f"{one.name}: {refusal}") from None


def _watch(reports: Reports, receipts: Sequence[str]) -> list[Submission]:
    """Wait until nothing more is to be done for any of these, saying how far they are, and return them."""
    waiting, done, pause, told = list(receipts), {}, POLL_SECONDS, ""
    while waiting:
        for receipt in list(waiting):
            if reports.settled(receipt):
                done[receipt] = reports.submission(receipt)
                waiting.remove(receipt)
                pause = POLL_SECONDS
        said = f"clearing: {len(done)}/{len(receipts)} done"
        if said != told:
            click.echo(said, err=True)
            told = said
        if waiting:
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL_SECONDS)
    return [done[receipt] for receipt in receipts]


def _tell(reports: Reports, done: Sequence[Submission], index: dict[str, Any], out: Path) -> None:
    became = {f"{one['finder']}/{one['id']}": one["says"] for one in index["validated"]}
    for one in done:
        for problem in one.problems:
            click.echo(plain(f"{one.name}: refused: {problem['reason']}"))
        for finding in one.findings:
            verdict = reports.verdict(finding.id)
            grade = f", grade {verdict.grade}" if verdict.grade else ""
            next_ = f" {became[finding.report]}" if finding.report in became else ""
            click.echo(plain(f"{finding.report}: {verdict.outcome}{grade}. {verdict.sentence}{next_}"))
    click.echo(f"{json.dumps(str(out / 'index.json'))} holds everything that you may read")
