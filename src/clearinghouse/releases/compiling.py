"""Compiled forms of unpacked modules, so that not every run compiles the whole package again.

The interpreter that will run them compiles them, inside the sandbox: on this machine a stranger's file is never even
parsed. The forms name time and size of their source; a source that is changed later is compiled anew.
"""

from pathlib import Path
from typing import Final

from clearinghouse.releases.rules import Interpreter
from clearinghouse.releases.unpack import write_file
from clearinghouse.sandbox.profile import MIB, Job, Limits, Mount, Sandbox

LIMITS: Final = Limits(wall_seconds=90, cpu_seconds=90, work_bytes=256 * MIB, output_bytes=MIB)

COMPILE: Final = """
import importlib.util, os, py_compile, sys
start = sys.argv[1]
for folder, names, files in os.walk(start):
    names[:] = [name for name in names if name not in ("test", "tests", "__pycache__")]
    for name in files:
        if name.endswith(".py"):
            path = os.path.join(folder, name)
            place = importlib.util.cache_from_source("/job/out" + path[len(start):])
            try:
                py_compile.compile(path, cfile=place, doraise=True)
            except (py_compile.PyCompileError, OSError, ValueError, RecursionError, MemoryError):
                pass
"""


def compile_into(folder: Path, inside: str, interpreter: Interpreter, sandbox: Sandbox) -> None:
    """Put the compiled forms of the modules in ``folder`` beside them.

    Args:
        folder: of unpacked wheels, still being made.
        inside: where it will be mounted.
        interpreter: staged; will run the modules.
        sandbox: compiles.

    Raises:
        Unavailable: the sandbox did not run; a folder without compiled forms would be kept for ever.
    """
    if not any(folder.rglob("*.py")):
        return
    ended = sandbox.run(
        Job(
            argv=(interpreter.program, "-I", "-S", "-B", "-W", "ignore", "-c", COMPILE, inside),
            mounts=(Mount(interpreter.root, interpreter.inside_root), Mount(folder, inside)),
            collect="out",
            limits=LIMITS,
        )
    )
    for name, data in ended.collected.items():
        if name.endswith(".pyc"):
            write_file(folder / name, data)
