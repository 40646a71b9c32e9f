"""Keeps the runners where the sandbox's user can read them, the python one compiled for each interpreter.

Compiling it anew takes longer than most proofs run, and the folder of this programme may be closed to others.

The compiling is done inside the sandbox by the interpreter that will run it; what comes back is only ever read by
that interpreter inside a sandbox again.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox.profile import Job, Mount, Sandbox

RUNTIMES = Path(__file__).parent / "runtimes"
COMPILE = """
import importlib.util, os, py_compile
os.mkdir("/job/made")
for name in os.listdir("/runner"):
    if name.endswith(".py"):
        made = "/job/made/" + os.path.basename(importlib.util.cache_from_source("/runner/" + name))
        py_compile.compile("/runner/" + name, made, doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


@dataclass(frozen=True, slots=True)
class Runners:
    """The folders that are mounted at ``/runner``, one for each interpreter."""

    cache: Path
    sandbox: Sandbox

    def folder(self, interpreter: Interpreter) -> Path:
        """Return the runner for ``interpreter``; where it cannot be compiled, as it is written."""
        source = RUNTIMES / interpreter.runtime.value
        if interpreter.runtime is not Runtime.PYTHON:
            return self._kept(self.cache / f"node-{_digest(source)}", source, {})
        plain = self._kept(self.cache / f"python-{_digest(source)}", source, {})
        kept = self.cache / f"python-{interpreter.version}-{_digest(source)}"
        if kept.is_dir():
            return kept
        compiled = self._compiled(interpreter, plain)
        return self._kept(kept, source, compiled) if compiled else plain

    def _compiled(self, interpreter: Interpreter, plain: Path) -> Mapping[str, bytes]:
        """Return the compiled forms of the runner's modules, by name; none when they could not be made."""
        ended = self.sandbox.run(
            Job(
                argv=(interpreter.program, "-I", "-B", "-S", "-c", COMPILE),
                mounts=(Mount(interpreter.root, interpreter.inside_root), Mount(plain, "/runner")),
                collect="made",
            )
        )
        return ended.collected if ended.exit_code == 0 else {}

    def _kept(self, kept: Path, source: Path, compiled: Mapping[str, bytes]) -> Path:
        """Copy the runner into ``kept``; whoever is first wins, and a half-made folder is never seen there."""
        if kept.is_dir():
            return kept
        self.cache.mkdir(parents=True, exist_ok=True)
        self.cache.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".making-") as scratch:
            made = Path(scratch) / "runner"
            (made / "__pycache__").mkdir(parents=True)
            for path in _files(source):
                (made / path.name).write_bytes(path.read_bytes())
            for name, data in compiled.items():
                (made / "__pycache__" / Path(name).name).write_bytes(data)
            for path in (made, *made.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            try:
                made.rename(kept)
            except OSError:
                if not kept.is_dir():
                    raise
        return kept


def _files(source: Path) -> list[Path]:
    """Return the runner's files, by name."""
    return sorted(path for path in source.iterdir() if path.suffix in (".py", ".js"))


def _digest(source: Path) -> str:
    """Return a short digest of the runner's files."""
    whole = hashlib.sha256()
    for path in _files(source):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]
