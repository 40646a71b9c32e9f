"""Variants of a release: under another identity, with a patch, printed anew, with the names or the files of another.

Each is a copy of the target's tree beside the same dependencies, made once, kept by content key, never written again.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from clearinghouse.errors import Malformed, NotPossible
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Sandbox
from clearinghouse.validation.diffs import apply_diff, parse_diff
from clearinghouse.validation.grafts import LAYOUT as GRAFTS
from clearinghouse.validation.grafts import grafted
from clearinghouse.validation.printing import printed, printers_digest

LAYOUT = "1"
"""Raise it when the way variants are made changes: those kept from before are then made anew."""
NO_DATA = frozenset({".so", ".pyd", ".dylib", ".node", ".wasm", ".pyc", ".map", ".md", ".rst"})
"""Compiled code and documents: neither sources nor data that a program reads."""
CODE_SUFFIXES = frozenset({".py", ".pyi", ".js", ".cjs", ".mjs", ".json", ".ts"})
MAX_FILE_BYTES = 8 * 1024 * 1024


class Variants:
    """Makes and keeps variants below ``root``, which the sandbox's user must be able to read."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self.root = root
        self._sandbox = sandbox

    def swapped(self, environment: Environment, *, version: str, literals: bool = True) -> Environment:
        """Return the same code that states another ``version``: in its metadata, and in exact string literals."""
        key = _key("swap" if literals else "swap-metadata", environment, version)
        changes = _swap_changes(environment, version, literals=literals)
        return self._made(environment, key, changes, renames=_dist_info_rename(environment, version))

    def patched(self, environment: Environment, patch: bytes) -> Environment:
        """Return the release with ``patch`` laid onto it.

        Raises:
            Malformed: the patch is no unified diff, does not fit, or touches nothing that is installed.
        """
        diffs = parse_diff(patch.decode("utf-8", "surrogateescape"))
        tree = read_tree(environment.target)
        changes, absent = apply_diff(diffs, tree)
        code = [one for one in diffs if not one.aside() and not one.builds()]
        if not code:
            raise Malformed("the patch touches tests, documentation, the version or the build only")
        missing = [one.old_path for one in code if one.old_path in absent]
        if missing:
            raise Malformed(f"the release has no {missing[0]}; the patch must be made against {environment.version}")
        return self._made(environment, _key("patch", environment, hashlib.sha256(patch).hexdigest()), changes)

    def rewritten(self, environment: Environment, path: str, data: bytes) -> Environment:
        """Return the same code with one file as it is given."""
        extra = f"{environment.target.parent.name} {path} {hashlib.sha256(data).hexdigest()}"
        return self._made(environment, _key("rewrite", environment, extra), {path: data})

    def reprinted(self, environment: Environment) -> Environment:
        """Return the same code, printed anew from its syntax tree.

        Raises:
            NotPossible: its sources cannot be printed.
            Unavailable: the sandbox did not run.
        """
        key = _key("reprint", environment, printers_digest())
        known = self._known(environment, key)
        return known or self._made(environment, key, printed(environment, self._sandbox))

    def grafted(self, environment: Environment, later: Environment, *, names: bool) -> Environment:
        """Return the same code with what ``later`` added to it, as code that does nothing.

        Args:
            environment: the earlier release.
            later: the release with the fix, or the patched one.
            names: also the names of new functions, methods and modules; else dead text only.

        Raises:
            NotPossible: the two do not differ in any source.
        """
        kind = "graft" if names else "graft-text"
        key = _key(kind, environment, f"{GRAFTS} {later.version} {later.digests} {later.target.parent.name}")
        known = self._known(environment, key)
        if known is not None:
            return known
        runtime = environment.interpreter.runtime
        changes = grafted(read_tree(environment.target), read_tree(later.target), runtime, names=names)
        if not changes:
            raise NotPossible(f"{later.version} adds no text to the sources of {environment.version}")
        return self._made(environment, key, changes)

    def exchanged(self, environment: Environment, other: Environment, files: Sequence[str]) -> Environment:
        """Return the same code, but with some ``files`` as they are in another release.

        Raises:
            NotPossible: the two releases do not differ in any of the files.
        """
        mine, theirs = read_tree(environment.target), read_tree(other.target)
        changes = {name: theirs.get(name) for name in files if mine.get(name) != theirs.get(name)}
        if not changes:
            raise NotPossible(f"{environment.version} and {other.version} do not differ in {', '.join(files)}")
        key = _key("exchange", environment, repr((other.version, other.digests, sorted(files))))
        return self._made(environment, key, changes)

    def _known(self, environment: Environment, key: str) -> Environment | None:
        place = self.root / key / "target"
        return replace(environment, target=place) if place.is_dir() else None

    def _made(
        self,
        environment: Environment,
        key: str,
        changes: Mapping[str, bytes | None],
        *,
        renames: tuple[str, str] | None = None,
    ) -> Environment:
        place = self.root / key
        if not place.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o755)
            temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=self.root))
            target = temporary / "target"
            try:
                shutil.copytree(environment.target, target, symlinks=True)
                _lay_onto(target, changes)
                if renames:
                    (target / renames[0]).rename(target / renames[1])
            except (OSError, ValueError) as failure:
                shutil.rmtree(temporary, ignore_errors=True)
                raise Malformed(f"the changes do not fit the release: {type(failure).__name__}") from None
            temporary.chmod(0o755)
            try:
                temporary.rename(place)
            except OSError:  # another job was faster
                shutil.rmtree(temporary, ignore_errors=True)
        return replace(environment, target=place / "target")


def _lay_onto(target: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write the changed files; every one must lie inside ``target``, also when its folders are followed."""
    root = target.resolve()
    for name, data in changes.items():
        path = target / name
        if not path.parent.resolve().is_relative_to(root):
            raise ValueError(name)
        if data is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
        os.utime(path, (0, 0))


def _key(kind: str, environment: Environment, extra: str) -> str:
    interpreter = environment.interpreter.version
    text = "\n".join((LAYOUT, kind, environment.package, environment.version, interpreter, *environment.digests, extra))
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def read_tree(root: Path) -> dict[str, bytes]:
    """Return the regular files below ``root`` that may hold code, by relative POSIX path."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_FILE_BYTES:
            relative = path.relative_to(root)
            if "node_modules" not in relative.parts and "__pycache__" not in relative.parts:
                found[relative.as_posix()] = path.read_bytes()
    return found


def changed_sources(one: Environment, other: Environment) -> list[str]:
    """Return the sources in which two releases differ, or that only one of them has."""
    mine, theirs = read_tree(one.target), read_tree(other.target)
    names = sorted({*mine, *theirs})
    return [name for name in names if Path(name).suffix in CODE_SUFFIXES and mine.get(name) != theirs.get(name)]


def changed_data(one: Environment, other: Environment) -> list[str]:
    """Return the files with neither code nor metadata in which two releases differ, or that only one of them has."""
    mine, theirs = read_tree(one.target), read_tree(other.target)
    found = []
    for name in sorted({*mine, *theirs}):
        path = Path(name)
        code = path.suffix in NO_DATA or (path.suffix in CODE_SUFFIXES and path.suffix != ".json")
        about = path.name == "package.json" or any(part.endswith((".dist-info", ".egg-info")) for part in path.parts)
        if not code and not about and mine.get(name) != theirs.get(name):
            found.append(name)
    return found


def _swap_changes(environment: Environment, version: str, *, literals: bool) -> dict[str, bytes | None]:
    old, new = environment.version, version
    literal = re.compile(rb"(?P<quote>['\"])" + re.escape(old.encode()) + rb"(?P=quote)")
    changes: dict[str, bytes | None] = {}
    for name, data in read_tree(environment.target).items():
        suffix = Path(name).suffix
        if name.endswith(".dist-info/METADATA"):
            changed = re.sub(rb"(?m)^Version: .*$", b"Version: " + new.encode(), data, count=1)
        elif environment.interpreter.runtime is Runtime.NODE and name == "package.json":
            changed = _package_json(data, new)
        elif literals and suffix in CODE_SUFFIXES:
            changed = literal.sub(rb"\g<quote>" + new.encode() + rb"\g<quote>", data)
        else:
            continue
        if changed != data:
            changes[name] = changed
    return changes


def _package_json(data: bytes, version: str) -> bytes:
    try:
        document = json.loads(data)
    except ValueError:
        return data
    if not isinstance(document, dict):
        return data
    return json.dumps({**document, "version": version}, indent=2).encode()


def _dist_info_rename(environment: Environment, version: str) -> tuple[str, str] | None:
    if environment.interpreter.runtime is not Runtime.PYTHON:
        return None
    for path in environment.target.glob("*.dist-info"):
        stem = path.name.removesuffix(".dist-info")
        name, _, _old = stem.partition("-")
        if f"{name}-{version}" == stem:
            return None
        return path.name, f"{name}-{version}.dist-info"
    return None
