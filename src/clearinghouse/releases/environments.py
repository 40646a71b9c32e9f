"""Releases put together with their dependencies, ready to be mounted; and which interpreters may run them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from semantic_version import NpmSpec, Version  # type: ignore[import-untyped]

from clearinghouse.errors import NotPossible
from clearinghouse.releases.building import DEPENDENCY_SECONDS, Building
from clearinghouse.releases.compiling import compile_into
from clearinghouse.releases.fetch import Files, expected, sha256_of
from clearinghouse.releases.index import Indexes
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.keeping import Keeping
from clearinghouse.releases.libraries import Libraries
from clearinghouse.releases.names import NPM, PYPI, package_of
from clearinghouse.releases.node_modules import NodeModules, wanted_by
from clearinghouse.releases.resolutions import Resolutions
from clearinghouse.releases.resolve import Resolution, day_after
from clearinghouse.releases.rules import Environment, Interpreter, Release, Runtime
from clearinghouse.releases.unpack import unpack_wheel
from clearinghouse.releases.wheels import best_wheel, import_names, imports_pkg_resources, requirements_of
from clearinghouse.sandbox.profile import Sandbox

SETUPTOOLS: Final = "setuptools"
AMBIENT_NOTE: Final = "setuptools was added: the release imports it and does not say so; environments held it then"
TOOLS_ROOT = "/tools"
MOST_INTERPRETERS: Final = 3
"""A release is put together for so many, at most."""


class Environments:
    """Makes environments, each part once, shared by all jobs."""

    def __init__(self, cache: Path, indexes: Indexes, interpreters: Interpreters, sandbox: Sandbox) -> None:
        """Keep everything under ``cache``, which the sandbox's user must be able to read."""
        self.interpreters = interpreters
        self._sandbox = sandbox
        self._indexes = indexes
        supply = indexes.supply
        self._files = Files(cache, supply)
        self._targets = Keeping(cache / "targets")
        self._resolutions = Resolutions(cache, indexes)
        self._libraries = Libraries(cache, indexes=indexes, files=self._files, sandbox=sandbox)
        self._building = Building(
            cache,
            files=self._files,
            libraries=self._libraries,
            resolutions=self._resolutions,
            sandbox=sandbox,
        )
        self._node_modules = NodeModules(cache, address=indexes.addresses[NPM], files=self._files, supply=supply)

    def environment(self, release: Release, interpreter: Interpreter) -> Environment:
        """Return ``release`` unpacked beside its dependencies, for ``interpreter``, which is staged if need be.

        Raises:
            NotFound: the index lists a file that it does not have.
            NotPossible: no file fits, no wheel can be made, or no set of dependencies fits.
            Unavailable: a file cannot be had now, an index does not answer, or the sandbox does not run.
        """
        ready = self.interpreters.ready(interpreter)
        if package_of(release.package).type == PYPI:
            return self._python(release, ready)
        return self._node(release, ready)

    def notes(self, release: Release, interpreter: Interpreter) -> tuple[str, ...]:
        """Return every step away from "dependencies of the day of publication, as wheels" that was needed.

        Raises:
            NotPossible: see :meth:`environment`.
            Unavailable: see :meth:`environment`.
        """
        ready = self.interpreters.ready(interpreter)
        if package_of(release.package).type == PYPI:
            target, _ = self._python_target(release, ready)
            return tuple(self._resolution(release, target, ready).notes)
        target, _ = self._node_target(release)
        wanted = wanted_by(_package_json(target, release))
        name = package_of(release.package).registry_name
        return self._node_modules.installed(name, wanted, day_after(release)).notes if wanted else ()

    def interpreters_for(self, release: Release) -> tuple[Interpreter, ...]:
        """Return the interpreters that ``release`` allows: the project's own first, then from the newest on."""
        if package_of(release.package).type == PYPI:
            own, every = self._own(Runtime.PYTHON), self.interpreters.pythons()
            allows = _python_allows
        else:
            own, every = self._own(Runtime.NODE), self.interpreters.nodes()
            allows = _node_allows
        ordered = sorted(every, key=lambda one: one != own)
        return tuple(one for one in ordered if allows(release.requires, one.version))

    def one_by_one(
        self, release: Release, *, first: Interpreter | None = None
    ) -> Iterator[tuple[Environment | None, str]]:
        """Yield ``release`` for one interpreter after the other, put together when asked for, or why it cannot be.

        It begins with ``first`` or the best; then comes the oldest: what does not work on a new one is mostly old.

        Raises:
            NotFound: see :meth:`environment`.
            Unavailable: see :meth:`environment`.
        """
        allowed = self.interpreters_for(release)
        if not allowed:
            yield None, f"no interpreter at hand fits {release.purl} (it asks for {release.requires or 'any'})"
        best = first if first in allowed else next(iter(allowed), None)
        in_turn = sorted((*allowed[-1:], *allowed[:-1]), key=lambda one: one != best)
        for one in in_turn[:MOST_INTERPRETERS]:
            try:
                yield self.environment(release, one), ""
            except NotPossible as refusal:
                yield None, str(refusal)

    def source_tree(self, release: Release) -> Path | None:
        """Return the unpacked sdist or tarball, or None when the release has neither.

        Raises:
            NotPossible: it cannot be unpacked.
            Unavailable: it cannot be had.
        """
        file = next((file for file in release.files if file.kind in {"sdist", "tarball"}), None)
        return self._building.source(file) if file else None

    def tools(self, interpreter: Interpreter, names: Sequence[str]) -> Path:
        """Return a folder for ``PYTHONPATH``, to be mounted at ``TOOLS_ROOT``, with what tests need beside a release.

        Args:
            interpreter: a Python.
            names: requirements, such as ``pytest``; their newest releases that this interpreter runs.

        Raises:
            NotPossible: no set of their releases fits this interpreter.
            Unavailable: a wheel cannot be had.
        """
        ready = self.interpreters.ready(interpreter)
        pins = self._decided(names, ready, None).pins
        return self._libraries.folder(pins, ready, inside=TOOLS_ROOT)[0]

    def _own(self, runtime: Runtime) -> Interpreter | None:
        with suppress(NotPossible):
            return self.interpreters.own(runtime)
        return None

    def _python(self, release: Release, interpreter: Interpreter) -> Environment:
        target, digest = self._python_target(release, interpreter)
        name = package_of(release.package).registry_name
        pins = [pin for pin in self._resolution(release, target, interpreter).pins if pin.name != name]
        dependencies: Path | None = None
        digests: tuple[str, ...] = ()
        if pins:
            dependencies, digests = self._libraries.folder(pins, interpreter, inside="/deps")
        return Environment(
            package=release.package,
            version=release.version,
            target=target,
            dependencies=dependencies,
            names=import_names(target),
            digests=(digest, *digests),
            interpreter=interpreter,
        )

    def _python_target(self, release: Release, interpreter: Interpreter) -> tuple[Path, str]:
        """Return the folder of the unpacked wheel, and the digest of the file that was fetched for it."""
        file = best_wheel(release.files, interpreter.version)
        wheel = self._files.fetched(file) if file else self._building.wheel(release, interpreter)
        fetched = file or next(one for one in release.files if one.kind == "sdist")
        key = f"{sha256_of(wheel).removeprefix('sha256:')[:40]}-{interpreter.version}"

        def fill(goal: Path) -> None:
            unpack_wheel(wheel, goal)
            compile_into(goal, "/target", interpreter, self._sandbox)

        return self._targets.made(key, fill), fetched.digest

    def _resolution(self, release: Release, target: Path, interpreter: Interpreter) -> Resolution:
        """Return what an unpacked release needed on the day of publication, and what it counted on to be there."""
        requirements = requirements_of(target, interpreter)
        until = day_after(release)
        if imports_pkg_resources(target) and not any(_name_of(one) == SETUPTOOLS for one in requirements):
            with suppress(NotPossible):
                found = self._decided((*requirements, SETUPTOOLS), interpreter, until)
                return Resolution(found.pins, (*found.notes, AMBIENT_NOTE))
        return self._decided(requirements, interpreter, until) if requirements else Resolution()

    def _decided(self, requirements: Sequence[str], interpreter: Interpreter, until: datetime | None) -> Resolution:
        """Return what the requirements meant at a time; decided once and kept."""

        def build(release: Release) -> Path:
            return self._building.wheel(release, interpreter, limit_seconds=DEPENDENCY_SECONDS)

        return self._resolutions.decided(requirements, interpreter, until, build=build)

    def _node(self, release: Release, interpreter: Interpreter) -> Environment:
        target, digest = self._node_target(release)
        wanted = wanted_by(_package_json(target, release))
        name = package_of(release.package).registry_name
        modules = self._node_modules.installed(name, wanted, day_after(release)) if wanted else None
        return Environment(
            package=release.package,
            version=release.version,
            target=target,
            dependencies=modules.folder if modules else None,
            names=(name,),
            digests=(digest, *(modules.digests if modules else ())),
            interpreter=interpreter,
        )

    def _node_target(self, release: Release) -> tuple[Path, str]:
        tarball = release.files[0]
        target = self._building.source(tarball)
        algorithm, digest = expected(tarball.digest)
        if algorithm != "sha256":
            return target, sha256_of(self._files.fetched(tarball))
        return target, f"sha256:{digest}"


def _name_of(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def _package_json(target: Path, release: Release) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        said = json.loads((target / "package.json").read_text("utf-8-sig"))
        if isinstance(said, dict):
            return said
    raise NotPossible(f"{release.purl} holds no package.json that can be read")


def _python_allows(requires: str, version: str) -> bool:
    with suppress(InvalidSpecifier):
        return SpecifierSet(requires).contains(version, prereleases=True)
    return True


def _node_allows(requires: str, version: str) -> bool:
    with suppress(ValueError):
        return not requires or Version(version) in NpmSpec(requires)
    return True
