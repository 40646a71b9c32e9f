"""Which releases of its dependencies a package would have got on the day it was published.

uv decides that from metadata of wheels alone, so nothing of any package runs. When a dependency has no wheel of that
day for the interpreter, the nearest release is taken that can be had: its sdist built in the sandbox, or a later one;
each such step is said in the notes.

Source: docs/decisions/0023-uv-resolves-only.md.
"""

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from clearinghouse.errors import ClearinghouseError, NotFound, NotPossible, Unavailable
from clearinghouse.releases import commands
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.names import PYPI, purl_of
from clearinghouse.releases.rules import Interpreter, Release
from clearinghouse.releases.trouble import in_short, passes, uv_cannot
from clearinghouse.releases.wheels import best_wheel

RESOLVE_SECONDS: Final = 120
MOST_STEPS: Final = 12
MOST_BUILDS: Final = 4
"""Of sdists of one dependency, before only wheels are looked at."""

_NAMED = re.compile(r"(?:Because|and|that|for|of|only) `?([A-Za-z0-9][A-Za-z0-9._-]*?)`?(?=[ ,<>=!~`{]|$)")
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(?:==(?P<version>\S+)| @ (?P<address>\S+))")

type Build = Callable[[Release], Path]
"""Builds a wheel of an sdist; raises NotPossible where that cannot be done, Unavailable where it could not be tried."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A dependency that was decided on: a version on the index, or a wheel that we built."""

    name: str
    version: str
    built: Path | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was decided, and every step away from "wheels of that day"."""

    pins: tuple[Pin, ...] = ()
    notes: Sequence[str] = ()


@dataclass(slots=True)
class _Allowed:
    """What was allowed beyond the rule: a later day for a package, or a wheel that we built."""

    days: dict[str, datetime] = field(default_factory=dict)
    built: dict[str, Path] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def overrides(self) -> str:
        """Return what uv shall take whatever metadata asks for."""
        wheels = [f"{name} @ {wheel.as_uri()}" for name, wheel in self.built.items()]
        return "\n".join([*wheels, *(f"{name}=={version}" for name, version in self.pinned.items())])


def resolve(
    requirements: Sequence[str],
    interpreter: Interpreter,
    *,
    until: datetime | None,
    indexes: Indexes,
    build: Build,
) -> Resolution:
    """Return the dependencies of a package whose metadata says ``requirements``.

    Args:
        requirements: as in ``Requires-Dist``, without markers.
        interpreter: for which wheels must exist.
        until: nothing published from then on is used; None for no limit.
        indexes: to look for other releases of what has no wheel.
        build: builds a wheel of an sdist.

    Raises:
        NotPossible: there is no set of releases that fits.
        Unavailable: the index does not answer, or a wheel could not be built for want of a sandbox or a tool.
    """
    return _Resolving(requirements, interpreter, until, indexes, build).decided()


@dataclass(frozen=True, slots=True)
class _Resolving:
    """One question to uv, asked again with more allowed until it has an answer."""

    requirements: Sequence[str]
    interpreter: Interpreter
    until: datetime | None
    indexes: Indexes
    build: Build
    allowed: _Allowed = field(default_factory=_Allowed)

    def decided(self) -> Resolution:
        """Return uv's answer."""
        said = ""
        for _ in range(MOST_STEPS):
            pinned, said = self._ask_uv()
            if pinned is not None:
                return Resolution(tuple(_pins(pinned, self.allowed)), self.allowed.notes)
            if not self._allow_more(said):
                break
        kind = NotPossible if uv_cannot(said) else Unavailable
        raise kind(f"the dependencies {', '.join(self.requirements)} cannot be resolved: {in_short(said)}")

    def _ask_uv(self) -> tuple[str | None, str]:
        """Return what uv pins, or None and why there is nothing to pin.

        Raises:
            Unavailable: the index did not answer uv, or this machine failed it.
        """
        with tempfile.TemporaryDirectory(prefix="clearinghouse-resolve-") as folder:
            wanted, overrides = Path(folder, "wanted.in"), Path(folder, "overrides.in")
            wanted.write_text("\n".join(self.requirements))
            overrides.write_text(self.allowed.overrides())
            try:
                ended = subprocess.run(
                    (commands.uv(), "pip", "compile", str(wanted), "--overrides", str(overrides), *self._flags()),
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=RESOLVE_SECONDS,
                    cwd=folder,
                    env=commands.environment(commands.UV_SETTINGS),
                    stdin=subprocess.DEVNULL,
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise Unavailable(f"uv does not answer: {type(error).__name__}") from error
        if ended.returncode == 0:
            return ended.stdout, ended.stderr
        if passes(ended.stderr):  # allowing more now would keep an answer that only today's trouble gave
            raise Unavailable(f"uv cannot reach the Python package index: {in_short(ended.stderr)}")
        return None, ended.stderr

    def _flags(self) -> Iterator[str]:
        yield from ("--only-binary", ":all:", "--no-header", "--no-annotate", "--no-progress", "--color", "never")
        yield from ("--python", commands.own_python(), "--python-version", self.interpreter.version)
        if address := self.indexes.addresses[PYPI]:
            yield from ("--default-index", address)
        if self.until:
            yield from ("--exclude-newer", self.until.isoformat())
        for name, day in self.allowed.days.items():
            yield from ("--exclude-newer-package", f"{name}={day.isoformat()}")

    def _allow_more(self, said: str) -> bool:
        """Allow the nearest release that can be had of one package uv complains about; False when none is left."""
        if self.until is None:
            return False
        for name in _complained_of(said, self.requirements):
            if name not in self.allowed.built and name not in self.allowed.days:
                with suppress(NotFound):
                    releases = self.indexes.releases(purl_of(PYPI, name))
                    near = self._obtainable(releases, _specifiers(name, self.requirements, said), self.until)
                    if near is not None:
                        self._allow(name, *near, self.until)
                        return True
        return False

    def _allow(self, name: str, release: Release, wheel: Path | None, until: datetime) -> None:
        if wheel is None:
            found = best_wheel(release.files, self.interpreter.version)
            uploaded_at = (found.uploaded_at if found else None) or release.published_at or until
            self.allowed.days[name] = uploaded_at + timedelta(seconds=1)
            self.allowed.pinned[name] = release.version
            how = f"of {uploaded_at:%Y-%m-%d}, the nearest with a wheel for Python {self.interpreter.version}"
        else:
            self.allowed.built[name] = wheel
            how = "built from its sdist in the sandbox"
        self.allowed.notes.append(f"{name} {release.version}: {how} (no wheel of before {until:%Y-%m-%d})")

    def _obtainable(
        self, releases: Sequence[Release], wanted: SpecifierSet, until: datetime
    ) -> tuple[Release, Path | None] | None:
        """Return the nearest release that has a wheel or can be built: the newest of before, then later ones."""
        fitting = [one for one in releases if not one.yanked and _fits(one, wanted, self.interpreter)]
        before = [one for one in fitting if one.published_at and one.published_at < until]
        builds = 0
        for release in [*before[-1:], *(one for one in fitting if one not in before)]:
            if best_wheel(release.files, self.interpreter.version):
                return release, None
            if builds < MOST_BUILDS and any(file.kind == "sdist" for file in release.files):
                builds += 1
                try:
                    return release, self.build(release)
                except Unavailable:  # it may be built later, so nothing is decided without it
                    raise
                except ClearinghouseError:
                    continue
        return None


def _pins(printed: str, allowed: _Allowed) -> Iterator[Pin]:
    for line in printed.splitlines():
        if found := _PINNED.match(line):
            name = canonicalize_name(found["name"])
            built = allowed.built.get(name)
            yield Pin(name, found["version"] or "", built)


def _fits(release: Release, wanted: SpecifierSet, interpreter: Interpreter) -> bool:
    version = Version(release.version)
    allows = not release.requires or SpecifierSet(release.requires).contains(interpreter.version, prereleases=True)
    return allows and not version.is_prerelease and wanted.contains(version)


def _complained_of(said: str, requirements: Sequence[str]) -> Iterator[str]:
    """Yield the packages that uv names as having no usable wheel, then all others it or the metadata names."""
    lines = said.splitlines()
    wheelless = re.findall(r"[Ww]heels are required for `([^`]+)`", said)
    wheelless += re.findall(r"(?:Because|and|that|only) (\S+?)(?:[<>=!~]\S*)? (?:has|have) no (?:usable )?wheels", said)
    direct = [_name(one) for one in requirements]
    named = [name for line in lines for name in _NAMED.findall(line)]
    seen = set()
    for raw in (*wheelless, *(one for one in direct if any(one in canonicalize_name(word) for word in named)), *named):
        name = canonicalize_name(re.split(r"[<>=!~\[]", raw)[0])
        if name and name not in seen and name not in {"you", "your", "the", "we", "there", "are", "python", "all"}:
            seen.add(name)
            yield name


def _specifiers(name: str, requirements: Sequence[str], said: str) -> SpecifierSet:
    """Return what is asked of a package by the metadata, or by another dependency as uv tells it."""
    for one in requirements:
        if _name(one) == name:
            return Requirement(one).specifier
    asked = re.search(rf"depends on {re.escape(name)}((?:[<>=!~]=?[0-9][^ ,]*,?)+)", said)
    return SpecifierSet(asked[1].rstrip(",.")) if asked else SpecifierSet()


def _name(requirement: str) -> str:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return ""


def day_after(release: Release) -> datetime | None:
    """Return the first moment that is too late for a dependency: the start of the day after the publication."""
    if release.published_at is None:
        return None
    return datetime.combine((release.published_at + timedelta(days=1)).date(), datetime.min.time(), UTC)
