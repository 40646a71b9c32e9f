"""Evidence bundles, verified as a stranger would: another home, an empty cache, no network; and every flipped byte.

Each bundle of a clearing with ``--with-releases`` is verified by the command itself, in a network namespace of its own
that holds no way out, from an empty folder. Then one byte of each of its files is flipped, one file at a time, and a
file is added and each taken away: each must be refused, with the file named, and nothing run.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.clearings import EXAMPLES, REPOSITORY, WORK
from bench.options import Options
from clearinghouse.advisories.bundles import CARRIED, STATEMENT_FILE, open_bundle
from clearinghouse.commands.verify import read_folder
from clearinghouse.config import settings
from clearinghouse.errors import Malformed
from clearinghouse.signing.keys import VerifyingKey, load_public_key, public_path

REPORTS = (
    EXAMPLES / "reports" / "finder-a-h11-chunk-end",  # a wheel
    EXAMPLES / "reports" / "finder-a-babel-unpickle",  # a wheel with a dependency
    EXAMPLES / "reports" / "finder-a-decompress-outside",  # an npm package with many
    REPOSITORY / "bench" / "reports" / "pyyaml-full-loader",  # an sdist that is built
)
"""What is cleared when no clearing is named."""
LIMIT_SECONDS = 1200


def main(options: Options) -> int:
    """Print counts; every verdict must be the same, and every change found."""
    out, key = (options.clearing, _usual_key()) if options.clearing else _cleared(WORK / "bundles")
    folders = sorted(one for one in out.glob("cases/*/bundle") if (one / CARRIED).is_dir())
    if not folders:
        print(f"not run: no bundle in {out} carries its releases; clear with --with-releases")
        return 1
    public = load_public_key(public_path(key))
    network = _without_network()
    print("without a network: " + ("yes (unshare)" if network else "NOT ENFORCED, unshare does not work here"))
    same = flips = found = findings = 0
    for folder in folders:
        said = _verified(folder, public_path(key), network)
        findings += len(said["findings"])
        same += sum(bool(one["same"]) for one in said["findings"])
        for one in said["findings"]:
            print(f"  {one['name']}: {one['outcome']} {one['grade'] or ''} {'; '.join(one['differs'] or ['the same'])}")
        if said["refused"]:
            print(f"  {folder.parent.name}: {said['refused']}")
        tried, missed = _changed(read_folder(folder), public, chance=random.Random(options.seed or 0))  # noqa: S311
        flips, found = flips + tried, found + tried - len(missed)
        for one in missed:
            print(f"  NOT FOUND: {one} in {folder.parent.name}")
    print(f"{len(folders)} bundles: {same} of {findings} verdicts the same; {found} of {flips} changes found")
    return 0 if findings and same == findings and found == flips else 1


def _cleared(out: Path) -> tuple[Path, Path]:
    """Clear the few reports with their releases; return the folder and the signing key."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    key = out / "signing.key"
    program = Path(sys.executable).parent / "clearinghouse"
    command = [str(program), "clear", *map(str, REPORTS), "--out", str(out / "out"), "--with-releases"]
    subprocess.run([*command, "--key", str(key)], check=True, capture_output=True, timeout=LIMIT_SECONDS)
    return out / "out", key


def _usual_key() -> Path:
    return settings.CLEARINGHOUSE_KEY or settings.CLEARINGHOUSE_HOME / "keys" / "signing.key"


def _without_network() -> tuple[str, ...]:
    """Return what starts a program without a network; empty where that cannot be had."""
    for attempt in (("unshare", "-n"), ("unshare", "-r", "-n")):
        if (
            shutil.which("unshare")
            and subprocess.run([*attempt, "true"], capture_output=True, check=False).returncode == 0
        ):
            return attempt
    return ()


def _verified(bundle: Path, key: Path, network: tuple[str, ...]) -> dict[str, Any]:
    """Return what ``clearinghouse verify`` says in an empty place."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-elsewhere-") as folder:
        place = Path(folder)
        for name in ("home", "cache", "here"):
            (place / name).mkdir()
            (place / name).chmod(0o755)
        place.chmod(0o755)
        env = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - the programs of this machine
            "HOME": str(place / "home"),
            "CLEARINGHOUSE_HOME": str(place / "home"),
            "CLEARINGHOUSE_CACHE": str(place / "cache"),
        }
        program = Path(sys.executable).parent / "clearinghouse"
        ended = subprocess.run(
            [*network, str(program), "verify", str(bundle), "--key", str(key), "--json"],
            env=env,
            cwd=place / "here",
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        said: dict[str, Any] = json.loads(ended.stdout)
        return said


def _changed(files: dict[str, bytes], key: VerifyingKey, *, chance: random.Random) -> tuple[int, list[str]]:
    """Return how many changes were made to a bundle, and those that were not found or not named."""
    changes: dict[str, dict[str, bytes]] = {"added": files | {f"{CARRIED}files/more": b""}}
    for name, data in files.items():
        flipped = bytearray(data or b"\0")
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        changes[f"flipped {name}"] = files | {name: bytes(flipped)}
        changes[f"without {name}"] = {one: kept for one, kept in files.items() if one != name}
    missed = []
    for what, changed in changes.items():
        name = what.partition(" ")[2]
        try:
            open_bundle(changed, key=key)
        except Malformed as refusal:
            if name and name != STATEMENT_FILE and name not in str(refusal):
                missed.append(f"{what} (found, not named: {refusal})")
        else:
            missed.append(what)
    return len(changes), missed
