"""``clearinghouse verify``: check an evidence bundle and run its proofs again, without any database."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit
from clearinghouse.errors import Malformed

if TYPE_CHECKING:
    from clearinghouse.advisories.bundles import Bundle, Evidence
    from clearinghouse.signing.keys import VerifyingKey
    from clearinghouse.validation.judged import Judged

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
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def verify(*, bundle: Path, key_path: Path, no_run: bool, as_json: bool) -> None:
    """Check the evidence in the folder BUNDLE, then run its proofs again.

    Signature and hashes come first; nothing of a bundle that was changed is run. Exits 3 when anything does not hold.
    """
    from clearinghouse.advisories.bundles import open_bundle

    files = read_folder(bundle)
    opened = open_bundle(files, key=_outside_key(bundle, key_path, files))
    if not as_json:
        click.echo(f"The signature and all {len(files) - 1} files hold.")
    results = [] if no_run else _again(opened, quiet=as_json)
    if as_json:
        click.echo(json.dumps({"case": opened.case, "files": len(files), "findings": results}, indent=2))
    if any(not one["same"] for one in results):
        raise click.exceptions.Exit(EXIT_REFUSED)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` by relative POSIX path.

    Raises:
        Malformed: something in it is no regular file, or there is too much of it.
    """
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        name = path.relative_to(folder).as_posix()
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            raise Malformed(f"{name} is no regular file; a bundle holds nothing else")
        size += path.lstat().st_size
        if len(found) >= MOST_FILES or size > MOST_BYTES:
            raise Malformed(f"the folder holds more than {MOST_FILES} files or {MOST_BYTES} bytes")
        found[name] = path.read_bytes()
    return found


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


def _again(bundle: "Bundle", *, quiet: bool) -> list[dict[str, Any]]:
    from clearinghouse.config import settings
    from clearinghouse.validation.equipment import open_lab
    from clearinghouse.validation.judge import judge
    from clearinghouse.validation.lab import Forgetful
    from clearinghouse.validation.rules import Judgement
    from clearinghouse.validation.shapes import load
    from clearinghouse.validation.subject import subject_of

    lab = open_lab(settings.CLEARINGHOUSE_CACHE, demand=settings.CLEARINGHOUSE_SANDBOX)
    results = []
    for one in bundle.evidence:
        if not quiet:
            click.echo(plain(f"{one.name}: running its proof again …"))
        answers = load(Judgement, one.judgement).answers  # what a person said is signed; what follows is judged anew
        judged = judge(subject_of(one.report, one.files, one.digests), lab, memory=Forgetful(), answers=answers)
        result = compared(one, judged)
        results.append(result)
        if not quiet:
            _show(result)
    return results


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
