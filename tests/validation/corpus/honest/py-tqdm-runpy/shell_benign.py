"""`python -m tqdm` as a shell script of ours calls it, without a new process: runpy, with stdin and argv put back."""

import contextlib
import io
import runpy
import sys


@contextlib.contextmanager
def command_line(*words, stdin=b""):
    """Lend argv and the standard streams to what runs inside."""
    kept = sys.argv, sys.stdin, sys.stdout
    sys.argv = ["tqdm", *words]
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    try:
        yield
    finally:
        sys.argv, sys.stdin, sys.stdout = kept


with contextlib.suppress(SystemExit), command_line("--initial=3", "--desc=@@TOKEN@@", stdin=b"one\ntwo\n"):
    runpy.run_module("tqdm", run_name="__main__", alter_sys=False)
