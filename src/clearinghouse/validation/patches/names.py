"""Whether the public names of the target, and how they may be called, are the same after a patch as before."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Job, Limits, Mount
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import mounts_of
from clearinghouse.validation.patches.looking import PROBES
from clearinghouse.validation.patches.sources import NODE_SUFFIXES, Change
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said

type Parameters = Sequence[Sequence[Any]]
MOST_MODULES = 12
WALL_SECONDS = 90.0
_PLACED = ("only", "plain")


def names_stay(changes: Sequence[Change], base: Environment, patched: Environment, lab: Lab) -> PatchCheck:
    """Return whether every public name stands, and takes every call that it took."""
    if base.interpreter.runtime is Runtime.PYTHON:
        lost, seen = [], 0
        for one in changes:
            if one.was is not None and not one.was.broken:
                seen += len(one.was.names)
                lost += [f"{one.path}: {what}" for what in lost_names(one.was.names, one.now.names if one.now else {})]
        if not any(one.was is not None for one in changes):
            return PatchCheck(CheckName.NAMES_STAY, Said.NOT_RUN, "no Python file is changed")
        return _said(lost, f"{seen} public names of the files it changes")
    modules = [".", *(f"./{one.path}" for one in changes if one.path.endswith(NODE_SUFFIXES))][:MOST_MODULES]
    before, after = (_exports(one, modules, lab) for one in (base, patched))
    if not before or not after:
        return PatchCheck(CheckName.NAMES_STAY, Said.NOT_RUN, "what the package exports could not be read")
    lost = [
        f"{module}: {what}"
        for module in modules
        for what in lost_exports(before.get(module, {}), after.get(module, {}))
    ]
    return _said(lost, f"{sum(len(one) for one in before.values())} exported names")


def _said(lost: Sequence[str], of: str) -> PatchCheck:
    name = CheckName.NAMES_STAY
    if lost:
        return PatchCheck(name, Said.FAILED, f"of {of}: {'; '.join(lost[:5])}", tuple(lost[:50]))
    return PatchCheck(name, Said.PASSED, f"{of} stand and may be called as before")


def lost_names(before: Mapping[str, Parameters | None], after: Mapping[str, Parameters | None]) -> Iterator[str]:
    """Yield what is gone or takes less: names of Python with their parameters."""
    for name, parameters in before.items():
        if name not in after:
            yield f"{name} is gone"
        elif parameters is not None and after[name] is not None:
            why = narrowed(parameters, after[name] or ())
            if why:
                yield f"{name} {why}"


def narrowed(before: Parameters, after: Parameters) -> str:
    """Return which call the new parameters no longer take; empty when they take all that the old ones took."""
    return next(_refusals(before, after), "")


def _refusals(before: Parameters, after: Parameters) -> Iterator[str]:
    kinds = {kind for kind, _, _ in after}
    places, now = ([name for kind, name, _ in one if kind in _PLACED] for one in (before, after))
    by_name = {name for kind, name, _ in after if kind in ("plain", "named")}
    needed = [name for kind, name, default in after if kind not in ("rest", "others") and not default]
    for index, (kind, name, has_default) in enumerate(before):
        if kind in ("rest", "others"):
            if kind not in kinds:
                yield f"no longer takes {'*' if kind == 'rest' else '**'}{name}"
            continue
        if kind in _PLACED and index >= len(now) and "rest" not in kinds:
            yield f"takes fewer arguments by their place ({name})"
        elif kind == "plain" and index < len(now) and now[index] != places[index] and name in by_name:
            yield f"takes {now[index]} where it took {name}"
        if kind in ("plain", "named") and name not in by_name and "others" not in kinds:
            yield f"no longer takes {name}="
        if has_default and name in needed:
            yield f"now needs {name}"
    known = {name for _, name, _ in before}
    yield from (f"now needs {name}" for name in needed if name not in known)


def lost_exports(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield what is gone or states fewer parameters: names of Node with their types."""
    for name, kind in before.items():
        now = after.get(name)
        shown = name or "the module itself"
        if now is None or (kind.split("/")[0] != now.split("/")[0] and kind != "undefined"):
            yield f"{shown} is gone" if now is None else f"{shown} was {kind.split('/')[0]} and is {now.split('/')[0]}"
        elif "/" in kind and int(now.split("/")[1]) < int(kind.split("/")[1]):
            yield f"{shown} states {now.split('/')[1]} parameters, not {kind.split('/')[1]}"


def _exports(environment: Environment, modules: Sequence[str], lab: Lab) -> Mapping[str, Mapping[str, str]]:
    """Return what modules of the package export, by module; nothing when that cannot be told."""
    mark = f"exports-{secrets.token_hex(8)} "
    root = f"/app/node_modules/{environment.names[0]}"
    paths = {f"{root}/{module.removeprefix('.').removeprefix('/')}".rstrip("/"): module for module in modules}
    ended = lab.sandbox.run(
        Job(
            argv=(environment.interpreter.program, "/probe/exports.js", mark, *paths),
            mounts=(*mounts_of(environment), Mount(PROBES / "node", "/probe")),
            limits=Limits(wall_seconds=WALL_SECONDS),
        )
    )
    line = next((one for one in ended.stdout.decode("utf-8", "replace").split("\n") if one.startswith(mark)), None)
    try:
        said = json.loads(line.removeprefix(mark)) if line else {}
    except (ValueError, RecursionError):
        return {}
    return {
        paths[path]: {str(name): str(kind) for name, kind in found.items()}
        for path, found in said.items()
        if path in paths and isinstance(found, dict)
    }
