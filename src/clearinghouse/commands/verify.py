"""``clearinghouse verify``: check an evidence bundle and run its proofs again, without any database."""

import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit
from clearinghouse.errors import ClearinghouseError, Malformed

if TYPE_CHECKING:
    from clearinghouse.advisories.bundles import Bundle, Evidence
    from clearinghouse.signing.keys import VerifyingKey
    from clearinghouse.validation.judged import Judged
    from clearinghouse.validation.lab import Lab

MOST_FILES = 10_000
MOST_BYTES = 512 * 1024 * 1024
VERDICT = ("outcome", "grade", "reason", "detector")
"""What must be the same when a proof is run again; anything else that differs is said."""


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--key",
    "key_path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The signer's public key in PEM, had by another way than the bundle.",
)
@click.option("--no-run", is_flag=True, help="Check signature and hashes only; run nothing.")
@click.option(
    "--from-indexes",
    is_flag=True,
    help="Fetch releases from their indexes though the bundle carries them: then they need not be taken on its word.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, also when it is refused.")
@refusals_exit
def verify(*, bundle: Path, key_path: Path, no_run: bool, from_indexes: bool, as_json: bool) -> None:
    """Check the evidence in the folder BUNDLE, then run its proofs again.

    Signature and hashes come first; nothing of a bundle that was changed is run. A bundle that carries its releases
    (`clear --with-releases`) needs no network, and none is used. Exits 3 when anything does not hold.
    """
    try:
        said = _verified(bundle, key_path, run=not no_run, from_indexes=from_indexes, quiet=as_json)
    except ClearinghouseError as refusal:
        if as_json:
            said = {"case": None, "files": None, "offline": None, "findings": [], "same": False}
            click.echo(json.dumps(said | {"refused": str(refusal)}, indent=2))
        raise
    if as_json:
        click.echo(json.dumps(said, indent=2))
    if not said["same"]:
        raise click.exceptions.Exit(EXIT_REFUSED)


def _verified(bundle: Path, key_path: Path, *, run: bool, from_indexes: bool, quiet: bool) -> dict[str, Any]:
    """Return what was found, once signature and hashes hold.

    Raises:
        Malformed: they do not, or the bundle is none.
        Unavailable: something needed is not to be had, or no sandbox works.
    """
    from clearinghouse.advisories.bundles import open_bundle

    files = read_folder(bundle)
    opened = open_bundle(files, key=_outside_key(bundle, key_path, files))
    offline = bool(opened.releases) and not from_indexes
    if not quiet:
        click.echo(f"The signature and all {len(files) - 1} files hold.")
        if run and offline:
            click.echo("It carries its releases; no network is used.")
    results = _again(opened, offline=offline, quiet=quiet) if run else []
    return {
        "case": opened.case,
        "files": len(files),
        "offline": offline,
        "findings": results,
        "same": all(one["same"] for one in results),
        "refused": None,
    }


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` by relative POSIX path, each read once and never through a link.

    Raises:
        Malformed: something in it is no regular file, or there is too much of it.
    """
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for seen, path in enumerate(_below(folder)):
        name = path.relative_to(folder).as_posix()
        if seen >= MOST_FILES:
            raise Malformed(f"the folder holds more than {MOST_FILES} files and folders")
        if stat.S_ISDIR(path.lstat().st_mode):
            continue
        data = _read(path, name, most=left)
        left -= len(data)
        found[name] = data
    return dict(sorted(found.items()))


def _below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder, without following any link."""
    waiting = [folder]
    while waiting:
        for path in waiting.pop().iterdir():
            if stat.S_ISDIR(path.lstat().st_mode):
                waiting.append(path)
            yield path


def _read(path: Path, name: str, *, most: int) -> bytes:
    """Return what a regular file holds, if that is not more than ``most`` bytes.

    It is looked at through the handle that is read, so nobody can exchange it in between.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as failure:
        if failure.errno in {errno.ELOOP, errno.ENXIO}:
            raise Malformed(f"{name} is no regular file; a bundle holds nothing else") from None
        raise
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Malformed(f"{name} is no regular file; a bundle holds nothing else")
        data = file.read(most + 1)
    if len(data) > most:
        raise Malformed(f"the folder holds more than {MOST_BYTES} bytes")
    return data


def _outside_key(bundle: Path, key_path: Path, files: Mapping[str, bytes]) -> "VerifyingKey":
    """Return the key, unless it came along with the bundle: by its place, as the same file, or by its content.

    Raises:
        Malformed: it did, or it is no public key.
    """
    from clearinghouse.signing.keys import load_public_key

    inside = bundle.resolve() in key_path.resolve().parents
    inside = inside or any((bundle / name).samefile(key_path) for name in files)
    if inside or key_path.read_bytes() in files.values():
        raise Malformed(
            "this key came along with the bundle, so it proves nothing; have the signer's key by another way"
        )
    return load_public_key(key_path)


def _again(bundle: "Bundle", *, offline: bool, quiet: bool) -> list[dict[str, Any]]:
    from clearinghouse.config import settings
    from clearinghouse.validation.equipment import open_lab

    usual, demand = settings.CLEARINGHOUSE_CACHE, settings.CLEARINGHOUSE_SANDBOX
    if not offline:
        return [_once_more(one, open_lab(usual, demand=demand), quiet=quiet) for one in bundle.evidence]
    from clearinghouse.releases.carrying import fill
    from clearinghouse.releases.supply import Supply

    usual.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".verifying-", dir=usual) as folder:
        cache = Path(folder)
        fill(cache, bundle.releases)
        lab = open_lab(cache, demand=demand, supply=Supply(closed=True), own=usual)
        return [_once_more(one, lab, quiet=quiet) for one in bundle.evidence]


def _once_more(one: "Evidence", lab: "Lab", *, quiet: bool) -> dict[str, Any]:
    """Run the proofs of one finding again and return what came of it beside what the bundle says.

    Raises:
        Malformed: its report is none.
    """
    from clearinghouse.validation.judge import judge
    from clearinghouse.validation.lab import Forgetful
    from clearinghouse.validation.rules import Judgement
    from clearinghouse.validation.shapes import load
    from clearinghouse.validation.subject import subject_of

    if not quiet:
        click.echo(plain(f"{one.name}: running its proof again …"))
    try:
        subject = subject_of(one.report, one.files, one.digests)
        answers = load(Judgement, one.judgement).answers  # what a person said is signed; what follows is judged anew
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Malformed(f"{one.name}: its report is not in our format: {fault!r}") from None
    result = compared(one, judge(subject, lab, memory=Forgetful(), answers=answers))
    if not quiet:
        _show(result)
    return result


def compared(evidence: "Evidence", judged: "Judged") -> dict[str, Any]:
    """Return what is the same and what differs between the verdict in the bundle and the one made here."""
    from clearinghouse.validation.shapes import dump

    before, after = evidence.judgement, dump(judged.judgement)
    differs = [
        f"{name}: {before[name]} in the bundle, {after[name]} here" for name in VERDICT if before[name] != after[name]
    ]
    notes = [
        f"{name}: {before[name]!r} in the bundle, {after[name]!r} here"
        for name in ("fixed", "state", "sink", "interpreter", "tier")
        if before[name] != after[name]
    ]
    was, now = ({one["name"]: one["said"] for one in each["controls"]} for each in (before, after))
    notes += [f"control {name}: {was.get(name)} in the bundle, {now.get(name)} here" for name in _unlike(was, now)]
    used = judged.environments or {}
    notes += [
        f"{purl}: made of other files than when it was judged"
        for purl in sorted(set(evidence.environments) & set(used))
        if tuple(evidence.environments[purl]) != tuple(used[purl])
    ]
    return {
        "finding": evidence.key,
        "name": evidence.name,
        "same": not differs,
        "outcome": after["outcome"],
        "grade": after["grade"],
        "differs": differs,
        "notes": notes,
    }


def _unlike(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*was, *now} if was.get(name) != now.get(name))


def _show(result: Mapping[str, Any]) -> None:
    grade = f", grade {result['grade']}" if result["grade"] else ""
    if result["same"]:
        click.echo(plain(f"  same verdict: {result['outcome']}{grade}"))
    for one in result["differs"]:
        click.echo(plain(f"  DIFFERS {one}"))
    for one in result["notes"]:
        click.echo(plain(f"  note: {one}"))
