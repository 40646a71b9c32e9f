"""Decides whose act it was: the innermost frame that is neither library code nor code that somebody else wrote out.

Walk from the act outwards, skip verified library frames, walk over dynamic code made by the target or a dependency;
the first frame left decides. A dependency's act is that of whoever called it first: the target's, or the finder's.
"""

from __future__ import annotations

import sys

from . import identity, origins
from .identity import DEPENDENCY, FINDER, LIBRARY, RUNNER, TARGET, UNKNOWN, Identity, Place
from .scene import Scene

_LISTED = 40
_WALKED = 400


class Blame:
    """Blames acts on owners; one for the whole start."""

    def __init__(self, scene: Scene, runner: list) -> None:
        """``runner``: our own namespaces; they are kept, for they are known by where they lie in memory."""
        self._scene = scene
        self._runner = runner
        self._program = scene.mode in ("program", "record")
        roots = [(FINDER, scene.proof + "/")] if self._program else []
        roots += [(TARGET, scene.root), (DEPENDENCY, scene.deps), (LIBRARY, scene.stdlib)]
        roots.sort(key=lambda root: -len(root[1]))
        self.identity = Identity(roots, frozenset(id(one) for one in runner), strict=self._program)
        self.origins = origins.Origins()

    def place(self, code: object, scope: object, depth: int = 0) -> Place:
        """Return whose code it is; code made at run time is its maker's."""
        found = self.identity.of(code, scope)
        if found is not None:
            return found
        maker = self.origins.maker(code) if depth < 5 else None
        if maker is None:
            return Place(FINDER if self._program else UNKNOWN, "", code.co_name, _named(code), dynamic=True)
        owner = self._first(maker, depth + 1)
        if owner == RUNNER:
            owner = FINDER if self._program else LIBRARY
        return Place(owner, "", code.co_name, _named(code), dynamic=True)

    def _first(self, frames: list, depth: int = 0) -> str:
        """Return the owner of the innermost of some frames that is not the library's."""
        for code, scope, _line in frames:
            owner = self.place(code, scope, depth).owner
            if owner != LIBRARY:
                return owner
        return LIBRARY

    def behind(self, frame: object) -> str:
        """Return on whose behalf library code acts in a frame; a module that is imported acts on its own."""
        return self._first(origins.until_import(frame))

    def is_made(self, code: object, scope: object) -> bool:
        """Say whether code was made at run time by the target or a dependency."""
        place = self.place(code, scope)
        return place.dynamic and place.owner in (TARGET, DEPENDENCY)

    def direct(self, frame: object) -> str:
        """Return the owner of one frame."""
        return self.place(frame.f_code, frame.f_globals).owner

    def frame(self, frame: object, *, native_only: bool = False) -> tuple:
        """Return (blamed, listed frames) for an act that happens in ``frame`` now."""
        frames = origins.chain(frame, _WALKED)
        bottom = frame
        while bottom is not None and bottom.f_back is not None:
            bottom = bottom.f_back
        return self.chain(frames, self.origins.starter(bottom), native_only=native_only)

    def chain(self, frames: list, starter: list = (), *, native_only: bool = False) -> tuple:
        """Return (blamed, listed frames) for noted frames, innermost first.

        ``native_only``: a frame of ours at the end is the target's act only if it called compiled code of the target.
        """
        listed, owners = [], []
        reached = walked = ""
        for code, scope, line in [*frames, *starter]:
            place = self.place(code, scope)
            if place.owner == RUNNER:
                reached = RUNNER
                break
            if len(listed) < _LISTED:
                listed.append(_shown(place, line))
            if place.dynamic and place.owner in (TARGET, DEPENDENCY):
                walked = TARGET
            elif place.owner != LIBRARY:
                owners.append(place.owner)
                if place.owner in (TARGET, FINDER, UNKNOWN):
                    break
        if not owners:
            return self._left_to_us(reached, walked, listed, native_only=native_only)
        blamed = owners[0]
        if blamed == DEPENDENCY and owners[-1] in (TARGET, FINDER):
            blamed = owners[-1]
        return blamed, self._further(frames, starter, listed)

    def _further(self, frames: list, starter: list, listed: list) -> list:
        """Go on listing the frames beyond the one that decided."""
        for code, scope, line in [*frames, *starter][len(listed) : _LISTED]:
            place = self.place(code, scope)
            if place.owner == RUNNER:
                break
            listed.append(_shown(place, line))
        return listed

    def _left_to_us(self, reached: str, walked: str, listed: list, *, native_only: bool) -> tuple:
        """Decide when no frame of the target or the finder stood between the act and the runner's own call."""
        callee = self._scene.callee
        if reached != RUNNER:
            return UNKNOWN, listed
        if callee is None or self._program:
            return RUNNER, listed
        if callee.ours == "returned":
            return (TARGET if walked else RUNNER), listed
        if callee.native or (walked and callee.ours and not native_only):
            listed.append(callee.shown())
            return TARGET, listed
        return (RUNNER if native_only else LIBRARY if listed else RUNNER), listed


def namespaces_of_runner() -> list:
    """Return the namespaces of our own modules."""
    names = [name for name in sys.modules if name in ("_clearing", "__main__") or name.startswith("_clearing.")]
    return [sys.modules[name].__dict__ for name in names]


def _named(code: object) -> str:
    """Return the file name that a code object carries."""
    file = code.co_filename
    return file if type(file) is str else ""


def _shown(place: Place, line: object) -> dict:
    """Return a frame as it stands in a record."""
    return {
        "owner": place.owner if place.owner != UNKNOWN else identity.UNKNOWN,
        "module": place.module[:200],
        "function": place.function[:200],
        "file": place.file[:300],
        "line": line if type(line) is int else 0,
    }
