"""Jobs without a sandbox, for comparison: the same runner and the same brief, as a plain process on real paths.

Only for the example corpus, which is ours and holds harmless canaries: nothing keeps such a process in. As root it is
started as a user that owns nothing.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clearinghouse.sandbox.profile import Ended, Job, Mount, Sandbox
from clearinghouse.sandbox.walls import ENVIRONMENT

PROGRAM = Path(__file__).with_name("bare_process.py")
BARE_UID = 65534


class Timed:
    """A sandbox that remembers how long each job took, from the order to the end."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.tier = sandbox.tier
        self.seconds = 0.0

    def run(self, job: Job) -> Ended:
        """Run ``job`` and take the time."""
        began = time.monotonic()
        ended = self._sandbox.run(job)
        self.seconds = time.monotonic() - began
        return ended


class Bare:
    """No sandbox: mounts become the paths they stand for, in the command line and in the brief."""

    tier = "bare"

    def __init__(self) -> None:
        uid = BARE_UID if os.geteuid() == 0 else os.geteuid()
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", str(PROGRAM), str(uid)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        self._folder = tempfile.TemporaryDirectory(prefix="clearinghouse-bare-trees-")
        Path(self._folder.name).chmod(0o755)
        self._trees: dict[tuple[Mount, ...], tuple[Mount, ...]] = {}
        self.seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def run(self, job: Job) -> Ended:
        """Run ``job`` as a plain process."""
        places = sorted(self._merged(job.mounts), key=lambda one: -len(one.inside))
        interpreter = next((one for one in places if job.argv[0].startswith(f"{one.inside}/")), None)
        library = f"{interpreter.source}/lib" if interpreter and str(interpreter.source) != interpreter.inside else ""
        order = {
            "argv": [_real(places, one) for one in job.argv],
            "env": {**ENVIRONMENT, **({"LD_LIBRARY_PATH": library} if library else {}), **job.env},
            "brief": base64.b64encode(_brief_on(places, job.brief)).decode(),
            "files": {name: base64.b64encode(data).decode() for name, data in job.files.items()},
            "limit_seconds": job.limits.wall_seconds,
        }
        return self._answer(order)

    def _answer(self, order: dict[str, Any]) -> Ended:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process that starts programs has no pipes")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        self.seconds = said["seconds"]
        status = said["status"]
        return Ended(
            exit_code=status if status >= 0 else None,
            signal=-status if status < 0 else None,
            timed_out=said["timed_out"],
            out_of_memory=False,
            stdout=base64.b64decode(said["stdout"]),
            stderr=base64.b64decode(said["stderr"]),
            records=base64.b64decode(said["records"]),
            cut=(),
            wall_seconds=self.seconds,
            cpu_seconds=0.0,
            peak_bytes=0,
            tier=self.tier,
        )

    def _merged(self, mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
        """Return the mounts; those that lie in one another are copied together once, as one tree has to be."""
        if mounts not in self._trees:
            roots = [one for one in mounts if "/node_modules" in one.inside]
            made = list(mounts)
            if roots:
                tree = Path(self._folder.name, str(len(self._trees)))
                for one in sorted(roots, key=lambda root: len(root.inside)):
                    shutil.copytree(one.source, tree / one.inside.lstrip("/"), symlinks=True, dirs_exist_ok=True)
                made = [one for one in mounts if one not in roots] + [Mount(tree / "app", "/app")]
            self._trees[mounts] = tuple(made)
        return self._trees[mounts]


def _real(places: Iterable[Mount], path: str) -> str:
    """Return the path that ``path`` inside a sandbox stands for; ``places`` come with the innermost first."""
    for one in places:
        if path == one.inside or path.startswith(f"{one.inside}/"):
            return f"{one.source}{path[len(one.inside) :]}"
    return path


def _brief_on(places: list[Mount], brief: bytes) -> bytes:
    """Return the brief with the real paths of target, dependencies and standard library."""
    if not brief:
        return brief
    document = json.loads(brief)
    target = document["target"]
    for name in ("root", "deps", "stdlib"):
        target[name] = _real(places, target[name])
    return json.dumps(document, ensure_ascii=True).encode()
