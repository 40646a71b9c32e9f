"""Prints the sources of a release anew from their syntax trees, inside the sandbox; nothing of them is executed.

Source: docs/decisions/0068-reprint-and-graft.md.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from clearinghouse.errors import NotPossible, Unavailable
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import MIB, Job, Limits, Mount, Sandbox

PRINTERS: Final = Path(__file__).parent / "runtimes" / "printers"
SECONDS: Final = 90
"""TypeScript's compiler, 8 MB in one file, takes 8 s here; what takes longer than this is no control worth its time."""
LIMITS: Final = Limits(wall_seconds=SECONDS + 10, cpu_seconds=SECONDS + 10, work_bytes=256 * MIB, output_bytes=MIB)
OLDEST_PYTHON: Final = (3, 9)
"""The first that can print a syntax tree (``ast.unparse``)."""
PLACE: Final = "/target"
OUT_OF_TIME: Final = 3


@cache
def printers_digest() -> str:
    """Return the digest of the printers: what another printer printed is printed again."""
    whole = b"\0".join((PRINTERS / name).read_bytes() for name in ("print.py", "print.js"))
    return hashlib.sha256(whole).hexdigest()


def printed(environment: Environment, sandbox: Sandbox) -> Mapping[str, bytes]:
    """Return the files that print another text of the same syntax tree, by path inside the target.

    Raises:
        NotPossible: its interpreter cannot print a tree, nothing could be printed, or it takes too long.
        Unavailable: the sandbox did not run.
    """
    interpreter = environment.interpreter
    if interpreter.runtime is Runtime.PYTHON:
        if tuple(int(part) for part in interpreter.version.split(".")[:2]) < OLDEST_PYTHON:
            raise NotPossible(f"python {interpreter.version} cannot print a syntax tree; 3.9 and later can")
        name, options = "print.py", ["-I", "-S", "-B", "-W", "ignore"]
    else:
        name, options = "print.js", ["--expose-internals", "--no-warnings"]
    ended = sandbox.run(
        Job(
            argv=(interpreter.program, *options, f"/job/{name}", PLACE, "/job/out", str(SECONDS)),
            mounts=(Mount(interpreter.root, interpreter.inside_root), Mount(environment.target, PLACE)),
            files={name: (PRINTERS / name).read_bytes()},
            collect="out",
            limits=LIMITS,
        )
    )
    if ended.exit_code == OUT_OF_TIME or ended.timed_out:
        raise NotPossible(f"printing its sources anew takes longer than {SECONDS} seconds")
    if ended.exit_code != 0 and not ended.out_of_memory and ended.signal is None:
        raise Unavailable(f"the printer did not run: {ended.stderr[-300:].decode(errors='replace').strip()}")
    if ended.exit_code != 0:
        raise NotPossible("its sources cannot be printed anew: the parser did not come to its end")
    if not ended.collected:
        raise NotPossible("it has no source that can be printed anew")
    return ended.collected
